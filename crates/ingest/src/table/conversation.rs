use std::collections::BTreeMap;
use std::ops::Range;

use throughline_core::{
    CoreError, Document, DocumentBuilder, DocumentMeta, Role, SourceKind, SourceRef,
};

use super::Naming;
use super::aliases::Use;
use super::canvas::Canvas;
use super::dates::{self, Reading};
use super::plan::Plan;
use super::row::{Charset, Row};
use super::values::{self, Time};
use crate::passages::passages;
use crate::skip::Skips;
use crate::transcript::goes_on;
use crate::{IngestError, Options, Skip, speakers};

/// The most text of one transcript that is held in memory.
const LARGEST: usize = 1 << 30;

/// The longest time that a turn of words lasts in seconds; where rows last
/// longer, their numbers are milliseconds.
const LONGEST_TURN_S: f64 = 200.0;

/// Makes one document of each conversation of a table whose rows are turns.
pub(super) struct ConversationMaker<'p> {
    /// How its documents are named.
    naming: Naming<'p>,
    /// Which column is for what.
    pub(super) plan: &'p Plan,
    /// What the bytes are.
    pub(super) charset: Charset,
    /// What was odd, so far.
    pub(super) skips: Skips,
    size: usize,
    conversations: Vec<Conversation>,
    by_name: BTreeMap<String, usize>,
}

/// The turns of one conversation, in the order of their rows.
#[derive(Default)]
struct Conversation {
    name: Option<String>,
    canvas: Canvas,
    rows: Vec<Said>,
    meta: DocumentMeta,
}

/// What one row says.
struct Said {
    range: Range<usize>,
    speaker: Option<String>,
    start: Option<Time>,
    end: Option<Time>,
}

/// Rows of one speaker, one after another.
struct Turn {
    range: Range<usize>,
    speaker: Option<String>,
    start_ms: Option<u64>,
    end_ms: Option<u64>,
}

impl<'p> ConversationMaker<'p> {
    /// A maker for the rows of `file`.
    pub(super) fn new(naming: Naming<'p>, plan: &'p Plan, charset: Charset) -> Self {
        Self {
            naming,
            plan,
            charset,
            skips: Skips::default(),
            size: 0,
            conversations: Vec::new(),
            by_name: BTreeMap::new(),
        }
    }

    /// Takes in one row.
    pub(super) fn add(&mut self, row: &Row) -> Result<(), IngestError> {
        let speaker = self.value(row, Use::Speaker);
        let start = self
            .value(row, Use::Start)
            .as_deref()
            .and_then(values::times);
        let (start, until) = start.map_or((None, None), |(start, end)| (Some(start), end));
        let end = self.value(row, Use::End).as_deref().and_then(values::time);
        let end = end.or(until);
        let product = self.value(row, Use::Product);
        let day = self
            .value(row, Use::Date)
            .map(|cell| dates::read(&cell, self.plan.order, true));
        let name = self.value(row, Use::Conversation);
        let text = self
            .plan
            .texts
            .first()
            .and_then(|text| row.cell(text.column));
        let charset = self.charset;
        let file = self.naming.file;
        let conversation = self.conversation(name);
        if let Some(Reading::Day(day)) = day {
            conversation.meta.date.get_or_insert(day);
        }
        conversation.meta.product = conversation.meta.product.take().or(product);
        let mut words = Canvas::default();
        let range = match text {
            Some(cell) => words.write(row, cell, charset),
            None => 0..0,
        };
        if range.is_empty() {
            self.skips.note(row.line, "row left out: it has no text");
            return Ok(());
        }
        let replaced = words.replaced > 0;
        let before = conversation.canvas.text.len();
        if let Some(last) = conversation.rows.last() {
            let goes_on = last.speaker == speaker;
            conversation.canvas.insert(if goes_on { " " } else { "\n" });
        }
        let shift = conversation.canvas.append(words);
        let added = conversation.canvas.text.len() - before;
        conversation.rows.push(Said {
            range: range.start + shift..range.end + shift,
            speaker,
            start,
            end,
        });
        if replaced {
            self.skips.note(
                row.line,
                "text with bytes that are no character; U+FFFD stands for them",
            );
        }
        self.size += added;
        if self.size > LARGEST {
            return Err(IngestError::TooLarge {
                name: file.to_owned(),
                what: "the transcript",
                limit: LARGEST as u64,
                line: Some(row.line),
            });
        }
        Ok(())
    }

    fn value(&self, row: &Row, purpose: Use) -> Option<String> {
        let cell = row.cell(self.plan.of(purpose)?)?;
        let mut canvas = Canvas::default();
        let range = canvas.write(row, cell, self.charset);
        canvas
            .text
            .get(range)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    }

    fn conversation(&mut self, name: Option<String>) -> &mut Conversation {
        let key = name.clone().unwrap_or_default();
        let next = self.conversations.len();
        let at = *self.by_name.entry(key).or_insert(next);
        if at == next {
            self.conversations.push(Conversation {
                name,
                ..Conversation::default()
            });
        }
        // The entry was made with an index that exists by now.
        let last = self.conversations.len() - 1;
        &mut self.conversations[at.min(last)]
    }

    /// The documents, in the order in which conversations begin, and what was
    /// odd.
    pub(super) fn finish(
        self,
        options: &Options,
    ) -> Result<(Vec<Document>, Vec<Skip>), IngestError> {
        let mut documents = Vec::new();
        for conversation in self.conversations {
            if conversation.rows.is_empty() {
                continue;
            }
            let name = match &conversation.name {
                Some(id) => Some(self.naming.row(id)),
                None => self.naming.sheet.map(str::to_owned),
            };
            let source = SourceRef {
                file: self.naming.file.to_owned(),
                row: name.clone(),
                format: self.naming.format.to_owned(),
            };
            let name = match name {
                Some(row) => format!("{}#{row}", self.naming.file),
                None => self.naming.file.to_owned(),
            };
            let document = conversation
                .document(&name, source, options)
                .map_err(|source| IngestError::Document { name, source })?;
            documents.push(document);
        }
        Ok((documents, self.skips.into_vec()))
    }
}

impl Conversation {
    fn document(
        self,
        name: &str,
        source: SourceRef,
        options: &Options,
    ) -> Result<Document, CoreError> {
        let turns = self.turns();
        let text = self.canvas.text.as_str();
        let said = turns.iter().filter_map(|turn| {
            let words = text.get(turn.range.clone())?;
            Some((turn.speaker.as_deref()?, words))
        });
        let cast = speakers::cast(said, &options.roles, options.labels_apart);
        let mut builder = DocumentBuilder::new(name, SourceKind::Interview, self.canvas.text);
        builder.source(source).segments(self.canvas.segments);
        for turn in turns {
            let speaker = turn.speaker.as_deref();
            let role = speaker.map_or(Role::Unknown, |label| cast.role(label));
            let words = builder.text().get(turn.range.clone()).unwrap_or_default();
            let found = passages(words);
            let mut added = builder.turn(turn.range.clone(), speaker, role);
            added.times(turn.start_ms, turn.end_ms);
            if let Some(participant) = speaker.and_then(|label| cast.participant(name, label)) {
                added.participant(participant);
            }
            for passage in found {
                added.passage(turn.range.start + passage.start..turn.range.start + passage.end)?;
            }
        }
        let mut meta = self.meta;
        meta.speakers = cast.into_speakers();
        builder.meta(meta);
        builder.build()
    }

    /// Rows of the same speaker in a row are one turn. Where nobody is named,
    /// rows are joined as captions are.
    fn turns(&self) -> Vec<Turn> {
        let scale = self.milliseconds_in_a_number();
        let ms = |time: Option<Time>| match time? {
            Time::Clock(ms) => Some(ms),
            Time::Number(number) => Some(values::milliseconds(number * scale / 1000.0)),
        };
        let mut turns: Vec<Turn> = Vec::new();
        for row in &self.rows {
            let (start_ms, end_ms) = (ms(row.start), ms(row.end));
            if let Some(last) = turns.last_mut() {
                let words = self.canvas.text.get(last.range.clone()).unwrap_or_default();
                let pause = start_ms
                    .zip(last.end_ms)
                    .map_or(0, |(start, end)| start.saturating_sub(end));
                let same =
                    last.speaker == row.speaker && (row.speaker.is_some() || goes_on(words, pause));
                if same {
                    last.range.end = row.range.end;
                    last.end_ms = end_ms.or(last.end_ms);
                    continue;
                }
            }
            turns.push(Turn {
                range: row.range.clone(),
                speaker: row.speaker.clone(),
                start_ms,
                end_ms,
            });
        }
        turns
    }

    /// 1,000 if bare numbers are seconds, 1 if they are milliseconds: whole
    /// numbers between which turns would last too long as seconds.
    fn milliseconds_in_a_number(&self) -> f64 {
        let number = |time: Option<Time>| match time {
            Some(Time::Number(number)) => Some(number),
            _ => None,
        };
        let starts: Vec<f64> = self
            .rows
            .iter()
            .filter_map(|row| number(row.start))
            .collect();
        if starts.iter().any(|start| start.fract() != 0.0) {
            return 1000.0;
        }
        let lengths = self
            .rows
            .iter()
            .filter_map(|row| Some(number(row.end)? - number(row.start)?));
        let between = starts.iter().zip(starts.iter().skip(1)).map(|(a, b)| b - a);
        let mut all: Vec<f64> = lengths.chain(between).collect();
        all.sort_by(f64::total_cmp);
        match all.get(all.len() / 2) {
            Some(median) if *median > LONGEST_TURN_S => 1.0,
            _ => 1000.0,
        }
    }
}
