use std::collections::HashMap;
use std::ops::Range;

use throughline_core::{
    ContentHash, CoreError, Document, DocumentBuilder, DocumentMeta, ParticipantId, Role, SourceRef,
};

use super::aliases::Use;
use super::canvas::{Canvas, trimmed};
use super::dates::{self, Reading};
use super::plan::{Plan, TextColumn};
use super::records::numbered;
use super::row::{Charset, Row};
use super::values;
use crate::passages::passages;
use crate::skip::Skips;
use crate::{IngestError, Skip};

/// An id longer than this is a text and names nothing.
const LONGEST_ID: usize = 200;

const NO_TEXT: &str = "row left out: it has no text";

/// Makes documents of rows.
pub(super) struct DocumentMaker<'p> {
    /// The file's name in the study.
    pub(super) file: &'p str,
    /// `csv`, `tsv` or `jsonl`.
    pub(super) format: &'static str,
    /// Which column is for what.
    pub(super) plan: &'p Plan,
    /// What the bytes are.
    pub(super) charset: Charset,
    /// What was odd, so far.
    pub(super) skips: Skips,
    /// Ids that rows have had, and how often: by their hash, for a table may
    /// have more rows than ids would fit into memory.
    seen: HashMap<[u8; 16], u32>,
}

/// What a row says beside its words.
struct Circumstances {
    id: String,
    author: Option<String>,
    meta: DocumentMeta,
}

impl<'p> DocumentMaker<'p> {
    /// A maker for the rows of `file`.
    pub(super) fn new(
        file: &'p str,
        format: &'static str,
        plan: &'p Plan,
        charset: Charset,
    ) -> Self {
        Self {
            file,
            format,
            plan,
            charset,
            skips: Skips::default(),
            seen: HashMap::new(),
        }
    }

    /// The documents of `row`, one a column of words, in the order of columns.
    pub(super) fn documents(
        &mut self,
        row: &Row,
        columns: &[String],
    ) -> Result<Vec<Document>, IngestError> {
        let circumstances = self.circumstances(row, columns);
        let mut documents = Vec::new();
        let several = self.plan.texts.len() > 1;
        for (number, text) in self.plan.texts.iter().enumerate() {
            let name = if several {
                format!("{}#{}/Q{}", self.file, circumstances.id, number + 1)
            } else {
                format!("{}#{}", self.file, circumstances.id)
            };
            let made = self
                .document(row, &name, text, &circumstances)
                .map_err(|source| IngestError::Document { name, source })?;
            documents.extend(made);
        }
        if several && documents.is_empty() {
            self.skips.note(row.line, NO_TEXT);
        }
        Ok(documents)
    }

    fn document(
        &mut self,
        row: &Row,
        name: &str,
        text: &TextColumn,
        circumstances: &Circumstances,
    ) -> Result<Option<Document>, CoreError> {
        let (canvas, turns) = self.words(row, text.column);
        let several = self.plan.texts.len() > 1;
        if turns.is_empty() && (several || circumstances.meta.rating.is_none()) {
            if !several {
                self.skips.note(row.line, NO_TEXT);
            }
            return Ok(None);
        }
        if is_no_text(&canvas.text) {
            self.skips.note(
                row.line,
                "row left out: its text is the bytes of something else",
            );
            return Ok(None);
        }
        if canvas.replaced > 0 {
            self.skips.note(
                row.line,
                "text with bytes that are no character; U+FFFD stands for them",
            );
        }
        if turns.is_empty() {
            self.skips.note(
                row.line,
                "row without text: kept for its rating, without passages",
            );
        }
        let mut builder = DocumentBuilder::new(name, self.plan.kind, canvas.text);
        builder.segments(canvas.segments).source(SourceRef {
            file: self.file.to_owned(),
            row: Some(circumstances.id.clone()),
            format: self.format.to_owned(),
        });
        let mut meta = circumstances.meta.clone();
        meta.question = text.question.clone().or(meta.question);
        builder.meta(meta);
        let author = circumstances.author.as_deref();
        let participant = author.map(|author| ParticipantId::author(self.file, author));
        for range in turns {
            add_turn(&mut builder, range, author, participant.clone())?;
        }
        builder.build().map(Some)
    }

    /// The canonical text of a row: its title, a blank line, its words; and the
    /// turns in it. A title that the words begin with is not said twice.
    fn words(&self, row: &Row, column: usize) -> (Canvas, Vec<Range<usize>>) {
        let mut words = Canvas::default();
        let mut body = 0..0;
        if let Some(cell) = row.cell(column) {
            body = words.write(row, cell, self.charset);
        }
        let title_cell = self.plan.of(Use::Title).and_then(|title| row.cell(title));
        let Some(title_cell) = title_cell.filter(|_| self.plan.texts.len() == 1) else {
            return (words, some(body));
        };
        let mut canvas = Canvas::default();
        let title = canvas.write(row, title_cell, self.charset);
        if title.is_empty() {
            return (words, some(body));
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
                return (words, [some(body.start..end), some(rest)].concat());
            }
            return (words, some(body));
        }
        if body.is_empty() {
            return (canvas, some(title));
        }
        canvas.insert("\n\n");
        let shift = canvas.append(words);
        (canvas, vec![title, body.start + shift..body.end + shift])
    }

    fn circumstances(&mut self, row: &Row, columns: &[String]) -> Circumstances {
        let mut meta = DocumentMeta::default();
        let mut author = None;
        let mut id = None;
        for cell in &row.cells {
            if self.plan.is_text(cell.column) {
                continue;
            }
            let mut canvas = Canvas::default();
            let range = canvas.write(row, cell, self.charset);
            let value = canvas.text.get(range).unwrap_or_default();
            if value.is_empty() {
                continue;
            }
            let is = |purpose| self.plan.of(purpose) == Some(cell.column);
            let mut used = true;
            if is(Use::Id) {
                id = Some(value.to_owned());
            }
            if is(Use::Title) {
                meta.title = Some(value.to_owned());
            } else if is(Use::Author) && !values::is_nobody(value) {
                author = Some(value.to_owned());
            } else if is(Use::Product) {
                meta.product = Some(value.to_owned());
            } else if is(Use::Question) {
                meta.question = Some(value.to_owned());
            } else if is(Use::Rating) {
                meta.rating = values::score(value);
                used = self.noted(meta.rating.is_some(), row, "rating that is no number");
            } else if is(Use::Date) {
                match dates::read(value, self.plan.order, true) {
                    Reading::Day(day) => meta.date = Some(day),
                    Reading::Either => {
                        used =
                            self.noted(false, row, "date whose day and month cannot be told apart");
                    }
                    Reading::None => used = self.noted(false, row, "date that cannot be read"),
                }
            } else {
                used = is(Use::Id);
            }
            if !used {
                let column = columns.get(cell.column).cloned();
                let column = column.unwrap_or_else(|| numbered(cell.column));
                meta.attributes.insert(column, value.to_owned());
            }
        }
        Circumstances {
            id: self.row_id(id, row.number),
            author,
            meta,
        }
    }

    /// Counts `what` unless it was `read`; returns `read`.
    fn noted(&mut self, read: bool, row: &Row, what: &str) -> bool {
        if !read {
            self.skips
                .note(row.line, &format!("{what}: kept as an attribute"));
        }
        read
    }

    /// What names the row: its id, unless that cannot serve, else its number.
    /// The second row of one id is `id~2`.
    fn row_id(&mut self, id: Option<String>, number: u64) -> String {
        let fits = |id: &String| {
            !id.is_empty() && id.len() <= LONGEST_ID && !id.contains(char::is_control)
        };
        let id = match id.filter(fits) {
            Some(id) => id,
            None if self.plan.of(Use::Id).is_none() => return number.to_string(),
            None => number.to_string(),
        };
        let count = self.count(&id);
        if count == 1 {
            return id;
        }
        let mut copy = count;
        loop {
            let other = format!("{id}~{copy}");
            if self.count(&other) == 1 {
                return other;
            }
            copy += 1;
        }
    }

    fn count(&mut self, id: &str) -> u32 {
        let mut key = [0; 16];
        let hash = ContentHash::of(id.as_bytes());
        for (to, from) in key.iter_mut().zip(hash.as_bytes()) {
            *to = *from;
        }
        let count = self.seen.entry(key).or_insert(0);
        *count = count.saturating_add(1);
        *count
    }

    /// What was odd about the rows.
    pub(super) fn into_skips(self) -> Vec<Skip> {
        self.skips.into_vec()
    }
}

/// True for the bytes of a picture or an archive that got into the table: one
/// character in fifty is a control, or one in three stands for broken bytes. (A
/// text that lost its accents on the way has fewer of these, and none of those.)
fn is_no_text(text: &str) -> bool {
    let (mut controls, mut broken, mut all) = (0_usize, 0_usize, 0_usize);
    for c in text.chars() {
        all += 1;
        controls += usize::from(c.is_control() && !c.is_whitespace());
        broken += usize::from(c == '\u{FFFD}');
    }
    controls * 50 > all || broken * 3 > all
}

fn some(range: Range<usize>) -> Vec<Range<usize>> {
    if range.is_empty() {
        Vec::new()
    } else {
        vec![range]
    }
}

/// Adds a turn over `range` and cuts it into passages.
fn add_turn(
    builder: &mut DocumentBuilder,
    range: Range<usize>,
    author: Option<&str>,
    participant: Option<ParticipantId>,
) -> Result<(), CoreError> {
    let found = passages(builder.text().get(range.clone()).unwrap_or_default());
    let mut turn = builder.turn(range.clone(), author, Role::Participant);
    if let Some(participant) = participant {
        turn.participant(participant);
    }
    for passage in found {
        turn.passage(range.start + passage.start..range.start + passage.end)?;
    }
    Ok(())
}
