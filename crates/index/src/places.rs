//! Quotes by their places in an order that somebody else keeps.

use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;
use tantivy::query::EnableScoring;
use tantivy::{Searcher, SegmentReader};
use throughline_core::{PassageId, PlaceSet};

use crate::collect::Ids;
use crate::compile::compile;
use crate::conditions::{Conditions, conditions};
use crate::query::Node;
use crate::schema::Fields;
use crate::sought::Sought;
use crate::statistics::{LiveStatistics, Totals};
use crate::{Index, IndexError, Plain, Query};

/// Marks a removed quote, and is the place of none: an index holds fewer.
const GONE: u32 = u32::MAX;

/// Quotes whose places are asked for together.
const TOGETHER: usize = 512;

/// A state of the index, its quotes known by their places in an order of passage
/// ids, such as that of the vectors: so that what matches can be held against what
/// others know of the same passages without looking up one id.
///
/// It takes four bytes a passage and a pass over the ids to make, and goes on
/// showing the index as it was then.
pub struct Places {
    folder: PathBuf,
    pub(crate) searcher: Searcher,
    pub(crate) fields: Fields,
    totals: Arc<Totals>,
    /// For each segment, the place of each of its quotes, or [`GONE`].
    of_segments: Vec<Vec<u32>>,
    len: usize,
    conditions: Conditions,
}

impl std::fmt::Debug for Places {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut places = f.debug_struct("Places");
        places.field("len", &self.len).finish_non_exhaustive()
    }
}

/// A quote with the share of a query's plain words that it holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holder {
    /// The quote's place.
    pub place: usize,
    /// BM25 of the words, divided by the most that any text could score: 0…1.
    pub share: f32,
}

impl Index {
    /// Puts every quote that the index holds now at its place in an order of
    /// `len` passages. `places_of` says where each of some passages stands in it, in
    /// step with them.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the index is damaged, or holds a passage
    /// that has no place there: the two do not stand for the same state.
    pub fn places(
        &self,
        len: usize,
        places_of: &(dyn Fn(&[PassageId]) -> Vec<Option<usize>> + Sync),
    ) -> Result<Places, IndexError> {
        let searcher = self.searcher();
        let of_segments = segments(&searcher, |_, segment| {
            places_in(segment, len, places_of).map_err(|error| self.engine(error))
        })?;
        let Some(of_segments) = of_segments.into_iter().collect() else {
            return Err(IndexError::NeedsRebuild {
                folder: self.folder().to_owned(),
                reason: "it holds passages that the vectors do not know".to_owned(),
            });
        };
        Ok(Places {
            folder: self.folder().to_owned(),
            totals: self.totals(&searcher).map_err(|error| self.engine(error))?,
            fields: *self.fields(),
            searcher,
            of_segments,
            len,
            conditions: Conditions::default(),
        })
    }
}

/// The place of each quote of a segment; nothing if one of them has none.
fn places_in(
    segment: &SegmentReader,
    len: usize,
    places_of: &(dyn Fn(&[PassageId]) -> Vec<Option<usize>> + Sync),
) -> tantivy::Result<Option<Vec<u32>>> {
    let ids = Ids::of(segment)?;
    let some = (0..segment.max_doc()).into_par_iter().chunks(TOGETHER);
    let places = some.map(|numbers| {
        let some: Vec<PassageId> = numbers.iter().map(|number| ids.get(*number)).collect();
        let placed = numbers.into_iter().zip(places_of(&some));
        let places = placed.map(|(number, place)| match segment.is_deleted(number) {
            true => Some(GONE),
            false => u32::try_from(place.filter(|place| *place < len)?).ok(),
        });
        places.collect::<Option<Vec<u32>>>()
    });
    let places: Option<Vec<Vec<u32>>> = places.collect();
    Ok(places.map(|places| places.concat()))
}

/// What `of` makes of each segment, side by side, in the segments' order.
fn segments<T: Send, E: Send>(
    searcher: &Searcher,
    of: impl Fn(usize, &SegmentReader) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let readers = searcher.segment_readers().par_iter().enumerate();
    readers.map(|(number, reader)| of(number, reader)).collect()
}

impl Places {
    /// How many places there are; some may be those of no quote.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if there is no place.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The places of all quotes that match.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the index is damaged.
    pub fn matching(&self, query: &Query) -> Result<PlaceSet, IndexError> {
        self.try_matching(query).map_err(|error| self.engine(error))
    }

    fn try_matching(&self, query: &Query) -> tantivy::Result<PlaceSet> {
        let Some(conditions) = conditions(query.node()) else {
            return self.found(query.node());
        };
        let sets = conditions.into_iter().map(|condition| {
            let find = || self.found(&Node::Filter(condition.clone()));
            self.conditions.holding(condition, find)
        });
        let mut sets = sets.collect::<tantivy::Result<Vec<_>>>()?.into_iter();
        let mut all = sets
            .next()
            .map_or_else(|| PlaceSet::new(self.len), |set| (*set).clone());
        sets.for_each(|set| all.retain(&set));
        Ok(all)
    }

    /// The places of all quotes that match, looked for.
    fn found(&self, node: &Node) -> tantivy::Result<PlaceSet> {
        let compiled = compile(node, &self.fields);
        let weight = compiled.weight(EnableScoring::disabled_from_searcher(&self.searcher))?;
        let sets = segments(&self.searcher, |number, segment| {
            let mut set = PlaceSet::new(self.len);
            weight.for_each_no_score(segment, &mut |quotes| {
                for place in quotes.iter().filter_map(|quote| self.place(number, *quote)) {
                    set.insert(place);
                }
            })?;
            tantivy::Result::Ok(set)
        })?;
        let mut sets = sets.into_iter();
        let mut all = sets.next().unwrap_or_else(|| PlaceSet::new(self.len));
        sets.for_each(|set| all.extend(&set));
        Ok(all)
    }

    /// The quotes that hold at least one of the words of `plain`, where `within`
    /// names places, among those alone: all of them, each once, in no order. Its
    /// conditions are not looked at; [`Self::matching`] says where they hold.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the index is damaged.
    pub fn holders(
        &self,
        plain: &Plain,
        within: Option<&PlaceSet>,
    ) -> Result<Vec<Holder>, IndexError> {
        self.try_holders(plain, within)
            .map_err(|error| self.engine(error))
    }

    fn try_holders(
        &self,
        plain: &Plain,
        within: Option<&PlaceSet>,
    ) -> tantivy::Result<Vec<Holder>> {
        let statistics = self.statistics();
        let ceiling = plain.ceiling(&self.fields, &statistics)?;
        let words: Vec<Sought> = plain
            .words()
            .iter()
            .map(|word| Sought::new(word, &self.fields, &self.searcher, &statistics))
            .collect::<tantivy::Result<_>>()?;
        // Word by word over all quotes, in the order of the query: sums do not
        // depend on how rare a word is in a segment, and a word that most quotes
        // hold costs a pass over its places and no more.
        let holders = segments(&self.searcher, |number, segment| {
            let most = segment.max_doc() as usize;
            let (mut holding, mut scores) = (PlaceSet::new(most), vec![0.0_f32; most]);
            let counts = |quote| {
                let place = self.place(number, quote);
                place.is_some_and(|place| within.is_none_or(|within| within.contains(place)))
            };
            for word in &words {
                word.each(segment, counts, |quote, score| {
                    holding.insert(quote as usize);
                    if let Some(sum) = scores.get_mut(quote as usize) {
                        *sum += score;
                    }
                })?;
            }
            let held = holding.within(0..most).filter_map(|quote| {
                let score = scores.get(quote)?;
                Some(Holder {
                    place: self.place(number, quote as u32)?,
                    share: if ceiling > 0.0 { score / ceiling } else { 0.0 },
                })
            });
            tantivy::Result::Ok(held.collect::<Vec<_>>())
        })?;
        Ok(holders.concat())
    }

    /// The place of a quote by its segment and its number there; nothing for one
    /// that was removed.
    pub(crate) fn place(&self, segment: usize, quote: u32) -> Option<usize> {
        let place = self.of_segments.get(segment)?.get(quote as usize)?;
        (*place != GONE).then_some(*place as usize)
    }

    fn statistics(&self) -> LiveStatistics<'_> {
        LiveStatistics::new(&self.searcher, Arc::clone(&self.totals))
    }

    pub(crate) fn engine(&self, error: tantivy::TantivyError) -> IndexError {
        IndexError::from_engine(&self.folder, error)
    }
}
