//! How far two or more coders agree, beyond what chance would give.

use std::collections::BTreeMap;

/// What several coders said of one unit, and what the unit stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Coded<L> {
    /// One answer a coder who answered; units with fewer than two say nothing.
    pub answers: Vec<L>,
    /// One over the probability with which the unit came into the sample; any
    /// positive scale, the same for all units.
    pub weight: f64,
}

/// What one coder and another said of one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair<L> {
    /// The one's answer.
    pub first: L,
    /// The other's.
    pub second: L,
    /// As [`Coded::weight`].
    pub weight: f64,
}

/// Agreement of two coders. Every figure is weighted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Units that both coded.
    pub units: usize,
    /// Share of units with the same answer, 0…1.
    pub observed: f64,
    /// Cohen's κ, −1…1; `None` where both gave one and the same answer
    /// throughout, so that chance explains everything.
    pub kappa: Option<f64>,
    /// Krippendorff's α for nominal data, at most 1; `None` likewise.
    pub alpha: Option<f64>,
    /// Gwet's AC1, at most 1; `None` with fewer than two categories.
    pub ac1: Option<f64>,
}

/// How far the two coders of `pairs` agree, on a scale of `categories` answers.
/// `None` without units or without a positive weight.
///
/// Sources: κ, J. Cohen, "A coefficient of agreement for nominal scales",
/// Educational and Psychological Measurement 20 (1960) 37–46; α, see
/// [`krippendorff_alpha`]; AC1, K. L. Gwet, "Computing inter-rater reliability
/// and its variance in the presence of high agreement", British Journal of
/// Mathematical and Statistical Psychology 61 (2008) 29–48, equations 4 and 5.
/// Each share is estimated with the weights (D. G. Horvitz and D. J. Thompson,
/// JASA 47 (1952) 663–685); equal weights give the published figures.
#[must_use]
pub fn agreement<L: Ord + Copy>(pairs: &[Pair<L>], categories: usize) -> Option<Agreement> {
    let shares = Shares::of(pairs)?;
    let observed = shares.same;
    let beyond = |chance: f64| (chance < 1.0).then(|| (observed - chance) / (1.0 - chance));
    let chance = shares.margins.values().map(|(a, b)| a * b).sum::<f64>();
    let spread: f64 = shares
        .margins
        .values()
        .map(|(a, b)| f64::midpoint(*a, *b))
        .map(|share| share * (1.0 - share))
        .sum();
    let coded: Vec<Coded<L>> = pairs
        .iter()
        .map(|pair| Coded {
            answers: vec![pair.first, pair.second],
            weight: pair.weight,
        })
        .collect();
    Some(Agreement {
        units: pairs.len(),
        observed,
        // Both marginals hold one and the same label: nothing can disagree.
        kappa: beyond(chance).filter(|_| shares.margins.len() > 1),
        alpha: krippendorff_alpha(&coded),
        ac1: (categories > 1)
            .then(|| beyond(spread / (categories - 1) as f64))
            .flatten(),
    })
}

/// Weighted shares of two coders' answers.
struct Shares<L> {
    same: f64,
    /// The share of each answer, with the one and with the other.
    margins: BTreeMap<L, (f64, f64)>,
}

impl<L: Ord + Copy> Shares<L> {
    fn of(pairs: &[Pair<L>]) -> Option<Self> {
        let mut sorted = pairs.to_vec();
        // Sums of floats depend on their order.
        sorted.sort_by(|a, b| {
            let labels = (a.first, a.second).cmp(&(b.first, b.second));
            labels.then(a.weight.total_cmp(&b.weight))
        });
        let total: f64 = sorted.iter().map(|pair| pair.weight).sum();
        if !total.is_finite() || total <= 0.0 {
            return None;
        }
        let mut alike = 0.0;
        let mut margins: BTreeMap<L, (f64, f64)> = BTreeMap::new();
        for pair in &sorted {
            if pair.first == pair.second {
                alike += pair.weight;
            }
            margins.entry(pair.first).or_default().0 += pair.weight;
            margins.entry(pair.second).or_default().1 += pair.weight;
        }
        for (one, other) in margins.values_mut() {
            *one /= total;
            *other /= total;
        }
        Some(Self {
            same: alike / total,
            margins,
        })
    }
}

/// Krippendorff's α for nominal data, of any number of coders, each of whom may
/// have left units out; at most 1. `None` where fewer than two units can be
/// paired, or all answers are the same.
///
/// Source: K. Krippendorff, "Computing Krippendorff's alpha-reliability" (2011),
/// sections B and C. Weights are scaled to a mean of 1, so that equal weights
/// give the published figures.
#[must_use]
pub fn krippendorff_alpha<L: Ord + Copy>(units: &[Coded<L>]) -> Option<f64> {
    let mut units: Vec<(Vec<L>, f64)> = units
        .iter()
        .filter(|unit| unit.answers.len() > 1)
        .map(|unit| {
            let mut answers = unit.answers.clone();
            answers.sort_unstable();
            (answers, unit.weight)
        })
        .collect();
    units.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mean = units.iter().map(|(_, weight)| weight).sum::<f64>() / units.len().max(1) as f64;
    if !mean.is_finite() || mean <= 0.0 {
        return None;
    }
    let mut values: BTreeMap<L, f64> = BTreeMap::new();
    let (mut total, mut differing) = (0.0, 0.0);
    for (answers, weight) in &units {
        let (weight, count) = (weight / mean, answers.len() as f64);
        total += weight * count;
        let mut alike = 0.0;
        for run in answers.chunk_by(|a, b| a == b) {
            let same = run.len() as f64;
            alike += same * (same - 1.0);
            if let Some(label) = run.first() {
                *values.entry(*label).or_default() += weight * same;
            }
        }
        differing += weight * (count * (count - 1.0) - alike) / (count - 1.0);
    }
    let alike: f64 = values.values().map(|n| n * (n - 1.0)).sum();
    let expected = total * (total - 1.0) - alike;
    (values.len() > 1 && expected > 0.0).then(|| 1.0 - (total - 1.0) * differing / expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs<L: Copy>(cells: &[(L, L, usize)]) -> Vec<Pair<L>> {
        let of = |(first, second, count): &(L, L, usize)| {
            let pair = Pair {
                first: *first,
                second: *second,
                weight: 1.0,
            };
            vec![pair; *count]
        };
        cells.iter().flat_map(of).collect()
    }

    fn rows(coders: &[&str]) -> Vec<Coded<char>> {
        let units = coders.iter().map(|row| row.len()).max().unwrap();
        let unit = |place: usize| Coded {
            answers: coders
                .iter()
                .filter_map(|row| row.chars().nth(place).filter(|answer| *answer != '.'))
                .collect(),
            weight: 1.0,
        };
        (0..units).map(unit).collect()
    }

    /// Cohen 1960, the frequencies of 200 patients: κ = .492.
    #[test]
    fn kappa_is_the_published_one() {
        let table = pairs(&[
            ('a', 'a', 88),
            ('a', 'b', 14),
            ('a', 'c', 18),
            ('b', 'a', 10),
            ('b', 'b', 40),
            ('b', 'c', 10),
            ('c', 'a', 2),
            ('c', 'b', 6),
            ('c', 'c', 12),
        ]);
        let found = agreement(&table, 3).unwrap();
        assert_eq!(found.units, 200);
        assert!((found.observed - 0.70).abs() < 1e-12);
        assert!((found.kappa.unwrap() - 0.492).abs() < 5e-4);
    }

    /// Krippendorff 2011, sections A (two coders, binary: .095), B (two coders,
    /// nominal: .692) and C (four coders with gaps: .743).
    #[test]
    fn alpha_is_the_published_one() {
        let published = [
            (&["0100000010", "1110010000"][..], 0.095),
            (&["aabbdcccedda", "babbbccceddd"][..], 0.692),
            (
                &[
                    "123321412...",
                    "1233224125.3",
                    ".3332342251.",
                    "12332441251.",
                ][..],
                0.743,
            ),
        ];
        for (coders, alpha) in published {
            let found = krippendorff_alpha(&rows(coders)).unwrap();
            assert!((found - alpha).abs() < 6e-4, "{alpha}: {found}");
        }
    }

    /// The two abstractors of 100 pregnancies in the documentation of Gwet's own
    /// package (irrCAC 1.0 for R, `cont3x3abstractors`): they agree on 89, κ is
    /// .7964, AC1 .8493.
    #[test]
    fn ac1_is_the_published_one() {
        let table = pairs(&[
            ('e', 'e', 13),
            ('a', 'a', 20),
            ('a', 'n', 7),
            ('n', 'a', 4),
            ('n', 'n', 56),
        ]);
        let found = agreement(&table, 3).unwrap();
        assert!((found.observed - 0.89).abs() < 1e-12);
        assert!((found.kappa.unwrap() - 0.796_409_4).abs() < 1e-6);
        assert!((found.ac1.unwrap() - 0.849_330_5).abs() < 1e-6);
    }

    /// Worked out by hand. Nearly everything is '+': chance explains .945 of
    /// the agreement for κ, and 2·.972·.028 of it for AC1.
    #[test]
    fn ac1_stands_where_kappa_falls() {
        let table = pairs(&[('+', '+', 118), ('+', '-', 5), ('-', '+', 2)]);
        let found = agreement(&table, 2).unwrap();
        assert!((found.observed - 0.944).abs() < 1e-12);
        assert!((found.kappa.unwrap() + 0.0234).abs() < 5e-4);
        assert!((found.ac1.unwrap() - 0.9408).abs() < 5e-4);
    }

    #[test]
    fn where_nothing_can_disagree_nothing_is_said() {
        let same = pairs(&[('a', 'a', 7)]);
        let found = agreement(&same, 2).unwrap();
        assert_eq!(
            (found.observed, found.kappa, found.alpha),
            (1.0, None, None)
        );
        assert_eq!(found.ac1, Some(1.0));
        assert_eq!(agreement::<char>(&[], 2), None);
        assert_eq!(agreement(&same, 1).unwrap().ac1, None);
    }

    proptest! {
        #[test]
        fn a_weight_is_that_many_units_and_order_and_scale_do_not_matter(
            mut cells in prop::collection::vec((0_u8..3, 0_u8..3, 1_usize..4), 1..20),
        ) {
            let repeated = agreement(&pairs(&cells), 3).unwrap();
            let weighted = |scale: f64, cells: &[(u8, u8, usize)]| {
                let pair = |(first, second, count): &(u8, u8, usize)| Pair {
                    first: *first, second: *second, weight: scale * *count as f64,
                };
                agreement(&cells.iter().map(pair).collect::<Vec<_>>(), 3).unwrap()
            };
            let one = weighted(1.0, &cells);
            prop_assert!((one.observed - repeated.observed).abs() < 1e-9);
            prop_assert_eq!(one.kappa.is_some(), repeated.kappa.is_some());
            let difference = one.kappa.unwrap_or(0.0) - repeated.kappa.unwrap_or(0.0);
            prop_assert!(difference.abs() < 1e-9);
            cells.reverse();
            prop_assert_eq!(one, weighted(1.0, &cells));
            let scaled = weighted(8.0, &cells);
            prop_assert!((one.alpha.unwrap_or(0.0) - scaled.alpha.unwrap_or(0.0)).abs() < 1e-9);
        }
    }
}
