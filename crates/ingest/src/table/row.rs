use std::ops::Range;

use encoding_rs::Encoding;

use super::scan::Writing;
use super::window::Width;

/// One row of a table, as bytes.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// The line where it begins, from 1.
    pub(super) line: u64,
    /// Its number among the rows of data, from 1.
    pub(super) number: u64,
    /// Where it begins in the file.
    pub(super) offset: u64,
    /// Its bytes: those of the file, or UTF-8 where the file is UTF-16.
    pub(super) bytes: Vec<u8>,
    /// Its cells, by column.
    pub(super) cells: Vec<Cell>,
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
    /// The cell of `column`, if the row has one.
    pub(super) fn cell(&self, column: usize) -> Option<&Cell> {
        // Cells of separated values lie in the order of their columns.
        match self.cells.get(column) {
            Some(cell) if cell.column == column => Some(cell),
            _ => self.cells.iter().find(|cell| cell.column == column),
        }
    }
}
