use std::io::Read;

use super::FileContext;
use super::row::{Cell, Row};
use super::scan::{Dialect, Field, Literal, Scan, Writing, scan};
use super::window::{Width, Window};
use crate::IngestError;

/// A quote that stays open over more than this many bytes and
/// [`SWALLOWED_LINES`] lines is taken for a stray one.
const SWALLOWED: usize = 1 << 20;
const SWALLOWED_LINES: usize = 100;

/// The largest row that is held in memory.
pub(super) const LARGEST_ROW: usize = 64 << 20;

/// Records of separated values, one after another.
pub(super) struct CsvRecords<R> {
    window: Window<R>,
    dialect: Dialect,
    /// True if the stream is the beginning of a longer one, whose last record
    /// may be cut off and is left out.
    cut_off: bool,
    line: u64,
    largest: usize,
    fields: Vec<Field>,
    context: FileContext,
}

/// What was odd about a record.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Oddities {
    /// A quote within a quoted cell was not doubled.
    pub(super) loose_quote: bool,
    /// A quote opened and never closed; it was taken as a character.
    pub(super) open_quote: bool,
}

impl<R: Read> CsvRecords<R> {
    /// Records of `reader`, which stands at byte `offset` of its file.
    pub(super) fn new(
        reader: R,
        offset: u64,
        width: Width,
        dialect: Dialect,
        context: FileContext,
    ) -> Self {
        Self {
            window: Window::new(reader, width, offset),
            dialect,
            cut_off: false,
            line: 1,
            largest: LARGEST_ROW,
            fields: Vec::new(),
            context,
        }
    }

    /// The same over the beginning of a longer stream.
    pub(super) fn cut_off(mut self) -> Self {
        self.cut_off = true;
        self
    }

    /// Reads the next record into `row`, cells numbered from 0; `None` at the
    /// end. Blank lines are passed over.
    pub(super) fn next(&mut self, row: &mut Row) -> Result<Option<Oddities>, IngestError> {
        let mut literal = Literal::No;
        loop {
            let complete = self.window.ended() && !self.cut_off;
            if self.window.ended() && self.window.bytes().is_empty() {
                return Ok(None);
            }
            let view = self.window.bytes();
            match scan(view, complete, self.dialect, literal, &mut self.fields) {
                Scan::Record { length } => {
                    self.check_length(length)?;
                    if self.take(length, row) {
                        return Ok(Some(Oddities {
                            loose_quote: self.fields.iter().any(|field| field.loose),
                            open_quote: literal != Literal::No,
                        }));
                    }
                }
                Scan::NeverClosed(at) => {
                    self.check_quote(at)?;
                    literal = literal.and(at);
                }
                Scan::More { open } => {
                    if self.window.ended() {
                        return Ok(None);
                    }
                    if let Some(at) = open {
                        self.check_quote(at)?;
                    }
                    self.check_length(self.window.bytes().len())?;
                    self.window
                        .widen()
                        .map_err(|error| self.context.io(error))?;
                }
            }
        }
    }

    /// Moves `length` bytes into `row`; false if they are a blank line.
    fn take(&mut self, length: usize, row: &mut Row) -> bool {
        let view = self.window.bytes();
        let record = view.get(..length).unwrap_or_default();
        let blank = matches!(
            self.fields.as_slice(),
            [only] if only.writing == Writing::Plain && only.range.is_empty()
        );
        row.line = self.line;
        row.offset = self.window.offset();
        row.bytes.clear();
        row.bytes.extend_from_slice(record);
        row.cells.clear();
        let cells = self.fields.iter().enumerate().map(|(column, field)| Cell {
            column,
            range: field.range.clone(),
            writing: field.writing,
        });
        row.cells.extend(cells);
        self.line += line_ends(record, self.dialect) as u64;
        self.window.pass(length);
        !blank
    }

    /// Refuses a quote that opens at byte `at` of the view and, not being
    /// closed, has swallowed much of the file. What it has swallowed of a small
    /// file is given back.
    fn check_quote(&self, at: usize) -> Result<(), IngestError> {
        let view = self.window.bytes();
        if view.len().saturating_sub(at) > SWALLOWED
            && line_ends(view.get(at..).unwrap_or_default(), self.dialect) > SWALLOWED_LINES
        {
            let before = view.get(..at).unwrap_or_default();
            return Err(IngestError::BadTable {
                name: self.context.name.clone(),
                line: self.line + line_ends(before, self.dialect) as u64,
                problem: "a quote opens a cell here and is not closed for more than a megabyte \
                          and a hundred lines; close it, double it (\"\") if it belongs to the \
                          text, or delete it"
                    .to_owned(),
            });
        }
        Ok(())
    }

    fn check_length(&self, length: usize) -> Result<(), IngestError> {
        if length <= self.largest {
            return Ok(());
        }
        Err(IngestError::TooLarge {
            name: self.context.name.clone(),
            what: "the row",
            limit: self.largest as u64,
            line: Some(self.line),
        })
    }
}

fn line_ends(bytes: &[u8], dialect: Dialect) -> usize {
    let end = if dialect.bare_cr { b'\r' } else { b'\n' };
    bytes.iter().filter(|&&byte| byte == end).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> CsvRecords<&[u8]> {
        let dialect = Dialect {
            delimiter: b',',
            backslash: false,
            bare_cr: false,
        };
        let context = FileContext::for_test("t.csv");
        CsvRecords::new(text.as_bytes(), 0, Width::Same, dialect, context)
    }

    #[test]
    fn a_record_knows_its_line_and_its_place() {
        let mut records = records("a,b\n\n\"c\nd\",e\r\nf,g");
        let mut row = Row::default();
        let mut places = Vec::new();
        while records.next(&mut row).unwrap().is_some() {
            places.push((row.line, row.offset, row.cells.len()));
        }
        assert_eq!(places, [(1, 0, 2), (3, 5, 2), (5, 14, 2)]);
    }

    #[test]
    fn several_quotes_of_a_record_that_are_never_closed_are_characters() {
        let mut records = records("\"a,\"b,x,\"c\nd,e\n");
        let mut row = Row::default();
        let mut cells = Vec::new();
        while records.next(&mut row).unwrap().is_some() {
            cells.push(row.cells.len());
        }
        assert_eq!(cells, [4, 2]);
    }

    #[test]
    fn a_record_that_is_cut_off_is_left_out() {
        let mut records = records("a,b\nc,d").cut_off();
        let mut row = Row::default();
        assert!(records.next(&mut row).unwrap().is_some());
        assert!(records.next(&mut row).unwrap().is_none());
    }

    #[test]
    fn a_record_larger_than_memory_allows_is_refused() {
        let text = format!("a,b\n{},x\n", "w".repeat(5_000));
        let mut records = records(&text);
        records.largest = 4_096;
        let mut row = Row::default();
        records.next(&mut row).unwrap();
        let error = records.next(&mut row).unwrap_err();
        assert!(
            matches!(error, IngestError::TooLarge { line: Some(2), .. }),
            "{error}"
        );
    }
}
