//! Who was withdrawn: names as hashes, and nothing of what they said.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rusqlite::Connection;
use throughline_core::{ContentHash, Document, ParticipantId};

use crate::shorten::{Left, Shortened, without};
use crate::write::shorten_hash;
use crate::{Store, StoreError};

/// The documents and participants that were withdrawn from a study.
#[derive(Debug, Default)]
pub(crate) struct Withdrawn(BTreeSet<[u8; 16]>);

/// What the study keeps of a document that is put.
pub(crate) enum Kept {
    Whole,
    Shortened(Box<Shortened>),
    Nothing,
}

impl Withdrawn {
    /// All that the record remembers.
    pub(crate) fn read(connection: &Connection) -> Result<Self, StoreError> {
        let mut statement = connection.prepare_cached("SELECT name FROM withdrawn")?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(Self(names.collect::<Result<_, _>>()?))
    }

    /// What is kept of `document`.
    pub(crate) fn keep(&self, document: &Document) -> Kept {
        if self.0.is_empty() {
            return Kept::Whole;
        }
        if self.0.contains(&document_key(&document.name)) {
            return Kept::Nothing;
        }
        match without(document, &|id| self.0.contains(&participant_key(id))) {
            Left::All => Kept::Whole,
            Left::Rest(rest) => Kept::Shortened(rest),
            Left::Nothing => Kept::Nothing,
        }
    }
}

/// What stands for a document's name.
pub(crate) fn document_key(name: &str) -> [u8; 16] {
    key(b'd', name)
}

/// What stands for a participant.
pub(crate) fn participant_key(id: &ParticipantId) -> [u8; 16] {
    key(b'p', id.as_str())
}

fn key(kind: u8, name: &str) -> [u8; 16] {
    let bytes: Vec<u8> = [kind, 0].into_iter().chain(name.bytes()).collect();
    shorten_hash(ContentHash::of(&bytes).as_bytes())
}

/// Remembers a withdrawal.
pub(crate) fn remember(connection: &Connection, key: [u8; 16]) -> Result<(), StoreError> {
    let sql = "INSERT OR IGNORE INTO withdrawn (name) VALUES (?1)";
    connection.prepare_cached(sql)?.execute([key])?;
    Ok(())
}

impl Store {
    /// What this study keeps of a document as it was read from its source: the
    /// document itself, or without the people who were withdrawn; `None` if
    /// nothing is kept. This is what [`Self::put_documents`] does, for whoever
    /// compares a source with the record.
    #[must_use]
    pub fn kept_of<'d>(&self, document: &'d Document) -> Option<Cow<'d, Document>> {
        match self.withdrawn.keep(document) {
            Kept::Whole => Some(Cow::Borrowed(document)),
            Kept::Shortened(short) => Some(Cow::Owned(short.document)),
            Kept::Nothing => None,
        }
    }
}
