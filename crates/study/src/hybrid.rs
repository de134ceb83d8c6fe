//! Words and meaning in one order.
//!
//! The order is by a sum of two numbers of which each means the same in every
//! query: the share of the query's words that a text holds
//! ([`Shares`](throughline_index::Shares)), and the cosine of the two vectors.
//! Ranks are not fused, nor are scores scaled to the best hit, since either makes
//! the poorest best hit as good as the best possible one: then the weaker of the
//! two orders spoils the better one. As it is, a short query that some texts
//! answer word for word is decided by its words, and a long one that no text
//! repeats by its meaning.

use std::collections::BTreeMap;

use rayon::prelude::*;
use throughline_core::{PassageId, Vector};
use throughline_index::{Index, Plain, Query, Ranker};
use throughline_vectors::VectorFile;

use crate::{Study, StudyError};

/// How much of the order the words decide; meaning decides the rest. Chosen on
/// five collections at once, abstracts, reviews and questions (`benches/ranking.rs`,
/// `benches/runs/`): from .5 to .6 no mean nDCG@10 moves by more than .012.
const WORDS: f32 = 0.55;

/// Quotes found by meaning beside words are at most so many.
const MOST_NEAR: usize = 100;
/// Quotes with a lower cosine than this do not say the same.
pub(crate) const LEAST_NEAR: f32 = 0.4;
/// Quotes found by words are at most so many; the rest hold next to nothing of
/// the query.
const MOST_HOLDERS: usize = 50_000;

/// What a text is worth that holds this share of a query's words, and whose
/// vector has this cosine with the query's.
fn fused(share: f32, cosine: f32) -> f32 {
    WORDS * share + (1.0 - WORDS) * cosine
}

/// By what a search orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ranking {
    /// Words and meaning: what a search does unless it is told otherwise.
    #[default]
    Hybrid,
    /// Words alone: BM25 over English stems.
    Words,
    /// Meaning alone: the cosine of the vectors.
    Meaning,
}

impl Ranking {
    fn score(self, share: f32, cosine: f32) -> f32 {
        match self {
            Self::Hybrid => fused(share, cosine),
            Self::Words => share,
            Self::Meaning => cosine,
        }
    }
}

/// What a query asks for.
pub(crate) struct Asked {
    /// Its words; nothing in them is syntax.
    pub(crate) text: String,
    /// The passages to look among, ascending, if not all.
    pub(crate) within: Option<Vec<PassageId>>,
}

/// A document that was found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RankedDocument {
    /// Its name.
    pub(crate) name: String,
    /// The passage that answers best.
    pub(crate) passage: PassageId,
    /// The higher the better.
    pub(crate) score: f32,
}

/// Index and vectors laid out side by side, to rank every document of a study by
/// one query after another.
///
/// A document counts half by its best passage and half as a whole, for its words
/// and for its meaning: what is said in one place is found, and of two documents
/// that say it the one that is about it comes first.
pub(crate) struct Hybrid {
    ranker: Ranker,
    vectors: VectorFile,
    /// For each passage of the ranker, its position among the vectors.
    positions: Vec<Option<usize>>,
    /// The passages by their places in the ranker: one document after the other,
    /// each passage with its document.
    by_document: Vec<(u32, usize)>,
    /// See [`Self::spreads`].
    spreads: Vec<f32>,
}

/// What is known of a document while passages are gone through.
#[derive(Clone, Copy)]
struct Gathered {
    share: f32,
    cosine: f32,
    cosines: f32,
    best: f32,
    place: usize,
}

/// A quote that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RankedQuote {
    /// The passage.
    pub id: PassageId,
    /// What orders quotes; comparable within one search.
    pub score: f32,
    /// True if it holds a word of the query, and was not found by its meaning
    /// alone.
    pub by_words: bool,
}

impl Study {
    /// The quotes that answer a query's plain words, whose vector is `vector`,
    /// within its conditions, best first, ties by passage id: those that hold a
    /// word, the best 50,000 by their words alone if there are more, and those that
    /// are near in meaning, the nearest 100. `index` is the study's; it and its vectors are current ([`Study::refresh_caches`]).
    ///
    /// # Errors
    /// If the index or the vectors fail.
    pub(crate) fn quotes_by_words_and_meaning(
        &self,
        index: &Index,
        plain: &Plain,
        vector: &Vector,
    ) -> Result<Vec<RankedQuote>, StudyError> {
        let vectors = self.vector_file()?;
        let near = if *plain.conditions() == Query::all() {
            vectors.nearest(vector, MOST_NEAR, None)
        } else {
            let within = index.ids(plain.conditions())?;
            vectors.nearest_among(vector, MOST_NEAR, &vectors.positions(&within))
        };
        let holders = index.holders(plain, None, MOST_HOLDERS)?;
        let mut shares: BTreeMap<PassageId, f32> =
            holders.iter().map(|held| (held.id, held.share)).collect();
        let near = near.into_iter().filter(|near| near.cosine >= LEAST_NEAR);
        let mut new: Vec<PassageId> = near.map(|near| near.id).collect();
        new.retain(|id| !shares.contains_key(id));
        new.sort_unstable();
        if holders.len() == MOST_HOLDERS {
            let held = index.holders(plain, Some(&new), new.len())?;
            shares.extend(held.into_iter().map(|held| (held.id, held.share)));
        }
        let ranked = |id, share: Option<f32>| RankedQuote {
            id,
            score: fused(
                share.unwrap_or_default(),
                vectors
                    .get(&id)
                    .map_or(0.0, |row| Vector::cosine_between(vector.components(), row)),
            ),
            by_words: share.is_some(),
        };
        new.retain(|id| !shares.contains_key(id));
        let mut found: Vec<RankedQuote> = shares
            .into_iter()
            .map(|(id, share)| ranked(id, Some(share)))
            .collect();
        found.extend(new.into_iter().map(|id| ranked(id, None)));
        found.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
        Ok(found)
    }
}

impl Hybrid {
    /// Lays out a study whose caches are current.
    pub(crate) fn new(study: &Study) -> Result<Self, StudyError> {
        let ranker = study.index()?.ranker()?;
        let vectors = study.vector_file()?;
        let ids = ranker.ids().par_iter();
        let positions = ids.map(|id| vectors.position(id)).collect();
        let documents = ranker.document_of().iter().copied();
        let mut by_document: Vec<(u32, usize)> = documents.zip(0..).collect();
        by_document.sort_unstable();
        let mut hybrid = Self {
            ranker,
            vectors,
            positions,
            by_document,
            spreads: Vec::new(),
        };
        hybrid.spreads = hybrid.spreads(None);
        Ok(hybrid)
    }

    /// The best `most` documents for a query with that vector: a total order, ties
    /// by passage id.
    pub(crate) fn documents(
        &self,
        asked: &Asked,
        vector: &Vector,
        ranking: Ranking,
        most: usize,
    ) -> Result<Vec<RankedDocument>, StudyError> {
        let within = asked.within.as_ref().map(|ids| self.mask(ids));
        let within = within.as_deref();
        let shares = self.ranker.shares(&asked.text, within)?;
        let cosines = self.vectors.cosines(vector);
        let narrowed = within.map(|within| self.spreads(Some(within)));
        let spreads = narrowed.as_ref().unwrap_or(&self.spreads);
        let runs = self.by_document.chunk_by(|(a, _), (b, _)| a == b);
        let mut found: Vec<(f32, usize, u32)> = Vec::new();
        for run in runs {
            let passages = run.iter().map(|(_, place)| *place);
            let passages = passages.filter(|place| counts(within, *place));
            let gathered = passages.fold(None, |gathered: Option<Gathered>, place| {
                let share = at(&shares.passages, place);
                let position = self.positions.get(place).copied().flatten();
                let cosine = position.map_or(0.0, |position| at(&cosines, position));
                Some(Gathered::with(gathered, share, cosine, (ranking, place)))
            });
            let (Some(gathered), Some((document, _))) = (gathered, run.first()) else {
                continue;
            };
            let number = *document as usize;
            let spread = at(spreads, number);
            let whole = if spread > 0.0 {
                gathered.cosines / spread
            } else {
                0.0
            };
            let score = ranking.score(
                (gathered.share + at(&shares.documents, number)) / 2.0,
                (gathered.cosine + whole) / 2.0,
            );
            found.push((score, gathered.place, *document));
        }
        // Places are in the order of passage ids.
        found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(most);
        let ranked = found.into_iter().filter_map(|(score, place, document)| {
            Some(RankedDocument {
                name: self.ranker.documents().get(document as usize)?.clone(),
                passage: *self.ranker.ids().get(place)?,
                score,
            })
        });
        Ok(ranked.collect())
    }

    /// For each passage, whether it is one of `ids`, which ascend.
    fn mask(&self, ids: &[PassageId]) -> Vec<bool> {
        let all = self.ranker.ids().par_iter();
        all.map(|id| ids.binary_search(id).is_ok()).collect()
    }

    /// For each document, the length of the sum of its passages' unit vectors:
    /// what the sum of their cosines must be divided by to be the cosine of the
    /// document as a whole.
    fn spreads(&self, within: Option<&[bool]>) -> Vec<f32> {
        let mut spreads = vec![0.0; self.ranker.documents().len()];
        let runs: Vec<&[(u32, usize)]> =
            self.by_document.chunk_by(|(a, _), (b, _)| a == b).collect();
        let lengths: Vec<f32> = runs
            .par_iter()
            .map(|run| self.spread(run, within))
            .collect();
        for (run, length) in runs.iter().zip(lengths) {
            if let Some((document, _)) = run.first()
                && let Some(spread) = spreads.get_mut(*document as usize)
            {
                *spread = length;
            }
        }
        spreads
    }

    fn spread(&self, run: &[(u32, usize)], within: Option<&[bool]>) -> f32 {
        let mut sum = vec![0.0_f64; self.vectors.dimension()];
        for (_, place) in run.iter().filter(|(_, place)| counts(within, *place)) {
            let row = self.ranker.ids().get(*place);
            let Some(row) = row.and_then(|id| self.vectors.get(id)) else {
                continue;
            };
            let length = f64::from(Vector::dot(row, row)).sqrt();
            if length > 0.0 {
                for (sum, component) in sum.iter_mut().zip(row) {
                    *sum += f64::from(*component) / length;
                }
            }
        }
        sum.iter().map(|sum| sum * sum).sum::<f64>().sqrt() as f32
    }
}

impl Gathered {
    /// With one more passage. Of passages that are equally good the first one
    /// stands for the document.
    fn with(before: Option<Self>, share: f32, cosine: f32, by: (Ranking, usize)) -> Self {
        let (ranking, place) = by;
        let score = ranking.score(share, cosine);
        let Some(mut all) = before else {
            return Self {
                share,
                cosine,
                cosines: cosine,
                best: score,
                place,
            };
        };
        all.share = all.share.max(share);
        all.cosine = all.cosine.max(cosine);
        all.cosines += cosine;
        if score > all.best {
            (all.best, all.place) = (score, place);
        }
        all
    }
}

fn counts(within: Option<&[bool]>, place: usize) -> bool {
    within.is_none_or(|within| within.get(place).copied().unwrap_or_default())
}

fn at(values: &[f32], place: usize) -> f32 {
    values.get(place).copied().unwrap_or_default()
}
