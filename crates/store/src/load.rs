//! Documents out of the record.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row};
use throughline_core::{
    ContentHash, Date, Document, DocumentMeta, Passage, PassageId, SourceKind, SourceRef, Span,
};

use crate::codes::Coded;
use crate::encode::{decode_segments, decode_turns};
use crate::store::{number, size};
use crate::{DocumentRow, Store, StoreError};

/// A document as the record holds it.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// Its row.
    pub id: i64,
    /// Row of its source.
    pub source: i64,
    /// Row of its first passage; the others follow without a gap.
    pub first_passage: i64,
    /// How many passages it has.
    pub passage_count: i64,
    /// The document; some ways of loading leave its passages out.
    pub document: Document,
}

/// What is known of a document without its text. The order is that of
/// [`head_of`].
const HEAD: &str = "d.id, d.source, d.first_passage, d.passage_count, d.name, d.kind, d.hash,
    d.file, s.name, d.row, d.format, d.title, d.date, d.rating, d.question, d.product,
    d.attributes, d.turn_count, d.shortened, d.language, d.speakers";

struct Head {
    id: i64,
    source: i64,
    first_passage: i64,
    passage_count: i64,
    row: DocumentRow,
}

fn head_of(row: &Row<'_>) -> Result<Head, StoreError> {
    let date: Option<u32> = row.get(12)?;
    let attributes: Option<String> = row.get(16)?;
    let speakers: Option<String> = row.get(20)?;
    let meta = DocumentMeta {
        title: row.get(11)?,
        date: date.map(date_of).transpose()?,
        rating: row.get(13)?,
        question: row.get(14)?,
        product: row.get(15)?,
        attributes: attributes.map_or(Ok(BTreeMap::new()), |json| from_json(&json))?,
        language: row.get(19)?,
        speakers: speakers.map_or(Ok(Vec::new()), |json| from_json(&json))?,
    };
    let file: Option<String> = row.get(7)?;
    let source = SourceRef {
        file: file.map_or_else(|| row.get(8), Ok)?,
        row: row.get(9)?,
        format: row.get(10)?,
    };
    Ok(Head {
        id: row.get(0)?,
        source: row.get(1)?,
        first_passage: row.get(2)?,
        passage_count: row.get(3)?,
        row: DocumentRow {
            name: row.get(4)?,
            kind: SourceKind::from_code(row.get(5)?)?,
            source,
            meta,
            hash: ContentHash::from_bytes(row.get(6)?),
            turns: number(row.get(17)?),
            passages: number(row.get(3)?),
            shortened: row.get(18)?,
        },
    })
}

fn from_json<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|error| StoreError::corrupt(error.to_string()))
}

fn date_of(day: u32) -> Result<Date, StoreError> {
    let (year, month, day) = (day / 10_000, day / 100 % 100, day % 100);
    let year = u16::try_from(year).unwrap_or(0);
    Date::new(year, month as u8, day as u8).map_err(|error| StoreError::corrupt(error.to_string()))
}

/// The document in row `id`, without its passages.
pub(crate) fn load_text(connection: &Connection, id: i64) -> Result<Loaded, StoreError> {
    let sql = format!(
        "SELECT {HEAD}, d.turns, d.segments, d.text
         FROM document d JOIN source s ON s.id = d.source WHERE d.id = ?1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else {
        return Err(StoreError::corrupt(format!(
            "document number {id} is missing"
        )));
    };
    let head = head_of(row)?;
    let blob = |column| {
        row.get_ref(column)?
            .as_blob()
            .map_err(rusqlite::Error::from)
    };
    let document = Document {
        name: head.row.name,
        kind: head.row.kind,
        source: head.row.source,
        text: row.get(23)?,
        hash: head.row.hash,
        segments: decode_segments(blob(22)?)?,
        turns: decode_turns(blob(21)?)?,
        passages: Vec::new(),
        meta: head.row.meta,
    };
    Ok(Loaded {
        id: head.id,
        source: head.source,
        first_passage: head.first_passage,
        passage_count: head.passage_count,
        document,
    })
}

/// The document in row `id`, whole.
pub(crate) fn load(connection: &Connection, id: i64) -> Result<Loaded, StoreError> {
    let mut loaded = load_text(connection, id)?;
    let sql = "SELECT turn, start, end, name FROM passage
         WHERE id >= ?1 AND id < ?1 + ?2 ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([loaded.first_passage, loaded.passage_count])?;
    while let Some(row) = rows.next()? {
        let passage = passage_of(&loaded.document, row)?;
        loaded.document.passages.push(passage);
    }
    Ok(loaded)
}

/// The passage of `document` whose turn, start, end and name are the first
/// columns of `row`.
pub(crate) fn passage_of(document: &Document, row: &Row<'_>) -> Result<Passage, StoreError> {
    let span = Span {
        start: size(row.get(1)?)?,
        end: size(row.get(2)?)?,
    };
    let turn = size(row.get(0)?)?;
    if span.slice(&document.text).is_none() || turn >= document.turns.len() {
        let problem = format!("a passage of '{}' leaves its text", document.name);
        return Err(StoreError::corrupt(problem));
    }
    Ok(Passage {
        id: PassageId::from_bytes(row.get(3)?),
        turn,
        span,
    })
}

/// The row of the document called `name`.
pub(crate) fn document_id(connection: &Connection, name: &str) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM document WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

impl Store {
    /// The document called `name`.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn document(&self, name: &str) -> Result<Option<Document>, StoreError> {
        let _view = self.snapshot()?;
        match document_id(&self.connection, name)? {
            Some(id) => Ok(Some(load(&self.connection, id)?.document)),
            None => Ok(None),
        }
    }

    /// The canonical text of the document called `name`.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn document_text(&self, name: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT text FROM document WHERE name = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }

    /// The names of all documents, sorted.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn document_names(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT name FROM document ORDER BY name")?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// Gives every document without its text to `f`, in order of name, until it
    /// breaks.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn documents(
        &self,
        f: &mut dyn FnMut(DocumentRow) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT {HEAD} FROM document d JOIN source s ON s.id = d.source ORDER BY d.name"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if f(head_of(row)?.row).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The document in row `id`, whole, kept in memory until another is asked
    /// for or it may have changed.
    pub(crate) fn loaded(&self, id: i64) -> Result<Arc<Loaded>, StoreError> {
        // The one writer knows when it changes something; a reader looks.
        let now = if self.is_writer() {
            0
        } else {
            self.generation()?
        };
        let last = self.last.borrow().clone();
        if let Some((at, last)) = last
            && last.id == id
            && at == now
        {
            return Ok(last);
        }
        let loaded = Arc::new(load(&self.connection, id)?);
        self.last.replace(Some((now, loaded.clone())));
        Ok(loaded)
    }
}
