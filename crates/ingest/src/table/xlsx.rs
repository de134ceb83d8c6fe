//! The sheets of an Excel workbook (`.xlsx`, `.xlsm`).
//!
//! calamine knows the format; its reader of cells goes through a sheet from
//! top to bottom, so that only the table of shared strings is held in memory.

use std::io::{Read, Seek};
use std::rc::Rc;

use calamine::{Cell, DataRef, ExcelDateTime, XlsxCellReader, XlsxError};

use super::row::{Place, Row};
use super::sheet::{self, Sheet};
use crate::IngestError;

/// One sheet of an Excel workbook.
pub(super) struct XlsxSheet<'w, RS: Read + Seek> {
    cells: XlsxCellReader<'w, RS>,
    name: Rc<str>,
    file: String,
    /// The first cell of the next row.
    next: Option<(u32, u32, String)>,
    ended: bool,
    left_out: u64,
}

impl<'w, RS: Read + Seek> XlsxSheet<'w, RS> {
    /// The sheet called `name` of `file`.
    pub(super) fn new(cells: XlsxCellReader<'w, RS>, name: &str, file: &str) -> Self {
        Self {
            cells,
            name: Rc::from(name),
            file: file.to_owned(),
            next: None,
            ended: false,
            left_out: 0,
        }
    }

    /// The next cell that holds anything: row, column, text.
    fn cell(&mut self) -> Result<Option<(u32, u32, String)>, IngestError> {
        if let Some(next) = self.next.take() {
            return Ok(Some(next));
        }
        while !self.ended {
            let cell = self
                .cells
                .next_cell()
                .map_err(|error| damaged(&self.file, &error))?;
            match cell {
                Some(cell) => {
                    if let Some(text) = text_of(&cell) {
                        let (row, column) = cell.get_position();
                        return Ok(Some((row, column, text)));
                    }
                }
                None => self.ended = true,
            }
        }
        Ok(None)
    }
}

/// The error of a workbook that calamine cannot read.
pub(super) fn damaged(file: &str, error: &XlsxError) -> IngestError {
    match error {
        XlsxError::Password => IngestError::BadWorkbook {
            name: file.to_owned(),
            problem: "the workbook is protected by a password; save it without one".to_owned(),
        },
        other => IngestError::BadWorkbook {
            name: file.to_owned(),
            problem: format!(
                "the workbook is damaged ({other}); open it in a spreadsheet program and save it again"
            ),
        },
    }
}

impl<RS: Read + Seek> Sheet for XlsxSheet<'_, RS> {
    fn next(&mut self, row: &mut Row) -> Result<bool, IngestError> {
        let Some((number, mut column, mut text)) = self.cell()? else {
            return Ok(false);
        };
        let place = Place::Sheet(Rc::clone(&self.name));
        sheet::begin(row, place, u64::from(number) + 1);
        loop {
            if !sheet::add(row, column as usize, &text) {
                self.left_out += 1;
            }
            match self.cell()? {
                Some((same, next, words)) if same == number => {
                    column = next;
                    text = words;
                }
                other => {
                    self.next = other;
                    return Ok(true);
                }
            }
        }
    }

    fn left_out(&self) -> u64 {
        self.left_out
    }
}

/// A cell as text; none if it holds nothing.
fn text_of(cell: &Cell<DataRef<'_>>) -> Option<String> {
    let text = match cell.get_value() {
        DataRef::Empty => return None,
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(time) => date_and_time(time),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
    };
    (!text.trim().is_empty()).then_some(text)
}

/// A date as ISO 8601 writes it, with the time of day if there is one; a
/// duration, or a time without a date, as `H:MM:SS`.
fn date_and_time(time: &ExcelDateTime) -> String {
    const SECONDS_OF_A_DAY: f64 = 86_400.0;
    let days = time.as_f64();
    if time.is_duration() || (0.0..1.0).contains(&days) {
        let seconds = (days * SECONDS_OF_A_DAY).round().max(0.0) as u64;
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
        return format!("{hours}:{minutes:02}:{:02}", seconds % 60);
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    if days.fract() == 0.0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}
