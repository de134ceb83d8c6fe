use std::io::{self, Read};

use serde::de::IgnoredAny;

use super::canvas::Canvas;
use super::csv::CsvRecords;
use super::header;
use super::json::{JsonRecords, Line};
use super::json_stream::path_of_list;
use super::plan::Plan;
use super::row::{Cell, Charset, Row};
use super::sample::Sample;
use super::scan::{Dialect, Writing};
use super::sheet::SheetRows;
use super::sniff;
use super::{FileContext, TableFormat};
use crate::IngestError;
use crate::skip::Skips;

/// How a table is written, as its beginning tells.
pub(super) struct Layout {
    /// Its first rows.
    pub(super) sample: Sample,
    /// What was decided, in words.
    pub(super) notes: Vec<String>,
    /// Lines that could not be read, and the first problem among them.
    problem: Option<(u64, String)>,
}

/// The writing itself.
pub(super) enum Written {
    /// Separated values.
    Separated {
        /// Its conventions.
        dialect: Dialect,
        /// Records before the first row of data.
        before: usize,
    },
    /// One JSON object a line.
    JsonLines,
    /// Objects in arrays, below these keys.
    Nested(Vec<String>),
}

impl Layout {
    /// Learns from `body`, the beginning of a table, or all of it if `whole`.
    pub(super) fn of(
        body: &[u8],
        whole: bool,
        format: TableFormat,
        charset: Charset,
        context: &FileContext,
    ) -> Result<(Self, Written), IngestError> {
        match format {
            TableFormat::Separated(promised) => {
                Self::separated(body, whole, promised, charset, context)
            }
            TableFormat::JsonLines => Self::json(body, whole, true, charset, context),
            TableFormat::Json => Self::json(body, whole, false, charset, context),
        }
    }

    fn separated(
        body: &[u8],
        whole: bool,
        promised: u8,
        charset: Charset,
        context: &FileContext,
    ) -> Result<(Self, Written), IngestError> {
        let mut dialect = sniff::dialect(body, whole, promised);
        let named = named_delimiter(body);
        if let Some(delimiter) = named {
            dialect.delimiter = delimiter;
        }
        let width = charset.width;
        let mut records = CsvRecords::new(body, 0, width, dialect, context.clone());
        if !whole {
            records = records.cut_off();
        }
        let mut row = Row::default();
        let mut rows = Vec::new();
        let skipped = usize::from(named.is_some());
        let mut seen = 0;
        while records.next(&mut row)?.is_some() {
            seen += 1;
            if seen > skipped {
                rows.push(texts(&row, charset));
            }
        }
        let (mut layout, below) = Self::of_rows(rows, false);
        if dialect.delimiter != promised {
            let shown = match dialect.delimiter {
                b'\t' => "tabs".to_owned(),
                other => format!("'{}'", char::from(other)),
            };
            layout.notes.push(format!("cells are separated by {shown}"));
        }
        let before = skipped + below;
        Ok((layout, Written::Separated { dialect, before }))
    }

    /// Learns from the first rows of a sheet; tells beside how many of them
    /// come before the data.
    pub(super) fn of_sheet(sheet: &mut SheetRows<'_>, charset: Charset) -> (Self, usize) {
        let rows = sheet.ahead().iter().map(|row| texts(row, charset));
        Self::of_rows(rows.collect(), sheet.is_named())
    }

    /// Takes the header off the first `rows` of a table, the first of which is sure
    /// to be names if it `is_named`; tells beside how many of them come before the
    /// data.
    fn of_rows(mut rows: Vec<Vec<String>>, is_named: bool) -> (Self, usize) {
        let header = header::take(&mut rows, is_named);
        let layout = Self {
            sample: Sample {
                columns: header.columns,
                short: header.short,
                asked: header.asked,
                rows,
            },
            notes: header.notes,
            problem: None,
        };
        (layout, header.before)
    }

    fn json(
        body: &[u8],
        whole: bool,
        promises_lines: bool,
        charset: Charset,
        context: &FileContext,
    ) -> Result<(Self, Written), IngestError> {
        let written = if is_one_a_line(body, promises_lines) {
            Written::JsonLines
        } else {
            Written::Nested(path_of_list(body))
        };
        let mut records = JsonRecords::new(body, 0, charset.width, context.clone());
        if let Written::Nested(path) = &written {
            records = records.nested(path);
        }
        if !whole {
            records = records.cut_off();
        }
        let mut row = Row::default();
        let mut rows = Vec::new();
        let mut problem = None;
        while let Some(line) = records.next(&mut row)? {
            match line {
                Line::Object { .. } => rows.push(texts(&row, charset)),
                Line::Malformed(reason) => {
                    problem.get_or_insert((row.line, reason));
                }
            }
        }
        let notes = match &written {
            Written::Nested(path) if !path.is_empty() => {
                vec![format!("objects are those under '{}'", path.join("."))]
            }
            _ => Vec::new(),
        };
        let layout = Self {
            sample: Sample {
                columns: records.columns().to_vec(),
                rows,
                ..Sample::default()
            },
            notes,
            problem,
        };
        Ok((layout, written))
    }

    /// Why a table without rows has none.
    pub(super) fn nothing(self, context: &FileContext) -> IngestError {
        let name = context.name.clone();
        match self.problem {
            Some((line, problem)) => IngestError::BadTable {
                name,
                line,
                problem: format!("{problem}; nothing of the file can be read"),
            },
            None if self.sample.columns.is_empty() => IngestError::Empty {
                name,
                detail: "there is neither a row nor an object in it".to_owned(),
            },
            None => IngestError::Empty {
                name,
                detail: "there is a line of column names and no row".to_owned(),
            },
        }
    }
}

/// True if JSON that begins with `body` holds one object a line, or was meant to.
fn is_one_a_line(body: &[u8], promised: bool) -> bool {
    const LINES: usize = 20;
    let is_object = |line: &[u8]| {
        line.first() == Some(&b'{') && serde_json::from_slice::<IgnoredAny>(line).is_ok()
    };
    let mut lines = body
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty());
    let Some(first) = lines.next() else {
        return true;
    };
    if first.first() == Some(&b'[') {
        return false;
    }
    if is_object(first) {
        return path_of_list(first).is_empty();
    }
    promised && (first.first() != Some(&b'{') || lines.take(LINES).any(is_object))
}

/// The delimiter that Excel writes into a first line of its own: `sep=;`.
fn named_delimiter(body: &[u8]) -> Option<u8> {
    let rest = body.strip_prefix(b"sep=")?;
    match rest {
        [delimiter, b'\r' | b'\n', ..] => Some(*delimiter),
        _ => None,
    }
}

/// All cells of `row`, trimmed, by column.
fn texts(row: &Row, charset: Charset) -> Vec<String> {
    let mut all = Vec::new();
    for cell in &row.cells {
        let mut canvas = Canvas::default();
        let range = canvas.write(row, cell, charset);
        if all.len() <= cell.column {
            all.resize(cell.column + 1, String::new());
        }
        if let Some(slot) = all.get_mut(cell.column) {
            *slot = canvas.text.get(range).unwrap_or_default().to_owned();
        }
    }
    all
}

/// Rows of data, one after another.
pub(super) struct Records<'s, R> {
    source: Source<'s, R>,
    number: u64,
}

enum Source<'s, R> {
    Separated {
        records: CsvRecords<R>,
        columns: Vec<String>,
    },
    Json(JsonRecords<R>),
    Sheet {
        rows: SheetRows<'s>,
        columns: Vec<String>,
    },
}

impl<'s> Records<'s, io::Empty> {
    /// The `rows` of a sheet after the first `before`.
    pub(super) fn of_sheet(
        mut rows: SheetRows<'s>,
        before: usize,
        layout: &Layout,
    ) -> Result<Self, IngestError> {
        let mut row = Row::default();
        for _ in 0..before {
            rows.next(&mut row)?;
        }
        Ok(Self {
            source: Source::Sheet {
                rows,
                columns: layout.sample.columns.clone(),
            },
            number: 0,
        })
    }
}

impl<R: Read> Records<'_, R> {
    /// Rows of `reader`, which stands at byte `offset` of its file, before the
    /// first record.
    pub(super) fn new(
        reader: R,
        offset: u64,
        charset: Charset,
        (layout, written): (&Layout, &Written),
        context: FileContext,
    ) -> Result<Self, IngestError> {
        let columns = &layout.sample.columns;
        let source = match written {
            &Written::Separated { dialect, before } => {
                let mut records = CsvRecords::new(reader, offset, charset.width, dialect, context);
                let mut row = Row::default();
                for _ in 0..before {
                    records.next(&mut row)?;
                }
                Source::Separated {
                    records,
                    columns: columns.clone(),
                }
            }
            Written::JsonLines => {
                let records = JsonRecords::new(reader, offset, charset.width, context);
                Source::Json(records.with_columns(columns))
            }
            Written::Nested(path) => {
                let records = JsonRecords::new(reader, offset, charset.width, context);
                Source::Json(records.nested(path).with_columns(columns))
            }
        };
        Ok(Self { source, number: 0 })
    }

    /// The columns seen so far.
    pub(super) fn columns(&self) -> &[String] {
        match &self.source {
            Source::Separated { columns, .. } | Source::Sheet { columns, .. } => columns,
            Source::Json(records) => records.columns(),
        }
    }

    /// Cells that were left out because they stand too far right in a sheet.
    pub(super) fn left_out(&self) -> u64 {
        match &self.source {
            Source::Sheet { rows, .. } => rows.left_out(),
            _ => 0,
        }
    }

    /// Reads the next row of data into `row`; false at the end.
    pub(super) fn next(
        &mut self,
        row: &mut Row,
        plan: &Plan,
        skips: &mut Skips,
    ) -> Result<bool, IngestError> {
        let found = match &mut self.source {
            Source::Separated { records, columns } => match records.next(row)? {
                Some(odd) => {
                    if odd.open_quote {
                        skips.note(
                            row.line,
                            "a quote opens a cell and never closes: taken as a character",
                        );
                    } else if odd.loose_quote {
                        skips.note(
                            row.line,
                            "a quote within a quoted cell is not doubled: taken as a character",
                        );
                    }
                    fit(row, columns.len(), plan, skips);
                    true
                }
                None => false,
            },
            Source::Json(records) => next_object(records, row, skips)?,
            Source::Sheet { rows, .. } => rows.next(row)?,
        };
        if found {
            self.number += 1;
            row.number = self.number;
        }
        Ok(found)
    }
}

fn next_object<R: Read>(
    records: &mut JsonRecords<R>,
    row: &mut Row,
    skips: &mut Skips,
) -> Result<bool, IngestError> {
    while let Some(line) = records.next(row)? {
        match line {
            Line::Object { left_out } => {
                if left_out {
                    skips.note(
                        row.line,
                        "fields left out: the file has too many different ones",
                    );
                }
                return Ok(true);
            }
            Line::Malformed(reason) => skips.note(row.line, &format!("left out: {reason}")),
        }
    }
    Ok(false)
}

/// Makes a ragged row fit the columns. Cells beyond the last column come, more
/// often than not, from delimiters that a text holds and nobody quoted: if the
/// last column is words, they are given back to it; else they are
/// cells of columns without a name.
fn fit(row: &mut Row, wanted: usize, plan: &Plan, skips: &mut Skips) {
    if row.cells.len() < wanted {
        skips.note(
            row.line,
            "row with fewer cells than columns: the rest taken as empty",
        );
        return;
    }
    while row.cells.len() > wanted && row.cells.last().is_some_and(|cell| cell.range.is_empty()) {
        row.cells.pop();
    }
    if row.cells.len() == wanted {
        return;
    }
    let last = wanted.saturating_sub(1);
    let joins = plan.is_text(last)
        && row
            .cells
            .get(last..)
            .is_some_and(|cells| cells.iter().all(|cell| cell.writing == Writing::Plain));
    if joins {
        skips.note(
            row.line,
            "row with more cells than columns: the last column, which is text, takes them",
        );
        let end = row.cells.last().map_or(0, |cell| cell.range.end);
        row.cells.truncate(wanted);
        if let Some(Cell { range, .. }) = row.cells.last_mut() {
            range.end = end;
        }
        return;
    }
    skips.note(
        row.line,
        "row with more cells than columns: the others kept as attributes",
    );
}
