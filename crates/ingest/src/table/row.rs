use std::ops::Range;
use std::rc::Rc;

use encoding_rs::Encoding;

use super::scan::Writing;
use super::window::Width;

/// One row of a table, as bytes.
#[derive(Debug, Default, Clone)]
pub(super) struct Row {
    /// The line where it begins, from 1; in a workbook, its number in the sheet.
    pub(super) line: u64,
    /// Its number among the rows of data, from 1.
    pub(super) number: u64,
    /// Where it begins in the file.
    pub(super) offset: u64,
    /// What it stands in, where that is no stretch of the file's bytes.
    pub(super) place: Option<Place>,
    /// Its bytes: those of the file, or UTF-8 where the file is UTF-16.
    pub(super) bytes: Vec<u8>,
    /// Its cells, by column.
    pub(super) cells: Vec<Cell>,
}

/// What a row stands in, where places in the file's bytes say nothing.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// The sheet of a workbook.
    Sheet(Rc<str>),
    /// A table whose columns have these names.
    Named(Rc<[String]>),
}

/// One cell of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// Index of its column.
    pub(super) column: usize,
    /// Its bytes within the row, without quotes around them.
    pub(super) range: Range<usize>,
    /// How it is written.
    pub(super) writing: Writing,
}

/// What the bytes of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Charset {
    /// How bytes become characters. UTF-8 where the file is UTF-16, because the
    /// stream is then turned into UTF-8 first.
    pub(super) encoding: &'static Encoding,
    /// How the bytes relate to those of the file.
    pub(super) width: Width,
}

impl Row {
    /// The part of its file that the cell of `column` is: in a workbook as
    /// spreadsheets write it (`Sheet1!C5`), else `row 5!review`.
    pub(super) fn part(&self, column: usize) -> Option<String> {
        Some(match self.place.as_ref()? {
            Place::Sheet(sheet) => format!("{sheet}!{}{}", letters(column), self.line),
            Place::Named(names) => {
                let name = names.get(column).map_or("", String::as_str);
                format!("row {}!{name}", self.line)
            }
        })
    }

    /// The cell of `column`, if the row has one.
    pub(super) fn cell(&self, column: usize) -> Option<&Cell> {
        // Cells of separated values lie in the order of their columns.
        match self.cells.get(column) {
            Some(cell) if cell.column == column => Some(cell),
            _ => self.cells.iter().find(|cell| cell.column == column),
        }
    }
}

/// The letters of a column, as spreadsheets count: A, B, …, Z, AA.
fn letters(column: usize) -> String {
    let mut left = column;
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + u8::try_from(left % 26).unwrap_or_default());
        left /= 26;
        if left == 0 {
            break;
        }
        left -= 1;
    }
    letters
        .iter()
        .rev()
        .map(|&letter| char::from(letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_letters() {
        let all = [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (701, "ZZ"),
            (702, "AAA"),
            (16_383, "XFD"),
        ];
        for (column, expected) in all {
            assert_eq!(letters(column), expected);
        }
    }
}
