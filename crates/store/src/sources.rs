//! Files and the documents read from them.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use throughline_core::{ContentHash, Document};

use crate::store::{number, raise_generation};
use crate::withdrawn::Kept;
use crate::write::{Written, delete_document, write_document};
use crate::{NewSource, PutCounts, SourceRecord, SourceState, SourceSummary, Store, StoreError};

const READING: i64 = 0;
const DONE: i64 = 1;

const COLUMNS: &str = "name, path, sha256, bytes, settings, state, summary";

impl Store {
    /// The file called `name`.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn source(&self, name: &str) -> Result<Option<SourceRecord>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM source WHERE name = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([name])?;
        rows.next()?.map(source_of).transpose()
    }

    /// Every file of the study, in order of name.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn sources(&self) -> Result<Vec<SourceRecord>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM source ORDER BY name");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut sources = Vec::new();
        while let Some(row) = rows.next()? {
            sources.push(source_of(row)?);
        }
        Ok(sources)
    }

    /// Begins the reading of a file, new or known. Its documents stay as they
    /// are until they are put again, or the reading is finished without them.
    ///
    /// # Errors
    /// If the record cannot be written.
    pub fn begin_source(&mut self, source: &NewSource) -> Result<(), StoreError> {
        let transaction = write(&mut self.connection)?;
        let sql = "INSERT INTO source (name, path, sha256, bytes, settings, state, summary)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL)
             ON CONFLICT (name) DO UPDATE SET path = excluded.path, sha256 = excluded.sha256,
             bytes = excluded.bytes, settings = excluded.settings, state = excluded.state,
             summary = NULL RETURNING id";
        let id = transaction.prepare_cached(sql)?.query_row(
            params![
                source.name,
                source.path,
                source.sha256.as_bytes(),
                i64::try_from(source.bytes).unwrap_or(i64::MAX),
                source.settings_hash.as_bytes(),
                READING,
            ],
            |row| row.get(0),
        )?;
        forget_seen(&transaction, id)?;
        transaction.commit()?;
        self.begun.insert(id);
        Ok(())
    }

    /// Puts documents of a file whose reading has begun, in one transaction:
    /// all of them or none. A document that is there and has not changed is
    /// left alone, with its passages' tags; of one that has changed, passages
    /// that still have the same words and context keep theirs. Documents and
    /// participants that were withdrawn are left out.
    ///
    /// # Errors
    /// [`StoreError::NotReading`], [`StoreError::SameName`] where the reading
    /// or another file had a document of the same name,
    /// [`StoreError::BadDocument`], or the record cannot be written.
    pub fn put_documents(
        &mut self,
        source: &str,
        documents: &[Document],
    ) -> Result<PutCounts, StoreError> {
        self.forget();
        let transaction = write(&mut self.connection)?;
        let id = source_id(&transaction, source)?
            .filter(|id| self.begun.contains(id))
            .ok_or_else(|| StoreError::NotReading(source.to_owned()))?;
        let mut counts = PutCounts::default();
        for document in documents {
            let written = match self.withdrawn.keep(document) {
                Kept::Nothing => {
                    counts.withdrawn += 1;
                    continue;
                }
                Kept::Whole => write_document(&transaction, id, document, false)?,
                Kept::Shortened(short) => write_document(&transaction, id, &short.document, true)?,
            };
            match written {
                Written::Added => counts.added += 1,
                Written::Changed => counts.changed += 1,
                Written::Unchanged => counts.unchanged += 1,
            }
        }
        if counts.added + counts.changed > 0 {
            raise_generation(&transaction)?;
        }
        transaction.commit()?;
        Ok(counts)
    }

    /// Ends the reading of a file. Documents that this reading did not come
    /// upon are no longer in the file and go; tells how many.
    ///
    /// # Errors
    /// [`StoreError::NotReading`], or the record cannot be written.
    pub fn finish_source(
        &mut self,
        name: &str,
        summary: &SourceSummary,
    ) -> Result<u64, StoreError> {
        self.forget();
        let transaction = write(&mut self.connection)?;
        let id = source_id(&transaction, name)?
            .filter(|id| self.begun.contains(id))
            .ok_or_else(|| StoreError::NotReading(name.to_owned()))?;
        let gone = documents_of(
            &transaction,
            "SELECT id FROM document WHERE source = ?1
             AND id NOT IN (SELECT document FROM temp.seen) ORDER BY id",
            id,
        )?;
        for document in &gone {
            delete_document(&transaction, *document)?;
        }
        put_summary(&transaction, id, summary)?;
        transaction
            .prepare_cached("UPDATE source SET state = ?2 WHERE id = ?1")?
            .execute([id, DONE])?;
        forget_seen(&transaction, id)?;
        if !gone.is_empty() {
            raise_generation(&transaction)?;
        }
        transaction.commit()?;
        self.begun.remove(&id);
        Ok(gone.len() as u64)
    }
}

/// A transaction that writes, begun at once: it waits for its turn here and
/// nowhere later.
pub(crate) fn write(connection: &mut Connection) -> Result<Transaction<'_>, StoreError> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// The row of the source called `name`.
pub(crate) fn source_id(connection: &Connection, name: &str) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM source WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// The documents that a statement with the parameter `id` finds.
pub(crate) fn documents_of<T: rusqlite::ToSql>(
    connection: &Connection,
    sql: &str,
    id: T,
) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map([id], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Keeps what was found in a file.
pub(crate) fn put_summary(
    connection: &Connection,
    id: i64,
    summary: &SourceSummary,
) -> Result<(), StoreError> {
    // A struct of numbers and strings always has a form in JSON.
    let json = serde_json::to_string(summary).unwrap_or_default();
    let mut statement =
        connection.prepare_cached("UPDATE source SET summary = ?2 WHERE id = ?1")?;
    statement.execute(params![id, json])?;
    Ok(())
}

/// What was found in the file in row `id`, once it was read.
pub(crate) fn summary_of(
    connection: &Connection,
    id: i64,
) -> Result<Option<SourceSummary>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT summary FROM source WHERE id = ?1")?;
    let json: Option<String> = statement.query_row([id], |row| row.get(0))?;
    parse_summary(json)
}

fn parse_summary(json: Option<String>) -> Result<Option<SourceSummary>, StoreError> {
    json.map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(|error| StoreError::corrupt(error.to_string()))
}

fn source_of(row: &Row<'_>) -> Result<SourceRecord, StoreError> {
    Ok(SourceRecord {
        name: row.get(0)?,
        path: row.get(1)?,
        sha256: ContentHash::from_bytes(row.get(2)?),
        bytes: number(row.get(3)?),
        settings_hash: ContentHash::from_bytes(row.get(4)?),
        state: match row.get(5)? {
            DONE => SourceState::Done,
            _ => SourceState::Reading,
        },
        summary: parse_summary(row.get(6)?)?,
    })
}

fn forget_seen(connection: &Connection, source: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM temp.seen WHERE document IN
         (SELECT id FROM document WHERE source = ?1)";
    connection.prepare_cached(sql)?.execute([source])?;
    Ok(())
}
