//! Finds the objects of JSON that is not written one a line: in an array, in
//! an array under some key of an object, in pages of these one after another.
//! Nothing but the object at hand is held in memory.

use std::io::{self, Read};

use serde_json::Value;

use super::aliases::{Use, normalised};
use super::window::Window;

/// Arrays and objects that are entered in search of objects.
const DEEPEST: usize = 32;

/// The keys under which services hand out lists, the likelier first.
const LISTS: &[&str] = &[
    "data",
    "reviews",
    "tickets",
    "conversations",
    "results",
    "items",
    "responses",
    "records",
    "rows",
    "comments",
    "entries",
    "documents",
    "feedback",
    "messages",
    "answers",
    "posts",
    "issues",
    "values",
];

/// What comes next in a stream of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// An object, so many bytes long, at the start of the window.
    Element(usize),
    /// Something else where an object should be; it was passed.
    Other,
    /// The stream ends within a value.
    CutOff,
    /// An object larger than is held in memory.
    TooLarge,
    /// Nothing more.
    End,
}

/// Where in the JSON the stream stands.
pub(super) struct Nesting {
    path: Vec<String>,
    open: Vec<Container>,
    /// Keys of the path that lead to here.
    descended: usize,
    line: u64,
    ended: bool,
}

enum Container {
    Array,
    Object {
        /// Keys of the path that lead to the object itself.
        descended: usize,
    },
}

impl Nesting {
    /// The start of a stream whose objects stand in arrays below `path`.
    pub(super) fn new(path: &[String]) -> Self {
        Self {
            path: path.to_vec(),
            open: Vec::new(),
            descended: 0,
            line: 1,
            ended: false,
        }
    }

    /// The line at which the window starts.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Passes `length` bytes of the window.
    pub(super) fn pass<R: Read>(&mut self, window: &mut Window<R>, length: usize) {
        let passed = window.bytes().get(..length).unwrap_or_default();
        self.line += passed.iter().filter(|&&byte| byte == b'\n').count() as u64;
        window.pass(length);
    }

    /// The next piece of the stream, white space before it passed.
    pub(super) fn next<R: Read>(
        &mut self,
        window: &mut Window<R>,
        limit: usize,
    ) -> io::Result<Piece> {
        while let Some(byte) = self.peek(window)? {
            let in_object = matches!(self.open.last(), Some(Container::Object { .. }));
            match byte {
                b',' | b':' => self.pass(window, 1),
                b']' | b'}' => {
                    self.pass(window, 1);
                    if let Some(Container::Object { descended }) = self.open.pop() {
                        self.descended = descended;
                    }
                }
                b'"' if in_object => {
                    if let Some(piece) = self.member(window, limit)? {
                        return Ok(piece);
                    }
                }
                b'[' if self.open.len() < DEEPEST => {
                    self.pass(window, 1);
                    self.open.push(Container::Array);
                }
                b'{' if self.descended < self.path.len() && self.open.len() < DEEPEST => {
                    self.pass(window, 1);
                    self.open.push(Container::Object {
                        descended: self.descended,
                    });
                }
                b'{' => {
                    let piece = match self.length(window, limit)? {
                        Extent::Ends(length) => Piece::Element(length),
                        Extent::TooLarge => Piece::TooLarge,
                        Extent::CutOff => self.cut_off(window),
                    };
                    return Ok(piece);
                }
                _ => {
                    self.skip(window)?;
                    return Ok(Piece::Other);
                }
            }
        }
        if self.open.is_empty() || self.ended {
            return Ok(Piece::End);
        }
        Ok(self.cut_off(window))
    }

    /// Reads the key at hand and passes its value, unless the path leads there.
    fn member<R: Read>(
        &mut self,
        window: &mut Window<R>,
        limit: usize,
    ) -> io::Result<Option<Piece>> {
        let length = match self.length(window, limit)? {
            Extent::Ends(length) => length,
            Extent::TooLarge => return Ok(Some(Piece::TooLarge)),
            Extent::CutOff => return Ok(Some(self.cut_off(window))),
        };
        let level = match self.open.last() {
            Some(Container::Object { descended }) => *descended,
            _ => self.descended,
        };
        let wanted = self.path.get(level);
        let key = window.bytes().get(..length).unwrap_or_default();
        let leads_on = wanted.is_some_and(|wanted| {
            serde_json::from_slice::<String>(key).is_ok_and(|key| key == *wanted)
        });
        self.pass(window, length);
        if self.peek(window)? == Some(b':') {
            self.pass(window, 1);
        }
        let opens = matches!(self.peek(window)?, Some(b'[' | b'{'));
        if leads_on && opens {
            // What the path leads to is entered; leaving the object undoes it.
            self.descended = level + 1;
            return Ok(None);
        }
        self.descended = level;
        if self.peek(window)?.is_some() {
            self.skip(window)?;
        }
        Ok(None)
    }

    fn cut_off<R: Read>(&mut self, window: &mut Window<R>) -> Piece {
        let rest = window.bytes().len();
        window.pass(rest);
        if self.ended {
            return Piece::End;
        }
        self.ended = true;
        self.open.clear();
        Piece::CutOff
    }

    /// The next byte that is not white space, which is passed.
    fn peek<R: Read>(&mut self, window: &mut Window<R>) -> io::Result<Option<u8>> {
        loop {
            let view = window.bytes();
            let blank = view.iter().take_while(|byte| byte.is_ascii_whitespace());
            let blank = blank.count();
            let next = view.get(blank).copied();
            self.pass(window, blank);
            if next.is_some() || window.ended() {
                return Ok(next);
            }
            window.widen()?;
        }
    }

    /// How long the value at the start of the window is.
    fn length<R: Read>(&mut self, window: &mut Window<R>, limit: usize) -> io::Result<Extent> {
        let mut value = ValueScan::default();
        let mut searched = 0;
        loop {
            let view = window.bytes();
            if let Some(end) = value.end(view.get(searched..).unwrap_or_default()) {
                return Ok(Extent::Ends(searched + end));
            }
            searched = view.len();
            if searched > limit {
                return Ok(Extent::TooLarge);
            }
            if window.ended() {
                return Ok(Extent::CutOff);
            }
            window.widen()?;
        }
    }

    /// Passes the value at the start of the window, however large.
    fn skip<R: Read>(&mut self, window: &mut Window<R>) -> io::Result<()> {
        let mut value = ValueScan::default();
        loop {
            let view = window.bytes();
            let length = view.len();
            if let Some(end) = value.end(view) {
                self.pass(window, end.max(1));
                return Ok(());
            }
            self.pass(window, length);
            if window.ended() {
                return Ok(());
            }
            window.widen()?;
        }
    }
}

enum Extent {
    Ends(usize),
    TooLarge,
    CutOff,
}

/// How far into a value one has come.
#[derive(Default)]
struct ValueScan {
    depth: usize,
    string: bool,
    escaped: bool,
    begun: bool,
}

impl ValueScan {
    /// Where in `bytes`, which go on from those before, the value ends.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, &byte) in bytes.iter().enumerate() {
            if self.string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => {
                        self.string = false;
                        if self.depth == 0 {
                            return Some(at + 1);
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth == 0 => return Some(at),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                b',' | b' ' | b'\t' | b'\r' | b'\n' if self.depth == 0 && self.begun => {
                    return Some(at);
                }
                _ => {}
            }
            self.begun = true;
        }
        None
    }
}

/// The keys that lead to the list of objects in the JSON that begins with
/// `start`; none if it begins with an object that is itself of the list, or
/// with an array of these.
pub(super) fn path_of_list(start: &[u8]) -> Vec<String> {
    let mut at = 0;
    while let Some(byte) = start.get(at) {
        match byte {
            b'{' => return Reader { bytes: start, at }.path(0).unwrap_or_default(),
            b'[' | b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            _ => break,
        }
    }
    Vec::new()
}

/// Looks at the members of an object that may be cut off.
struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    /// Passes the value at hand and gives it; what is cut off ends the bytes.
    fn value(&mut self) -> &[u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = ValueScan::default().end(rest).unwrap_or(rest.len());
        self.at += length.max(1);
        rest.get(..length).unwrap_or_default()
    }

    /// The path from the object at hand to its list.
    fn path(mut self, depth: usize) -> Option<Vec<String>> {
        const DEEPEST_LIST: usize = 3;
        if depth > DEEPEST_LIST {
            return None;
        }
        self.at += 1;
        let mut found: Option<(usize, Vec<String>)> = None;
        while let Some(byte) = self.peek() {
            match byte {
                b',' => self.at += 1,
                b'"' => {
                    let key = serde_json::from_slice::<String>(self.value()).ok()?;
                    if self.peek() == Some(b':') {
                        self.at += 1;
                    }
                    let first = self.peek()?;
                    let start = self.at;
                    let value = self.value();
                    if is_of_a_record(&key, value) {
                        return None;
                    }
                    let known = LISTS.contains(&normalised(&key).as_str());
                    let below = match first {
                        b'[' if is_of_objects(value) || (known && is_empty(value)) => {
                            Some(Vec::new())
                        }
                        b'{' => Reader {
                            bytes: self.bytes,
                            at: start,
                        }
                        .path(depth + 1),
                        _ => None,
                    };
                    if let Some(below) = below {
                        let rank = LISTS.iter().position(|name| *name == normalised(&key));
                        let rank = rank.unwrap_or(LISTS.len()) + LISTS.len() * below.len();
                        if found.as_ref().is_none_or(|(best, _)| rank < *best) {
                            found = Some((rank, [vec![key], below].concat()));
                        }
                    }
                }
                _ => break,
            }
        }
        found.map(|(_, path)| path)
    }
}

fn is_of_objects(array: &[u8]) -> bool {
    let inner = array.get(1..).unwrap_or_default().trim_ascii_start();
    inner.first() == Some(&b'{')
}

fn is_empty(array: &[u8]) -> bool {
    let inner = array.get(1..).unwrap_or_default().trim_ascii_start();
    inner.first() == Some(&b']')
}

/// True for a member that only an object of the list has: words, or an id.
fn is_of_a_record(key: &str, value: &[u8]) -> bool {
    let name = normalised(key);
    let is = |purpose: Use| purpose.aliases().any(|alias| alias == name);
    let plain = matches!(
        serde_json::from_slice::<Value>(value),
        Ok(Value::String(_) | Value::Number(_))
    );
    plain && (is(Use::Text) || is(Use::Title) || is(Use::Id) && name != "number")
}

#[cfg(test)]
mod tests {
    use super::super::window::Width;
    use super::*;

    fn pieces(text: &str, path: &[&str]) -> Vec<String> {
        let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        let mut window = Window::new(text.as_bytes(), Width::Same, 0);
        let mut nesting = Nesting::new(&path);
        let mut all = Vec::new();
        loop {
            let piece = nesting.next(&mut window, 1 << 20).unwrap();
            match piece {
                Piece::Element(length) => {
                    let bytes = window.bytes()[..length].to_vec();
                    let line = nesting.line();
                    all.push(format!("{line} {}", String::from_utf8(bytes).unwrap()));
                    nesting.pass(&mut window, length);
                }
                Piece::End => return all,
                other => all.push(format!("{other:?}")),
            }
        }
    }

    #[test]
    fn objects_are_found_in_arrays_and_below_keys() {
        assert_eq!(
            pieces("[{\"a\":1},\n {\"a\":\"}\\\"]\"}]", &[]),
            ["1 {\"a\":1}", "2 {\"a\":\"}\\\"]\"}"]
        );
        let pages =
            "{\"links\":{\"next\":[1]},\"data\":[{\"a\":1}],\"n\":2}\n{\"data\":[{\"a\":2}]}";
        assert_eq!(pieces(pages, &["data"]), ["1 {\"a\":1}", "2 {\"a\":2}"]);
        assert_eq!(pieces(&format!("[{pages}]"), &["data"]).len(), 2);
        let deep = "{\"x\":{\"data\":[{\"a\":3}]},\"data\":[{\"a\":4}]}";
        assert_eq!(pieces(deep, &["x", "data"]), ["1 {\"a\":3}"]);
    }

    #[test]
    fn what_is_no_object_or_cut_off_is_told() {
        assert_eq!(
            pieces("[1,{\"a\":1},\"x\"]", &[]),
            ["Other", "1 {\"a\":1}", "Other"]
        );
        assert_eq!(pieces("[{\"a\":1},{\"a\"", &[]), ["1 {\"a\":1}", "CutOff"]);
        assert_eq!(pieces("[{\"a\":1}", &[]), ["1 {\"a\":1}", "CutOff"]);
        assert_eq!(pieces("", &[]), Vec::<String>::new());
        assert_eq!(pieces("}}]]", &[]), Vec::<String>::new());
        assert_eq!(pieces(&"[".repeat(100_000), &[]), ["Other", "CutOff"]);
    }

    #[test]
    fn the_list_is_found_among_what_is_around_it() {
        let path = |text: &str| path_of_list(text.as_bytes()).join(".");
        assert_eq!(
            path("{\"links\":[{\"h\":1}],\"reviews\":[{\"id\":1}]}"),
            "reviews"
        );
        assert_eq!(
            path("{\"response\":{\"count\":2,\"items\":[{\"id\":1}]}}"),
            "response.items"
        );
        assert_eq!(path("{\"data\":[{\"id\":1},{\"id\""), "data");
        assert_eq!(path("[{\"data\":[{\"id\":1}]}]"), "data");
        assert_eq!(path("{\"id\":\"7\",\"comments\":[{\"body\":\"x\"}]}"), "");
        assert_eq!(path("[{\"text\":\"x\",\"images\":[{\"u\":1}]}]"), "");
        assert_eq!(path("{\"tags\":[1,2]}"), "");
        assert_eq!(path(""), "");
    }
}
