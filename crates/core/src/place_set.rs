use std::ops::Range;

/// A set of places in an order of passages that two sides share: which of the
/// passages of a study count. It takes a bit a place, whether few count or many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceSet {
    /// The lowest bit of the first word is place 0.
    words: Vec<u64>,
}

const BITS: usize = u64::BITS as usize;

impl PlaceSet {
    /// A set without a place, of an order that is `places` long.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self {
            words: vec![0; places.div_ceil(BITS)],
        }
    }

    /// Puts `place` into the set; nothing happens to one behind the end of the
    /// order.
    pub fn insert(&mut self, place: usize) {
        if let Some(word) = self.words.get_mut(place / BITS) {
            *word |= 1 << (place % BITS);
        }
    }

    /// Puts in every place of `other`, which is of the same order.
    pub fn extend(&mut self, other: &Self) {
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    /// Takes out every place that is not in `other`, which is of the same order.
    pub fn retain(&mut self, other: &Self) {
        for (word, kept) in self.words.iter_mut().zip(&other.words) {
            *word &= kept;
        }
    }

    /// True if `place` is in the set.
    #[must_use]
    pub fn contains(&self, place: usize) -> bool {
        let word = self.words.get(place / BITS);
        word.is_some_and(|word| word >> (place % BITS) & 1 == 1)
    }

    /// Number of places in the set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// True if no place is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The places of the set within `range`, ascending.
    pub fn within(&self, range: Range<usize>) -> impl Iterator<Item = usize> {
        let last = range.end.div_ceil(BITS).min(self.words.len());
        let words = self.words.get(..last).unwrap_or_default();
        let mut at = range.start / BITS;
        let word = words.get(at).copied().unwrap_or_default();
        let mut rest = word & (u64::MAX << (range.start % BITS));
        std::iter::from_fn(move || {
            while rest == 0 {
                at += 1;
                rest = *words.get(at)?;
            }
            let place = at * BITS + rest.trailing_zeros() as usize;
            rest &= rest - 1;
            (place < range.end).then_some(place)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_place_set_is_a_set_of_places(
            size in 0_usize..300,
            places in prop::collection::vec(0_usize..320, 0..60),
            more in prop::collection::vec(0_usize..320, 0..9),
            (from, to) in (0_usize..330, 0_usize..330),
        ) {
            let set_of = |places: &[usize]| {
                let mut set = PlaceSet::new(size);
                places.iter().filter(|place| **place < size).for_each(|place| set.insert(*place));
                set
            };
            let mut set = set_of(&places);
            set.extend(&set_of(&more));
            let known: BTreeSet<usize> =
                places.iter().chain(&more).copied().filter(|place| *place < size).collect();
            prop_assert_eq!(set.len(), known.len());
            prop_assert_eq!(set.is_empty(), known.is_empty());
            prop_assert!((0..400).all(|place| set.contains(place) == known.contains(&place)));
            let mut both = set.clone();
            both.retain(&set_of(&more));
            for place in 0..400 {
                let is_in_both = known.contains(&place) && more.contains(&place);
                prop_assert_eq!(both.contains(place), is_in_both);
            }
            let within: Vec<usize> = set.within(from..to).collect();
            let expected: Vec<usize> =
                known.into_iter().filter(|place| (from..to).contains(place)).collect();
            prop_assert_eq!(within, expected);
        }
    }
}
