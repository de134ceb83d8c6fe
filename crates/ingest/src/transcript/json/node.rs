//! JSON whose values know where they stand in their file.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::transcript::clock;
use crate::transcript::words::Words;

/// A value of a file, taken apart only as far as it is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'t> {
    file: &'t str,
    raw: &'t RawValue,
}

/// The fields of an object; the last of two of one name counts.
pub(super) struct Fields<'t> {
    file: &'t str,
    fields: BTreeMap<String, &'t RawValue>,
}

impl<'t> Node<'t> {
    /// The whole of `file`.
    pub(super) fn root(file: &'t str) -> Result<Self, serde_json::Error> {
        let raw = serde_json::from_str(file)?;
        Ok(Self { file, raw })
    }

    fn of(self, raw: &'t RawValue) -> Self {
        Self {
            file: self.file,
            raw,
        }
    }

    /// Its fields; none if it is no object.
    pub(super) fn fields(self) -> Fields<'t> {
        let is_object = self.raw.get().starts_with('{');
        let fields = is_object
            .then(|| serde_json::from_str(self.raw.get()).ok())
            .flatten();
        Fields {
            file: self.file,
            fields: fields.unwrap_or_default(),
        }
    }

    /// Its items; none if it is no array.
    pub(super) fn items(self) -> Vec<Self> {
        if !self.raw.get().starts_with('[') {
            return Vec::new();
        }
        let items: Vec<&'t RawValue> = serde_json::from_str(self.raw.get()).unwrap_or_default();
        items.into_iter().map(|raw| self.of(raw)).collect()
    }

    /// The items of an array, or the values of an object.
    pub(super) fn children(self) -> Vec<Self> {
        let values = self.fields().fields;
        let mut found = self.items();
        found.extend(values.into_values().map(|raw| self.of(raw)));
        found
    }

    /// The number that it is or spells: `1.5`, `"1.5"`, `"1.500s"`.
    pub(super) fn number(self) -> Option<f64> {
        let raw = self.raw.get().trim_matches('"');
        let number: f64 = raw.strip_suffix('s').unwrap_or(raw).parse().ok()?;
        (number.is_finite() && number >= 0.0).then_some(number)
    }

    /// The milliseconds of a time such as `"00:00:01,000"`.
    pub(super) fn clock(self) -> Option<f64> {
        let raw = self.raw.get().trim_matches('"');
        let (ms, used, _) = clock::time(raw, false)?;
        (used == raw.len()).then_some(ms as f64)
    }

    /// What stands in the file for it, as it is written.
    pub(super) fn written(self) -> &'t str {
        self.raw.get()
    }

    pub(super) fn is_string(self) -> bool {
        self.raw.get().starts_with('"')
    }

    /// The words of a string or the digits of a number, its escapes decoded.
    /// Empty for everything else.
    pub(super) fn words(self) -> Words {
        let raw = self.raw.get();
        let mut words = Words::default();
        let Some(start) = self.offset() else {
            return words;
        };
        let inner = raw
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        match inner {
            Some(inner) => unescape(self.file, start + 1, inner, &mut words),
            None if raw.starts_with(|c: char| c.is_ascii_digit()) => {
                words.copy(self.file, start..start + raw.len());
            }
            None => {}
        }
        words
    }

    /// Where it begins in the file. A raw value is a slice of what it was read
    /// from, so the distance of the two is its place.
    fn offset(self) -> Option<usize> {
        let (file, raw) = (self.file, self.raw.get());
        let at = (raw.as_ptr() as usize).checked_sub(file.as_ptr() as usize)?;
        (file.get(at..at + raw.len()) == Some(raw)).then_some(at)
    }
}

impl<'t> Fields<'t> {
    pub(super) fn get(&self, name: &str) -> Option<Node<'t>> {
        let raw = self.fields.get(name)?;
        (raw.get() != "null").then_some(Node {
            file: self.file,
            raw,
        })
    }

    /// The first of the fields of these names.
    pub(super) fn first(&self, names: &[&str]) -> Option<Node<'t>> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The items of the array of this name.
    pub(super) fn items(&self, name: &str) -> Vec<Node<'t>> {
        self.get(name).map(Node::items).unwrap_or_default()
    }
}

/// Adds what `raw`, the inside of a JSON string that begins at `start` of the
/// file, says.
fn unescape(file: &str, start: usize, raw: &str, words: &mut Words) {
    let mut at = 0;
    while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find('\\').unwrap_or(rest.len());
        words.copy(file, start + at..start + at + plain);
        at += plain;
        let Some((c, len)) = rest.get(plain..).and_then(escape) else {
            // Only the end of the string is left.
            return;
        };
        words.decode(c, start + at..start + at + len);
        at += len;
    }
}

/// The character that an escape at the start of `rest` stands for, and the
/// escape's length. Half of a surrogate pair is U+FFFD.
fn escape(rest: &str) -> Option<(char, usize)> {
    let kind = rest.strip_prefix('\\')?.chars().next()?;
    let c = match kind {
        'r' if rest.starts_with("\\r\\n") => return Some(('\n', 4)),
        'n' | 'r' => '\n',
        't' | 'b' | 'f' => ' ',
        'u' => return Some(code(rest)),
        other => other,
    };
    Some((c, 1 + kind.len_utf8()))
}

fn code(rest: &str) -> (char, usize) {
    let unit = |at: usize| {
        rest.get(at..at + 2)
            .filter(|mark| *mark == "\\u")
            .and_then(|_| u16::from_str_radix(rest.get(at + 2..at + 6)?, 16).ok())
    };
    let Some(first) = unit(0) else {
        return ('\u{FFFD}', rest.len().min(2));
    };
    let units = [Some(first), unit(6)];
    let decoded = char::decode_utf16(units.into_iter().flatten()).next();
    match decoded {
        Some(Ok('\n')) => ('\n', 6),
        Some(Ok(c)) if c.is_control() => (' ', 6),
        Some(Ok(c)) => (c, 6 * c.len_utf16()),
        _ => ('\u{FFFD}', 6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(file: &str) -> String {
        Node::root(file).unwrap().words().text().to_owned()
    }

    #[test]
    fn escapes_are_decoded_and_lead_back() {
        let file = r#"  "Caf\u00e9 \ud83d\ude42 \"x\" \\ \n end \ud83d!""#;
        assert_eq!(said(file), "Café 🙂 \"x\" \\ \n end \u{FFFD}!");
        assert_eq!(said("\"\""), "");
        assert_eq!(said("12"), "12");
        assert_eq!(said("{}"), "");
    }

    #[test]
    fn numbers_in_every_dress() {
        let number = |file| Node::root(file).unwrap().number();
        assert_eq!(number("1.5"), Some(1.5));
        assert_eq!(number("\"1.500s\""), Some(1.5));
        assert_eq!(number("\"x\""), None);
        assert_eq!(number("-1"), None);
        assert_eq!(number("\"NaN\""), None);
        let clock = Node::root("\"00:00:01,500\"").unwrap().clock();
        assert_eq!(clock, Some(1_500.0));
    }
}
