//! What a query means, and the order that comes of it.

use std::cmp::Ordering;

use throughline_core::{PassageId, PlaceSet, Vector};
use throughline_index::{Holder, Listed, Plain, SortKey};
use throughline_vectors::{Limits, Neighbour};

use crate::StudyError;
use crate::hybrid::Ranking;
use crate::layouts::Layouts;

/// Quotes found by meaning beside words are at most so many.
const MOST_NEAR: usize = 100;
/// Quotes that answer `like:` and `near:` are at most so many.
const MOST_ALIKE: usize = 1000;
/// Quotes with a lower cosine than this do not say the same.
const LEAST_NEAR: f32 = 0.4;
/// Of more holders than this, those are compared first that hold most words.
const COMPARED_FIRST: usize = 1000;

/// The quotes that a query's words and meaning find, in an order that is total:
/// by words and meaning together or by meaning alone, then by passage id.
pub(super) struct Meant {
    pub(super) vector: Vector,
    ranking: Ranking,
    /// The quotes that hold a word of the query, in no order.
    holders: Vec<Holder>,
    /// Those that hold none and come near in meaning.
    alike: Vec<Holder>,
    /// How near each can be.
    limits: Limits,
}

/// Who says the plain words of a query.
pub(super) struct Said {
    /// Where the query's conditions hold, if it has any.
    within: Option<PlaceSet>,
    /// The quotes there that hold one of the words.
    holders: Vec<Holder>,
}

impl Said {
    pub(super) fn of(layouts: &Layouts, plain: &Plain) -> Result<Self, StudyError> {
        let within = layouts.within(plain.conditions())?;
        let holders = layouts.places.holders(plain, within.as_ref())?;
        Ok(Self { within, holders })
    }
}

/// A quote with its score.
type Scored = (f32, usize);

fn better(a: &Scored, b: &Scored) -> Ordering {
    // Places are in the order of passage ids.
    b.0.total_cmp(&a.0).then(a.1.cmp(&b.1))
}

impl Meant {
    /// What plain words find: every quote that holds one of them, and the nearest 100
    /// in meaning, whose vector is `vector`.
    pub(super) fn by_words_and_meaning(layouts: &Layouts, said: Said, vector: Vector) -> Self {
        let mut held = PlaceSet::new(layouts.places.len());
        let holders = said.holders;
        holders.iter().for_each(|holder| held.insert(holder.place));
        let within = said.within.as_ref();
        let limits = layouts.vectors.limits(&vector, within);
        let near = layouts
            .vectors
            .nearest_within(&vector, MOST_NEAR, within, &limits);
        let alike = alike(near).filter(|near| !held.contains(near.place));
        Self {
            alike: alike.collect(),
            vector,
            ranking: Ranking::HYBRID,
            holders,
            limits,
        }
    }

    /// The nearest 1,000 to `vector` among the quotes at `within`, without the
    /// passage `itself`.
    pub(super) fn by_meaning(
        layouts: &Layouts,
        vector: Vector,
        within: Option<&PlaceSet>,
        itself: Option<&PassageId>,
    ) -> Self {
        let itself = itself.and_then(|id| layouts.vectors.position(id));
        let limits = layouts.vectors.limits(&vector, within);
        let near = layouts
            .vectors
            .nearest_within(&vector, MOST_ALIKE + 1, within, &limits);
        let alike = alike(near).filter(|near| Some(near.place) != itself);
        Self {
            alike: alike.take(MOST_ALIKE).collect(),
            vector,
            ranking: Ranking::MEANING,
            holders: Vec::new(),
            limits,
        }
    }

    /// How many quotes there are.
    pub(super) fn len(&self) -> usize {
        self.holders.len() + self.alike.len()
    }

    /// True if some are found, all by their meaning alone.
    pub(super) fn is_by_meaning_alone(&self) -> bool {
        self.holders.is_empty() && !self.alike.is_empty()
    }

    /// The quotes that are found by their meaning alone.
    pub(super) fn alike(&self, layouts: &Layouts) -> Vec<PassageId> {
        let places = self.alike.iter().map(|near| near.place);
        places
            .filter_map(|place| layouts.vectors.id(place))
            .collect()
    }

    /// The best `most` of the quotes, of those at `within` where that is given.
    pub(super) fn best(
        &self,
        layouts: &Layouts,
        within: Option<&PlaceSet>,
        most: usize,
    ) -> Vec<Listed> {
        let all = self.holders.iter().chain(&self.alike);
        let counts = |one: &&Holder| within.is_none_or(|within| within.contains(one.place));
        let mut left: Vec<Holder> = all.filter(counts).copied().collect();
        let mut best: Vec<Scored> = Vec::new();
        let first = most.max(COMPARED_FIRST);
        if first < left.len() {
            let more_words = |a: &Holder, b: &Holder| b.share.total_cmp(&a.share);
            left.select_nth_unstable_by(first, more_words);
            let rest = left.split_off(first);
            best = self.scored(layouts, &left);
            best.sort_unstable_by(better);
            // The rest is read only as far as it could still be among the best, were
            // it as near as its signs allow: the order is that of comparing all.
            let last = most.checked_sub(1).and_then(|last| best.get(last));
            let bar = last.map_or(f32::INFINITY, |(bar, _)| *bar);
            let can_be_better = |one: &Holder| {
                let cosine = self.limits.at(one.place);
                self.ranking.score(one.share, cosine) >= bar
            };
            left = rest.into_iter().filter(can_be_better).collect();
        }
        best.extend(self.scored(layouts, &left));
        best.sort_unstable_by(better);
        let best = best.into_iter().take(most);
        best.filter_map(|(score, place)| {
            let every_word = false;
            Some(Listed {
                id: layouts.vectors.id(place)?,
                key: SortKey::Relevance { every_word, score },
            })
        })
        .collect()
    }

    /// What each is worth. A cosine counts for no more than its signs allow, so that
    /// these may tell which cosines need not be computed.
    fn scored(&self, layouts: &Layouts, some: &[Holder]) -> Vec<Scored> {
        let places: Vec<usize> = some.iter().map(|one| one.place).collect();
        let cosines = layouts.vectors.cosines_at(&self.vector, &places);
        let scored = some.iter().zip(cosines).map(|(one, cosine)| {
            let cosine = cosine.min(self.limits.at(one.place));
            (self.ranking.score(one.share, cosine), one.place)
        });
        scored.collect()
    }
}

/// Those of the nearest that come near enough to say the same.
fn alike(nearest: Vec<Neighbour>) -> impl Iterator<Item = Holder> {
    let near = nearest.into_iter();
    near.take_while(|near| near.cosine >= LEAST_NEAR)
        .map(|near| Holder {
            place: near.position,
            share: 0.0,
        })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use throughline_core::{Moment, Role, Sentiment, SourceKind, Touchpoint};
    use throughline_index::{Index, NoNames, Query, Quote};
    use throughline_vectors::VectorFile;

    const DIMENSION: usize = 8;

    fn id(n: u32) -> PassageId {
        PassageId::from_bytes((u128::from(n) * 0x9e37_79b9).to_be_bytes())
    }

    fn quote(n: u32, text: &str) -> Quote {
        Quote {
            id: id(n),
            document: format!("d{}", n % 7),
            kind: SourceKind::Review,
            text: text.to_owned(),
            speaker: None,
            role: Role::Participant,
            participant: None,
            language: None,
            date: None,
            rating: Some(f64::from(n % 5)),
            product: None,
            question: None,
            start: u64::from(n),
            moment: Moment::Use,
            unclear: false,
            sentiment: Sentiment::Neutral,
            pain: false,
            touchpoint: Touchpoint::None,
        }
    }

    /// Some 5,000 quotes of a few words, with vectors that have nothing to do with
    /// them; many are equal.
    fn layouts(folder: &std::path::Path) -> Layouts {
        let mut state = 11_u32;
        let mut next = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        let words = ["late", "parcel", "price", "kettle", "the", "the", "app"];
        let index = Index::create(&folder.join("index")).unwrap();
        let mut writer = index.writer(30_000_000, 2).unwrap();
        let mut vectors = Vec::new();
        for n in 0..5_000 {
            let said: Vec<&str> = (0..=next(6)).map(|_| words[next(7) as usize]).collect();
            writer.add(&quote(n, &said.join(" "))).unwrap();
            let components: Vec<i8> = (0..DIMENSION).map(|_| next(5) as i8 - 2).collect();
            vectors.push((id(n), Vector::from_components(components.into())));
        }
        writer.commit(1).unwrap();
        let path = folder.join("vectors");
        VectorFile::write(&path, 1, DIMENSION, vectors).unwrap();
        let vectors = VectorFile::open(&path).unwrap().unwrap();
        let places = index
            .places(vectors.len(), &|ids| vectors.positions(ids))
            .unwrap();
        Layouts {
            generation: 1,
            index,
            vectors,
            places: Arc::new(places),
        }
    }

    #[test]
    fn the_order_is_that_of_comparing_every_quote_however_many_hold_a_word() {
        let folder = tempfile::tempdir().unwrap();
        let layouts = layouts(folder.path());
        let vector = Vector::from_components([1, -1, 2, 0, 0, 1, -2, 0].into());
        for query in ["the", "late parcel", "the price rating:>=2", "app doc:d3"] {
            let query = Query::parse(query, &NoNames).unwrap();
            let plain = query.plain().unwrap();
            let said = Said::of(&layouts, &plain).unwrap();
            let meant = Meant::by_words_and_meaning(&layouts, said, vector.clone());
            let alike = meant.alike(&layouts);
            assert_eq!(alike.len(), meant.alike.len());
            let matching = query.or_alike(&plain.text(), alike);
            let within = layouts.places.matching(&matching).unwrap();
            assert_eq!((within.len(), meant.len()), (meant.len(), meant.len()));
            let every: Vec<Holder> = meant.holders.iter().chain(&meant.alike).copied().collect();
            let mut every = meant.scored(&layouts, &every);
            every.sort_unstable_by(better);
            for most in [0, 1, 10, 999, 1_500, 5_000] {
                for within in [None, Some(&within)] {
                    let best = meant.best(&layouts, within, most);
                    let ids = best.iter().map(|one| layouts.vectors.position(&one.id));
                    let expected = every.iter().take(most).map(|(_, place)| Some(*place));
                    assert!(ids.eq(expected), "{matching}, {most}");
                }
            }
        }
    }
}
