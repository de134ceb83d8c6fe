//! XLSX, for counting on in a spreadsheet.
//!
//! Sheets: about (the manifest), findings, quotes (every passage of evidence,
//! with a column of noughts and ones for each code), code × document and code ×
//! participant (passages of each), and the codes by name. Words are string
//! cells, so that nothing in them is a formula; `=` stays `=`.
//!
//! A sheet holds 1,048,576 rows and 16,384 columns: what is beyond goes on in
//! the next sheet, which repeats the head (and the first column), and the sheet
//! "About" says so. A cell holds 32,767 UTF-16 units: a longer quote goes on in
//! the next row, as an exact slice with a range of its own; its codes are
//! counted in its first row. Any other text that is longer ends with an
//! ellipsis.
//!
//! Loses what CSV loses. It bears the report's own date, so that the same study
//! gives the same bytes. Rows wait in
//! temporary files and not in memory; what stays are the numbers of the
//! matrices.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Seek, Write};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Worksheet, XlsxError};

use super::cells::{self, Cell};
use super::{Code, CodedPassage, PassageTable};
use crate::ReportError;
use crate::data::Report;

/// How much a sheet holds.
#[derive(Debug, Clone, Copy)]
struct Limits {
    rows: u32,
    columns: usize,
    /// UTF-16 units of a cell.
    cell: usize,
}

/// What spreadsheet programs hold.
const LIMITS: Limits = Limits {
    rows: 1_048_576,
    columns: 16_384,
    cell: 32_767,
};

/// A workbook that takes the passages of a study one at a time.
pub struct Workbook<W: Write + Seek + Send> {
    out: W,
    book: rust_xlsxwriter::Workbook,
    limits: Limits,
    about: Vec<[String; 2]>,
    findings: Sheet,
    quotes: Sheet,
    documents: Sheet,
    codes: Vec<Code>,
    /// The document that passages are being counted of, and its codes' counts.
    open: Option<(String, BTreeMap<usize, u64>)>,
    /// Participant → code → passages.
    participants: BTreeMap<String, BTreeMap<usize, u64>>,
}

impl<W: Write + Seek + Send> Workbook<W> {
    /// Begins the workbook of `report`, whose passages have codes of `codes`.
    ///
    /// # Errors
    /// If temporary files cannot be written.
    pub fn new(report: &Report, codes: &[Code], out: W) -> Result<Self, ReportError> {
        Self::within(LIMITS, report, codes, out)
    }

    fn within(
        limits: Limits,
        report: &Report,
        codes: &[Code],
        out: W,
    ) -> Result<Self, ReportError> {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.set_properties(&properties(report)?);
        let mut findings = Sheet::new("Findings", &cells::FINDING, limits, &mut book)?;
        for stage in &report.stages {
            for finding in &stage.findings {
                findings.write(&cells::finding(stage, finding), &mut book)?;
            }
        }
        let head = matrix_head("document", codes);
        Ok(Self {
            out,
            about: cells::manifest_rows(&report.manifest),
            findings,
            quotes: Sheet::new("Quotes", &cells::passage_head(codes), limits, &mut book)?,
            documents: Sheet::new("Code x document", &head, limits, &mut book)?,
            codes: codes.to_vec(),
            open: None,
            participants: BTreeMap::new(),
            limits,
            book,
        })
    }

    /// Writes the counts of the document that is open, where there is one.
    fn close_document(&mut self) -> Result<(), ReportError> {
        if let Some((name, counts)) = self.open.take() {
            let row = matrix_row(&name, &counts, self.codes.len());
            self.documents.write(&row, &mut self.book)?;
        }
        Ok(())
    }
}

impl<W: Write + Seek + Send> PassageTable for Workbook<W> {
    fn push(&mut self, passage: &CodedPassage) -> Result<(), ReportError> {
        for (number, piece) in pieces(passage, self.limits.cell).enumerate() {
            let mut row = cells::passage(&piece, self.codes.len());
            if number > 0 {
                row.truncate(row.len() - self.codes.len());
            }
            self.quotes.write(&row, &mut self.book)?;
        }
        if self
            .open
            .as_ref()
            .is_none_or(|(name, _)| **name != *passage.document)
        {
            self.close_document()?;
        }
        let open = self
            .open
            .get_or_insert_with(|| (passage.document.to_string(), BTreeMap::new()));
        let mut counted = vec![&mut open.1];
        if let Some(name) = &passage.participant {
            counted.push(self.participants.entry(name.clone()).or_default());
        }
        for counts in counted {
            for code in &passage.codes {
                *counts.entry(*code).or_default() += 1;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), ReportError> {
        self.close_document()?;
        let Self {
            mut out,
            mut book,
            limits,
            about,
            findings,
            quotes,
            documents,
            codes,
            participants,
            ..
        } = *self;
        let head = matrix_head("participant", &codes);
        let mut by_participant = Sheet::new("Code x participant", &head, limits, &mut book)?;
        for (name, counts) in &participants {
            by_participant.write(&matrix_row(name, counts, codes.len()), &mut book)?;
        }
        let mut names = Sheet::new("Codes", &["code", "name"], limits, &mut book)?;
        for code in &codes {
            names.write(&[cells::text(&code.id), cells::text(&code.name)], &mut book)?;
        }
        let sheets = [findings, quotes, documents, by_participant, names];
        let mut first = Sheet::new("About", &["name", "value"], limits, &mut book)?;
        for row in about {
            first.write(&row.map(cells::text), &mut book)?;
        }
        for split in sheets.iter().filter_map(Sheet::split) {
            first.write(&split.map(cells::text), &mut book)?;
        }
        for sheet in std::iter::once(first).chain(sheets) {
            sheet.into_book(&mut book)?;
        }
        book.save_to_writer(&mut out)?;
        Ok(out.flush()?)
    }
}

/// What the file says of itself.
fn properties(report: &Report) -> Result<DocProperties, XlsxError> {
    let written = ExcelDateTime::parse_from_str(&report.written())?;
    Ok(DocProperties::new()
        .set_title(&report.title)
        .set_author(format!("throughline {}", report.manifest.version))
        .set_creation_datetime(&written))
}

fn matrix_head(what: &str, codes: &[Code]) -> Vec<String> {
    let codes = codes.iter().map(|code| code.id.clone());
    std::iter::once(what.to_owned()).chain(codes).collect()
}

fn matrix_row<'a>(name: &'a str, counts: &BTreeMap<usize, u64>, codes: usize) -> Vec<Cell<'a>> {
    let count = |code| Cell::Count(counts.get(&code).copied().unwrap_or_default());
    std::iter::once(cells::text(name))
        .chain((0..codes).map(count))
        .collect()
}

/// A passage in pieces that each fit a cell: as a rule one.
fn pieces(passage: &CodedPassage, most: usize) -> impl Iterator<Item = Cow<'_, CodedPassage>> {
    let mut left = Some(passage.start);
    std::iter::from_fn(move || {
        let start = left.take()?;
        let rest = passage.text.get(start - passage.start..)?;
        let end = start + fitting(rest, most).len();
        left = (start < end && end < passage.end).then_some(end);
        if (start, end) == (passage.start, passage.end) {
            return Some(Cow::Borrowed(passage));
        }
        Some(Cow::Owned(CodedPassage {
            start,
            end,
            text: rest.get(..end - start)?.to_owned(),
            ..passage.clone()
        }))
    })
}

/// As much of the beginning of `text` as `most` UTF-16 units hold.
fn fitting(text: &str, most: usize) -> &str {
    // No character takes more units than bytes.
    if text.len() <= most {
        return text;
    }
    let mut units = 0;
    let end = text.char_indices().find_map(|(at, c)| {
        units += c.len_utf16();
        (units > most).then_some(at)
    });
    text.get(..end.unwrap_or(text.len())).unwrap_or(text)
}

/// A table over as many sheets as it needs.
struct Sheet {
    name: &'static str,
    head: Vec<String>,
    limits: Limits,
    /// Sheets side by side, for more columns than one holds: each has those
    /// below the other as its rows run out.
    columns: Vec<Vec<Worksheet>>,
    /// The next row of the sheets written to.
    row: u32,
}

impl Sheet {
    fn new<T: AsRef<str>>(
        name: &'static str,
        head: &[T],
        limits: Limits,
        book: &mut rust_xlsxwriter::Workbook,
    ) -> Result<Self, ReportError> {
        let head: Vec<String> = head.iter().map(|name| name.as_ref().to_owned()).collect();
        let beside = head.len().saturating_sub(1).div_ceil(limits.columns - 1);
        let mut sheet = Self {
            name,
            head,
            limits,
            columns: (0..beside.max(1)).map(|_| Vec::new()).collect(),
            row: 0,
        };
        sheet.next(book)?;
        Ok(sheet)
    }

    /// Begins the next sheets, with the head in their first row.
    fn next(&mut self, book: &mut rust_xlsxwriter::Workbook) -> Result<(), ReportError> {
        for sheets in &mut self.columns {
            let mut sheet = book.new_worksheet_with_constant_memory()?;
            sheet.set_freeze_panes(1, 0)?;
            sheets.push(sheet);
        }
        self.row = 0;
        let head: Vec<Cell<'static>> = self.head.iter().cloned().map(cells::text).collect();
        self.put(&head)
    }

    fn write(
        &mut self,
        cells: &[Cell<'_>],
        book: &mut rust_xlsxwriter::Workbook,
    ) -> Result<(), ReportError> {
        if self.row == self.limits.rows {
            self.next(book)?;
        }
        self.put(cells)
    }

    fn put(&mut self, cells: &[Cell<'_>]) -> Result<(), ReportError> {
        let Some((first, rest)) = cells.split_first() else {
            return Ok(());
        };
        let mut parts = rest.chunks(self.limits.columns - 1);
        for sheets in &mut self.columns {
            let part = parts.next().unwrap_or_default();
            if let Some(sheet) = sheets.last_mut() {
                for (column, cell) in (0..).zip(std::iter::once(first).chain(part)) {
                    put(sheet, (self.row, column), cell, self.limits.cell)?;
                }
            }
        }
        self.row += 1;
        Ok(())
    }

    /// What the reader must know where the table is more than one sheet.
    fn split(&self) -> Option<[String; 2]> {
        let sheets: usize = self.columns.iter().map(Vec::len).sum();
        (sheets > 1).then(|| {
            [
                format!("Sheets of “{}”", self.name),
                format!(
                    "{sheets}: a sheet holds {} rows and {} columns",
                    self.limits.rows, self.limits.columns
                ),
            ]
        })
    }

    fn into_book(self, book: &mut rust_xlsxwriter::Workbook) -> Result<(), ReportError> {
        for (number, mut sheet) in (1..).zip(self.columns.into_iter().flatten()) {
            let name = match number {
                1 => self.name.to_owned(),
                number => format!("{} ({number})", self.name),
            };
            sheet.set_name(name)?;
            book.push_worksheet(sheet);
        }
        Ok(())
    }
}

fn put(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell<'_>,
    most: usize,
) -> Result<(), ReportError> {
    match cell {
        Cell::Empty => return Ok(()),
        Cell::Text(text) => {
            let fits = fitting(text, most);
            if fits.len() == text.len() {
                sheet.write_string(row, column, fits)?
            } else {
                let cut = fitting(text, most - 1);
                sheet.write_string(row, column, format!("{cut}…"))?
            }
        }
        Cell::Number(number) => sheet.write_number(row, column, *number)?,
        Cell::Count(count) => sheet.write_number(row, column, *count as f64)?,
        Cell::Flag(flag) => sheet.write_number(row, column, f64::from(u8::from(*flag)))?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use calamine::Reader;

    use super::*;

    fn sheet(limits: Limits, columns: usize, rows: usize) -> Vec<(String, u32, usize)> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let head: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
        let mut sheet = Sheet::new("Quotes", &head, limits, &mut book).unwrap();
        for row in 0..rows {
            let cells = vec![Cell::Count(row as u64); columns];
            sheet.write(&cells, &mut book).unwrap();
        }
        let said = sheet.split().is_some();
        sheet.into_book(&mut book).unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let mut read = calamine::Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        let names = read.sheet_names();
        assert_eq!(said, names.len() > 1);
        let size = |name: String| {
            let range = read.worksheet_range(&name).unwrap();
            let (rows, columns) = range.get_size();
            (name, rows as u32, columns)
        };
        names.into_iter().map(size).collect()
    }

    #[test]
    fn what_one_sheet_does_not_hold_goes_on_in_the_next() {
        let limits = Limits {
            rows: 3,
            columns: 3,
            cell: 9,
        };
        let size = |name: &str, rows, columns| (name.to_owned(), rows, columns);
        assert_eq!(sheet(limits, 3, 2), [size("Quotes", 3, 3)]);
        assert_eq!(
            sheet(limits, 2, 3),
            [size("Quotes", 3, 2), size("Quotes (2)", 2, 2)]
        );
        let four = [
            size("Quotes", 3, 3),
            size("Quotes (2)", 2, 3),
            size("Quotes (3)", 3, 2),
            size("Quotes (4)", 2, 2),
        ];
        assert_eq!(sheet(limits, 4, 3), four);
    }

    #[test]
    fn a_cell_holds_no_more_than_it_can_and_no_half_character() {
        assert_eq!(fitting("🙂🙂", 3), "🙂");
        assert_eq!(fitting("aé🙂", 4), "aé🙂");
        assert_eq!(fitting("abc", 0), "");
    }
}
