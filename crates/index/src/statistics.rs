//! The numbers BM25 needs, counted over live quotes only.

use std::sync::{Arc, Mutex, PoisonError};

use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, Searcher, SearcherGeneration, TERMINATED, Term};

/// How soon repeating a word is worth no more, as the engine has it.
pub(crate) const K1: f32 = 1.2;

/// The weight of a word that stands in `holders` of `all` texts: Robertson and
/// Zaragoza, "The Probabilistic Relevance Framework", 2009, (3.1), plus 1 within
/// the logarithm as the engine has it.
pub(crate) fn rarity(all: u64, holders: u64) -> f32 {
    let (all, holders) = (all as f32, holders as f32);
    (1.0 + (all - holders + 0.5) / (holders + 0.5)).ln()
}

/// How many quotes there are and how many words they hold, by field.
///
/// The engine's own numbers include what was removed until a merge drops it, so
/// that scores would change with the history of the index. These are what a
/// rebuilt index would have. Lengths are the engine's rounded ones, which are
/// the same after a merge.
#[derive(Debug)]
pub(crate) struct Totals {
    quotes: u64,
    words: Vec<(Field, u64)>,
}

impl Totals {
    fn of(searcher: &Searcher, fields: &[Field]) -> tantivy::Result<Self> {
        let mut words = Vec::with_capacity(fields.len());
        for field in fields {
            let mut sum = 0_u64;
            for segment in searcher.segment_readers() {
                let lengths = segment.get_fieldnorms_reader(*field)?;
                for document in segment.doc_ids_alive() {
                    sum += u64::from(lengths.fieldnorm(document));
                }
            }
            words.push((*field, sum));
        }
        Ok(Self {
            quotes: searcher.num_docs(),
            words,
        })
    }
}

/// Keeps the totals of the state of the index that was last searched.
#[derive(Debug, Default)]
pub(crate) struct TotalsCache {
    last: Mutex<Option<(SearcherGeneration, Arc<Totals>)>>,
}

impl TotalsCache {
    /// The totals of what `searcher` sees.
    pub(crate) fn of(&self, searcher: &Searcher, fields: &[Field]) -> tantivy::Result<Arc<Totals>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match &*last {
            Some((generation, totals)) if generation == searcher.generation() => Arc::clone(totals),
            _ => {
                let totals = Arc::new(Totals::of(searcher, fields)?);
                *last = Some((searcher.generation().clone(), Arc::clone(&totals)));
                totals
            }
        })
    }
}

/// BM25's view of the live quotes.
pub(crate) struct LiveStatistics<'s> {
    searcher: &'s Searcher,
    totals: Arc<Totals>,
}

impl<'s> LiveStatistics<'s> {
    /// `totals` are those of what `searcher` sees.
    pub(crate) fn new(searcher: &'s Searcher, totals: Arc<Totals>) -> Self {
        Self { searcher, totals }
    }
}

impl Bm25StatisticsProvider for LiveStatistics<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let mut words = self.totals.words.iter();
        Ok(words
            .find(|(of, _)| *of == field)
            .map_or(0, |(_, sum)| *sum))
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.totals.quotes)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let mut sum = 0;
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(term.field())?;
            let Some(alive) = segment.alive_bitset() else {
                sum += u64::from(inverted.doc_freq(term)?);
                continue;
            };
            if let Some(mut postings) = inverted.read_postings(term, IndexRecordOption::Basic)? {
                let mut document = postings.doc();
                while document != TERMINATED {
                    sum += u64::from(alive.is_alive(document));
                    document = postings.advance();
                }
            }
        }
        Ok(sum)
    }
}
