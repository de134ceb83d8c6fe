use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;

use serde::de::IgnoredAny;

use super::TableContext;
use super::csv::LARGEST_ROW;
use super::row::{Cell, Row};
use super::scan::Writing;
use super::window::{Width, Window};
use crate::IngestError;

/// Objects within objects are taken apart to this depth; what lies deeper is
/// kept as JSON.
const DEEPEST: usize = 8;

/// Most columns that one file may open; fields beyond are left out and counted.
const MOST_COLUMNS: usize = 4_096;

/// Objects of JSON Lines, one after another. A field within an object within
/// the line is a column with a dotted name.
pub(super) struct JsonRecords<R> {
    window: Window<R>,
    cut_off: bool,
    line: u64,
    columns: Vec<String>,
    by_name: BTreeMap<String, usize>,
    context: TableContext,
}

/// What a line turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// An object, now in the row.
    Object {
        /// Fields that were left out because there are too many columns.
        left_out: bool,
    },
    /// Something else, and what is wrong with it.
    Malformed(String),
}

impl<R: Read> JsonRecords<R> {
    /// Lines of `reader`, which stands at byte `offset` of its file.
    pub(super) fn new(reader: R, offset: u64, width: Width, context: TableContext) -> Self {
        Self {
            window: Window::new(reader, width, offset),
            cut_off: false,
            line: 1,
            columns: Vec::new(),
            by_name: BTreeMap::new(),
            context,
        }
    }

    /// The same over the beginning of a longer stream.
    pub(super) fn cut_off(mut self) -> Self {
        self.cut_off = true;
        self
    }

    /// Begins with the columns that are known already, so that numbers of
    /// columns mean the same.
    pub(super) fn with_columns(mut self, columns: &[String]) -> Self {
        for name in columns {
            self.column(name.clone());
        }
        self
    }

    /// The columns seen so far.
    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Reads the next line into `row`; `None` at the end. Blank lines are
    /// passed over.
    pub(super) fn next(&mut self, row: &mut Row) -> Result<Option<Line>, IngestError> {
        while let Some(length) = self.line_length()? {
            let view = self.window.bytes();
            row.bytes.clear();
            row.bytes
                .extend_from_slice(view.get(..length).unwrap_or_default());
            row.cells.clear();
            row.line = self.line;
            row.offset = self.window.offset();
            self.line += 1;
            self.window.pass(length);
            if !row.bytes.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(self.parse(row)));
            }
        }
        Ok(None)
    }

    fn line_length(&mut self) -> Result<Option<usize>, IngestError> {
        let mut searched = 0;
        loop {
            let view = self.window.bytes();
            let rest = view.get(searched..).unwrap_or_default();
            let end = rest.iter().position(|&byte| byte == b'\n');
            searched = end.map_or(view.len(), |end| searched + end + 1);
            if searched > LARGEST_ROW {
                return Err(IngestError::TooLarge {
                    name: self.context.name.clone(),
                    what: "the line",
                    limit: LARGEST_ROW as u64,
                    line: Some(self.line),
                });
            }
            if end.is_some() {
                return Ok(Some(searched));
            }
            if self.window.ended() {
                return Ok((searched > 0 && !self.cut_off).then_some(searched));
            }
            self.window
                .widen()
                .map_err(|error| self.context.io(error))?;
        }
    }

    fn parse(&mut self, row: &mut Row) -> Line {
        let first = row.bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first != Some(&b'{') {
            return Line::Malformed("the line is not a JSON object".to_owned());
        }
        if let Err(error) = serde_json::from_slice::<IgnoredAny>(&row.bytes) {
            // The position is within the line, so its own line number is noise.
            let said = error.to_string();
            let said = said.split(" at line ").next().unwrap_or_default();
            return Line::Malformed(format!("the line is not JSON: {said}"));
        }
        let mut fields = Vec::new();
        let mut walker = Walker {
            bytes: &row.bytes,
            at: 0,
        };
        walker.object("", 0, &mut fields);
        let mut left_out = false;
        for (name, range, writing) in fields {
            match self.column(name) {
                Some(column) => {
                    // The first of two fields of one name counts.
                    if row.cell(column).is_none() {
                        row.cells.push(Cell {
                            column,
                            range,
                            writing,
                        });
                    }
                }
                None => left_out = true,
            }
        }
        Line::Object { left_out }
    }

    fn column(&mut self, name: String) -> Option<usize> {
        if let Some(column) = self.by_name.get(&name) {
            return Some(*column);
        }
        if self.columns.len() >= MOST_COLUMNS {
            return None;
        }
        let column = self.columns.len();
        self.columns.push(name.clone());
        self.by_name.insert(name, column);
        Some(column)
    }
}

/// Finds the fields of JSON that is known to be valid.
struct Walker<'a> {
    bytes: &'a [u8],
    at: usize,
}

type Fields = Vec<(String, Range<usize>, Writing)>;

impl Walker<'_> {
    fn peek(&mut self) -> Option<u8> {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    /// Takes the object at hand apart. Fields that are null are no fields.
    fn object(&mut self, prefix: &str, depth: usize, fields: &mut Fields) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Vec<(String, String)>>, Vec<String>) {
        let context = TableContext::for_test("t.jsonl");
        let mut records = JsonRecords::new(text.as_bytes(), 0, Width::Same, context);
        let (mut objects, mut problems) = (Vec::new(), Vec::new());
        let mut row = Row::default();
        while let Some(line) = records.next(&mut row).unwrap() {
            match line {
                Line::Object { .. } => objects.push(
                    row.cells
                        .iter()
                        .map(|cell| {
                            let value =
                                String::from_utf8(row.bytes[cell.range.clone()].to_vec()).unwrap();
                            (records.columns()[cell.column].clone(), value)
                        })
                        .collect(),
                ),
                Line::Malformed(problem) => problems.push(format!("{}: {problem}", row.line)),
            }
        }
        (objects, problems)
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn nested_fields_have_dotted_names() {
        let (objects, problems) = read(
            "{\"a\": {\"b\":1.5 ,\"c\":{}}, \"d\\u0065\":\"x \\\"y\\\"\", \"f\":[1,\"]\"], \"g\":null}\n",
        );
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(
            objects,
            [vec![
                pair("a.b", "1.5"),
                pair("de", "x \\\"y\\\""),
                pair("f", "[1,\"]\"]"),
            ]]
        );
    }

    #[test]
    fn a_bad_line_is_named_and_the_rest_goes_on() {
        let (objects, problems) =
            read("{\"a\":1}\n\n{\"a\":\r\n[1]\n{\"a\":2} x\n{\"b\":true,\"a\":3}");
        assert_eq!(objects.len(), 2);
        assert_eq!(objects[1], [pair("b", "true"), pair("a", "3")]);
        assert_eq!(problems.len(), 3);
        assert!(problems[0].starts_with("3: the line is not JSON: EOF"));
        assert_eq!(problems[1], "4: the line is not a JSON object");
        assert!(problems[2].starts_with("5: "));
    }

    #[test]
    fn what_is_nested_too_deeply_stays_json() {
        let deep = format!("{}1{}", "{\"k\":".repeat(12), "}".repeat(12));
        let (objects, _) = read(&deep);
        let keys = ["k"; 9].join(".");
        assert_eq!(objects[0], [pair(&keys, "{\"k\":{\"k\":{\"k\":1}}}")]);
        let endless = format!("{}{}", "{\"k\":".repeat(5_000), "1");
        assert_eq!(read(&endless).0.len(), 0);
    }
}
