//! Clips: where in the recordings the quoted words are, for those who cut.
//!
//! As CSV, every passage of evidence whose turn has a start; and as an edit
//! decision list (CMX 3600, 25 frames a second), the same where an end is known
//! too. Times are those of the turn, which may hold more than the passage.
//! Loses, in the list: all but the words, the speaker and the document, each
//! on one line of printable characters.

use std::io::Write;

use super::cells::text;
use super::csv::Lines;
use super::{CodedPassage, PassageTable};
use crate::ReportError;
use crate::data::Report;
use crate::tables::cells::Cell;

/// Frames a second of the edit decision list.
const FRAMES: u64 = 25;

/// Clips as CSV.
pub struct Clips<W: Write> {
    lines: Lines<W>,
}

impl<W: Write> Clips<W> {
    /// Begins the table.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn new(out: W) -> Result<Self, ReportError> {
        let head = [
            "passage",
            "document",
            "document_sha256",
            "start",
            "end",
            "text",
            "speaker",
            "start_ms",
            "end_ms",
            "starts",
            "ends",
            "stage",
            "sentiment",
            "severity",
        ];
        Ok(Self {
            lines: Lines::new(out, &head)?,
        })
    }
}

impl<W: Write> PassageTable for Clips<W> {
    fn push(&mut self, passage: &CodedPassage) -> Result<(), ReportError> {
        let Some(start) = passage.start_ms else {
            return Ok(());
        };
        let severity = passage.severity.map(|severity| severity.as_str());
        self.lines.write(&[
            text(passage.passage.to_string()),
            text(&*passage.document),
            text(passage.document_sha256.to_string()),
            Cell::Count(passage.start as u64),
            Cell::Count(passage.end as u64),
            text(&passage.text),
            text(passage.speaker.as_deref().unwrap_or_default()),
            Cell::Count(start),
            passage.end_ms.map_or(Cell::Empty, Cell::Count),
            text(clock(start)),
            passage.end_ms.map_or(Cell::Empty, |end| text(clock(end))),
            text(passage.stage.as_deref().unwrap_or_default()),
            text(passage.sentiment.as_str()),
            text(severity.unwrap_or_default()),
        ])
    }

    fn finish(self: Box<Self>) -> Result<(), ReportError> {
        self.lines.finish()
    }
}

/// Clips as an edit decision list.
pub struct DecisionList<W: Write> {
    out: W,
    events: u64,
    /// Frames of the finished cut so far.
    at: u64,
}

impl<W: Write> DecisionList<W> {
    /// Begins the list.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn new(report: &Report, mut out: W) -> Result<Self, ReportError> {
        writeln!(out, "TITLE: {}", one_line(&report.title))?;
        writeln!(out, "FCM: NON-DROP FRAME")?;
        writeln!(out, "* THROUGHLINE {}", one_line(&report.manifest.version))?;
        Ok(Self {
            out,
            events: 0,
            at: 0,
        })
    }
}

impl<W: Write> PassageTable for DecisionList<W> {
    fn push(&mut self, passage: &CodedPassage) -> Result<(), ReportError> {
        let (Some(start), Some(end)) = (passage.start_ms, passage.end_ms) else {
            return Ok(());
        };
        let [from, to] = [start, end].map(frames);
        if to <= from {
            return Ok(());
        }
        self.events += 1;
        let until = self.at + (to - from);
        let [from, to, at, then] = [from, to, self.at, until].map(timecode);
        let number = self.events;
        writeln!(
            self.out,
            "\n{number:03}  AX       V     C        {from} {to} {at} {then}"
        )?;
        let document = one_line(&passage.document);
        writeln!(self.out, "* FROM CLIP NAME: {document}")?;
        let speaker = passage.speaker.as_deref().map(one_line);
        let words = one_line(&passage.text);
        writeln!(
            self.out,
            "* COMMENT: {}: {words}",
            speaker.unwrap_or_default()
        )?;
        self.at = until;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), ReportError> {
        Ok(self.out.flush()?)
    }
}

fn one_line(text: &str) -> String {
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(shown).collect()
}

fn frames(ms: u64) -> u64 {
    ms.saturating_mul(FRAMES) / 1000
}

/// `01:02:03.456`.
fn clock(ms: u64) -> String {
    format!("{}.{:03}", hours(ms / 1000), ms % 1000)
}

/// `01:02:03:12`, the last being frames.
fn timecode(frames: u64) -> String {
    format!("{}:{:02}", hours(frames / FRAMES), frames % FRAMES)
}

fn hours(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_editors_read_them() {
        assert_eq!(clock(3_723_456), "01:02:03.456");
        assert_eq!(timecode(frames(3_723_500)), "01:02:03:12");
        assert_eq!(one_line("a\nb\u{7}"), "a b ");
    }
}
