//! The words of a row: its title and its text, or the answers to a form.

use std::ops::Range;

use throughline_core::{CoreError, DocumentBuilder, ParticipantId, Role};

use super::super::aliases::Use;
use super::super::canvas::{Canvas, trimmed};
use super::super::row::Row;
use super::{DocumentMaker, add_turn, some};

/// Who asks the questions that a form puts into every text.
const FORM: &str = "form";

/// The words of a row.
pub(super) struct Words {
    /// Its canonical text.
    pub(super) canvas: Canvas,
    /// The turns in it: a title, the words.
    pub(super) turns: Vec<Range<usize>>,
    /// True if tags of HTML were left out.
    pub(super) had_tags: bool,
}

impl DocumentMaker<'_> {
    /// The canonical text of a row: its title, a blank line, its words; and the
    /// turns in it. A title that the words begin with is not said twice.
    pub(super) fn words(&self, row: &Row, column: usize) -> Words {
        let mut words = Canvas::default();
        let (mut body, mut had_tags) = (0..0, false);
        if let Some(cell) = row.cell(column) {
            (body, had_tags) = words.write_read(row, cell, self.charset, true);
        }
        let only = |canvas, turns| Words {
            canvas,
            turns,
            had_tags,
        };
        if self.plan.tab_ends_title(column) {
            let turns = by_tab(&words.text, &body);
            return only(words, turns);
        }
        let title_cell = self.plan.of(Use::Title).and_then(|title| row.cell(title));
        let Some(title_cell) = title_cell.filter(|_| self.plan.texts.len() == 1) else {
            return only(words, some(body));
        };
        let mut canvas = Canvas::default();
        let (title, _) = canvas.write_read(row, title_cell, self.charset, true);
        if title.is_empty() {
            return only(words, some(body));
        }
        let said = canvas.text.get(title.clone()).unwrap_or_default();
        let after = words
            .text
            .get(body.clone())
            .and_then(|text| text.strip_prefix(said));
        if let Some(after) = after {
            // Only where the table does so throughout is the beginning of the
            // text its title, and not a first word that both happen to share.
            let marks = after.len() - after.trim_start_matches(['.', '!', '?', ':', '…']).len();
            let end = body.end - after.len() + marks;
            let whole_words = !after.starts_with(char::is_alphanumeric);
            if self.plan.title_repeats && whole_words {
                let rest = trimmed(&words.text, end..body.end);
                return only(words, [some(body.start..end), some(rest)].concat());
            }
            return only(words, some(body));
        }
        if body.is_empty() {
            return only(canvas, some(title));
        }
        canvas.insert("\n\n");
        let shift = canvas.append(words);
        only(canvas, vec![title, body.start + shift..body.end + shift])
    }

    /// Adds the lines at `range` as turns: the form's questions, and between
    /// them what was answered.
    pub(super) fn add_answers(
        &self,
        builder: &mut DocumentBuilder,
        range: Range<usize>,
        author: Option<&str>,
        participant: Option<&ParticipantId>,
    ) -> Result<(), CoreError> {
        let text = builder
            .text()
            .get(range.clone())
            .unwrap_or_default()
            .to_owned();
        let answered = |builder: &mut DocumentBuilder, answer| {
            some(trimmed(builder.text(), answer))
                .into_iter()
                .try_for_each(|range| {
                    let participant = participant.cloned();
                    add_turn(builder, range, Role::Participant, author, participant)
                })
        };
        let mut answer = range.start..range.start;
        let mut at = range.start;
        for line in text.split_inclusive('\n') {
            let line_range = at..at + line.len();
            at = line_range.end;
            if !self.plan.prompts.contains(line.trim()) {
                answer.end = line_range.end;
                continue;
            }
            answered(builder, answer)?;
            let question = trimmed(builder.text(), line_range.clone());
            builder.turn(question, Some(FORM), Role::Interviewer);
            answer = line_range.end..line_range.end;
        }
        answered(builder, answer)
    }
}

/// The title and the words at `body`, between which a tab stands.
fn by_tab(text: &str, body: &Range<usize>) -> Vec<Range<usize>> {
    let words = text.get(body.clone()).unwrap_or_default();
    match words.find('\t') {
        Some(tab) => {
            let tab = body.start + tab;
            let title = trimmed(text, body.start..tab);
            [some(title), some(trimmed(text, tab..body.end))].concat()
        }
        None => some(body.clone()),
    }
}
