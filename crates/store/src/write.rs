//! Documents into the record: one row each, its passages, and who speaks in it.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use throughline_core::{Document, Segment, Span, input_hash};

use crate::StoreError;
use crate::codes::Coded;
use crate::encode::{encode_segments, encode_turns};
use crate::readings::{drop_readings, move_readings};
use crate::store::integer;

/// What writing a document came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Added,
    Changed,
    Unchanged,
}

/// A document's row as far as it decides what is to be done.
struct Known {
    id: i64,
    source: i64,
    hash: [u8; 32],
    print: [u8; 16],
    first_passage: i64,
    passage_count: i64,
}

/// Bytes that stand for everything of a document but its text, and what of it
/// is kept as bytes.
struct Layout {
    turns: Vec<u8>,
    segments: Vec<u8>,
    attributes: Option<String>,
    speakers: Option<String>,
    print: [u8; 16],
}

/// Writes `document` under the source in row `source`; leaves it alone where
/// nothing of it has changed, so that what is kept of its passages stays.
pub(crate) fn write_document(
    connection: &Connection,
    source: i64,
    document: &Document,
    shortened: bool,
) -> Result<Written, StoreError> {
    check(document)?;
    let layout = layout_of(document, shortened)?;
    let known = known(connection, &document.name)?;
    if let Some(known) = &known {
        if known.source != source || !mark_seen(connection, known.id)? {
            return Err(StoreError::SameName(document.name.clone()));
        }
        if known.hash == *document.hash.as_bytes() && known.print == layout.print {
            return Ok(Written::Unchanged);
        }
    }
    put_document(
        connection,
        source,
        document,
        shortened,
        &layout,
        known.as_ref(),
    )?;
    Ok(if known.is_some() {
        Written::Changed
    } else {
        Written::Added
    })
}

/// Puts `document` in the place of the one of the same name, whatever source it
/// is of.
pub(crate) fn replace_document(
    connection: &Connection,
    source: i64,
    document: &Document,
    shortened: bool,
) -> Result<(), StoreError> {
    let layout = layout_of(document, shortened)?;
    let known = known(connection, &document.name)?;
    put_document(
        connection,
        source,
        document,
        shortened,
        &layout,
        known.as_ref(),
    )
}

/// Takes the document in row `id` out, with everything that hangs on it, and
/// tells how many passages it had.
pub(crate) fn delete_document(connection: &Connection, id: i64) -> Result<u64, StoreError> {
    let sql = "SELECT first_passage, passage_count FROM document WHERE id = ?1";
    let (first, count): (i64, i64) = connection
        .prepare_cached(sql)?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    drop_readings(connection, first, count)?;
    let passages = delete_passages(connection, first, count)?;
    connection
        .prepare_cached("DELETE FROM voice WHERE document = ?1")?
        .execute([id])?;
    connection
        .prepare_cached("DELETE FROM document WHERE id = ?1")?
        .execute([id])?;
    Ok(passages as u64)
}

fn known(connection: &Connection, name: &str) -> Result<Option<Known>, StoreError> {
    let sql = "SELECT id, source, hash, print, first_passage, passage_count
         FROM document WHERE name = ?1";
    let known = connection.prepare_cached(sql)?.query_row([name], |row| {
        Ok(Known {
            id: row.get(0)?,
            source: row.get(1)?,
            hash: row.get(2)?,
            print: row.get(3)?,
            first_passage: row.get(4)?,
            passage_count: row.get(5)?,
        })
    });
    Ok(known.optional()?)
}

/// Notes that this reading of the source has come upon a document; false if it
/// had already.
fn mark_seen(connection: &Connection, id: i64) -> Result<bool, StoreError> {
    let sql = "INSERT OR IGNORE INTO temp.seen (document) VALUES (?1)";
    Ok(connection.prepare_cached(sql)?.execute([id])? == 1)
}

fn put_document(
    connection: &Connection,
    source: i64,
    document: &Document,
    shortened: bool,
    layout: &Layout,
    known: Option<&Known>,
) -> Result<(), StoreError> {
    // New rows of passages come after all others, also after those that they
    // replace: until these are gone, readings are handed from one to the other.
    let first: i64 = connection
        .prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM passage")?
        .query_row([], |row| row.get(0))?;
    let old = match known {
        Some(known) => inputs_of(connection, known)?,
        None => BTreeMap::new(),
    };
    if let Some(known) = known {
        delete_passages(connection, known.first_passage, known.passage_count)?;
        connection
            .prepare_cached("DELETE FROM voice WHERE document = ?1")?
            .execute([known.id])?;
        connection
            .prepare_cached("DELETE FROM document WHERE id = ?1")?
            .execute([known.id])?;
    }
    let id = insert_row(
        connection, source, document, shortened, layout, known, first,
    )?;
    if known.is_none() {
        mark_seen(connection, id)?;
    }
    insert_voices(connection, id, document)?;
    let moves = insert_passages(connection, id, document, first, old)?;
    if let Some(known) = known {
        move_readings(connection, &moves)?;
        drop_readings(connection, known.first_passage, known.passage_count)?;
    }
    Ok(())
}

fn insert_row(
    connection: &Connection,
    source: i64,
    document: &Document,
    shortened: bool,
    layout: &Layout,
    known: Option<&Known>,
    first: i64,
) -> Result<i64, StoreError> {
    let sql = "INSERT INTO document (id, name, source, kind, hash, print, shortened,
         first_passage, passage_count, turn_count, file, row, format, title, date, rating,
         question, product, attributes, turns, segments, text, language, speakers)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
         (SELECT nullif(?11, name) FROM source WHERE id = ?3),
         ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)";
    let meta = &document.meta;
    connection.prepare_cached(sql)?.execute(params![
        known.map(|known| known.id),
        document.name,
        source,
        document.kind.code(),
        document.hash.as_bytes(),
        layout.print,
        shortened,
        first,
        integer(document.passages.len()),
        integer(document.turns.len()),
        document.source.file,
        document.source.row,
        document.source.format,
        meta.title,
        meta.date.map(throughline_core::Date::as_number),
        meta.rating,
        meta.question,
        meta.product,
        layout.attributes,
        layout.turns,
        layout.segments,
        document.text,
        meta.language,
        layout.speakers,
    ])?;
    Ok(connection.last_insert_rowid())
}

fn insert_voices(connection: &Connection, id: i64, document: &Document) -> Result<(), StoreError> {
    let sql = "INSERT OR IGNORE INTO voice (document, participant) VALUES (?1, ?2)";
    let mut statement = connection.prepare_cached(sql)?;
    let mut last = None;
    for participant in document
        .turns
        .iter()
        .filter_map(|turn| turn.participant.as_ref())
    {
        if last != Some(participant) {
            statement.execute(params![id, participant.as_str()])?;
            last = Some(participant);
        }
    }
    Ok(())
}

/// Writes the passages from row `first` on, and tells which of the `old` rows
/// had the same input as which of the new ones.
fn insert_passages(
    connection: &Connection,
    id: i64,
    document: &Document,
    first: i64,
    mut old: BTreeMap<[u8; 16], Vec<i64>>,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let sql = "INSERT INTO passage (id, document, turn, start, end, name, input)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let mut statement = connection.prepare_cached(sql)?;
    let mut moves = Vec::new();
    for (row, passage) in (first..).zip(&document.passages) {
        let text = document.slice(passage.span);
        let input = short_input(text, document.context_of(passage));
        statement.execute(params![
            row,
            id,
            integer(passage.turn),
            integer(passage.span.start),
            integer(passage.span.end),
            passage.id.as_bytes(),
            input,
        ])?;
        if let Some(from) = old.get_mut(&input).and_then(Vec::pop) {
            moves.push((from, row));
        }
    }
    Ok(moves)
}

/// The rows of a document's passages by input, the first row last.
fn inputs_of(
    connection: &Connection,
    known: &Known,
) -> Result<BTreeMap<[u8; 16], Vec<i64>>, StoreError> {
    let sql = "SELECT input, id FROM passage WHERE id >= ?1 AND id < ?1 + ?2 ORDER BY id DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([known.first_passage, known.passage_count])?;
    let mut inputs: BTreeMap<_, Vec<_>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        inputs.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    Ok(inputs)
}

fn delete_passages(connection: &Connection, first: i64, count: i64) -> Result<usize, StoreError> {
    let sql = "DELETE FROM passage WHERE id >= ?1 AND id < ?1 + ?2";
    Ok(connection.prepare_cached(sql)?.execute([first, count])?)
}

/// What the record keeps of the hash of a passage's input.
pub(crate) fn short_input(text: &str, context: Option<&str>) -> [u8; 16] {
    shorten_hash(input_hash(text, context).as_bytes())
}

/// The first half of a hash: enough that no two inputs of a study share it.
pub(crate) fn shorten_hash(hash: &[u8; 32]) -> [u8; 16] {
    let [first, _] = hash.as_chunks::<16>().0 else {
        return [0; 16];
    };
    *first
}

/// Refuses a document that could not be given back as it is: its fields are
/// public, and not everybody builds one with core's builder.
fn check(document: &Document) -> Result<(), StoreError> {
    let bad = |problem: String| {
        Err(StoreError::BadDocument {
            name: document.name.clone(),
            problem,
        })
    };
    let ordered = |what: &str, spans: &mut dyn Iterator<Item = Span>| {
        let mut end = 0;
        for span in spans {
            if span.start < end || span.slice(&document.text).is_none() {
                return Some(format!("the {what} at byte {} is out of place", span.start));
            }
            end = span.end;
        }
        None
    };
    let problem = ordered("turn", &mut document.turns.iter().map(|turn| turn.span))
        .or_else(|| ordered("passage", &mut document.passages.iter().map(|p| p.span)))
        .or_else(|| {
            ordered(
                "segment",
                &mut document.segments.iter().map(|s| s.canonical),
            )
        });
    if let Some(problem) = problem {
        return bad(problem);
    }
    let backwards = |segment: &Segment| segment.source.end < segment.source.start;
    if document.segments.iter().any(backwards) {
        return bad("a segment ends before it starts in the source".to_owned());
    }
    if let Some(passage) = document.passages.iter().find(|p| p.span.is_empty()) {
        return bad(format!(
            "the passage at byte {} is empty",
            passage.span.start
        ));
    }
    let homeless = |turn: usize| turn >= document.turns.len();
    if let Some(passage) = document.passages.iter().find(|p| homeless(p.turn)) {
        return bad(format!(
            "the passage at byte {} has no turn",
            passage.span.start
        ));
    }
    Ok(())
}

fn layout_of(document: &Document, shortened: bool) -> Result<Layout, StoreError> {
    let meta = &document.meta;
    let bad = |error: serde_json::Error| StoreError::BadDocument {
        name: document.name.clone(),
        problem: error.to_string(),
    };
    let attributes = match meta.attributes.is_empty() {
        true => None,
        false => Some(serde_json::to_string(&meta.attributes).map_err(bad)?),
    };
    let speakers = match meta.speakers.is_empty() {
        true => None,
        false => Some(serde_json::to_string(&meta.speakers).map_err(bad)?),
    };
    let turns = encode_turns(&document.turns);
    let segments = encode_segments(&document.segments);
    let mut print = Print(Sha256::new());
    print.bytes(&[document.kind.code(), u8::from(shortened)]);
    print.text(Some(&document.source.file));
    print.text(document.source.row.as_deref());
    print.text(Some(&document.source.format));
    print.text(meta.title.as_deref());
    print.bytes(
        &meta
            .date
            .map_or(0, throughline_core::Date::as_number)
            .to_le_bytes(),
    );
    print.bytes(&meta.rating.map_or([0xff; 8], f64::to_le_bytes));
    print.text(meta.question.as_deref());
    print.text(meta.product.as_deref());
    print.text(attributes.as_deref());
    print.text(meta.language.as_deref());
    print.text(speakers.as_deref());
    print.bytes(&turns);
    print.bytes(&segments);
    for passage in &document.passages {
        for number in [passage.turn, passage.span.start, passage.span.end] {
            print.bytes(&(number as u64).to_le_bytes());
        }
        print.bytes(passage.id.as_bytes());
    }
    Ok(Layout {
        turns,
        segments,
        attributes,
        speakers,
        print: shorten_hash(&print.0.finalize().into()),
    })
}

/// A hash over fields, each kept apart from the next.
struct Print(Sha256);

impl Print {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn text(&mut self, text: Option<&str>) {
        self.0.update([u8::from(text.is_some())]);
        self.bytes(text.unwrap_or_default().as_bytes());
    }
}
