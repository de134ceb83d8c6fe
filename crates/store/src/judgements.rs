//! What people judged, and where in the text it holds now.

use rusqlite::{Connection, OptionalExtension, Row, params};
use throughline_core::{Anchor, PassageId, Span};

use crate::attach::attach;
use crate::load::{document_id, load};
use crate::store::{integer, raise_generation, size};
use crate::{Store, StoreError, kind};

/// A person's judgement of some words: a corrected tag, a code, a memo.
///
/// It is kept as it was made. Runs of the engine neither change nor remove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Names it within the study.
    pub id: String,
    /// The words it is about.
    pub anchor: Anchor,
    /// What sort of judgement it is; see [`crate::kind`].
    pub kind: String,
    /// What was judged, in the form that its kind has.
    pub value: String,
    /// Who judged.
    pub author: String,
    /// When, as RFC 3339.
    pub time: String,
    /// Why, in the person's words.
    pub reason: Option<String>,
}

/// Where a judgement holds in the documents as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attachment {
    /// Its exact words are there.
    Exact {
        /// Where they stand.
        span: Span,
        /// The passages they touch, in order.
        passages: Vec<PassageId>,
    },
    /// Its words have changed, and these passages share most of them.
    Overlap {
        /// The passages, in order.
        passages: Vec<PassageId>,
    },
    /// Its words are gone: a person must look at it.
    Unresolved,
}

const COLUMNS: &str = "id, document, start, end, exact, prefix, suffix, kind, value, author, time,
    reason";

impl Store {
    /// Keeps judgements, all of them or none. The same one may be kept twice.
    ///
    /// # Errors
    /// [`StoreError::JudgementExists`] if another one has the id of one of them,
    /// or the record cannot be written.
    pub fn put_judgements(&mut self, judgements: &[Judgement]) -> Result<(), StoreError> {
        let transaction = crate::sources::write(&mut self.connection)?;
        let mut corrects = false;
        for judgement in judgements {
            if put(&transaction, judgement)? {
                let kind = judgement.kind.as_str();
                corrects |= kind::CORRECTIONS.contains(&kind) || kind == kind::UNDO;
            }
        }
        if corrects {
            raise_generation(&transaction)?;
        }
        Ok(transaction.commit()?)
    }

    /// Takes judgements out of the record, by their ids, and tells how many there
    /// were. A person does so, and never a run.
    ///
    /// # Errors
    /// If the record cannot be written.
    pub fn remove_judgements(&mut self, ids: &[String]) -> Result<u64, StoreError> {
        let transaction = crate::sources::write(&mut self.connection)?;
        let mut gone = 0;
        for id in ids {
            let mut statement =
                transaction.prepare_cached("DELETE FROM judgement WHERE id = ?1")?;
            gone += statement.execute([id])? as u64;
        }
        transaction.commit()?;
        Ok(gone)
    }

    /// Every judgement with where it holds now, in order of document, time and
    /// id.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn judgements(&self) -> Result<Vec<(Judgement, Attachment)>, StoreError> {
        let _view = self.snapshot()?;
        let sql = format!("SELECT {COLUMNS} FROM judgement ORDER BY document, time, id");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut open = None;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let judgement = judgement_of(row)?;
            let name = &judgement.anchor.document;
            let document = match open.take() {
                Some((known, document)) if known == *name => document,
                _ => match document_id(&self.connection, name)? {
                    Some(id) => Some(load(&self.connection, id)?.document),
                    None => None,
                },
            };
            let attachment = match &document {
                Some(document) => attach(&judgement.anchor, document),
                None => Attachment::Unresolved,
            };
            open = Some((name.clone(), document));
            all.push((judgement, attachment));
        }
        Ok(all)
    }
}

/// Keeps one judgement; false if it is there already.
fn put(connection: &Connection, judgement: &Judgement) -> Result<bool, StoreError> {
    if let Some(known) = judgement_called(connection, &judgement.id)? {
        if known == *judgement {
            return Ok(false);
        }
        return Err(StoreError::JudgementExists(judgement.id.clone()));
    }
    let sql = format!(
        "INSERT INTO judgement ({COLUMNS})
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
    );
    let anchor = &judgement.anchor;
    connection.prepare_cached(&sql)?.execute(params![
        judgement.id,
        anchor.document,
        integer(anchor.span.start),
        integer(anchor.span.end),
        anchor.exact,
        anchor.prefix,
        anchor.suffix,
        judgement.kind,
        judgement.value,
        judgement.author,
        judgement.time,
        judgement.reason,
    ])?;
    Ok(true)
}

/// Id and anchor of every judgement of a document's words.
pub(crate) fn anchors_of(
    connection: &Connection,
    document: &str,
) -> Result<Vec<(String, Anchor)>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM judgement WHERE document = ?1 ORDER BY id");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([document])?;
    let mut anchors = Vec::new();
    while let Some(row) = rows.next()? {
        let judgement = judgement_of(row)?;
        anchors.push((judgement.id, judgement.anchor));
    }
    Ok(anchors)
}

fn judgement_called(connection: &Connection, id: &str) -> Result<Option<Judgement>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM judgement WHERE id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_row([id], |row| Ok(judgement_of(row)));
    found.optional()?.transpose()
}

fn judgement_of(row: &Row<'_>) -> Result<Judgement, StoreError> {
    Ok(Judgement {
        id: row.get(0)?,
        anchor: Anchor {
            document: row.get(1)?,
            span: Span {
                start: size(row.get(2)?)?,
                end: size(row.get(3)?)?,
            },
            exact: row.get(4)?,
            prefix: row.get(5)?,
            suffix: row.get(6)?,
        },
        kind: row.get(7)?,
        value: row.get(8)?,
        author: row.get(9)?,
        time: row.get(10)?,
        reason: row.get(11)?,
    })
}
