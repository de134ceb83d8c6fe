//! Workbooks: every sheet of them is a table of its own.

use std::io::{BufReader, Cursor, Read};
use std::ops::ControlFlow;

use calamine::{Reader, SheetType, SheetVisible, Xlsx};
use encoding_rs::UTF_8;
use throughline_core::Document;

use super::ods::Ods;
use super::plan;
use super::records::{Layout, Records};
use super::row::Charset;
use super::sheet::{Sheet, SheetRows};
use super::window::Width;
use super::xlsx::{XlsxSheet, damaged};
use super::{FileContext, Naming, TableSummary, read_rows};
use crate::package::{LARGEST, Package, PackageError};
use crate::{IngestError, Options, Skip};

/// Cells of a workbook are text already; their places are counted in characters.
const CHARSET: Charset = Charset {
    encoding: UTF_8,
    width: Width::Characters,
};

/// How a workbook is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkbookFormat {
    /// Excel's, since 2007.
    Xlsx,
    /// OpenDocument's.
    Ods,
}

/// A workbook to be read, packed as it lies on the disk.
pub(crate) struct Workbook {
    /// Whose rows these are.
    pub(crate) context: FileContext,
    /// How it is written.
    pub(crate) format: WorkbookFormat,
    /// The name of that, as documents carry it.
    pub(crate) format_name: &'static str,
    /// All of it.
    pub(crate) bytes: Vec<u8>,
}

impl WorkbookFormat {
    /// What the zip archive `bytes` holds, if it is a workbook, whatever its name.
    pub(crate) fn of_content(bytes: &[u8]) -> Option<Self> {
        let mut package = Package::of(bytes).ok()?;
        if package.has("xl/workbook.xml") {
            return Some(Self::Xlsx);
        }
        let mut kind = String::new();
        let mimetype = package.stream("mimetype").ok()?;
        mimetype.take(100).read_to_string(&mut kind).ok()?;
        kind.contains("opendocument.spreadsheet")
            .then_some(Self::Ods)
    }
}

impl Workbook {
    /// Reads all rows of all sheets and hands every document to `each`, until
    /// it breaks off.
    pub(crate) fn read(
        self,
        options: &Options,
        each: &mut dyn FnMut(Document) -> ControlFlow<()>,
    ) -> Result<TableSummary, IngestError> {
        let checked = self.package()?.check_size();
        checked.map_err(|error| self.problem(error))?;
        let mut sheets = Sheets::new(&self.context, self.format_name, options, each);
        match self.format {
            WorkbookFormat::Xlsx => self.xlsx(&mut sheets)?,
            WorkbookFormat::Ods => self.ods(&mut sheets)?,
        }
        sheets.finish()
    }

    fn package(&self) -> Result<Package<Cursor<&[u8]>>, IngestError> {
        Package::of(&self.bytes).map_err(|error| self.problem(error))
    }

    fn problem(&self, error: PackageError) -> IngestError {
        match error {
            PackageError::Large => IngestError::TooLarge {
                name: self.context.name.clone(),
                what: "the workbook, unpacked,",
                limit: LARGEST,
                line: None,
            },
            PackageError::Protected => IngestError::BadWorkbook {
                name: self.context.name.clone(),
                problem: error.to_string(),
            },
            other => self.damaged(&other),
        }
    }

    fn damaged(&self, error: &dyn std::error::Error) -> IngestError {
        IngestError::BadWorkbook {
            name: self.context.name.clone(),
            problem: format!(
                "the workbook is damaged ({error}); open it in a spreadsheet program and save it again"
            ),
        }
    }

    fn xlsx(&self, sheets: &mut Sheets<'_, '_>) -> Result<(), IngestError> {
        let file = self.context.name.as_str();
        let failed = |error| damaged(file, &error);
        let mut book = Xlsx::new(Cursor::new(self.bytes.as_slice())).map_err(failed)?;
        let mut names = Vec::new();
        for sheet in book.sheets_metadata() {
            if sheet.typ != SheetType::WorkSheet {
                continue;
            }
            if sheet.visible == SheetVisible::Visible {
                names.push(sheet.name.clone());
            } else {
                sheets.leave_out(&sheet.name, "it is hidden");
            }
        }
        let mut filled = Vec::new();
        for name in names {
            let cells = book.worksheet_cells_reader(&name).map_err(failed)?;
            let mut rows = SheetRows::new(Box::new(XlsxSheet::new(cells, &name, file)))?;
            if !rows.ahead().is_empty() {
                filled.push(name);
            }
        }
        sheets.several = filled.len() > 1;
        for name in filled {
            let cells = book.worksheet_cells_reader(&name).map_err(failed)?;
            sheets.read(Box::new(XlsxSheet::new(cells, &name, file)), &name)?;
        }
        Ok(())
    }

    fn ods(&self, sheets: &mut Sheets<'_, '_>) -> Result<(), IngestError> {
        let file = self.context.name.as_str();
        let mut package = self.package()?;
        let mut filled = 0;
        {
            let content = package.stream("content.xml");
            let content = content.map_err(|error| self.problem(error))?;
            let mut book = Ods::new(BufReader::new(content), file);
            let mut row = super::row::Row::default();
            while let Some(mut sheet) = book.next_sheet()? {
                filled += usize::from(sheet.next(&mut row)?);
            }
        }
        sheets.several = filled > 1;
        let content = package.stream("content.xml");
        let content = content.map_err(|error| self.problem(error))?;
        let mut book = Ods::new(BufReader::new(content), file);
        while let Some(sheet) = book.next_sheet()? {
            let name = sheet.name();
            sheets.read(Box::new(sheet), &name)?;
        }
        Ok(())
    }
}

/// The sheets of a workbook, read one after another; a table that is no workbook
/// and gives its rows as a sheet does is the only one.
pub(super) struct Sheets<'a, 'e> {
    context: &'a FileContext,
    format_name: &'static str,
    options: &'a Options,
    each: &'e mut dyn FnMut(Document) -> ControlFlow<()>,
    /// True if more than one sheet holds anything.
    several: bool,
    broken_off: bool,
    summary: TableSummary,
    documents: u64,
    /// Why the first sheet that could not be read was left out.
    refused: Option<IngestError>,
}

impl<'a, 'e> Sheets<'a, 'e> {
    /// Sheets of the file of `context`, the documents of which go to `each`.
    pub(super) fn new(
        context: &'a FileContext,
        format_name: &'static str,
        options: &'a Options,
        each: &'e mut dyn FnMut(Document) -> ControlFlow<()>,
    ) -> Self {
        Self {
            context,
            format_name,
            options,
            each,
            several: false,
            broken_off: false,
            summary: TableSummary::default(),
            documents: 0,
            refused: None,
        }
    }

    fn leave_out(&mut self, name: &str, reason: &str) {
        self.summary.skipped.push(Skip {
            line: None,
            count: 1,
            reason: format!("sheet '{name}' left out: {reason}"),
        });
    }

    /// Reads the rows of `sheet`, unless nobody wants any more.
    pub(super) fn read(
        &mut self,
        sheet: Box<dyn Sheet + '_>,
        name: &str,
    ) -> Result<(), IngestError> {
        if self.broken_off {
            return Ok(());
        }
        let mut rows = SheetRows::new(sheet)?;
        if rows.ahead().is_empty() {
            return Ok(());
        }
        let (layout, before) = Layout::of_sheet(&mut rows, CHARSET);
        let file = self.context.name.as_str();
        if layout.sample.rows.is_empty() {
            self.leave_out(name, "there is a line of column names and no row");
            self.refused.get_or_insert(layout.nothing(self.context));
            return Ok(());
        }
        let plan = match plan::plan(file, &layout.sample, &self.options.columns) {
            Ok(plan) => plan,
            Err(error) => {
                self.leave_out(name, &reason(&error, file));
                self.refused.get_or_insert(error);
                return Ok(());
            }
        };
        let records = Records::of_sheet(rows, before, &layout)?;
        let naming = Naming {
            file,
            format: self.format_name,
            sheet: self.several.then_some(name),
        };
        let (documents, broken_off, each) =
            (&mut self.documents, &mut self.broken_off, &mut self.each);
        let read = read_rows(
            records,
            &plan,
            CHARSET,
            naming,
            self.options,
            &mut |document| {
                *documents += 1;
                let flow = each(document);
                *broken_off = flow.is_break();
                flow
            },
        )?;
        let prefix = if self.several {
            format!("sheet '{name}': ")
        } else {
            String::new()
        };
        self.summary
            .skipped
            .extend(read.skipped.into_iter().map(|skip| Skip {
                reason: format!("{prefix}{}", skip.reason),
                ..skip
            }));
        let notes = layout.notes.into_iter().chain(plan.notes);
        self.summary
            .notes
            .extend(notes.map(|note| format!("{prefix}{note}")));
        Ok(())
    }

    /// What was read; an error if that is nothing.
    pub(super) fn finish(self) -> Result<TableSummary, IngestError> {
        if self.documents > 0 || self.broken_off {
            return Ok(self.summary);
        }
        match self.refused {
            Some(error) => Err(error),
            None if self.summary.notes.is_empty() => Err(IngestError::Empty {
                name: self.context.name.clone(),
                detail: "no sheet of the workbook holds anything".to_owned(),
            }),
            None => Ok(self.summary),
        }
    }
}

/// What an error says beside the name of the file.
fn reason(error: &IngestError, file: &str) -> String {
    let said = error.to_string();
    let said = said.strip_prefix(file).unwrap_or(&said);
    said.trim_start_matches([':', ' ']).to_owned()
}
