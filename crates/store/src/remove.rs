//! Taking words out of the record, and out of its files.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use throughline_core::{Anchor, Document, ParticipantId};

use crate::load::{Loaded, document_id, load};
use crate::own_heads::drop_own_heads;
use crate::shorten::{Left, Shortened, labels_of, names_any, without};
use crate::sources::{documents_of, put_summary, source_id, summary_of, write};
use crate::store::{fact, is_busy, put_fact, raise_generation};
use crate::withdrawn::{Withdrawn, document_key, participant_key, remember};
use crate::write::{delete_document, replace_document};
use crate::{Removed, Store, StoreError};

/// Key of the fact that removed words may still lie in the files.
const ERASE: &str = "erase";

impl Store {
    /// Takes a file out of the study, with its documents and what hangs on
    /// them. This is no withdrawal: the file may be added again, and judgements
    /// of its words wait for it. Its bytes are erased when the study is closed.
    ///
    /// # Errors
    /// If the record cannot be written.
    pub fn remove_source(&mut self, name: &str) -> Result<Removed, StoreError> {
        self.forget();
        let mut removed = Removed::default();
        let transaction = write(&mut self.connection)?;
        let Some(id) = source_id(&transaction, name)? else {
            return Ok(removed);
        };
        let sql = "SELECT id FROM document WHERE source = ?1 ORDER BY id";
        for document in documents_of(&transaction, sql, id)? {
            removed.passages += delete_document(&transaction, document)?;
            removed.documents += 1;
        }
        transaction
            .prepare_cached("DELETE FROM source WHERE id = ?1")?
            .execute([id])?;
        if removed.documents > 0 {
            drop_themes(&transaction)?;
            raise_generation(&transaction)?;
            put_fact(&transaction, ERASE, 1)?;
        }
        transaction.commit()?;
        self.begun.remove(&id);
        Ok(removed)
    }

    /// Withdraws a document: its words, tags, vectors, the judgements of its
    /// words and every theme are gone, from the record and from the bytes of
    /// its files. Its name is remembered, as a hash, so that adding its file
    /// again does not bring it back. Nothing is removed if there is no such
    /// document.
    ///
    /// # Errors
    /// If the record cannot be written. If that happens while bytes are being
    /// erased, the document is gone from the record, and the next opening goes
    /// on erasing.
    pub fn remove_document(&mut self, name: &str) -> Result<Removed, StoreError> {
        self.forget();
        let mut removed = Removed::default();
        let transaction = write(&mut self.connection)?;
        let Some(id) = document_id(&transaction, name)? else {
            return Ok(removed);
        };
        let document = load(&transaction, id)?;
        remove_whole(&transaction, &document, &mut removed)?;
        scrub_summary(&transaction, document.source, &BTreeSet::new())?;
        remember(&transaction, document_key(name))?;
        removed.own_heads = end_withdrawal(&transaction)?;
        transaction.commit()?;
        self.after_withdrawal(removed)
    }

    /// Withdraws a participant: every turn of theirs is cut out of its
    /// document, which gets a new text and hash; a document in which nobody
    /// else could be evidence goes whole. Passages that stay keep their tags
    /// where neither their words nor their context have changed. Otherwise as
    /// [`Self::remove_document`]. The name of a file stays, also where it names
    /// somebody.
    ///
    /// # Errors
    /// As [`Self::remove_document`].
    pub fn remove_participant(&mut self, id: &ParticipantId) -> Result<Removed, StoreError> {
        self.forget();
        let mut removed = Removed::default();
        let transaction = write(&mut self.connection)?;
        let sql = "SELECT document FROM voice WHERE participant = ?1 ORDER BY document";
        let documents = documents_of(&transaction, sql, id.as_str())?;
        if documents.is_empty() {
            return Ok(removed);
        }
        for number in documents {
            let loaded = load(&transaction, number)?;
            let gone = |one: &ParticipantId| one == id;
            let labels = labels_of(&loaded.document, &gone);
            match without(&loaded.document, &gone) {
                Left::All => {}
                Left::Rest(rest) => {
                    replace_document(&transaction, loaded.source, &rest.document, true)?;
                    removed.judgements += move_judgements(&transaction, &loaded.document, &rest)?;
                    let (before, after) = (&loaded.document.passages, &rest.document.passages);
                    removed.passages += before.len().saturating_sub(after.len()) as u64;
                    removed.shortened += 1;
                }
                Left::Nothing => remove_whole(&transaction, &loaded, &mut removed)?,
            }
            scrub_summary(&transaction, loaded.source, &labels)?;
        }
        remember(&transaction, participant_key(id))?;
        removed.own_heads = end_withdrawal(&transaction)?;
        transaction.commit()?;
        self.after_withdrawal(removed)
    }

    fn after_withdrawal(&mut self, removed: Removed) -> Result<Removed, StoreError> {
        self.withdrawn = Withdrawn::read(&self.connection)?;
        let erased = self.erase()?;
        Ok(Removed { erased, ..removed })
    }

    /// Writes the record anew where words were removed, so that no byte of
    /// them is left in its files; false if a reader holds them.
    pub(crate) fn erase(&mut self) -> Result<bool, StoreError> {
        if fact::<i64>(&self.connection, ERASE)?.is_none() {
            return Ok(true);
        }
        match self.connection.execute_batch("VACUUM") {
            Err(error) if is_busy(&error) => return Ok(false),
            other => other?,
        }
        if !self.checkpoint()? {
            return Ok(false);
        }
        self.connection
            .execute("DELETE FROM fact WHERE key = ?1", [ERASE])?;
        Ok(true)
    }
}

fn remove_whole(
    connection: &Connection,
    loaded: &Loaded,
    removed: &mut Removed,
) -> Result<(), StoreError> {
    removed.passages += delete_document(connection, loaded.id)?;
    removed.documents += 1;
    let mut judgements = connection.prepare_cached("DELETE FROM judgement WHERE document = ?1")?;
    removed.judgements += judgements.execute([&loaded.document.name])? as u64;
    Ok(())
}

/// What every withdrawal does beside taking words out; true if the study had heads
/// of its own.
fn end_withdrawal(connection: &rusqlite::Transaction<'_>) -> Result<bool, StoreError> {
    drop_themes(connection)?;
    let own_heads = drop_own_heads(connection)?;
    raise_generation(connection)?;
    put_fact(connection, ERASE, 1)?;
    Ok(own_heads)
}

/// Themes are named and described in words of their passages, and are made
/// again in a moment: none is kept that might hold words that are gone.
fn drop_themes(connection: &Connection) -> Result<(), StoreError> {
    Ok(connection.execute_batch(
        "DELETE FROM subtheme; DELETE FROM theme; DELETE FROM other; DELETE FROM theme_run;",
    )?)
}

/// Takes out of what is told of a file what names the people who are gone, and
/// everything once no document of it is left.
fn scrub_summary(
    connection: &Connection,
    source: i64,
    labels: &BTreeSet<&str>,
) -> Result<(), StoreError> {
    let Some(mut summary) = summary_of(connection, source)? else {
        return Ok(());
    };
    let left: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM document WHERE source = ?1)")?
        .query_row([source], |row| row.get(0))?;
    summary
        .skipped
        .retain(|skipped| left && !names_any(labels, &skipped.reason));
    summary
        .notes
        .retain(|note| left && !names_any(labels, note));
    put_summary(connection, source, &summary)
}

/// Anchors the judgements of a shortened document to its new text, and takes
/// out those whose words are gone or cannot be told from words that are; tells
/// of how many.
fn move_judgements(
    connection: &Connection,
    old: &Document,
    new: &Shortened,
) -> Result<u64, StoreError> {
    let mut gone = 0;
    for (id, anchor) in crate::judgements::anchors_of(connection, &old.name)? {
        let place = anchor.find(&old.text).and_then(|span| new.place_of(span));
        let moved = place.and_then(|span| Anchor::on(&old.name, &new.document.text, span));
        let Some(moved) = moved else {
            connection
                .prepare_cached("DELETE FROM judgement WHERE id = ?1")?
                .execute([&id])?;
            gone += 1;
            continue;
        };
        // The characters on either side were perhaps theirs.
        let sql = "UPDATE judgement SET start = ?2, end = ?3, prefix = ?4, suffix = ?5
             WHERE id = ?1";
        connection.prepare_cached(sql)?.execute(params![
            id,
            crate::store::integer(moved.span.start),
            crate::store::integer(moved.span.end),
            moved.prefix,
            moved.suffix,
        ])?;
    }
    Ok(gone)
}
