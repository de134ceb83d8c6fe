//! The document of a row that holds a whole exchange.

use std::ops::Range;

use throughline_core::{CoreError, Document};

use super::super::aliases::Use;
use super::super::canvas::Canvas;
use super::super::row::{Cell, Charset, Row};
use super::super::thread::{self, Voice};
use super::{Circumstances, DocumentMaker, NO_TEXT, add_turn};

/// An exchange in the making.
struct Exchange<'r> {
    row: &'r Row,
    charset: Charset,
    canvas: Canvas,
    turns: Vec<(Range<usize>, Voice)>,
    had_tags: bool,
}

impl Exchange<'_> {
    /// Adds what `cell` says; false if that is nothing. The first part of a
    /// ticket is, as a rule, its description again, and is not said twice.
    fn add(&mut self, cell: &Cell, voice: &Voice) -> bool {
        let mut words = Canvas::default();
        let (range, tags) = words.write_read(self.row, cell, self.charset, true);
        let said = words.text.get(range.clone()).unwrap_or_default();
        if said.is_empty() {
            return false;
        }
        let again = self.turns.last().is_some_and(|(last, _)| {
            self.turns.len() <= 2 && self.canvas.text.get(last.clone()) == Some(said)
        });
        if again {
            return true;
        }
        self.had_tags |= tags;
        if !self.turns.is_empty() {
            self.canvas.insert("\n\n");
        }
        let shift = self.canvas.append(words);
        let range = range.start + shift..range.end + shift;
        self.turns.push((range, voice.clone()));
        true
    }
}

impl DocumentMaker<'_> {
    /// The document of a row that holds a whole exchange in its column `thread`:
    /// its subject, the words that begin it, and every part.
    pub(super) fn exchange(
        &mut self,
        row: &Row,
        name: &str,
        thread: usize,
        circumstances: Circumstances,
    ) -> Result<Option<Document>, CoreError> {
        let author = circumstances.author.as_deref();
        let kind = self.plan.opener.and_then(|column| self.value(row, column));
        let opener = Voice::opener(author, kind.as_deref());
        let mut exchange = Exchange {
            row,
            charset: self.charset,
            canvas: Canvas::default(),
            turns: Vec::new(),
            had_tags: false,
        };
        let first = self.plan.texts.first().map(|text| text.column);
        for column in [self.plan.of(Use::Title), first].into_iter().flatten() {
            if let Some(cell) = row.cell(column) {
                exchange.add(cell, &opener);
            }
        }
        let parts = row
            .cell(thread)
            .map(|cell| thread::parts(row, cell, self.charset, author));
        for part in parts.unwrap_or_default() {
            let said = part
                .words
                .is_some_and(|words| exchange.add(&words, &part.voice));
            if !said {
                let kind = part.kind;
                self.skips
                    .note(row.line, &format!("part without words left out: {kind}"));
            }
        }
        if exchange.turns.is_empty() {
            self.skips.note(row.line, NO_TEXT);
            return Ok(None);
        }
        if !self.is_fit(row, &exchange.canvas, exchange.had_tags) {
            return Ok(None);
        }
        let mut builder = self.builder(name, &circumstances.id, exchange.canvas);
        builder.meta(circumstances.meta);
        for (range, mut voice) in exchange.turns {
            let given = voice.label.as_ref().and_then(|label| self.roles.get(label));
            voice.role = given.copied().unwrap_or(voice.role);
            let participant = voice.participant(self.naming.file, name);
            let label = voice.label.as_deref();
            add_turn(&mut builder, range, voice.role, label, participant)?;
        }
        builder.build().map(Some)
    }
}
