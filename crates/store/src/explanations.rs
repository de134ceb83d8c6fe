//! Why passages have the tags that a model gave them.

use rusqlite::{Connection, OptionalExtension, params};
use throughline_core::{ContentHash, Explanation, PassageId};

use crate::readings::{NO_MODEL, model_id, model_number};
use crate::sources::write;
use crate::write::shorten_hash;
use crate::{ModelKey, Store, StoreError};

impl Store {
    /// What is known of why `model` tagged some passages as it did, in their
    /// order; `None` where nothing is, or only what another `method` found.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn explanations(
        &self,
        model: &ModelKey,
        method: u32,
        ids: &[PassageId],
    ) -> Result<Vec<Option<Explanation>>, StoreError> {
        let _view = self.snapshot()?;
        let model = model_id(&self.connection, model)?.unwrap_or(NO_MODEL);
        let sql = "SELECT e.why FROM passage p
             JOIN explanation e ON e.model = ?2 AND e.passage = p.id
             WHERE p.name = ?1 AND e.method = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut explanations = Vec::with_capacity(ids.len());
        for id in ids {
            let found: Option<String> = statement
                .query_row(params![id.as_bytes(), model, method], |row| row.get(0))
                .optional()?;
            explanations.push(found.map(|json| decode(*id, &json)).transpose()?);
        }
        Ok(explanations)
    }

    /// Keeps explanations, in one transaction, in place of those of another
    /// method, and tells of how many. A passage that has left the record
    /// meanwhile is passed over. The generation stays: nothing that is made from
    /// the record depends on them.
    ///
    /// # Errors
    /// [`StoreError::OtherInput`] where the input's hash is not that of the
    /// passage's words and context, or the record cannot be written.
    pub fn put_explanations(
        &mut self,
        model: &ModelKey,
        method: u32,
        explained: &[(PassageId, ContentHash, Explanation)],
    ) -> Result<u64, StoreError> {
        let transaction = write(&mut self.connection)?;
        let model = model_number(&transaction, model)?;
        let mut kept = 0;
        for (id, input, explanation) in explained {
            let Some(passage) = passage_with(&transaction, *id, *input)? else {
                continue;
            };
            let why = serde_json::to_string(explanation)
                .map_err(|error| StoreError::corrupt(error.to_string()))?;
            let sql = "INSERT INTO explanation (model, passage, method, why)
                 VALUES (?1, ?2, ?3, ?4) ON CONFLICT (model, passage)
                 DO UPDATE SET method = excluded.method, why = excluded.why";
            transaction
                .prepare_cached(sql)?
                .execute(params![model, passage, method, why])?;
            kept += 1;
        }
        transaction.commit()?;
        Ok(kept)
    }
}

/// The row of a passage, which must have this input.
fn passage_with(
    connection: &Connection,
    id: PassageId,
    input: ContentHash,
) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT id, input FROM passage WHERE name = ?1";
    let found: Option<(i64, [u8; 16])> = connection
        .prepare_cached(sql)?
        .query_row([id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        Some((_, expected)) if expected != shorten_hash(input.as_bytes()) => {
            Err(StoreError::OtherInput(id))
        }
        found => Ok(found.map(|(row, _)| row)),
    }
}

fn decode(id: PassageId, json: &str) -> Result<Explanation, StoreError> {
    serde_json::from_str(json)
        .map_err(|error| StoreError::corrupt(format!("the explanation of {id}: {error}")))
}
