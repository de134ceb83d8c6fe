//! The fields of one JSON value, with their places in it.

use std::ops::Range;

use super::scan::Writing;

/// Objects within objects are taken apart to this depth; what lies deeper is
/// kept as JSON.
const DEEPEST: usize = 8;

/// Most elements of an array of tagged objects.
const MOST_TAGGED: usize = 4;

/// Finds the fields of JSON that is known to be valid.
pub(super) struct Walker<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Fields of an object: name, place and writing of each.
pub(super) type Fields = Vec<(String, Range<usize>, Writing)>;

/// The objects in the array that is all of `range`, each with its fields.
pub(super) fn elements(bytes: &[u8], range: Range<usize>) -> Vec<Fields> {
    let mut walker = Walker::new(bytes.get(..range.end).unwrap_or_default(), range.start);
    let mut all = Vec::new();
    for element in walker.elements() {
        let mut fields = Fields::new();
        Walker::new(bytes.get(..element.end).unwrap_or_default(), element.start).object(
            "",
            0,
            &mut fields,
        );
        all.push(fields);
    }
    all
}

impl<'a> Walker<'a> {
    /// A walker over `bytes` from `at` on.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    fn peek(&mut self) -> Option<u8> {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    /// Takes the object at hand apart. Fields that are null are no fields.
    pub(super) fn object(&mut self, prefix: &str, depth: usize, fields: &mut Fields) {
        if self.peek() != Some(b'{') {
            return;
        }
        self.at += 1;
        while self.peek() == Some(b'"') {
            let key = self.string();
            let key = self.bytes.get(key).unwrap_or_default();
            let key = unescaped_key(key);
            let name = if prefix.is_empty() {
                key
            } else {
                format!("{prefix}.{key}")
            };
            if self.peek() == Some(b':') {
                self.at += 1;
            }
            match self.peek() {
                Some(b'{') if depth < DEEPEST => self.object(&name, depth + 1, fields),
                Some(b'[') if depth < DEEPEST => self.array(name, depth, fields),
                Some(b'"') => {
                    let range = self.string();
                    fields.push((name, range, Writing::Json));
                }
                _ => {
                    let range = self.other();
                    let value = self.bytes.get(range.clone()).unwrap_or_default();
                    if value != b"null" && value != b"[]" {
                        fields.push((name, range, Writing::Plain));
                    }
                }
            }
            if self.peek() == Some(b',') {
                self.at += 1;
            }
        }
        if self.peek() == Some(b'}') {
            self.at += 1;
        }
    }

    /// Takes the array at hand apart if it is one of tagged objects, each a
    /// single field unlike the others that holds an object
    /// (`[{"userComment":{…}},{"developerComment":{…}}]`); else it stays JSON.
    fn array(&mut self, name: String, depth: usize, fields: &mut Fields) {
        let start = self.at;
        let range = self.other();
        let mut tags = Vec::new();
        let tagged = {
            let mut inner = Walker::new(self.bytes.get(..range.end).unwrap_or_default(), start);
            let elements = inner.elements();
            let all = (1..=MOST_TAGGED).contains(&elements.len())
                && elements.iter().all(|element| {
                    let tag = self.only_tag(element);
                    let new = tag.as_ref().is_some_and(|tag| !tags.contains(tag));
                    tags.extend(tag);
                    new
                });
            all.then_some(elements)
        };
        match tagged {
            Some(elements) => {
                for element in elements {
                    Walker::new(
                        self.bytes.get(..element.end).unwrap_or_default(),
                        element.start,
                    )
                    .object(&name, depth + 1, fields);
                }
            }
            None if self.bytes.get(range.clone()) != Some(b"[]") => {
                fields.push((name, range, Writing::Plain));
            }
            None => {}
        }
    }

    /// The key of the object at `range`, if it has one and that holds an object.
    fn only_tag(&self, range: &Range<usize>) -> Option<Vec<u8>> {
        let mut inner = Walker::new(self.bytes.get(..range.end)?, range.start);
        if inner.peek() != Some(b'{') {
            return None;
        }
        inner.at += 1;
        if inner.peek() != Some(b'"') {
            return None;
        }
        let key = inner.string();
        if inner.peek() != Some(b':') {
            return None;
        }
        inner.at += 1;
        if inner.peek() != Some(b'{') {
            return None;
        }
        inner.other();
        (inner.peek() == Some(b'}')).then(|| self.bytes.get(key).map(<[u8]>::to_vec))?
    }

    /// The places of the elements of the array at hand.
    fn elements(&mut self) -> Vec<Range<usize>> {
        let mut all = Vec::new();
        if self.peek() != Some(b'[') {
            return all;
        }
        self.at += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b']' => break,
                b',' => self.at += 1,
                _ => {
                    let before = self.at;
                    all.push(self.other());
                    if self.at == before {
                        break;
                    }
                }
            }
        }
        all
    }

    /// Passes the string at hand and gives the range between its quotes.
    fn string(&mut self) -> Range<usize> {
        let start = self.at + 1;
        let mut at = start;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 2,
                b'"' => break,
                _ => at += 1,
            }
        }
        let end = at.min(self.bytes.len());
        self.at = end + 1;
        start.min(end)..end
    }

    /// Passes any other value, arrays and deep objects whole.
    fn other(&mut self) -> Range<usize> {
        let start = self.at;
        let mut open = 0_usize;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.string();
                    continue;
                }
                b'[' | b'{' => open += 1,
                b',' if open == 0 => break,
                b']' | b'}' if open == 0 => break,
                b']' | b'}' => open -= 1,
                _ => {}
            }
            self.at += 1;
        }
        let end = self.at.min(self.bytes.len());
        let value = self.bytes.get(start..end).unwrap_or_default();
        start..start + value.trim_ascii_end().len()
    }
}

/// A key without its escapes.
fn unescaped_key(key: &[u8]) -> String {
    let raw = String::from_utf8_lossy(key);
    if !raw.contains('\\') {
        return raw.into_owned();
    }
    serde_json::from_str(&format!("\"{raw}\"")).unwrap_or_else(|_| raw.into_owned())
}
