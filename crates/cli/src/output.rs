//! Tables, numbers and highlights on standard output.

use std::io::{IsTerminal, StdoutLock, Write};
use std::ops::Range;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;
use throughline_core::Scored;
use throughline_study::plumbing::write_line;

use crate::cells::cell;

/// Standard output, locked for the length of a command.
pub(crate) struct Output {
    stdout: std::io::BufWriter<StdoutLock<'static>>,
    coloured: bool,
}

impl Output {
    pub(crate) fn new() -> Self {
        let stdout = std::io::stdout();
        // https://no-color.org is the convention; a file never wants colours.
        let coloured = stdout.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self {
            stdout: std::io::BufWriter::new(stdout.lock()),
            coloured,
        }
    }

    /// One line of text.
    pub(crate) fn line(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(writeln!(self.stdout, "{text}")?)
    }

    /// One line of JSON.
    pub(crate) fn json<T: Serialize>(&mut self, value: &T) -> anyhow::Result<()> {
        Ok(write_line(&mut self.stdout, value)?)
    }

    /// CSV with these headings, neutralised ([`cell`]).
    pub(crate) fn csv(
        &mut self,
        headings: &[&str],
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> anyhow::Result<()> {
        let mut writer = csv::Writer::from_writer(&mut self.stdout);
        writer.write_record(headings)?;
        for row in rows {
            writer.write_record(row.iter().map(|text| cell(text)))?;
        }
        Ok(writer.flush()?)
    }

    /// A table: a heading a column, right-aligned from the second column on
    /// where `numbers` says so.
    pub(crate) fn table(
        &mut self,
        headings: &[&str],
        numbers: Range<usize>,
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> anyhow::Result<()> {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(headings);
        table.add_rows(rows);
        for column in numbers {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        self.line(&table.trim_fmt())
    }

    /// `text` on one line, with `ranges` set off where there are colours.
    pub(crate) fn highlighted(&self, text: &str, ranges: &[Range<usize>]) -> String {
        let mut out = String::new();
        let mut at = 0;
        for range in ranges {
            let (Some(plain), Some(marked)) = (text.get(at..range.start), text.get(range.clone()))
            else {
                continue;
            };
            out.push_str(plain);
            out.push_str(&self.bold(marked));
            at = range.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out.replace('\n', " ")
    }

    /// Bold where there are colours.
    pub(crate) fn bold(&self, text: &str) -> String {
        self.styled("1", text)
    }

    /// Faint where there are colours.
    pub(crate) fn faint(&self, text: &str) -> String {
        self.styled("2", text)
    }

    fn styled(&self, code: &str, text: &str) -> String {
        if self.coloured {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// The stream itself, for a pipeline.
    pub(crate) fn stream(&mut self) -> &mut dyn Write {
        &mut self.stdout
    }

    /// Hands everything over.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        Ok(self.stdout.flush()?)
    }
}

/// Says something on standard error.
pub(crate) fn say(text: &str) {
    // Nobody is left to tell where standard error is gone.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// `1 file`, `2 files`.
pub(crate) fn count(number: u64, one: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {one}s")
    }
}

/// Milliseconds as `1:02:03` or `2:03`.
pub(crate) fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// A label with its confidence: `support 87%`.
pub(crate) fn scored<T: std::fmt::Display>(scored: Scored<T>) -> String {
    format!("{} {:.0}%", scored.label, scored.confidence * 100.0)
}

/// The first `most` characters of a text, with an ellipsis where it was longer.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_and_counts_read_as_people_write_them() {
        assert_eq!(clock(5_000), "0:05");
        assert_eq!(clock(3_723_000), "1:02:03");
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
        assert_eq!(shortened("café au lait", 4), "café…");
        assert_eq!(shortened("café", 4), "café");
    }
}
