//! All hits of a query in one order, by what orders them.

use std::cmp::Ordering;

use tantivy::collector::sort_key::{SortByStaticFastValue, SortByString};
use tantivy::collector::{Count, SortKeyComputer, TopDocs};
use tantivy::{Order, Searcher};
use throughline_core::PassageId;

use crate::collect::Best;
use crate::compile::compile;
use crate::schema::{DATE, ID_HIGH, ID_LOW, RATING, START, id_from_halves};
use crate::{Column, Index, IndexError, Query};

/// What hits are ordered by. Those that have no such value come last, and those
/// that are equal are in the order of their passage ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The best first: every plain word before some, then the score.
    Relevance,
    /// By the document's date, the newest first, or turned round.
    Date {
        /// True for the oldest first.
        reverse: bool,
    },
    /// By the document's rating, the lowest first, or turned round.
    Rating {
        /// True for the highest first.
        reverse: bool,
    },
    /// By the document's name and the place in it, or turned round.
    Document {
        /// True for the last name first; places are in order all the same.
        reverse: bool,
    },
}

/// What a hit's place in an order depends on, besides its id.
#[derive(Debug, Clone, PartialEq)]
pub enum SortKey {
    /// See [`Sort::Relevance`].
    Relevance {
        /// True if the query has several plain words and the quote has them all.
        every_word: bool,
        /// The score, 0 or more.
        score: f32,
    },
    /// The date as `YYYYMMDD`.
    Date(Option<u64>),
    /// The rating.
    Rating(Option<f64>),
    /// The document's name, and the first byte in its canonical text.
    Document(String, u64),
}

/// A hit by its id.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The passage.
    pub id: PassageId,
    /// What its place depends on.
    pub key: SortKey,
}

/// The first hits in some order.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// All quotes that match, listed or not.
    pub total: u64,
    /// The first of them.
    pub listed: Vec<Listed>,
}

impl Sort {
    /// The order of two hits: total, since ids are distinct.
    #[must_use]
    pub fn compare(self, a: &Listed, b: &Listed) -> Ordering {
        let of_keys = match (&a.key, &b.key) {
            (
                SortKey::Relevance { every_word, score },
                SortKey::Relevance {
                    every_word: other_word,
                    score: other,
                },
            ) => other_word
                .cmp(every_word)
                .then_with(|| other.total_cmp(score)),
            (SortKey::Date(a), SortKey::Date(b)) => last_if_none(a, b, |a, b| b.cmp(a), self),
            (SortKey::Rating(a), SortKey::Rating(b)) => last_if_none(a, b, f64::total_cmp, self),
            (SortKey::Document(a, place), SortKey::Document(b, other)) => {
                let names = a.cmp(b);
                let names = if self.is_reverse() {
                    names.reverse()
                } else {
                    names
                };
                names.then(place.cmp(other))
            }
            _ => Ordering::Equal,
        };
        of_keys.then(a.id.cmp(&b.id))
    }

    fn is_reverse(self) -> bool {
        match self {
            Self::Relevance => false,
            Self::Date { reverse } | Self::Rating { reverse } | Self::Document { reverse } => {
                reverse
            }
        }
    }
}

fn last_if_none<T>(
    a: &Option<T>,
    b: &Option<T>,
    compare: impl Fn(&T, &T) -> Ordering,
    sort: Sort,
) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if sort.is_reverse() => compare(b, a),
        (Some(a), Some(b)) => compare(a, b),
        _ => a.is_none().cmp(&b.is_none()),
    }
}

impl Index {
    /// The first `most` hits of a query in the order of `sort`, and how many there
    /// are in all. The order is total, and the same after a rebuild, a merge,
    /// removals, or with other threads.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the index is damaged.
    pub fn list(&self, query: &Query, sort: Sort, most: usize) -> Result<Listing, IndexError> {
        self.try_list(query, sort, most)
            .map_err(|error| self.engine(error))
    }

    fn try_list(&self, query: &Query, sort: Sort, most: usize) -> tantivy::Result<Listing> {
        let searcher = self.searcher();
        if sort == Sort::Relevance {
            let statistics = self.statistics(&searcher)?;
            let compiled = compile(query.node(), self.fields());
            let best = Best { keep: most };
            let (total, ranked) =
                searcher.search_with_statistics_provider(&compiled, &best, &statistics)?;
            let listed = ranked.into_iter().map(|ranked| Listed {
                id: ranked.id,
                key: SortKey::Relevance {
                    every_word: ranked.every_word,
                    score: ranked.score,
                },
            });
            return Ok(Listing {
                total,
                listed: listed.collect(),
            });
        }
        let order = |ascending: bool| {
            if ascending == sort.is_reverse() {
                Order::Desc
            } else {
                Order::Asc
            }
        };
        let number = |name: &str| (SortByStaticFastValue::<u64>::for_field(name), Order::Asc);
        let (high, low) = (number(ID_HIGH), number(ID_LOW));
        let sorting = Sorting {
            searcher: &searcher,
            query,
            most,
        };
        match sort {
            Sort::Date { .. } => {
                let date = (SortByStaticFastValue::<u64>::for_field(DATE), order(false));
                sorting.list(self, (date, high, low), |(date, high, low)| {
                    listed(SortKey::Date(date), high, low)
                })
            }
            Sort::Rating { .. } => {
                let rating = (SortByStaticFastValue::<f64>::for_field(RATING), order(true));
                sorting.list(self, (rating, high, low), |(rating, high, low)| {
                    listed(SortKey::Rating(rating), high, low)
                })
            }
            Sort::Document { .. } | Sort::Relevance => {
                let name = SortByString::for_field(Column::Document);
                // Not four in a row: the engine (0.27) then forgets the orders.
                let by = ((name, order(true)), (number(START), high, low));
                sorting.list(self, by, |(name, (start, high, low))| {
                    let name = name.unwrap_or_default();
                    listed(
                        SortKey::Document(name, start.unwrap_or_default()),
                        high,
                        low,
                    )
                })
            }
        }
    }
}

/// What is listed.
struct Sorting<'a> {
    searcher: &'a Searcher,
    query: &'a Query,
    most: usize,
}

impl Sorting<'_> {
    fn list<K>(
        &self,
        index: &Index,
        by: impl SortKeyComputer<SortKey = K> + Send + 'static,
        listed: impl Fn(K) -> Listed,
    ) -> tantivy::Result<Listing>
    where
        K: 'static + Clone + Send + Sync + std::fmt::Debug,
    {
        let compiled = compile(self.query.node(), index.fields());
        // The engine makes room for as many as it is asked for.
        let there = usize::try_from(self.searcher.num_docs()).unwrap_or(usize::MAX);
        let most = self.most.min(there);
        if most == 0 {
            let total = self.searcher.search(&compiled, &Count)?;
            return Ok(Listing {
                total: total as u64,
                listed: Vec::new(),
            });
        }
        let first = TopDocs::with_limit(most).order_by(by);
        let (total, first) = self.searcher.search(&compiled, &(Count, first))?;
        Ok(Listing {
            total: total as u64,
            listed: first.into_iter().map(|(key, _)| listed(key)).collect(),
        })
    }
}

fn listed(key: SortKey, high: Option<u64>, low: Option<u64>) -> Listed {
    Listed {
        id: id_from_halves(high.unwrap_or_default(), low.unwrap_or_default()),
        key,
    }
}
