mod exchange;
mod words;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use throughline_core::{
    ContentHash, CoreError, Document, DocumentBuilder, DocumentMeta, ParticipantId, Role, SourceRef,
};

use super::Naming;
use super::aliases::Use;
use super::canvas::Canvas;
use super::dates::{self, Reading};
use super::header::numbered;
use super::mismatch;
use super::plan::{Plan, TextColumn};
use super::row::{Charset, Row};
use super::values;
use crate::passages::passages;
use crate::skip::Skips;
use crate::{IngestError, Skip};
use words::Words;

/// An id longer than this is a text and names nothing.
const LONGEST_ID: usize = 200;

const NO_TEXT: &str = "row left out: it has no text";

const ONLY_A_RATING: &str = "row without text: kept for its rating, without passages";

/// Makes documents of rows.
pub(super) struct DocumentMaker<'p> {
    /// How its documents are named.
    naming: Naming<'p>,
    /// Which column is for what.
    pub(super) plan: &'p Plan,
    /// What the bytes are.
    pub(super) charset: Charset,
    /// What was odd, so far.
    pub(super) skips: Skips,
    /// Ids that rows have had, and how often: by their hash, for a table may
    /// have more rows than ids would fit into memory.
    seen: HashMap<[u8; 16], u32>,
    /// The part that somebody has, by label, as far as it has been said.
    roles: &'p BTreeMap<String, Role>,
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
        naming: Naming<'p>,
        plan: &'p Plan,
        charset: Charset,
        roles: &'p BTreeMap<String, Role>,
    ) -> Self {
        Self {
            naming,
            plan,
            charset,
            skips: Skips::default(),
            seen: HashMap::new(),
            roles,
        }
    }

    /// The documents of `row`, one a column of words, in the order of columns.
    pub(super) fn documents(
        &mut self,
        row: &Row,
        columns: &[String],
    ) -> Result<Vec<Document>, IngestError> {
        let circumstances = self.circumstances(row, columns);
        if let Some(thread) = self.plan.thread {
            let name = self.name(&circumstances.id);
            let made = self
                .exchange(row, &name, thread, circumstances)
                .map_err(|source| IngestError::Document { name, source })?;
            return Ok(made.into_iter().collect());
        }
        let mut documents = Vec::new();
        let several = self.plan.texts.len() > 1;
        for (number, text) in self.plan.texts.iter().enumerate() {
            let mut name = self.name(&circumstances.id);
            if several {
                name.push_str(&format!("/Q{}", number + 1));
            }
            let made = self
                .document(row, &name, text, &circumstances)
                .map_err(|source| IngestError::Document { name, source })?;
            documents.extend(made);
        }
        if several && documents.is_empty() {
            documents.extend(self.score_alone(row, circumstances)?);
        }
        Ok(documents)
    }

    fn name(&self, id: &str) -> String {
        format!("{}#{}", self.naming.file, self.naming.row(id))
    }

    /// The document of a row with several columns for words and none in them: it
    /// is kept for its rating, if it has one.
    fn score_alone(
        &mut self,
        row: &Row,
        circumstances: Circumstances,
    ) -> Result<Option<Document>, IngestError> {
        if circumstances.meta.rating.is_none() {
            self.skips.note(row.line, NO_TEXT);
            return Ok(None);
        }
        self.skips.note(row.line, ONLY_A_RATING);
        let name = self.name(&circumstances.id);
        let mut builder = self.builder(&name, &circumstances.id, Canvas::default());
        builder.meta(circumstances.meta);
        match builder.build() {
            Ok(document) => Ok(Some(document)),
            Err(source) => Err(IngestError::Document { name, source }),
        }
    }

    fn document(
        &mut self,
        row: &Row,
        name: &str,
        text: &TextColumn,
        circumstances: &Circumstances,
    ) -> Result<Option<Document>, CoreError> {
        let Words {
            canvas,
            turns,
            had_tags,
        } = self.words(row, text.column);
        let several = self.plan.texts.len() > 1;
        if turns.is_empty() && (several || circumstances.meta.rating.is_none()) {
            if !several {
                self.skips.note(row.line, NO_TEXT);
            }
            return Ok(None);
        }
        if !self.is_fit(row, &canvas, had_tags) {
            return Ok(None);
        }
        if turns.is_empty() {
            self.skips.note(row.line, ONLY_A_RATING);
        }
        let said = turns
            .last()
            .and_then(|range| canvas.text.get(range.clone()));
        if let (Some(said), Some(score), Some(best)) =
            (said, circumstances.meta.rating, self.plan.best_score)
            && mismatch::disagree(score, best, said)
        {
            self.skips
                .note(row.line, "rating and words that disagree: both kept");
        }
        let mut builder = self.builder(name, &circumstances.id, canvas);
        let mut meta = circumstances.meta.clone();
        meta.question = text.question.clone().or(meta.question);
        builder.meta(meta);
        let author = circumstances.author.as_deref();
        let participant = author.map(|author| ParticipantId::author(self.naming.file, author));
        for range in turns {
            if self.plan.prompts.is_empty() {
                add_turn(
                    &mut builder,
                    range,
                    Role::Participant,
                    author,
                    participant.clone(),
                )?;
            } else {
                self.add_answers(&mut builder, range, author, participant.as_ref())?;
            }
        }
        builder.build().map(Some)
    }

    fn builder(&self, name: &str, id: &str, canvas: Canvas) -> DocumentBuilder {
        let mut builder = DocumentBuilder::new(name, self.plan.kind, canvas.text);
        builder.segments(canvas.segments).source(SourceRef {
            file: self.naming.file.to_owned(),
            row: Some(self.naming.row(id)),
            format: self.naming.format.to_owned(),
        });
        builder
    }

    /// Counts what was odd about the words of a row; false if they are no text.
    fn is_fit(&mut self, row: &Row, canvas: &Canvas, had_tags: bool) -> bool {
        if is_no_text(&canvas.text) {
            self.skips.note(
                row.line,
                "row left out: its text is the bytes of something else",
            );
            return false;
        }
        if canvas.replaced > 0 {
            self.skips.note(
                row.line,
                "text with bytes that are no character; U+FFFD stands for them",
            );
        }
        if had_tags {
            self.skips
                .note(row.line, "text with HTML: its tags are left out");
        }
        true
    }

    fn value(&self, row: &Row, column: usize) -> Option<String> {
        let mut canvas = Canvas::default();
        let range = canvas.write(row, row.cell(column)?, self.charset);
        canvas
            .text
            .get(range)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    }

    fn circumstances(&mut self, row: &Row, columns: &[String]) -> Circumstances {
        let mut meta = DocumentMeta::default();
        let mut author = None;
        let mut id = None;
        for cell in &row.cells {
            if self.plan.is_text(cell.column) {
                continue;
            }
            let is = |purpose| self.plan.of(purpose) == Some(cell.column);
            let mut canvas = Canvas::default();
            let range = if is(Use::Id) {
                canvas.write(row, cell, self.charset)
            } else {
                canvas.write_read(row, cell, self.charset, is(Use::Title)).0
            };
            let value = canvas.text.get(range).unwrap_or_default();
            if value.is_empty() {
                continue;
            }
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
            } else if is(Use::Nps) || is(Use::Language) {
                let name = if is(Use::Nps) {
                    Use::Nps
                } else {
                    Use::Language
                };
                meta.attributes
                    .insert(name.key().to_owned(), value.to_owned());
                if is(Use::Nps) && self.plan.of(Use::Rating).is_none() {
                    meta.rating = values::score(value);
                }
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
    let harmless = |byte: u8| byte >= b' ' || byte.is_ascii_whitespace();
    if text.is_ascii() && text.bytes().all(harmless) {
        return false;
    }
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
    role: Role,
    author: Option<&str>,
    participant: Option<ParticipantId>,
) -> Result<(), CoreError> {
    let found = passages(builder.text().get(range.clone()).unwrap_or_default());
    let mut turn = builder.turn(range.clone(), author, role);
    if let Some(participant) = participant {
        turn.participant(participant);
    }
    for passage in found {
        turn.passage(range.start + passage.start..range.start + passage.end)?;
    }
    Ok(())
}
