//! Drawing a sample of which every unit's chance is known.

use crate::SplitMix64;

/// Units that every stratum gives at least, where it has them.
const LEAST: usize = 2;

/// How many units each stratum gives to a sample of `wanted`, by the sizes of
/// the strata: as many as there are where that is fewer. Small strata give more
/// than their share, so that something can be said of rare labels: shares follow
/// the square root of the size, with at least two each while they last.
///
/// Source: M. D. Bankier, "Power allocations: determining sample sizes for
/// subnational areas", The American Statistician 42 (1988) 174–177, with power
/// ½; whole numbers by greatest divisors.
#[must_use]
pub fn allocate(sizes: &[usize], wanted: usize) -> Vec<usize> {
    let mut given = vec![0; sizes.len()];
    for _ in 0..wanted.min(sizes.iter().sum()) {
        let claim = |number: &usize| {
            let (size, has) = (sizes.get(*number)?, given.get(*number)?);
            let first = LEAST.saturating_sub(*has);
            let share = (*size as f64).sqrt() / (*has + 1) as f64;
            (has < size).then_some((first, share))
        };
        let next = (0..sizes.len())
            .filter_map(|number| Some((number, claim(&number)?)))
            // The first of equals: `max_by` would take the last.
            .rev()
            .max_by(|(_, a), (_, b)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        if let Some((number, _)) = next
            && let Some(has) = given.get_mut(number)
        {
            *has += 1;
        }
    }
    given
}

/// The places of `wanted` of `size` units, evenly spread with a random start:
/// each has the same chance, `wanted / size`, and neighbours are seldom drawn
/// together. All of them where fewer are there.
///
/// Source: W. G. Cochran, "Sampling Techniques" (3rd edition 1977), section 8.1.
#[must_use]
pub fn systematic(size: usize, wanted: usize, generator: &mut SplitMix64) -> Vec<usize> {
    if wanted >= size {
        return (0..size).collect();
    }
    let start = generator.below(size) as u128;
    let (size, count) = (size as u128, wanted as u128);
    (0..count)
        .map(|number| ((start + number * size) / count) as usize)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rare_strata_get_more_than_their_share_and_common_ones_the_most() {
        assert_eq!(allocate(&[900, 100, 4, 1, 0], 47), [33, 11, 2, 1, 0]);
        assert_eq!(allocate(&[5, 5], 100), [5, 5]);
        assert_eq!(allocate(&[9, 9, 9], 2), [1, 1, 0]);
    }

    #[test]
    fn every_place_has_the_same_chance() {
        let mut drawn = [0_u32; 7];
        let mut generator = SplitMix64::new(5);
        for _ in 0..7_000 {
            for place in systematic(7, 3, &mut generator) {
                drawn[place] += 1;
            }
        }
        assert!(
            drawn.iter().all(|n| (2_800..3_200).contains(n)),
            "{drawn:?}"
        );
    }

    proptest! {
        #[test]
        fn what_is_wanted_is_drawn_once_each(
            sizes in prop::collection::vec(0_usize..40, 0..12),
            wanted in 0_usize..200,
            seed: u64,
        ) {
            let given = allocate(&sizes, wanted);
            prop_assert_eq!(given.iter().sum::<usize>(), wanted.min(sizes.iter().sum()));
            let mut generator = SplitMix64::new(seed);
            for (size, count) in sizes.iter().zip(given) {
                prop_assert!(count <= *size);
                let places = systematic(*size, count, &mut generator);
                prop_assert_eq!(places.len(), count);
                prop_assert!(places.is_sorted_by(|a, b| a < b));
                prop_assert!(places.iter().all(|place| place < size));
            }
        }
    }
}
