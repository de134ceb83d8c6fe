//! Every passage and every document ranked by the words of a plain text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, Searcher, SegmentReader, TERMINATED, Term};
use throughline_core::PassageId;

use crate::collect::Ids;
use crate::column::Column;
use crate::statistics::{K1, rarity};
use crate::{Index, IndexError, words};

/// BM25's weight of lengths, as the engine has it.
const B: f32 = 0.75;

/// Marks a removed quote, and ends no index: a segment holds fewer.
const GONE: u32 = u32::MAX;

/// A state of the index, laid out for ranking everything in it by one text after
/// another: passages in the order of their ids, and the documents that they come
/// from in the order of their names.
///
/// It takes some 40 bytes a passage and one pass over the columns to make, and a
/// text costs a pass over the places of its words: this is for many queries. It
/// goes on showing the index as it was when it was made.
pub struct Ranker {
    folder: PathBuf,
    searcher: Searcher,
    stem: Field,
    ids: Vec<PassageId>,
    documents: Vec<String>,
    /// Number of each passage's document.
    document_of: Vec<u32>,
    /// For each segment, the place in `ids` of each of its quotes, or [`GONE`].
    places: Vec<Vec<u32>>,
    passage_lengths: Lengths,
    document_lengths: Lengths,
}

impl std::fmt::Debug for Ranker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut ranker = f.debug_struct("Ranker");
        ranker.field("passages", &self.ids.len());
        ranker.finish_non_exhaustive()
    }
}

/// How much of a text the passages and the documents hold.
///
/// Each share is BM25 over English stems, divided by the most that any text
/// could score: 0 where no word occurs, and nearly 1 where every word occurs
/// again and again. A word that occurs nowhere counts as the rarest, so that
/// shares are low where the collection does not speak the query's language. A
/// word that stands twice in the text counts twice.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares {
    /// Of each passage, in the order of [`Ranker::ids`].
    pub passages: Vec<f32>,
    /// Of each document taken as one text, in the order of
    /// [`Ranker::documents`].
    pub documents: Vec<f32>,
}

/// How many words each of several texts has, and how many they have on average.
struct Lengths {
    each: Vec<u32>,
    average: f32,
}

impl Lengths {
    fn new(each: Vec<u32>) -> Self {
        let sum: u64 = each.iter().map(|length| u64::from(*length)).sum();
        Self {
            average: (sum as f64 / each.len().max(1) as f64) as f32,
            each,
        }
    }

    /// BM25's part of a word in a text, 0…1: Robertson and Zaragoza, "The
    /// Probabilistic Relevance Framework", 2009, (3.15) without the constant
    /// factor k₁ + 1.
    fn saturated(&self, text: usize, frequency: u32) -> f32 {
        let length = self.each.get(text).copied().unwrap_or_default() as f32;
        let frequency = frequency as f32;
        frequency / (frequency + K1 * (1.0 - B + B * length / self.average))
    }

    /// Adds a word to the scores of the texts that hold it, given how often each
    /// does, and returns the most that any text could have got.
    fn add(&self, holders: &[(u32, u32)], times: f32, scores: &mut [f32]) -> f32 {
        let most = times * rarity(self.each.len() as u64, holders.len() as u64);
        for (text, frequency) in holders {
            if let Some(score) = scores.get_mut(*text as usize) {
                *score += most * self.saturated(*text as usize, *frequency);
            }
        }
        most
    }
}

impl Index {
    /// Lays out what the index holds now for ranking by plain texts.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the index is damaged.
    pub fn ranker(&self) -> Result<Ranker, IndexError> {
        Ranker::new(self).map_err(|error| self.engine(error))
    }
}

/// A live quote: its id, segment, number there, document's name by its number in
/// that segment, and length in words.
struct Row {
    id: PassageId,
    segment: usize,
    number: DocId,
    document: u64,
    length: u32,
}

impl Ranker {
    fn new(index: &Index) -> tantivy::Result<Self> {
        let searcher = index.searcher();
        let stem = index.fields().stem;
        let mut rows = Vec::new();
        let mut names = Vec::new();
        for (number, segment) in searcher.segment_readers().iter().enumerate() {
            let of_segment = rows_of(segment, number, stem)?;
            names.push(names_of(segment, &of_segment)?);
            rows.extend(of_segment);
        }
        rows.sort_unstable_by_key(|row| row.id);
        let all: BTreeSet<&str> = names
            .iter()
            .flatten()
            .flatten()
            .map(String::as_str)
            .collect();
        let documents: Vec<String> = all.into_iter().map(str::to_owned).collect();
        let numbers: Vec<Vec<u32>> = names
            .iter()
            .map(|names| {
                names
                    .iter()
                    .map(|name| number_of(name.as_deref(), &documents))
                    .collect()
            })
            .collect();
        let mut places: Vec<Vec<u32>> = searcher
            .segment_readers()
            .iter()
            .map(|segment| vec![GONE; segment.max_doc() as usize])
            .collect();
        let mut document_of = Vec::with_capacity(rows.len());
        let mut lengths = vec![0_u32; documents.len()];
        for (place, row) in (0_u32..).zip(&rows) {
            let slot = places.get_mut(row.segment);
            if let Some(slot) = slot.and_then(|places| places.get_mut(row.number as usize)) {
                *slot = place;
            }
            let numbers = numbers.get(row.segment);
            let document = numbers.and_then(|numbers| numbers.get(row.document as usize));
            let document = document.copied().unwrap_or_default();
            document_of.push(document);
            if let Some(length) = lengths.get_mut(document as usize) {
                *length = length.saturating_add(row.length);
            }
        }
        Ok(Self {
            folder: index.folder().to_owned(),
            searcher,
            stem,
            documents,
            document_of,
            places,
            passage_lengths: Lengths::new(rows.iter().map(|row| row.length).collect()),
            document_lengths: Lengths::new(lengths),
            ids: rows.into_iter().map(|row| row.id).collect(),
        })
    }

    /// Every passage, ascending.
    #[must_use]
    pub fn ids(&self) -> &[PassageId] {
        &self.ids
    }

    /// The name of every document that has a passage, ascending.
    #[must_use]
    pub fn documents(&self) -> &[String] {
        &self.documents
    }

    /// For each passage, the place of its document in [`Self::documents`].
    #[must_use]
    pub fn document_of(&self) -> &[u32] {
        &self.document_of
    }

    /// How much of `text` each passage and each document holds. All of it is
    /// taken for words: nothing in it is syntax. Where `within` says for each
    /// passage whether it counts, documents are made of those alone; how rare a
    /// word is and how long a document does not depend on it.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the index is damaged.
    pub fn shares(&self, text: &str, within: Option<&[bool]>) -> Result<Shares, IndexError> {
        self.try_shares(text, within)
            .map_err(|error| IndexError::from_engine(&self.folder, error))
    }

    fn try_shares(&self, text: &str, within: Option<&[bool]>) -> tantivy::Result<Shares> {
        let mut words = BTreeMap::new();
        for stem in words::stems(text) {
            *words.entry(stem).or_insert(0.0_f32) += 1.0;
        }
        let mut shares = Shares {
            passages: vec![0.0; self.ids.len()],
            documents: vec![0.0; self.documents.len()],
        };
        let (mut most_of_passages, mut most_of_documents) = (0.0, 0.0);
        let counts = |place: u32| {
            let counts = within.and_then(|within| within.get(place as usize));
            counts.copied().unwrap_or(true)
        };
        let mut in_documents = vec![None; self.documents.len()];
        let mut holders = Vec::new();
        // In the order of the words, so that sums do not depend on where the
        // engine keeps what.
        for (word, times) in &words {
            let hits = self.hits(word)?;
            for (place, frequency) in &hits {
                let document = self.document_of.get(*place as usize).copied();
                let document = document.unwrap_or_default();
                if let Some(sum) = in_documents.get_mut(document as usize) {
                    if sum.is_none() {
                        holders.push((document, 0));
                    }
                    let more = if counts(*place) { *frequency } else { 0 };
                    *sum = Some(sum.unwrap_or(0_u32).saturating_add(more));
                }
            }
            for (document, frequency) in &mut holders {
                let sum = in_documents.get_mut(*document as usize);
                *frequency = sum.and_then(Option::take).unwrap_or_default();
            }
            most_of_passages += self
                .passage_lengths
                .add(&hits, *times, &mut shares.passages);
            most_of_documents += self
                .document_lengths
                .add(&holders, *times, &mut shares.documents);
            holders.clear();
        }
        divide(&mut shares.passages, most_of_passages);
        divide(&mut shares.documents, most_of_documents);
        Ok(shares)
    }

    /// Where a stem occurs, and how often: each passage once, in no order.
    fn hits(&self, stem: &str) -> tantivy::Result<Vec<(u32, u32)>> {
        let term = Term::from_field_text(self.stem, stem);
        let mut hits = Vec::new();
        for (segment, places) in self.searcher.segment_readers().iter().zip(&self.places) {
            let inverted = segment.inverted_index(self.stem)?;
            let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::WithFreqs)?
            else {
                continue;
            };
            let mut number = postings.doc();
            while number != TERMINATED {
                match places.get(number as usize) {
                    Some(place) if *place != GONE => hits.push((*place, postings.term_freq())),
                    _ => {}
                }
                number = postings.advance();
            }
        }
        Ok(hits)
    }
}

/// The names of the documents that the quotes of a segment come from, by their
/// numbers there; nothing for those of which every quote was removed.
fn names_of(segment: &SegmentReader, rows: &[Row]) -> tantivy::Result<Vec<Option<String>>> {
    let Some(column) = segment.fast_fields().str(Column::Document.as_str())? else {
        return Ok(Vec::new());
    };
    let mut names = vec![None; column.num_terms()];
    for row in rows {
        if let Some(name @ None) = names.get_mut(row.document as usize) {
            column.ord_to_str(row.document, name.insert(String::new()))?;
        }
    }
    Ok(names)
}

fn number_of(name: Option<&str>, sorted: &[String]) -> u32 {
    let place = sorted.binary_search_by(|other| Some(other.as_str()).cmp(&name));
    place.unwrap_or_default() as u32
}

fn rows_of(segment: &SegmentReader, ordinal: usize, stem: Field) -> tantivy::Result<Vec<Row>> {
    let ids = Ids::of(segment)?;
    let lengths = segment.get_fieldnorms_reader(stem)?;
    let documents = segment.fast_fields().str(Column::Document.as_str())?;
    let rows = segment.doc_ids_alive().map(|number| Row {
        id: ids.get(number),
        segment: ordinal,
        number,
        document: documents
            .as_ref()
            .and_then(|documents| documents.ords().first(number))
            .unwrap_or_default(),
        length: lengths.fieldnorm(number),
    });
    Ok(rows.collect())
}

fn divide(shares: &mut [f32], most: f32) {
    if most > 0.0 {
        shares.iter_mut().for_each(|share| *share /= most);
    }
}
