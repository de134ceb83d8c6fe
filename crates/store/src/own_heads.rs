//! What a study's own heads make of passages, in place of what the model says.

use rusqlite::{Connection, params};
use throughline_core::{ContentHash, PassageId, Tags};

use crate::codes::encode_tags;
use crate::readings::model_number;
use crate::sources::write;
use crate::store::raise_generation;
use crate::{ModelKey, Store, StoreError};

impl Store {
    /// The study's own heads, each set with the model on whose answers it goes, in
    /// the order in which those models were first used.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn own_heads(&self) -> Result<Vec<(ModelKey, String)>, StoreError> {
        let sql = "SELECT m.sha256, m.backend, h.heads FROM own_heads h
             JOIN model m ON m.id = h.model ORDER BY m.id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_map([], |row| {
            let model = ModelKey {
                sha256: ContentHash::from_bytes(row.get(0)?),
                backend: row.get(1)?,
            };
            Ok((model, row.get(2)?))
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Keeps heads that go on a model's answers, with the tags of the passages in
    /// which they say something else than the model, in place of what was there:
    /// all in one transaction. The generation is raised if any tags changed.
    ///
    /// # Errors
    /// If the record cannot be written.
    pub fn put_own_heads(
        &mut self,
        model: &ModelKey,
        heads: &str,
        adapted: &[(PassageId, Tags)],
    ) -> Result<(), StoreError> {
        let transaction = write(&mut self.connection)?;
        let model = model_number(&transaction, model)?;
        let sql = "UPDATE reading SET adapted = NULL WHERE model = ?1 AND adapted IS NOT NULL";
        let mut changed = transaction.execute(sql, [model])?;
        let sql = "UPDATE reading SET adapted = ?3 WHERE model = ?1
             AND passage = (SELECT id FROM passage WHERE name = ?2)";
        let mut put = transaction.prepare_cached(sql)?;
        for (id, tags) in adapted {
            changed += put.execute(params![model, id.as_bytes(), encode_tags(tags)])?;
        }
        drop(put);
        let sql = "INSERT INTO own_heads (model, heads) VALUES (?1, ?2)
             ON CONFLICT (model) DO UPDATE SET heads = excluded.heads";
        transaction.execute(sql, params![model, heads])?;
        if changed > 0 {
            raise_generation(&transaction)?;
        }
        Ok(transaction.commit()?)
    }

    /// Takes out the heads of every model and all that they said; false if there
    /// were none.
    ///
    /// # Errors
    /// If the record cannot be written.
    pub fn remove_own_heads(&mut self) -> Result<bool, StoreError> {
        let transaction = write(&mut self.connection)?;
        let were_there = drop_own_heads(&transaction)?;
        if were_there {
            raise_generation(&transaction)?;
        }
        transaction.commit()?;
        Ok(were_there)
    }
}

/// As [`Store::remove_own_heads`], within a transaction.
pub(crate) fn drop_own_heads(connection: &Connection) -> Result<bool, StoreError> {
    let were_there = connection.execute("DELETE FROM own_heads", [])? > 0;
    if were_there {
        let sql = "UPDATE reading SET adapted = NULL WHERE adapted IS NOT NULL";
        connection.execute(sql, [])?;
    }
    Ok(were_there)
}
