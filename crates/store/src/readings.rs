//! What models say of passages: tags and vectors.

use std::ops::ControlFlow;

use rusqlite::{Connection, OptionalExtension, params};
use throughline_core::{PassageId, Tagged, Vector};

use crate::codes::{decode_tags, encode_tags};
use crate::sources::write;
use crate::store::{number, raise_generation, size};
use crate::write::shorten_hash;
use crate::{ModelKey, Pending, Reading, Store, StoreError};

/// A number that no model has.
pub(crate) const NO_MODEL: i64 = -1;

impl Store {
    /// At most `limit` passages that `model` has not read, always the first of
    /// them in the order in which they came into the record. Asked again after
    /// [`Self::put_tagged`], it goes on from there.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn pending(&self, model: &ModelKey, limit: usize) -> Result<Vec<Pending>, StoreError> {
        let _view = self.snapshot()?;
        let model = model_id(&self.connection, model)?.unwrap_or(NO_MODEL);
        let after = match self.read_up_to.get() {
            Some((of, after)) if of == model => after,
            _ => 0,
        };
        let sql = "SELECT p.id, p.document FROM passage p WHERE p.id > ?1 AND NOT EXISTS
             (SELECT 1 FROM reading r WHERE r.model = ?2 AND r.passage = p.id)
             ORDER BY p.id LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([after, model, crate::store::integer(limit)])?;
        let mut pending = Vec::new();
        let mut first = None;
        while let Some(row) = rows.next()? {
            let (id, document): (i64, i64) = (row.get(0)?, row.get(1)?);
            first = first.or(Some(id));
            let loaded = self.loaded(document)?;
            let document = &loaded.document;
            let place = size(id - loaded.first_passage)?;
            let passage = document.passages.get(place).ok_or_else(|| {
                StoreError::corrupt(format!("a passage of '{}' is missing", document.name))
            })?;
            pending.push(Pending {
                passage: passage.id,
                text: document.slice(passage.span).to_owned(),
                context: document.context_of(passage).map(str::to_owned),
            });
        }
        if let Some(first) = first.filter(|_| self.is_writer()) {
            self.read_up_to.set(Some((model, first - 1)));
        }
        Ok(pending)
    }

    /// Keeps what `model` said of passages, in one transaction, and tells of
    /// how many. A passage that has left the record meanwhile is passed over,
    /// and what was said before stays.
    ///
    /// # Errors
    /// [`StoreError::OtherInput`] where the input's hash is not that of the
    /// passage's words and context, or the record cannot be written.
    pub fn put_tagged(
        &mut self,
        model: &ModelKey,
        readings: &[Reading],
    ) -> Result<u64, StoreError> {
        let transaction = write(&mut self.connection)?;
        let model = model_number(&transaction, model)?;
        let mut kept = 0;
        for reading in readings {
            kept += u64::from(put_reading(&transaction, model, reading)?);
        }
        if kept > 0 {
            raise_generation(&transaction)?;
        }
        transaction.commit()?;
        Ok(kept)
    }

    /// How many passages `model` has not read.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn untagged_count(&self, model: &ModelKey) -> Result<u64, StoreError> {
        let _view = self.snapshot()?;
        let model = model_id(&self.connection, model)?.unwrap_or(NO_MODEL);
        let sql = "SELECT (SELECT count(*) FROM passage)
             - (SELECT count(*) FROM reading WHERE model = ?1)";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(number(statement.query_row([model], |row| row.get(0))?))
    }

    /// Gives everything that `model` said to `f`, in order of document name and
    /// place of the passage, until it breaks.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn each_reading(
        &self,
        model: &ModelKey,
        f: &mut dyn FnMut(PassageId, Tagged) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let _view = self.snapshot()?;
        let Some(model) = model_id(&self.connection, model)? else {
            return Ok(());
        };
        let sql = "SELECT first_passage, passage_count FROM document ORDER BY name";
        let mut documents = self.connection.prepare_cached(sql)?;
        let mut documents = documents.query([])?;
        let sql = "SELECT p.name, v.components, r.tags FROM passage p
             JOIN reading r ON r.model = ?3 AND r.passage = p.id
             JOIN vector v ON v.id = r.vector
             WHERE p.id >= ?1 AND p.id < ?1 + ?2 ORDER BY p.id";
        let mut readings = self.connection.prepare_cached(sql)?;
        while let Some(row) = documents.next()? {
            let (first, count): (i64, i64) = (row.get(0)?, row.get(1)?);
            let mut rows = readings.query([first, count, model])?;
            while let Some(row) = rows.next()? {
                let id = PassageId::from_bytes(row.get(0)?);
                let tags = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
                let tagged = Tagged {
                    tags: decode_tags(tags)?,
                    vector: vector_of(row, 1)?,
                };
                if f(id, tagged).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The vectors that `model` gave to some passages, in their order; `None`
    /// where it has not read one.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn vectors(
        &self,
        model: &ModelKey,
        ids: &[PassageId],
    ) -> Result<Vec<Option<Vector>>, StoreError> {
        let _view = self.snapshot()?;
        let model = model_id(&self.connection, model)?.unwrap_or(NO_MODEL);
        let sql = "SELECT v.components FROM passage p
             JOIN reading r ON r.model = ?2 AND r.passage = p.id
             JOIN vector v ON v.id = r.vector WHERE p.name = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut vectors = Vec::with_capacity(ids.len());
        for id in ids {
            let mut rows = statement.query(params![id.as_bytes(), model])?;
            vectors.push(rows.next()?.map(|row| vector_of(row, 0)).transpose()?);
        }
        Ok(vectors)
    }
}

/// The number of a model, if it has read anything.
pub(crate) fn model_id(
    connection: &Connection,
    model: &ModelKey,
) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT id FROM model WHERE sha256 = ?1 AND backend = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let key = params![model.sha256.as_bytes(), model.backend];
    Ok(statement.query_row(key, |row| row.get(0)).optional()?)
}

/// The number of a model, which is given one if it has none.
pub(crate) fn model_number(connection: &Connection, model: &ModelKey) -> Result<i64, StoreError> {
    if let Some(id) = model_id(connection, model)? {
        return Ok(id);
    }
    let sql = "INSERT INTO model (sha256, backend) VALUES (?1, ?2)";
    connection.execute(sql, params![model.sha256.as_bytes(), model.backend])?;
    Ok(connection.last_insert_rowid())
}

/// Keeps one reading; false if there is nothing to keep.
fn put_reading(connection: &Connection, model: i64, reading: &Reading) -> Result<bool, StoreError> {
    let sql = "SELECT p.id, p.input, r.model IS NULL FROM passage p
         LEFT JOIN reading r ON r.model = ?2 AND r.passage = p.id WHERE p.name = ?1";
    let found: Option<(i64, [u8; 16], bool)> = connection
        .prepare_cached(sql)?
        .query_row(params![reading.passage.as_bytes(), model], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((passage, expected, unread)) = found else {
        return Ok(false);
    };
    if expected != shorten_hash(reading.input.as_bytes()) {
        return Err(StoreError::OtherInput(reading.passage));
    }
    if !unread {
        return Ok(false);
    }
    let components: Vec<u8> = reading
        .tagged
        .vector
        .components()
        .iter()
        .map(|component| component.cast_unsigned())
        .collect();
    connection
        .prepare_cached("INSERT INTO vector (components) VALUES (?1)")?
        .execute([components])?;
    let vector = connection.last_insert_rowid();
    connection
        .prepare_cached(
            "INSERT INTO reading (model, passage, vector, tags, adapted)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            model,
            passage,
            vector,
            encode_tags(&reading.tagged.tags),
            reading.adapted.as_ref().map(encode_tags)
        ])?;
    Ok(true)
}

fn vector_of(row: &rusqlite::Row<'_>, column: usize) -> Result<Vector, StoreError> {
    let bytes = row
        .get_ref(column)?
        .as_blob()
        .map_err(rusqlite::Error::from)?;
    Ok(Vector::from_components(
        bytes.iter().map(|byte| byte.cast_signed()).collect(),
    ))
}

fn models(connection: &Connection) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM model ORDER BY id")?;
    let ids = statement.query_map([], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Hands readings and explanations from old rows of passages to new ones with
/// the same input.
pub(crate) fn move_readings(
    connection: &Connection,
    moves: &[(i64, i64)],
) -> Result<(), StoreError> {
    for table in ["reading", "explanation"] {
        let sql = format!("UPDATE {table} SET passage = ?3 WHERE model = ?1 AND passage = ?2");
        let mut statement = connection.prepare_cached(&sql)?;
        for model in models(connection)? {
            for (from, to) in moves {
                statement.execute([model, *from, *to])?;
            }
        }
    }
    Ok(())
}

/// Takes out what was said of `count` passages from row `first` on, and why.
pub(crate) fn drop_readings(
    connection: &Connection,
    first: i64,
    count: i64,
) -> Result<(), StoreError> {
    let range = "model = ?3 AND passage >= ?1 AND passage < ?1 + ?2";
    let statements = [
        format!("DELETE FROM vector WHERE id IN (SELECT vector FROM reading WHERE {range})"),
        format!("DELETE FROM reading WHERE {range}"),
        format!("DELETE FROM explanation WHERE {range}"),
    ];
    for model in models(connection)? {
        for sql in &statements {
            connection
                .prepare_cached(sql)?
                .execute([first, count, model])?;
        }
    }
    Ok(())
}
