//! The sheets of an OpenDocument spreadsheet (`.ods`).
//!
//! Its `content.xml` is gone through from front to back and never held whole,
//! for a few bytes of it can stand for a million equal rows.

use std::io::BufRead;
use std::rc::Rc;

use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::row::{Place, Row};
use super::sheet::{self, MOST_COLUMNS, Sheet};
use crate::IngestError;

/// Cells that equal rows or columns may be repeated to, in one workbook.
const MOST_REPEATED: u64 = 20_000_000;

/// The most text of one cell, in bytes.
const LARGEST_CELL: usize = 16 << 20;

/// An OpenDocument spreadsheet, its sheets one after another.
pub(super) struct Ods<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    file: String,
    repeated: u64,
}

/// One sheet of it.
pub(super) struct OdsSheet<'o, R> {
    ods: &'o mut Ods<R>,
    name: Rc<str>,
    number: u64,
    /// The row at hand, and how often it is still to be given.
    row: Row,
    again: u64,
    ended: bool,
    left_out: u64,
}

/// What a tag that opens means here.
enum Opens {
    Table(String),
    Row(u64),
    Other,
}

impl<R: BufRead> Ods<R> {
    /// The spreadsheet of `file` whose content `reader` gives.
    pub(super) fn new(reader: R, file: &str) -> Self {
        let mut reader = Reader::from_reader(reader);
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            file: file.to_owned(),
            repeated: 0,
        }
    }

    /// Goes on to the next sheet.
    pub(super) fn next_sheet(&mut self) -> Result<Option<OdsSheet<'_, R>>, IngestError> {
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            let opens = match event.map_err(|error| damaged(&self.file, &error))? {
                Event::Start(tag) => opens(&tag),
                Event::Eof => return Ok(None),
                _ => Opens::Other,
            };
            if let Opens::Table(name) = opens {
                return Ok(Some(OdsSheet {
                    name: Rc::from(name.as_str()),
                    ods: self,
                    number: 0,
                    row: Row::default(),
                    again: 0,
                    ended: false,
                    left_out: 0,
                }));
            }
        }
    }

    fn damaged(&self) -> IngestError {
        IngestError::BadWorkbook {
            name: self.file.clone(),
            problem: "the workbook ends within a table; save it again".to_owned(),
        }
    }

    /// Counts what was written once and stands for `cells` more.
    fn repeat(&mut self, cells: u64) -> Result<(), IngestError> {
        self.repeated = self.repeated.saturating_add(cells);
        if self.repeated <= MOST_REPEATED {
            return Ok(());
        }
        Err(IngestError::BadWorkbook {
            name: self.file.clone(),
            problem: "rows or columns are repeated millions of times; delete those beyond the data"
                .to_owned(),
        })
    }

    /// Passes everything up to the end of the element that has just opened.
    fn pass(&mut self) -> Result<(), IngestError> {
        let mut depth = 1_usize;
        while depth > 0 {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            match event.map_err(|error| damaged(&self.file, &error))? {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(self.damaged()),
                _ => {}
            }
        }
        Ok(())
    }

    /// The text of the cell that has just opened, its paragraphs as lines.
    fn text(&mut self) -> Result<String, IngestError> {
        let mut text = String::new();
        let mut depth = 1_usize;
        let mut paragraphs = 0;
        // White space between elements of the file is no text.
        let mut within = 0_usize;
        while depth > 0 {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            let mut is_note = false;
            match event.map_err(|error| damaged(&self.file, &error))? {
                Event::Start(tag) => {
                    depth += 1;
                    match tag.name().0 {
                        "text:p" | "text:h" => {
                            if paragraphs > 0 {
                                text.push('\n');
                            }
                            paragraphs += 1;
                            within += 1;
                        }
                        "text:s" => {
                            let count = number(&tag, "text:c").unwrap_or(1).min(1_000);
                            text.extend((0..count).map(|_| ' '));
                        }
                        "text:tab" => text.push('\t'),
                        "text:line-break" => text.push('\n'),
                        "office:annotation" => is_note = true,
                        _ => {}
                    }
                }
                Event::End(tag) => {
                    depth -= 1;
                    if matches!(tag.name().0, "text:p" | "text:h") {
                        within = within.saturating_sub(1);
                    }
                }
                Event::Text(words) if within > 0 => text.push_str(&words.xml10_content()),
                Event::CData(words) if within > 0 => text.push_str(&words.xml10_content()),
                Event::GeneralRef(entity) if within > 0 => {
                    match entity.resolve_char_ref() {
                        Ok(Some(c)) => text.push(c),
                        _ => text.push_str(resolve_html5_entity(&entity).unwrap_or_default()),
                    };
                }
                Event::Eof => return Err(self.damaged()),
                _ => {}
            }
            if is_note {
                self.pass()?;
                depth -= 1;
            }
            if text.len() > LARGEST_CELL {
                return Err(IngestError::TooLarge {
                    name: self.file.clone(),
                    what: "a cell",
                    limit: LARGEST_CELL as u64,
                    line: None,
                });
            }
        }
        Ok(text)
    }
}

impl<R: BufRead> OdsSheet<'_, R> {
    /// The name of the sheet.
    pub(super) fn name(&self) -> Rc<str> {
        Rc::clone(&self.name)
    }

    /// Reads the cells of the row that has just opened.
    fn cells(&mut self) -> Result<(), IngestError> {
        let mut column = 0_usize;
        loop {
            self.ods.buffer.clear();
            let event = self.ods.reader.read_event_into(&mut self.ods.buffer);
            let (times, stated) = match event.map_err(|error| damaged(&self.ods.file, &error))? {
                Event::Start(tag) if is_cell(&tag) => (
                    number(&tag, "table:number-columns-repeated").unwrap_or(1),
                    stated(&tag),
                ),
                Event::Start(_) => {
                    self.ods.pass()?;
                    continue;
                }
                Event::End(tag) if tag.name().0 == "table:table-row" => return Ok(()),
                Event::Eof => return Err(self.ods.damaged()),
                _ => continue,
            };
            let shown = self.ods.text()?;
            let text = stated.unwrap_or(shown);
            let times = usize::try_from(times).unwrap_or(usize::MAX);
            if !text.trim().is_empty() {
                let fit = times.min(MOST_COLUMNS.saturating_sub(column));
                self.ods.repeat(fit as u64)?;
                for at in 0..fit {
                    sheet::add(&mut self.row, column + at, &text);
                }
                self.left_out += u64::from(fit < times);
            }
            column = column.saturating_add(times);
        }
    }
}

impl<R: BufRead> Sheet for OdsSheet<'_, R> {
    fn next(&mut self, row: &mut Row) -> Result<bool, IngestError> {
        while self.again == 0 {
            if self.ended {
                return Ok(false);
            }
            self.ods.buffer.clear();
            let event = self.ods.reader.read_event_into(&mut self.ods.buffer);
            let times = match event.map_err(|error| damaged(&self.ods.file, &error))? {
                Event::Start(tag) => match opens(&tag) {
                    Opens::Row(times) => times,
                    _ => continue,
                },
                Event::End(tag) if tag.name().0 == "table:table" => {
                    self.ended = true;
                    continue;
                }
                Event::Eof => return Err(self.ods.damaged()),
                _ => continue,
            };
            let place = Place::Sheet(Rc::clone(&self.name));
            sheet::begin(&mut self.row, place, self.number + 1);
            self.cells()?;
            if self.row.cells.is_empty() {
                self.number = self.number.saturating_add(times);
            } else {
                let more = times.saturating_sub(1);
                self.ods
                    .repeat(more.saturating_mul(self.row.cells.len() as u64))?;
                self.again = times;
            }
        }
        self.again -= 1;
        self.number += 1;
        self.row.line = self.number;
        row.clone_from(&self.row);
        Ok(true)
    }

    fn left_out(&self) -> u64 {
        self.left_out
    }
}

fn damaged(file: &str, error: &quick_xml::Error) -> IngestError {
    IngestError::BadWorkbook {
        name: file.to_owned(),
        problem: format!(
            "the workbook is damaged ({error}); open it in a spreadsheet program and save it again"
        ),
    }
}

fn opens(tag: &BytesStart<'_>) -> Opens {
    match tag.name().0 {
        "table:table" => Opens::Table(attribute(tag, "table:name").unwrap_or_default()),
        "table:table-row" => Opens::Row(number(tag, "table:number-rows-repeated").unwrap_or(1)),
        _ => Opens::Other,
    }
}

fn is_cell(tag: &BytesStart<'_>) -> bool {
    matches!(
        tag.name().0,
        "table:table-cell" | "table:covered-table-cell"
    )
}

/// What a cell says by its attributes: numbers and dates as they are, whatever
/// is shown of them.
fn stated(cell: &BytesStart<'_>) -> Option<String> {
    let key = match attribute(cell, "office:value-type")?.as_str() {
        "float" | "percentage" | "currency" => "office:value",
        "date" => "office:date-value",
        "boolean" => "office:boolean-value",
        _ => return None,
    };
    attribute(cell, key)
}

fn attribute(tag: &BytesStart<'_>, key: &str) -> Option<String> {
    let found = tag.try_get_attribute(key).ok().flatten()?;
    Some(match found.normalized_value(XmlVersion::Implicit1_0) {
        Ok(value) => value.into_owned(),
        Err(_) => found.value.into_owned(),
    })
}

fn number(tag: &BytesStart<'_>, key: &str) -> Option<u64> {
    attribute(tag, key)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of a row, and its cells by column.
    type Numbered = (u64, Vec<(usize, String)>);

    fn rows(tables: &str) -> Result<Vec<Numbered>, IngestError> {
        let xml = format!("<office:body>{tables}</office:body>");
        let mut ods = Ods::new(xml.as_bytes(), "t.ods");
        let mut all = Vec::new();
        while let Some(mut sheet) = ods.next_sheet()? {
            let mut row = Row::default();
            while sheet.next(&mut row)? {
                let text = |range| String::from_utf8_lossy(&row.bytes[range]).into_owned();
                let cells = row
                    .cells
                    .iter()
                    .map(|cell| (cell.column, text(cell.range.clone())));
                all.push((row.line, cells.collect()));
            }
        }
        Ok(all)
    }

    fn cell(text: &str) -> String {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        )
    }

    #[test]
    fn values_are_those_stated_and_repetitions_count() {
        let xml = format!(
            "<table:table table:name=\"A\">\
             <table:table-row table:number-rows-repeated=\"2\"><table:table-cell/></table:table-row>\
             <table:table-row table:number-rows-repeated=\"2\">{}\
             <table:table-cell table:number-columns-repeated=\"3\"/>\
             <table:table-cell office:value-type=\"date\" office:date-value=\"2024-05-01\"><text:p>1 May</text:p></table:table-cell>\
             </table:table-row></table:table>",
            cell("a<text:s text:c=\"2\"/>b &amp; <text:span>c</text:span></text:p><text:p>d")
        );
        let cells = vec![(0, "a  b & c\nd".to_owned()), (4, "2024-05-01".to_owned())];
        assert_eq!(rows(&xml).unwrap(), [(3, cells.clone()), (4, cells)]);
    }

    #[test]
    fn what_is_repeated_beyond_reason_is_refused() {
        let many = |count: &str| {
            format!(
                "<table:table><table:table-row table:number-rows-repeated=\"{count}\">{}</table:table-row></table:table>",
                cell("x")
            )
        };
        assert_eq!(rows(&many("5")).unwrap().len(), 5);
        assert!(matches!(
            rows(&many("99999999999")),
            Err(IngestError::BadWorkbook { .. })
        ));
        let cut = "<table:table><table:table-row><table:table-cell>";
        assert!(matches!(rows(cut), Err(IngestError::BadWorkbook { .. })));
    }
}
