//! Whether more interviews would still bring something new.

use std::collections::{BTreeMap, BTreeSet};

use crate::bootstrap::quantile;
use crate::{Interval, SplitMix64};

/// How much of what could be heard was heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Richness {
    /// Distinct ideas that were heard.
    pub observed: usize,
    /// Heard from one person alone.
    pub singletons: usize,
    /// Heard from exactly two.
    pub doubletons: usize,
    /// Distinct ideas there are at least, by the estimate.
    pub estimated: f64,
    /// Its interval at 95 %.
    pub interval: Interval,
}

impl Richness {
    /// Share of the ideas that were heard, 0…1.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        self.observed as f64 / self.estimated
    }

    /// The interval of [`Self::coverage`] at 95 %.
    #[must_use]
    pub fn coverage_interval(&self) -> Interval {
        Interval {
            low: self.observed as f64 / self.interval.high,
            high: self.observed as f64 / self.interval.low,
        }
    }
}

/// The Chao2 estimate of how many distinct ideas there are, from who voiced
/// which: one set of ideas a person. `None` without people or ideas.
///
/// Sources: A. Chao, "Estimating the population size for capture-recapture data
/// with unequal catchability", Biometrics 43 (1987) 783–791, for the estimate
/// and its log-normal interval; with the factor (m − 1)/m, and the
/// bias-corrected form where nothing was heard exactly twice, as in R. K.
/// Colwell et al., Journal of Plant Ecology 5 (2012) 3–21.
#[must_use]
pub fn chao2(people: &[BTreeSet<usize>]) -> Option<Richness> {
    let mut heard: BTreeMap<usize, usize> = BTreeMap::new();
    for idea in people.iter().flatten() {
        *heard.entry(*idea).or_default() += 1;
    }
    let observed = heard.len();
    if observed == 0 {
        return None;
    }
    let times = |n: usize| heard.values().filter(|count| **count == n).count();
    let (singletons, doubletons) = (times(1), times(2));
    let (once, twice) = (singletons as f64, doubletons as f64);
    let factor = (people.len() as f64 - 1.0) / people.len() as f64;
    let unseen = if doubletons > 0 {
        factor * once * once / (2.0 * twice)
    } else {
        factor * once * (once - 1.0) / 2.0
    };
    let estimated = observed as f64 + unseen;
    let variance = if doubletons > 0 {
        let ratio = once / twice;
        let terms = factor * ratio.powi(2) / 2.0
            + factor.powi(2) * ratio.powi(3)
            + factor.powi(2) * ratio.powi(4) / 4.0;
        twice * terms
    } else {
        factor * once * (once - 1.0) / 2.0
            + factor.powi(2) * once * (2.0 * once - 1.0).powi(2) / 4.0
            - factor.powi(2) * once.powi(4) / (4.0 * estimated)
    };
    let interval = if unseen > 0.0 && variance > 0.0 {
        let spread = (1.96 * (1.0 + variance / unseen.powi(2)).ln().sqrt()).exp();
        Interval {
            low: observed as f64 + unseen / spread,
            high: observed as f64 + unseen * spread,
        }
    } else {
        Interval {
            low: estimated,
            high: estimated,
        }
    };
    Some(Richness {
        observed,
        singletons,
        doubletons,
        estimated,
        interval,
    })
}

/// What the last people of many random orders added.
#[derive(Debug, Clone, PartialEq)]
pub struct NewInformation {
    /// New ideas of the last people, per idea of the first ones: the mean over
    /// the orders.
    pub rate: f64,
    /// Between these lies the rate of 95 of 100 orders.
    pub range: Interval,
    /// Distinct ideas after one person, two, …: the mean over the orders.
    pub curve: Vec<f64>,
    /// Between these lies each number of the curve in 95 of 100 orders.
    pub curve_range: Vec<Interval>,
}

/// How much the last `run` people add to what the first `base` said, over
/// `orders` random orders; `None` if there are not more than `base` + `run`
/// people, or the first ones ever say nothing.
///
/// Source: G. Guest, E. Namey, M. Chen, "A simple method to assess and report
/// thematic saturation in qualitative research", PLoS ONE 15 (2020) e0232076.
#[must_use]
pub fn new_information(
    people: &[BTreeSet<usize>],
    (base, run): (usize, usize),
    orders: usize,
    seed: u64,
) -> Option<NewInformation> {
    if people.len() < base + run || base == 0 || orders == 0 {
        return None;
    }
    let mut generator = SplitMix64::new(seed);
    let mut order: Vec<usize> = (0..people.len()).collect();
    let mut rates = Vec::with_capacity(orders);
    let mut after: Vec<Vec<f64>> = vec![Vec::with_capacity(orders); people.len()];
    for _ in 0..orders {
        generator.shuffle(&mut order);
        let mut heard: BTreeSet<usize> = BTreeSet::new();
        let mut counts = Vec::with_capacity(people.len());
        for number in &order {
            heard.extend(people.get(*number).into_iter().flatten());
            counts.push(heard.len());
        }
        for (all, count) in after.iter_mut().zip(&counts) {
            all.push(*count as f64);
        }
        let at = |place: usize| counts.get(place).copied().unwrap_or(0) as f64;
        let first = at(base - 1);
        if first > 0.0 {
            let last = people.len() - 1;
            rates.push((at(last) - at(last - run)) / first);
        }
    }
    rates.sort_by(f64::total_cmp);
    let curve = after
        .iter()
        .map(|all| all.iter().sum::<f64>() / orders as f64)
        .collect();
    let curve_range = after.iter_mut().map(|all| {
        all.sort_by(f64::total_cmp);
        most_of(all)
    });
    Some(NewInformation {
        rate: rates.iter().sum::<f64>() / (!rates.is_empty()).then_some(rates.len() as f64)?,
        range: most_of(&rates)?,
        curve,
        curve_range: curve_range.collect::<Option<_>>()?,
    })
}

/// Between these lie 95 of 100 of some sorted numbers.
fn most_of(sorted: &[f64]) -> Option<Interval> {
    Some(Interval {
        low: quantile(sorted, 0.025)?,
        high: quantile(sorted, 0.975)?,
    })
}

/// How often two things occur together, of all that have either: n₁₂ / (n₁ + n₂
/// − n₁₂), 0…1; 0 where neither occurs.
///
/// Source: P. Jaccard, Bulletin de la Société vaudoise des sciences naturelles
/// 37 (1901) 547–579; in qualitative software, the c-coefficient.
#[must_use]
pub fn co_occurrence(one: usize, other: usize, both: usize) -> f64 {
    let either = (one + other).saturating_sub(both);
    both as f64 / either.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn people(said: &[&[usize]]) -> Vec<BTreeSet<usize>> {
        let set = |ideas: &&[usize]| ideas.iter().copied().collect();
        said.iter().map(set).collect()
    }

    /// By hand: four people, ideas heard 1, 1, 2 and 3 times: Q₁ = 2, Q₂ = 1,
    /// so 4 + ¾·4/2 = 5.5, with variance ½·¾·4 + (9/16)·8 + (9/64)·16 = 8.25.
    #[test]
    fn two_singletons_and_a_doubleton() {
        let said = people(&[&[0, 1], &[2, 3], &[2, 3], &[3]]);
        let found = chao2(&said).unwrap();
        assert_eq!(
            (found.observed, found.singletons, found.doubletons),
            (4, 2, 1)
        );
        assert!((found.estimated - 5.5).abs() < 1e-12);
        let spread = (1.96 * (1.0_f64 + 8.25 / 2.25).ln().sqrt()).exp();
        assert!((found.interval.low - (4.0 + 1.5 / spread)).abs() < 1e-9);
        assert!((found.interval.high - (4.0 + 1.5 * spread)).abs() < 1e-9);
        assert!((found.coverage() - 4.0 / 5.5).abs() < 1e-12);
    }

    #[test]
    fn where_everybody_says_the_same_nothing_is_missing() {
        let found = chao2(&people(&[&[1, 2], &[1, 2], &[1, 2]])).unwrap();
        assert_eq!((found.estimated, found.coverage()), (2.0, 1.0));
        assert_eq!(chao2(&people(&[&[], &[]])), None);
        assert_eq!(chao2(&[]), None);
        let new = new_information(&people(&[&[1][..]; 7]), (4, 2), 50, 1).unwrap();
        assert_eq!((new.rate, new.curve), (0.0, vec![1.0; 7]));
    }

    #[test]
    fn where_everybody_says_something_else_the_rate_is_even() {
        let said: Vec<_> = (0..8).map(|idea| BTreeSet::from([idea])).collect();
        let new = new_information(&said, (4, 2), 50, 1).unwrap();
        assert!((new.rate - 0.5).abs() < 1e-12);
        assert_eq!(new.curve, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        assert_eq!(new_information(&said, (7, 2), 50, 1), None);
    }

    #[test]
    fn together_of_either() {
        assert_eq!(co_occurrence(4, 4, 4), 1.0);
        assert_eq!(co_occurrence(3, 2, 1), 0.25);
        assert_eq!(co_occurrence(0, 0, 0), 0.0);
    }

    proptest! {
        #[test]
        fn the_estimate_is_at_least_what_was_heard(
            said in prop::collection::vec(prop::collection::btree_set(0_usize..12, 0..6), 1..12),
        ) {
            if let Some(found) = chao2(&said) {
                prop_assert!(found.estimated >= found.observed as f64);
                prop_assert!(found.interval.low <= found.estimated + 1e-9);
                prop_assert!(found.interval.high + 1e-9 >= found.estimated);
                prop_assert!((0.0..=1.0).contains(&found.coverage()));
            }
        }
    }
}
