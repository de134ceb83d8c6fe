//! CSV (RFC 4180, UTF-8, no byte order mark), for counting on with programs.
//!
//! Three files: findings, quotes (every passage of evidence, not only those
//! that the report shows) and the manifest. Loses: context around quotes, why
//! they have their tags, passages that are in no finding as a group of their
//! own. A text that a spreadsheet would take for a formula gets an apostrophe in
//! front, and so does one that begins with an apostrophe: [`restored`] undoes
//! it. Numbers are never touched.

use std::borrow::Cow;
use std::io::Write;

use super::cells::{self, Cell};
use super::{Code, CodedPassage, PassageTable};
use crate::ReportError;
use crate::data::Report;

/// Signs with which a cell becomes a formula or a command in a spreadsheet,
/// and the apostrophe that keeps it from it. The wide forms are read as the
/// narrow ones in East Asian settings.
const OPENING: &[char] = &[
    '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '\'',
];

/// A text as a cell that no spreadsheet takes for a formula.
#[must_use]
pub fn neutralised(text: &str) -> Cow<'_, str> {
    match text.starts_with(OPENING) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// The text that [`neutralised`] was given.
#[must_use]
pub fn restored(cell: &str) -> &str {
    cell.strip_prefix('\'').unwrap_or(cell)
}

/// The findings as CSV, one a line, in the order of the report.
///
/// # Errors
/// If `out` cannot be written.
pub fn findings_csv(report: &Report, out: impl Write) -> Result<(), ReportError> {
    let mut lines = Lines::new(out, &cells::FINDING)?;
    for stage in &report.stages {
        for finding in &stage.findings {
            lines.write(&cells::finding(stage, finding))?;
        }
    }
    lines.finish()
}

/// The manifest as CSV: what was run, on what, with what.
///
/// # Errors
/// If `out` cannot be written.
pub fn manifest_csv(report: &Report, out: impl Write) -> Result<(), ReportError> {
    let mut lines = Lines::new(out, &["name", "value"])?;
    for row in cells::manifest_rows(&report.manifest) {
        lines.write(&row.map(cells::text))?;
    }
    lines.finish()
}

/// Every passage of evidence as CSV, a line each, with a column of noughts and
/// ones for each code.
pub struct QuotesCsv<W: Write> {
    lines: Lines<W>,
    codes: usize,
}

impl<W: Write> QuotesCsv<W> {
    /// Begins the table.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn new(codes: &[Code], out: W) -> Result<Self, ReportError> {
        Ok(Self {
            lines: Lines::new(out, &cells::passage_head(codes))?,
            codes: codes.len(),
        })
    }
}

impl<W: Write> PassageTable for QuotesCsv<W> {
    fn push(&mut self, passage: &CodedPassage) -> Result<(), ReportError> {
        self.lines.write(&cells::passage(passage, self.codes))
    }

    fn finish(self: Box<Self>) -> Result<(), ReportError> {
        self.lines.finish()
    }
}

/// Lines of cells.
pub(super) struct Lines<W: Write> {
    out: csv::Writer<W>,
}

impl<W: Write> Lines<W> {
    pub(super) fn new<T: AsRef<str>>(out: W, head: &[T]) -> Result<Self, ReportError> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(
            head.iter()
                .map(|name| neutralised(name.as_ref()).into_owned()),
        )?;
        Ok(Self { out })
    }

    pub(super) fn write(&mut self, cells: &[Cell<'_>]) -> Result<(), ReportError> {
        for cell in cells {
            match cell {
                Cell::Empty => self.out.write_field("")?,
                Cell::Text(text) => self.out.write_field(neutralised(text).as_ref())?,
                Cell::Number(number) => self.out.write_field(number.to_string())?,
                Cell::Count(count) => self.out.write_field(count.to_string())?,
                Cell::Flag(flag) => self.out.write_field(if *flag { "1" } else { "0" })?,
            }
        }
        // Ends the line.
        self.out.write_record(None::<&[u8]>)?;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), ReportError> {
        Ok(self.out.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_kept_from_it() {
        for text in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'quoted'", "＝1",
        ] {
            let cell = neutralised(text);
            assert!(cell.starts_with('\''), "{text}");
            assert_eq!(restored(&cell), text);
        }
        assert_eq!(neutralised("a=1, 'b'"), "a=1, 'b'");
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in any::<String>()) {
            let cell = neutralised(&text);
            prop_assert_eq!(restored(&cell), text.as_str());
        }
    }
}
