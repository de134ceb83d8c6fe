//! Tables: separated values, JSON, workbooks and Parquet, read in a stream.
//!
//! The beginning of a table is looked at to learn how it is written
//! ([`sniff`]), what stands above its rows ([`header`]) and what its columns
//! are for ([`plan`]); then rows are read one at a time ([`csv`], [`json`],
//! [`sheet`]) and become documents ([`document`], and [`thread`] where a row
//! holds a whole exchange) or, where rows are turns of a conversation, go into
//! one ([`conversation`]).

mod aliases;
mod canvas;
mod conversation;
mod csv;
mod dates;
mod document;
mod header;
mod json;
mod json_stream;
mod json_walk;
mod mapping;
mod markup;
mod mismatch;
mod ods;
mod parquet;
mod plan;
mod questions;
mod records;
mod row;
mod sample;
mod scan;
mod sheet;
mod sniff;
mod thread;
mod values;
mod wide;
mod window;
mod workbook;
mod xlsx;

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::PathBuf;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use throughline_core::Document;

use conversation::ConversationMaker;
use document::DocumentMaker;
use plan::Plan;
use records::{Layout, Records, Written};
use row::{Charset, Row};
use window::Width;

pub use mapping::ColumnMap;
pub(crate) use parquet::{MAGIC as PARQUET, read as read_parquet};
pub(crate) use workbook::{Workbook, WorkbookFormat};

use crate::{IngestError, Input, Options, Skip};

/// The largest file that is held in memory packed as it is: a workbook, or Parquet out of
/// an archive.
pub(crate) const LARGEST_PACKED: u64 = 512 << 20;

/// What is being read, for messages.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileContext {
    /// The file's name in the study.
    pub(crate) name: String,
    /// Where it lies.
    pub(crate) path: PathBuf,
}

impl FileContext {
    pub(crate) fn of(input: &Input) -> Self {
        Self {
            name: input.name.clone(),
            path: input.path.clone(),
        }
    }

    /// A file that is held in memory: `start` and what follows it, if that is no more
    /// than `limit` bytes of `what`.
    pub(crate) fn whole(
        &self,
        mut start: Vec<u8>,
        rest: impl Read,
        (what, limit): (&'static str, u64),
    ) -> Result<Vec<u8>, IngestError> {
        rest.take((limit + 1).saturating_sub(start.len() as u64))
            .read_to_end(&mut start)
            .map_err(|error| self.io(error))?;
        if start.len() as u64 > limit {
            return Err(IngestError::TooLarge {
                name: self.name.clone(),
                what,
                limit,
                line: None,
            });
        }
        Ok(start)
    }

    fn io(&self, error: io::Error) -> IngestError {
        IngestError::io(&self.path, error)
    }

    #[cfg(test)]
    fn for_test(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            path: PathBuf::from(name),
        }
    }
}

/// How the rows of a table are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TableFormat {
    /// Separated values; the delimiter that the file's name promises.
    Separated(u8),
    /// One JSON object a line.
    JsonLines,
    /// JSON of any other shape, or one object a line after all.
    Json,
}

/// A table to be read: its beginning, in memory, and the rest of it.
pub(crate) struct Table<R> {
    /// Whose rows these are.
    pub(crate) context: FileContext,
    /// How they are written.
    pub(crate) format: TableFormat,
    /// The name of that, as documents carry it.
    pub(crate) format_name: &'static str,
    /// The first bytes of the file.
    pub(crate) start: Vec<u8>,
    /// True if these are all.
    pub(crate) whole: bool,
    /// The bytes after them.
    pub(crate) rest: R,
    /// The WHATWG name of the charset.
    pub(crate) charset: &'static str,
}

/// What reading a table gave, beside its documents.
#[derive(Debug, Default)]
pub(crate) struct TableSummary {
    /// What was left out or read with a doubt.
    pub(crate) skipped: Vec<Skip>,
    /// What was decided, in words.
    pub(crate) notes: Vec<String>,
}

impl<R: Read> Table<R> {
    /// Reads all rows and hands every document to `each`, until it breaks off.
    pub(crate) fn read(
        mut self,
        options: &Options,
        each: &mut dyn FnMut(Document) -> ControlFlow<()>,
    ) -> Result<TableSummary, IngestError> {
        let encoding = Encoding::for_label(self.charset.as_bytes()).unwrap_or(UTF_8);
        let wide = encoding == UTF_16LE || encoding == UTF_16BE;
        let charset = Charset {
            encoding: if wide { UTF_8 } else { encoding },
            width: if wide { Width::Wide } else { Width::Same },
        };
        let (layout, written) = self.layout(encoding, charset)?;
        let plan = plan::plan(&self.context.name, &layout.sample, &options.columns)?;
        let mark = byte_order_mark(&self.start);
        let body = io::Cursor::new(self.start).chain(self.rest);
        let mut body = skip(body, mark).map_err(|error| self.context.io(error))?;
        let reader: Box<dyn Read + '_> = if wide {
            Box::new(wide::AsUtf8::new(&mut body, encoding))
        } else {
            Box::new(&mut body)
        };
        let context = self.context.clone();
        let written = (&layout, &written);
        let records = Records::new(reader, mark as u64, charset, written, context)?;
        let mut summary = read_rows(
            records,
            &plan,
            charset,
            Naming {
                file: &self.context.name,
                format: self.format_name,
                sheet: None,
            },
            options,
            each,
        )?;
        summary.notes = layout.notes;
        summary.notes.extend(plan.notes);
        Ok(summary)
    }

    /// Learns from the beginning how the table is written. A beginning that
    /// holds no whole row is made longer.
    fn layout(
        &mut self,
        encoding: &'static Encoding,
        charset: Charset,
    ) -> Result<(Layout, Written), IngestError> {
        loop {
            let mark = byte_order_mark(&self.start);
            let body = self.start.get(mark..).unwrap_or_default();
            let body = if charset.width == Width::Wide {
                let even = body.get(..body.len() & !1).unwrap_or_default();
                let (text, _) = encoding.decode_without_bom_handling(even);
                text.into_owned().into_bytes()
            } else {
                body.to_vec()
            };
            let (layout, written) =
                Layout::of(&body, self.whole, self.format, charset, &self.context)?;
            if !layout.sample.rows.is_empty() {
                return Ok((layout, written));
            }
            if self.whole {
                return Err(layout.nothing(&self.context));
            }
            let more = self.start.len().max(1 << 20) as u64;
            let read = self
                .rest
                .by_ref()
                .take(more)
                .read_to_end(&mut self.start)
                .map_err(|error| self.context.io(error))?;
            self.whole = (read as u64) < more;
        }
    }
}

/// How documents of a table are named.
#[derive(Clone, Copy)]
struct Naming<'n> {
    /// The file's name in the study.
    file: &'n str,
    /// The format's.
    format: &'static str,
    /// The sheet's, where a workbook has several.
    sheet: Option<&'n str>,
}

impl Naming<'_> {
    /// What names a row beside its file: `Sheet1!7`, or `7`.
    fn row(&self, id: &str) -> String {
        match self.sheet {
            Some(sheet) => format!("{sheet}!{id}"),
            None => id.to_owned(),
        }
    }
}

/// Reads rows one at a time; memory does not grow with the table, but for what
/// a conversation needs to be put together.
fn read_rows<R: Read>(
    mut records: Records<'_, R>,
    plan: &Plan,
    charset: Charset,
    naming: Naming<'_>,
    options: &Options,
    each: &mut dyn FnMut(Document) -> ControlFlow<()>,
) -> Result<TableSummary, IngestError> {
    let mut row = Row::default();
    let mut skipped = if plan.is_transcript {
        let mut maker = ConversationMaker::new(naming, plan, charset);
        while records.next(&mut row, plan, &mut maker.skips)? {
            maker.add(&row)?;
        }
        let (documents, skipped) = maker.finish(options)?;
        for document in documents {
            if each(document).is_break() {
                break;
            }
        }
        skipped
    } else {
        let mut maker = DocumentMaker::new(naming, plan, charset, &options.roles);
        'rows: while records.next(&mut row, plan, &mut maker.skips)? {
            for document in maker.documents(&row, records.columns())? {
                if each(document).is_break() {
                    break 'rows;
                }
            }
        }
        maker.into_skips()
    };
    if records.left_out() > 0 {
        skipped.push(Skip {
            line: None,
            count: records.left_out(),
            reason: "cell left out: it stands too far right, beyond thousands of columns"
                .to_owned(),
        });
    }
    Ok(TableSummary {
        skipped,
        notes: Vec::new(),
    })
}

fn byte_order_mark(start: &[u8]) -> usize {
    Encoding::for_bom(start).map_or(0, |(_, length)| length)
}

fn skip<R: Read>(mut reader: R, bytes: usize) -> io::Result<R> {
    io::copy(&mut reader.by_ref().take(bytes as u64), &mut io::sink())?;
    Ok(reader)
}
