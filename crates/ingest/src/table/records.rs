use std::collections::BTreeSet;
use std::io::Read;

use super::aliases::{Use, normalised};
use super::canvas::Canvas;
use super::csv::CsvRecords;
use super::json::{JsonRecords, Line};
use super::plan::{Plan, is_question};
use super::row::{Cell, Charset, Row};
use super::sample::Sample;
use super::scan::{Dialect, Writing};
use super::sniff;
use super::{TableContext, TableFormat};
use crate::IngestError;
use crate::skip::Skips;

/// How a table is written, as its beginning tells.
pub(super) struct Layout {
    /// Its first rows.
    pub(super) sample: Sample,
    /// What was decided, in words.
    pub(super) notes: Vec<String>,
    written: Written,
    /// Lines that could not be read, and the first problem among them.
    problem: Option<(u64, String)>,
}

enum Written {
    Separated {
        dialect: Dialect,
        /// Records before the first row of data.
        before: usize,
    },
    JsonLines,
}

impl Layout {
    /// Learns from `body`, the beginning of a table, or all of it if `whole`.
    pub(super) fn of(
        body: &[u8],
        whole: bool,
        format: TableFormat,
        charset: Charset,
        context: &TableContext,
    ) -> Result<Self, IngestError> {
        match format {
            TableFormat::Separated(promised) => {
                Self::separated(body, whole, promised, charset, context)
            }
            TableFormat::JsonLines => Self::json_lines(body, whole, charset, context),
        }
    }

    fn separated(
        body: &[u8],
        whole: bool,
        promised: u8,
        charset: Charset,
        context: &TableContext,
    ) -> Result<Self, IngestError> {
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
        let (columns, has_names) = name_columns(&mut rows);
        let mut notes = Vec::new();
        if !has_names && !rows.is_empty() {
            notes.push(
                "the first line is data and not names: columns are called 'column 1', 'column 2', …"
                    .to_owned(),
            );
        }
        if dialect.delimiter != promised {
            let shown = match dialect.delimiter {
                b'\t' => "tabs".to_owned(),
                other => format!("'{}'", char::from(other)),
            };
            notes.push(format!("cells are separated by {shown}"));
        }
        Ok(Self {
            sample: Sample { columns, rows },
            notes,
            written: Written::Separated {
                dialect,
                before: skipped + usize::from(has_names),
            },
            problem: None,
        })
    }

    fn json_lines(
        body: &[u8],
        whole: bool,
        charset: Charset,
        context: &TableContext,
    ) -> Result<Self, IngestError> {
        let mut records = JsonRecords::new(body, 0, charset.width, context.clone());
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
        if rows.is_empty() && body.trim_ascii_start().starts_with(b"[") {
            return Err(IngestError::BadTable {
                name: context.name.clone(),
                line: 1,
                problem: "this is one JSON array and not JSON Lines; write one object a line"
                    .to_owned(),
            });
        }
        Ok(Self {
            sample: Sample {
                columns: records.columns().to_vec(),
                rows,
            },
            notes: Vec::new(),
            written: Written::JsonLines,
            problem,
        })
    }

    /// Why a table without rows has none.
    pub(super) fn nothing(self, context: &TableContext) -> IngestError {
        let name = context.name.clone();
        match self.problem {
            Some((line, problem)) => IngestError::BadTable {
                name,
                line,
                problem: format!("{problem}; no line of the file can be read"),
            },
            None if self.sample.columns.is_empty() => IngestError::Empty {
                name,
                detail: "the file is empty".to_owned(),
            },
            None => IngestError::Empty {
                name,
                detail: "there is a line of column names and no row".to_owned(),
            },
        }
    }
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

/// Takes the names of the columns off the top of `rows`, if they stand there,
/// and makes sure that every column has one of its own.
fn name_columns(rows: &mut Vec<Vec<String>>) -> (Vec<String>, bool) {
    const LOOKED_AT: usize = 100;
    let Some(first) = rows.first() else {
        return (Vec::new(), false);
    };
    let others = rows.get(1..rows.len().min(LOOKED_AT)).unwrap_or_default();
    let known = first.iter().any(|cell| {
        let name = normalised(cell);
        Use::ALL
            .iter()
            .any(|purpose| purpose.aliases().any(|alias| alias == name))
    });
    let lone_sentence = matches!(
        first.as_slice(),
        [only] if only.split_whitespace().count() > 2 && !is_question(only)
    );
    let has_names = known || !(lone_sentence || sniff::first_record_is_data(first, others));
    let names = if has_names {
        rows.remove(0)
    } else {
        Vec::new()
    };
    let width = if has_names {
        names.len()
    } else {
        rows.first().map_or(0, Vec::len)
    };
    let mut taken = BTreeSet::new();
    let columns = (0..width)
        .map(|at| {
            let name = names.get(at).filter(|name| !name.is_empty());
            let name = name.cloned().unwrap_or_else(|| numbered(at));
            let mut unique = name.clone();
            let mut copy = 2;
            while !taken.insert(unique.clone()) {
                unique = format!("{name} ({copy})");
                copy += 1;
            }
            unique
        })
        .collect();
    (columns, has_names)
}

/// The name of a column that has none.
pub(super) fn numbered(column: usize) -> String {
    format!("column {}", column + 1)
}

/// Rows of data, one after another.
pub(super) struct Records<R> {
    source: Source<R>,
    number: u64,
}

enum Source<R> {
    Separated {
        records: CsvRecords<R>,
        columns: Vec<String>,
    },
    JsonLines(JsonRecords<R>),
}

impl<R: Read> Records<R> {
    /// Rows of `reader`, which stands at byte `offset` of its file, before the
    /// first record.
    pub(super) fn new(
        reader: R,
        offset: u64,
        charset: Charset,
        layout: &Layout,
        context: TableContext,
    ) -> Result<Self, IngestError> {
        let columns = &layout.sample.columns;
        let source = match layout.written {
            Written::Separated { dialect, before } => {
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
                Source::JsonLines(records.with_columns(columns))
            }
        };
        Ok(Self { source, number: 0 })
    }

    /// The columns seen so far.
    pub(super) fn columns(&self) -> &[String] {
        match &self.source {
            Source::Separated { columns, .. } => columns,
            Source::JsonLines(records) => records.columns(),
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
            Source::JsonLines(records) => next_object(records, row, skips)?,
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
            Line::Malformed(reason) => skips.note(row.line, &format!("line left out: {reason}")),
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
