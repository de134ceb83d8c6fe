//! Every passage and every document ranked by the words of a plain text.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, SegmentReader, TERMINATED, Term};
use throughline_core::PlaceSet;

use crate::column::Column;
use crate::statistics::{K1, rarity};
use crate::{IndexError, Places, words};

/// BM25's weight of lengths, as the engine has it.
const B: f32 = 0.75;

/// A state of the index, laid out for ranking everything in it by one text after
/// another: passages by their [`Places`], and the documents that they come from in
/// the order of their names.
///
/// It takes some 20 bytes a passage and one pass over the columns to make, and a
/// text costs a pass over the places of its words: this is for many queries. It
/// goes on showing the index as it was when the places were made.
pub struct Ranker {
    places: Arc<Places>,
    documents: Vec<String>,
    /// Number of each passage's document.
    document_of: Vec<u32>,
    passage_lengths: Lengths,
    document_lengths: Lengths,
}

impl std::fmt::Debug for Ranker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut ranker = f.debug_struct("Ranker");
        ranker.field("passages", &self.document_of.len());
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
    /// Of each passage, by its place.
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

/// A live quote: its place, its document's name by its number in the segment at
/// hand, and its length in words.
struct Row {
    place: usize,
    document: u64,
    length: u32,
}

impl Ranker {
    /// Lays out what the index held when `places` were made.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the index is damaged.
    pub fn new(places: Arc<Places>) -> Result<Self, IndexError> {
        Self::try_new(&places).map_err(|error| places.engine(error))
    }

    fn try_new(places: &Arc<Places>) -> tantivy::Result<Self> {
        let mut rows = Vec::new();
        let mut names = Vec::new();
        for (number, segment) in places.searcher.segment_readers().iter().enumerate() {
            let of_segment = rows_of(segment, number, places)?;
            names.push(names_of(segment, &of_segment)?);
            rows.push(of_segment);
        }
        let all: BTreeSet<&str> = names
            .iter()
            .flatten()
            .flatten()
            .map(String::as_str)
            .collect();
        let documents: Vec<String> = all.into_iter().map(str::to_owned).collect();
        let mut document_of = vec![0_u32; places.len()];
        let mut passage_lengths = vec![0_u32; places.len()];
        let mut document_lengths = vec![0_u32; documents.len()];
        for (names, rows) in names.iter().zip(&rows) {
            let numbers: Vec<u32> = names
                .iter()
                .map(|name| number_of(name.as_deref(), &documents))
                .collect();
            for row in rows {
                let document = numbers.get(row.document as usize).copied();
                let document = document.unwrap_or_default();
                put(&mut document_of, row.place, document);
                put(&mut passage_lengths, row.place, row.length);
                if let Some(length) = document_lengths.get_mut(document as usize) {
                    *length = length.saturating_add(row.length);
                }
            }
        }
        Ok(Self {
            documents,
            document_of,
            passage_lengths: Lengths::new(passage_lengths),
            document_lengths: Lengths::new(document_lengths),
            places: Arc::clone(places),
        })
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
    /// taken for words: nothing in it is syntax. Where `within` names passages,
    /// documents are made of those alone; how rare a word is and how long a
    /// document does not depend on it.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the index is damaged.
    pub fn shares(&self, text: &str, within: Option<&PlaceSet>) -> Result<Shares, IndexError> {
        self.try_shares(text, within)
            .map_err(|error| self.places.engine(error))
    }

    fn try_shares(&self, text: &str, within: Option<&PlaceSet>) -> tantivy::Result<Shares> {
        let mut words = BTreeMap::new();
        for stem in words::stems(text) {
            *words.entry(stem).or_insert(0.0_f32) += 1.0;
        }
        let mut shares = Shares {
            passages: vec![0.0; self.places.len()],
            documents: vec![0.0; self.documents.len()],
        };
        let (mut most_of_passages, mut most_of_documents) = (0.0, 0.0);
        let counts = |place: u32| within.is_none_or(|within| within.contains(place as usize));
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
        let field = self.places.fields.stem;
        let term = Term::from_field_text(field, stem);
        let mut hits = Vec::new();
        for (number, segment) in self.places.searcher.segment_readers().iter().enumerate() {
            let inverted = segment.inverted_index(field)?;
            let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::WithFreqs)?
            else {
                continue;
            };
            let mut quote = postings.doc();
            while quote != TERMINATED {
                if let Some(place) = self.places.place(number, quote) {
                    hits.push((place as u32, postings.term_freq()));
                }
                quote = postings.advance();
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

fn rows_of(segment: &SegmentReader, number: usize, places: &Places) -> tantivy::Result<Vec<Row>> {
    let lengths = segment.get_fieldnorms_reader(places.fields.stem)?;
    let documents = segment.fast_fields().str(Column::Document.as_str())?;
    let rows = segment.doc_ids_alive().filter_map(|quote| {
        Some(Row {
            place: places.place(number, quote)?,
            document: documents
                .as_ref()
                .and_then(|documents| documents.ords().first(quote))
                .unwrap_or_default(),
            length: lengths.fieldnorm(quote),
        })
    });
    Ok(rows.collect())
}

fn put(values: &mut [u32], place: usize, value: u32) {
    if let Some(slot) = values.get_mut(place) {
        *slot = value;
    }
}

fn divide(shares: &mut [f32], most: f32) {
    if most > 0.0 {
        shares.iter_mut().for_each(|share| *share /= most);
    }
}
