//! Passages with what is known of them, one at a time.

use std::ops::ControlFlow;
use std::sync::Arc;

use rusqlite::Row;
use throughline_core::{Document, Passage, PassageId, Tags};

use crate::codes::decode_tags;
use crate::load::{load_text, passage_of};
use crate::readings::{NO_MODEL, model_id};
use crate::store::{integer, size};
use crate::{Correction, Corrections, ModelKey, PassageRow, Store, StoreError};

impl Store {
    /// Gives every passage to `f`, in order of document name and place, until
    /// it breaks: with the tags that `model` gave it, where it has, what the study's
    /// own heads make of them and what people corrected. The whole walk sees the
    /// record as it is at its beginning.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn each_passage(
        &self,
        model: Option<&ModelKey>,
        f: &mut dyn FnMut(PassageRow) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let _view = self.snapshot()?;
        let model = self.number_of(model)?;
        let corrections = self.corrections()?;
        let mut names = self
            .connection
            .prepare_cached("SELECT id FROM document ORDER BY name")?;
        let mut names = names.query([])?;
        while let Some(row) = names.next()? {
            let id = row.get(0)?;
            if self
                .each_of_document(id, model, &corrections, f)?
                .is_break()
            {
                break;
            }
        }
        Ok(())
    }

    fn each_of_document(
        &self,
        id: i64,
        model: i64,
        corrections: &Corrections,
        f: &mut dyn FnMut(PassageRow) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, StoreError> {
        let loaded = load_text(&self.connection, id)?;
        let document = &loaded.document;
        let name: Arc<str> = document.name.as_str().into();
        let sql = "SELECT p.turn, p.start, p.end, p.name, r.tags, r.adapted
             FROM passage p LEFT JOIN reading r ON r.model = ?3 AND r.passage = p.id
             WHERE p.id >= ?1 AND p.id < ?1 + ?2 ORDER BY p.id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([loaded.first_passage, loaded.passage_count, model])?;
        while let Some(row) = rows.next()? {
            let passage = passage_of(document, row)?;
            let said = said(row, 4)?;
            let correction = corrections.get(&passage.id);
            if f(row_of(document, &name, &passage, (said, correction))).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The passage called `id`, with the tags that `model` gave it, where it
    /// has; `None` if the study has no such passage.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn passage(
        &self,
        model: Option<&ModelKey>,
        id: PassageId,
    ) -> Result<Option<PassageRow>, StoreError> {
        let _view = self.snapshot()?;
        let model = self.number_of(model)?;
        let sql = "SELECT p.id, p.document, r.tags, r.adapted
             FROM passage p LEFT JOIN reading r ON r.model = ?2 AND r.passage = p.id
             WHERE p.name = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(rusqlite::params![id.as_bytes(), model])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let (number, document): (i64, i64) = (row.get(0)?, row.get(1)?);
        let said = said(row, 2)?;
        let loaded = self.loaded(document)?;
        let place = size(number - loaded.first_passage)?;
        let passage =
            loaded.document.passages.get(place).ok_or_else(|| {
                StoreError::corrupt(format!("passage {id} is out of its document"))
            })?;
        let name = loaded.document.name.as_str().into();
        let corrections = self.corrections()?;
        let tags = (said, corrections.get(&id));
        Ok(Some(row_of(&loaded.document, &name, passage, tags)))
    }

    /// The passages whose id begins with `prefix`, in hexadecimal: the first of
    /// them, at most `most`; none where `prefix` is no beginning of an id.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn passages_beginning(
        &self,
        prefix: &str,
        most: usize,
    ) -> Result<Vec<PassageId>, StoreError> {
        // What is longer than an id, or not in hexadecimal, is refused here.
        let bound = |digit: char| {
            let length = prefix.chars().count();
            let rest = 32_usize.saturating_sub(length);
            format!("{prefix}{}", String::from(digit).repeat(rest)).parse::<PassageId>()
        };
        let (Ok(first), Ok(last)) = (bound('0'), bound('f')) else {
            return Ok(Vec::new());
        };
        let sql = "SELECT name FROM passage WHERE name BETWEEN ?1 AND ?2 ORDER BY name LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let range = rusqlite::params![first.as_bytes(), last.as_bytes(), integer(most)];
        let found = statement.query_map(range, |row| row.get(0).map(PassageId::from_bytes))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// The number of a model; one that no reading has where there is none.
    fn number_of(&self, model: Option<&ModelKey>) -> Result<i64, StoreError> {
        match model {
            Some(model) => Ok(model_id(&self.connection, model)?.unwrap_or(NO_MODEL)),
            None => Ok(NO_MODEL),
        }
    }
}

/// The tags that the model gave, and those that the study's own heads give in their
/// place: two columns from `first` on.
type Said = (Option<Tags>, Option<Tags>);

fn said(row: &Row<'_>, first: usize) -> Result<Said, StoreError> {
    let tags = |column| {
        let bytes = row.get_ref(column)?.as_blob_or_null();
        let bytes = bytes.map_err(rusqlite::Error::from)?;
        bytes.map(decode_tags).transpose()
    };
    Ok((tags(first)?, tags(first + 1)?))
}

fn row_of(
    document: &Document,
    name: &Arc<str>,
    passage: &Passage,
    ((machine_tags, adapted_tags), correction): (Said, Option<&Correction>),
) -> PassageRow {
    let turn = document.turns.get(passage.turn);
    let meta = &document.meta;
    PassageRow {
        id: passage.id,
        document: name.clone(),
        kind: document.kind,
        span: passage.span,
        turn: passage.turn,
        speaker: turn.and_then(|turn| turn.speaker.clone()),
        role: turn.map_or(throughline_core::Role::Unknown, |turn| turn.role),
        participant: turn.and_then(|turn| turn.participant.clone()),
        start_ms: turn.and_then(|turn| turn.start_ms),
        end_ms: turn.and_then(|turn| turn.end_ms),
        date: meta.date,
        rating: meta.rating,
        product: meta.product.clone(),
        question: meta.question.clone(),
        language: meta.language.clone(),
        heading: document.is_heading(passage),
        text: document.slice(passage.span).to_owned(),
        context: document.context_of(passage).map(str::to_owned),
        asker: document.asker_of(passage),
        opens_turn: document.opens_turn(passage),
        tags: adapted_tags
            .or(machine_tags)
            .map(|tags| correction.map_or(tags, |one| one.applied_to(tags))),
        machine_tags,
        adapted_tags,
    }
}
