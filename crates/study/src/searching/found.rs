//! Quotes that were found, with what a researcher wants to see of them.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use throughline_core::{
    Date, Document, Moment, NoStage, PassageId, Role, Sentiment, SourceKind, Touchpoint, Turn,
};
use throughline_index::{Listed, SortKey};

use super::Search;
use super::cursor::Cursor;
use crate::StudyError;

/// One quote that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// Place among all results, from 1.
    pub rank: u64,
    /// Names the passage.
    pub passage: PassageId,
    /// The file, and for a row of a table `file#id`.
    pub doc: String,
    /// What kind of source it is.
    pub kind: SourceKind,
    /// The exact words.
    pub text: String,
    /// First byte in the canonical text of the document.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Bytes of `text` that match the query's words.
    pub highlights: Vec<Range<usize>>,
    /// Bytes of `text` with the sentence that is nearest in meaning; null where
    /// the query says nothing to be like.
    pub sentence: Option<Range<usize>>,
    /// The speaker's label.
    pub speaker: Option<String>,
    /// The speaker's part.
    pub role: Role,
    /// Who spoke.
    pub participant: Option<String>,
    /// Start of the turn in milliseconds.
    pub start_ms: Option<u64>,
    /// The day of the document.
    pub date: Option<Date>,
    /// The rating of the document.
    pub rating: Option<f64>,
    /// What the document is about.
    pub product: Option<String>,
    /// The question that the document answers.
    pub question: Option<String>,
    /// ISO 639 code of the document's language, where it could be told.
    pub lang: Option<String>,
    /// The moment.
    pub moment: Moment,
    /// The stage in the framework asked for; null with a reason in `no_stage`.
    pub stage: Option<String>,
    /// Why there is no stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_stage: Option<NoStage>,
    /// The speaker's evaluation.
    pub sentiment: Sentiment,
    /// Whether a pain point is stated.
    pub pain: bool,
    /// The touchpoint.
    pub touchpoint: Touchpoint,
    /// Id of the theme it is in, as far as themes were made under the framework.
    pub theme: Option<String>,
    /// What that theme is called.
    pub theme_label: Option<String>,
    /// What the order by relevance goes by, comparable within one search: words
    /// and meaning together, BM25 where a query says how its words are meant, or
    /// the cosine to what it says to be like. Null in other orders.
    pub score: Option<f32>,
    /// The turns around it, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Context>,
    /// Goes on after this quote: see [`super::Start::After`].
    pub cursor: String,
}

/// What was said around a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// The turns before, in order.
    pub before: Vec<TurnWords>,
    /// The turn that the quote is part of.
    pub turn: TurnWords,
    /// The turns after, in order.
    pub after: Vec<TurnWords>,
}

/// A turn's exact words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnWords {
    /// The speaker's label.
    pub speaker: Option<String>,
    /// The speaker's part.
    pub role: Role,
    /// Start in milliseconds.
    pub start_ms: Option<u64>,
    /// The exact words.
    pub text: String,
    /// First byte in the canonical text of the document.
    pub start: usize,
}

impl Search<'_> {
    /// What there is to say of hits whose ranks begin with `rank`; those that
    /// have just gone from the record are left out.
    pub(super) fn found(
        &self,
        hits: &[Listed],
        rank: usize,
        context: Option<usize>,
        asked: u32,
    ) -> Result<Vec<Found>, StudyError> {
        let ids: Vec<PassageId> = hits.iter().map(|hit| hit.id).collect();
        let themes = self.themes_of(&ids)?;
        let vectors = match self.placer.framework().is_by_exemplars() {
            true => self.study.store.vectors(&self.model, &ids)?,
            false => vec![None; ids.len()],
        };
        let highlighter = self.query.highlighter();
        let mut all = Vec::with_capacity(hits.len());
        for ((rank, hit), vector) in (rank..).zip(hits).zip(vectors) {
            let Some(row) = self.study.store.passage(Some(&self.model), hit.id)? else {
                continue;
            };
            let Some(tags) = row.tags else { continue };
            let place = self.placer.place(&tags, vector.as_ref());
            let theme = themes.get(&hit.id);
            let highlights = highlighter.ranges(&row.text);
            let context = match context {
                Some(turns) => self.context(&row.document, row.turn, turns)?,
                None => None,
            };
            all.push(Found {
                rank: rank as u64,
                passage: hit.id,
                doc: row.document.to_string(),
                kind: row.kind,
                sentence: None,
                highlights,
                text: row.text,
                start: row.span.start,
                end: row.span.end,
                speaker: row.speaker,
                role: row.role,
                participant: row.participant.map(|id| id.to_string()),
                start_ms: row.start_ms,
                date: row.date,
                rating: row.rating,
                product: row.product,
                question: row.question,
                lang: row.language,
                moment: tags.moment.label,
                stage: place.ok().map(|stage| stage.id.clone()),
                no_stage: place.err(),
                sentiment: tags.sentiment.label,
                pain: tags.pain.label,
                touchpoint: tags.touchpoint.label,
                theme: theme.map(|(id, _)| id.clone()),
                theme_label: theme.map(|(_, label)| label.clone()),
                score: match hit.key {
                    SortKey::Relevance { score, .. } => Some(score),
                    _ => None,
                },
                context,
                cursor: Cursor {
                    asked,
                    hit: hit.clone(),
                }
                .to_string(),
            });
        }
        self.mark_sentences(&mut all)?;
        Ok(all)
    }

    /// Id and label of the themes that some passages are in.
    fn themes_of(
        &self,
        ids: &[PassageId],
    ) -> Result<BTreeMap<PassageId, (String, String)>, StudyError> {
        let framework = &self.placer.framework().id;
        let found = self.study.store.themes_of(framework, ids)?;
        let mut labels: BTreeMap<String, String> = BTreeMap::new();
        for (theme, label) in found.values() {
            if !labels.contains_key(theme) {
                labels.insert(theme.clone(), self.study.words(*label)?);
            }
        }
        let named = found.into_iter().map(|(passage, (theme, _))| {
            let label = labels.get(&theme).cloned().unwrap_or_default();
            (passage, (theme, label))
        });
        Ok(named.collect())
    }

    /// Finds, in each quote in which no word is marked, the sentence that is nearest
    /// to what the query means. All of them are read in one go, side by side.
    fn mark_sentences(&self, all: &mut [Found]) -> Result<(), StudyError> {
        let Some(meant) = &self.meant else {
            return Ok(());
        };
        let sentences: Vec<Vec<Range<usize>>> = all
            .iter()
            .map(|quote| match quote.highlights.is_empty() {
                true => throughline_ingest::sentences(&quote.text),
                false => Vec::new(),
            })
            .collect();
        let has_choice = |sentences: &[Range<usize>]| sentences.len() > 1;
        let choices = all.iter().zip(&sentences);
        let words: Vec<&str> = choices
            .filter(|(_, sentences)| has_choice(sentences))
            .flat_map(|(quote, sentences)| {
                let words = |range: &Range<usize>| quote.text.get(range.clone());
                sentences
                    .iter()
                    .map(move |range| words(range).unwrap_or_default())
            })
            .collect();
        let mut vectors = self.tagger.embed(&words)?.into_iter();
        for (quote, sentences) in all.iter_mut().zip(sentences) {
            if !has_choice(&sentences) {
                quote.sentence = sentences.into_iter().next();
                continue;
            }
            let cosines = vectors.by_ref().map(|vector| meant.vector.cosine(&vector));
            let read: Vec<_> = sentences.into_iter().zip(cosines).collect();
            // Of equals the first.
            let nearest = read
                .into_iter()
                .rev()
                .max_by(|(_, a), (_, b)| a.total_cmp(b));
            quote.sentence = nearest.map(|(range, _)| range);
        }
        Ok(())
    }

    /// The turn numbered `turn` of a document, with `turns` on either side.
    fn context(
        &self,
        document: &str,
        turn: usize,
        turns: usize,
    ) -> Result<Option<Context>, StudyError> {
        let Some(document) = self.study.store.document(document)? else {
            return Ok(None);
        };
        let words = |range: Range<usize>| {
            let turns = document.turns.get(range).unwrap_or_default();
            turns.iter().map(|turn| words_of(&document, turn)).collect()
        };
        let last = document
            .turns
            .len()
            .min(turn.saturating_add(turns).saturating_add(1));
        Ok(document.turns.get(turn).map(|own| Context {
            before: words(turn.saturating_sub(turns)..turn),
            turn: words_of(&document, own),
            after: words(turn + 1..last),
        }))
    }
}

fn words_of(document: &Document, turn: &Turn) -> TurnWords {
    TurnWords {
        speaker: turn.speaker.clone(),
        role: turn.role,
        start_ms: turn.start_ms,
        text: document.slice(turn.span).to_owned(),
        start: turn.span.start,
    }
}
