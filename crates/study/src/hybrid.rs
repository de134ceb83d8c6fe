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

use std::sync::Arc;

use rayon::prelude::*;
use throughline_core::{PassageId, PlaceSet, Vector};
use throughline_index::Ranker;

use crate::layouts::Layouts;
use crate::{Study, StudyError};

/// By what a search orders: how much of the order the words decide; meaning decides
/// the rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranking {
    words: f32,
}

impl Ranking {
    /// Words and meaning: what a search does unless it is told otherwise. Chosen on
    /// five collections at once, abstracts, reviews and questions: from .5 to .6 no
    /// mean nDCG@10 moves by more than .012. `benches/ranking.rs` chooses the weight
    /// again on some queries and looks at the others; `benches/runs/` has what came
    /// out.
    pub const HYBRID: Self = Self { words: 0.55 };
    /// Words alone: BM25 over English stems.
    pub const WORDS: Self = Self { words: 1.0 };
    /// Meaning alone: the cosine of the vectors.
    pub const MEANING: Self = Self { words: 0.0 };

    /// An order that words decide as far as `words` says, 0…1; what lies outside is
    /// taken for the nearer end.
    #[must_use]
    pub fn weighted(words: f32) -> Self {
        Self {
            words: words.clamp(0.0, 1.0),
        }
    }

    /// What a text is worth that holds this share of a query's words, and whose
    /// vector has this cosine with the query's.
    pub(crate) fn score(self, share: f32, cosine: f32) -> f32 {
        self.words * share + (1.0 - self.words) * cosine
    }
}

impl Default for Ranking {
    fn default() -> Self {
        Self::HYBRID
    }
}

/// What a query asks for.
pub(crate) struct Asked {
    /// Its words; nothing in them is syntax.
    pub(crate) text: String,
    /// The passages to look among, if not all.
    pub(crate) within: Option<PlaceSet>,
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
    layouts: Arc<Layouts>,
    ranker: Ranker,
    /// The places of the passages, one document after the other, each with its
    /// document.
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

impl Hybrid {
    /// Lays out a study whose caches are current.
    pub(crate) fn new(study: &Study) -> Result<Self, StudyError> {
        let layouts = study.layouts()?;
        let ranker = Ranker::new(Arc::clone(&layouts.places))?;
        let documents = ranker.document_of().iter().copied();
        let mut by_document: Vec<(u32, usize)> = documents.zip(0..).collect();
        by_document.sort_unstable();
        let mut hybrid = Self {
            layouts,
            ranker,
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
        let within = asked.within.as_ref();
        let shares = self.ranker.shares(&asked.text, within)?;
        let cosines = self.layouts.vectors.cosines(vector);
        let narrowed = within.map(|within| self.spreads(Some(within)));
        let spreads = narrowed.as_ref().unwrap_or(&self.spreads);
        let runs = self.by_document.chunk_by(|(a, _), (b, _)| a == b);
        let mut found: Vec<(f32, usize, u32)> = Vec::new();
        for run in runs {
            let passages = run.iter().map(|(_, place)| *place);
            let passages = passages.filter(|place| counts(within, *place));
            let gathered = passages.fold(None, |gathered: Option<Gathered>, place| {
                let share = at(&shares.passages, place);
                let cosine = at(&cosines, place);
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
                passage: self.layouts.vectors.id(place)?,
                score,
            })
        });
        Ok(ranked.collect())
    }

    /// For each document, the length of the sum of its passages' unit vectors:
    /// what the sum of their cosines must be divided by to be the cosine of the
    /// document as a whole.
    fn spreads(&self, within: Option<&PlaceSet>) -> Vec<f32> {
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

    fn spread(&self, run: &[(u32, usize)], within: Option<&PlaceSet>) -> f32 {
        let vectors = &self.layouts.vectors;
        let mut sum = vec![0.0_f64; vectors.dimension()];
        for (_, place) in run.iter().filter(|(_, place)| counts(within, *place)) {
            let Some(row) = vectors.row(*place) else {
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

fn counts(within: Option<&PlaceSet>, place: usize) -> bool {
    within.is_none_or(|within| within.contains(place))
}

fn at(values: &[f32], place: usize) -> f32 {
    values.get(place).copied().unwrap_or_default()
}
