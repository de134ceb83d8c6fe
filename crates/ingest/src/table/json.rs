use std::collections::BTreeMap;
use std::io::Read;

use serde::de::IgnoredAny;

use super::FileContext;
use super::csv::LARGEST_ROW;
use super::json_stream::{Nesting, Piece};
use super::json_walk::Walker;
use super::row::{Cell, Row};
use super::window::{Width, Window};
use crate::IngestError;

/// Most columns that one file may open; fields beyond are left out and counted.
const MOST_COLUMNS: usize = 4_096;

/// Objects of JSON, one a line or wherever in arrays they stand, one after
/// another. A field within an object within such an object is a column with a
/// dotted name.
pub(super) struct JsonRecords<R> {
    window: Window<R>,
    cut_off: bool,
    line: u64,
    columns: Vec<String>,
    by_name: BTreeMap<String, usize>,
    context: FileContext,
    /// Where objects stand, if not one a line.
    nesting: Option<Nesting>,
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
    pub(super) fn new(reader: R, offset: u64, width: Width, context: FileContext) -> Self {
        Self {
            window: Window::new(reader, width, offset),
            cut_off: false,
            line: 1,
            columns: Vec::new(),
            by_name: BTreeMap::new(),
            context,
            nesting: None,
        }
    }

    /// The same, with objects that stand in arrays, below the keys of `path`.
    pub(super) fn nested(mut self, path: &[String]) -> Self {
        self.nesting = Some(Nesting::new(path));
        self
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
        if self.nesting.is_some() {
            return self.next_element(row);
        }
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

    fn next_element(&mut self, row: &mut Row) -> Result<Option<Line>, IngestError> {
        let Some(nesting) = &mut self.nesting else {
            return Ok(None);
        };
        let limit = LARGEST_ROW;
        let piece = nesting
            .next(&mut self.window, limit)
            .map_err(|error| self.context.io(error))?;
        row.cells.clear();
        row.bytes.clear();
        row.line = nesting.line();
        row.offset = self.window.offset();
        match piece {
            Piece::Element(length) => {
                let view = self.window.bytes();
                row.bytes
                    .extend_from_slice(view.get(..length).unwrap_or_default());
                nesting.pass(&mut self.window, length);
                Ok(Some(self.parse(row)))
            }
            Piece::Other => Ok(Some(Line::Malformed(
                "the element is not a JSON object".to_owned(),
            ))),
            Piece::CutOff if self.cut_off => Ok(None),
            Piece::CutOff => Ok(Some(Line::Malformed(
                "the file ends before its JSON does".to_owned(),
            ))),
            Piece::TooLarge => Err(IngestError::TooLarge {
                name: self.context.name.clone(),
                what: "the element",
                limit: limit as u64,
                line: Some(row.line),
            }),
            Piece::End => Ok(None),
        }
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
            return Line::Malformed(format!("the {} is not a JSON object", self.unit()));
        }
        if let Err(error) = serde_json::from_slice::<IgnoredAny>(&row.bytes) {
            // The position is within the line, so its own line number is noise.
            let said = error.to_string();
            let said = said.split(" at line ").next().unwrap_or_default();
            return Line::Malformed(format!("the {} is not JSON: {said}", self.unit()));
        }
        let mut fields = Vec::new();
        Walker::new(&row.bytes, 0).object("", 0, &mut fields);
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

    /// What holds one object, in words.
    fn unit(&self) -> &'static str {
        if self.nesting.is_some() {
            "element"
        } else {
            "line"
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Vec<(String, String)>>, Vec<String>) {
        let context = FileContext::for_test("t.jsonl");
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
