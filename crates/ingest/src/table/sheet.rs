//! The rows of one sheet of a workbook.

use std::collections::VecDeque;

use super::row::{Cell, Place, Row};
use super::scan::Writing;
use crate::IngestError;

/// The most columns of a sheet that are read; what stands further right is
/// left out and counted.
pub(super) const MOST_COLUMNS: usize = 4_096;

/// So many rows are looked at to learn what a sheet holds, and so many bytes.
const LOOKED_AT: usize = 1_000;
const LOOKED_AT_BYTES: usize = 1 << 20;

/// A sheet that gives its rows from top to bottom.
pub(super) trait Sheet {
    /// Reads the next row that holds anything into `row`; false at the end.
    fn next(&mut self, row: &mut Row) -> Result<bool, IngestError>;

    /// Cells that were left out because they stand too far right.
    fn left_out(&self) -> u64;

    /// True if its first row is sure to be the names of its columns.
    fn is_named(&self) -> bool {
        false
    }
}

/// The rows of a sheet, the first of which have been looked at.
pub(super) struct SheetRows<'s> {
    ahead: VecDeque<Row>,
    rest: Box<dyn Sheet + 's>,
}

impl<'s> SheetRows<'s> {
    /// Looks at the first rows of `sheet`.
    pub(super) fn new(mut sheet: Box<dyn Sheet + 's>) -> Result<Self, IngestError> {
        let mut ahead = VecDeque::new();
        let mut bytes = 0;
        let mut row = Row::default();
        while ahead.len() < LOOKED_AT && bytes < LOOKED_AT_BYTES && sheet.next(&mut row)? {
            bytes += row.bytes.len();
            ahead.push_back(row.clone());
        }
        Ok(Self { ahead, rest: sheet })
    }

    /// The rows that have been looked at.
    pub(super) fn ahead(&mut self) -> &[Row] {
        self.ahead.make_contiguous()
    }

    /// Reads the next row into `row`; false at the end.
    pub(super) fn next(&mut self, row: &mut Row) -> Result<bool, IngestError> {
        match self.ahead.pop_front() {
            Some(first) => {
                *row = first;
                Ok(true)
            }
            None => self.rest.next(row),
        }
    }

    /// Cells that were left out because they stand too far right.
    pub(super) fn left_out(&self) -> u64 {
        self.rest.left_out()
    }

    /// True if the first row is sure to be the names of the columns.
    pub(super) fn is_named(&self) -> bool {
        self.rest.is_named()
    }
}

/// Makes `row` the empty row of this `place` and number, from 1.
pub(super) fn begin(row: &mut Row, place: Place, number: u64) {
    row.line = number;
    row.offset = 0;
    row.place = Some(place);
    row.bytes.clear();
    row.cells.clear();
}

/// Adds a cell to `row`; false if it stands too far right.
pub(super) fn add(row: &mut Row, column: usize, text: &str) -> bool {
    if text.trim().is_empty() {
        return true;
    }
    if column >= MOST_COLUMNS {
        return false;
    }
    let start = row.bytes.len();
    row.bytes.extend_from_slice(text.as_bytes());
    row.cells.push(Cell {
        column,
        range: start..row.bytes.len(),
        writing: Writing::Plain,
    });
    true
}
