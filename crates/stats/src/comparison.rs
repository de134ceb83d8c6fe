//! Whether groups differ by more than chance.

use crate::{Interval, wilson};

/// Two groups, and how many of each have something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TwoShares {
    /// Those of the first group that have it.
    pub first: u64,
    /// All of the first group.
    pub first_of: u64,
    /// Those of the second group that have it.
    pub second: u64,
    /// All of the second group.
    pub second_of: u64,
}

impl TwoShares {
    /// The first group's share less the second's, −1…1; `None` where a group is
    /// empty.
    #[must_use]
    pub fn difference(&self) -> Option<f64> {
        let share = |n: u64, of: u64| (of > 0 && n <= of).then(|| n as f64 / of as f64);
        Some(share(self.first, self.first_of)? - share(self.second, self.second_of)?)
    }

    /// The interval of [`Self::difference`] at 95 %.
    ///
    /// Source: R. G. Newcombe, "Interval estimation for the difference between
    /// independent proportions", Statistics in Medicine 17 (1998) 873–890,
    /// method 10: the two Wilson intervals put together.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        let difference = self.difference()?;
        let one = wilson(self.first, self.first_of)?;
        let other = wilson(self.second, self.second_of)?;
        let (p, q) = (
            self.first as f64 / self.first_of as f64,
            self.second as f64 / self.second_of as f64,
        );
        let below = ((p - one.low).powi(2) + (other.high - q).powi(2)).sqrt();
        let above = ((one.high - p).powi(2) + (q - other.low).powi(2)).sqrt();
        Some(Interval {
            low: difference - below,
            high: difference + above,
        })
    }

    /// Probability, two-sided, of a table as unlikely as this one or more, given
    /// its margins, if the groups do not differ; `None` where a group has more
    /// than all.
    ///
    /// Source: R. A. Fisher, "Statistical Methods for Research Workers" (5th
    /// edition 1934), section 21.02; the two sides by total probability, J. O.
    /// Irwin, Metron 12 (1935) 83–94.
    #[must_use]
    pub fn fisher(&self) -> Option<f64> {
        self.difference()?;
        let (all, having) = (self.first_of + self.second_of, self.first + self.second);
        let least = (having + self.first_of).saturating_sub(all);
        let most = having.min(self.first_of);
        // The logarithm of each table's probability, but for a constant: each
        // follows from the one before.
        let mut logs = vec![0.0_f64];
        for count in least..most {
            let up = (having - count) as f64 * (self.first_of - count) as f64;
            let down = (count + 1) as f64 * (all + count + 1 - having - self.first_of) as f64;
            logs.push(logs.last().copied().unwrap_or(0.0) + up.ln() - down.ln());
        }
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let observed = *logs.get((self.first - least) as usize)?;
        let weigh = |log: &f64| (log - largest).exp();
        // Equal probabilities differ in their last digits.
        let unlikely = logs.iter().filter(|log| **log <= observed + 1e-7);
        let total = unlikely.map(weigh).sum::<f64>() / logs.iter().map(weigh).sum::<f64>();
        Some(total.min(1.0))
    }
}

/// What a χ² test says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquare {
    /// The statistic, 0 upwards.
    pub statistic: f64,
    /// Degrees of freedom.
    pub freedom: u64,
    /// Probability of a statistic as large, if there is no difference.
    pub p: f64,
    /// The smallest count expected: below 5 the probability is rough.
    pub least_expected: f64,
}

/// Whether the rows of a table of counts have the same distribution. Rows and
/// columns without a count are left out; `None` if fewer than two of either
/// stay, or rows differ in length.
///
/// Source: K. Pearson, Philosophical Magazine 50 (1900) 157–175; in the form of
/// A. Agresti, "Categorical Data Analysis" (2nd edition 2002), section 3.2.
#[must_use]
pub fn chi_square(rows: &[Vec<u64>]) -> Option<ChiSquare> {
    let width = rows.first()?.len();
    if rows.iter().any(|row| row.len() != width) {
        return None;
    }
    let mut columns = vec![0.0; width];
    for row in rows {
        for (total, count) in columns.iter_mut().zip(row) {
            *total += *count as f64;
        }
    }
    let all: f64 = columns.iter().sum();
    let kept = columns.iter().filter(|total| **total > 0.0).count();
    let mut heights = 0;
    let (mut statistic, mut least_expected) = (0.0, f64::INFINITY);
    for row in rows {
        let height = row.iter().map(|count| *count as f64).sum::<f64>();
        if height <= 0.0 {
            continue;
        }
        heights += 1;
        for (count, column) in row.iter().zip(&columns).filter(|(_, total)| **total > 0.0) {
            let expected = height * column / all;
            least_expected = least_expected.min(expected);
            statistic += (*count as f64 - expected).powi(2) / expected;
        }
    }
    if heights < 2 || kept < 2 {
        return None;
    }
    let freedom = ((heights - 1) * (kept - 1)) as u64;
    Some(ChiSquare {
        statistic,
        freedom,
        p: above(statistic, freedom),
        least_expected,
    })
}

/// The probability that a χ² variable of so many degrees of freedom, at least
/// 1, exceeds `statistic`.
///
/// Source: M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions"
/// (1964), 26.4.4 for odd and 26.4.5 for even degrees of freedom.
fn above(statistic: f64, freedom: u64) -> f64 {
    let half = statistic / 2.0;
    let odd = freedom % 2 == 1;
    // The first term of the sum, and by what the next ones grow.
    let (mut sum, mut term, mut step) = if odd {
        let first = 2.0 * (half / std::f64::consts::PI).sqrt() * (-half).exp();
        (libm::erfc(half.sqrt()), first, 1.5)
    } else {
        (0.0, (-half).exp(), 1.0)
    };
    for _ in 0..freedom / 2 {
        sum += term;
        term *= half / step;
        step += 1.0;
    }
    sum.clamp(0.0, 1.0)
}

/// Whether a share rises or falls steadily over ordered groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Positive where the share rises; normal with variance 1 if it does not
    /// change.
    pub z: f64,
    /// Probability, two-sided, of a statistic as far from 0.
    pub p: f64,
}

/// The Cochran–Armitage test: each group is (place on the scale, those that have
/// it, all). `None` where no group differs in place, or nobody or everybody has
/// it.
///
/// Source: P. Armitage, "Tests for linear trends in proportions and
/// frequencies", Biometrics 11 (1955) 375–386; A. Agresti, "Categorical Data
/// Analysis" (2nd edition 2002), section 5.3.5.
#[must_use]
pub fn trend(groups: &[(f64, u64, u64)]) -> Option<Trend> {
    let all: f64 = groups.iter().map(|(_, _, of)| *of as f64).sum();
    let having: f64 = groups.iter().map(|(_, n, _)| *n as f64).sum();
    let share = having / all;
    let middle = groups.iter().map(|(x, _, of)| x * *of as f64).sum::<f64>() / all;
    let slope: f64 = groups
        .iter()
        .map(|(x, n, of)| (x - middle) * (*n as f64 - *of as f64 * share))
        .sum();
    let spread: f64 = groups
        .iter()
        .map(|(x, _, of)| *of as f64 * (x - middle).powi(2))
        .sum();
    let variance = share * (1.0 - share) * spread;
    if !variance.is_finite() || variance <= 0.0 {
        return None;
    }
    let z = slope / variance.sqrt();
    Some(Trend {
        z,
        p: above(z * z, 1),
    })
}

/// The probabilities of a family of tests, each made larger so that the chance
/// of even one false alarm in the family stays what is said; in the same order.
///
/// Source: S. Holm, "A simple sequentially rejective multiple test procedure",
/// Scandinavian Journal of Statistics 6 (1979) 65–70.
#[must_use]
pub fn holm(probabilities: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    let of = |number: &usize| probabilities.get(*number).copied().unwrap_or(1.0);
    order.sort_by(|a, b| of(a).total_cmp(&of(b)).then(a.cmp(b)));
    let mut adjusted = vec![1.0; probabilities.len()];
    let mut largest = 0.0_f64;
    for (place, number) in order.iter().enumerate() {
        let left = (probabilities.len() - place) as f64;
        largest = largest.max((left * of(number)).min(1.0));
        if let Some(slot) = adjusted.get_mut(*number) {
            *slot = largest;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shares(first: u64, first_of: u64, second: u64, second_of: u64) -> TwoShares {
        TwoShares {
            first,
            first_of,
            second,
            second_of,
        }
    }

    /// Fisher's lady who tastes tea, three of four cups right: p = .486.
    #[test]
    fn the_lady_tasting_tea() {
        let p = shares(3, 4, 1, 4).fisher().unwrap();
        assert!((p - 0.4857).abs() < 5e-5);
        assert!((shares(0, 5, 0, 7).fisher().unwrap() - 1.0).abs() < 1e-9);
        assert_eq!(shares(0, 0, 1, 7).fisher(), None);
    }

    /// Newcombe 1998, table II, method 10: 56/70 less 48/80 and 9/10 less 3/10.
    #[test]
    fn differences_have_the_published_intervals() {
        for (of, low, high) in [
            (shares(56, 70, 48, 80), 0.0524, 0.3339),
            (shares(9, 10, 3, 10), 0.1705, 0.8090),
        ] {
            let interval = of.interval().unwrap();
            assert!((interval.low - low).abs() < 5e-5, "{interval:?}");
            assert!((interval.high - high).abs() < 5e-5, "{interval:?}");
        }
    }

    /// Agresti, "An Introduction to Categorical Data Analysis" (2007), table 2.5:
    /// X² = 30.07 with 2 degrees of freedom.
    #[test]
    fn party_by_gender() {
        let found = chi_square(&[vec![762, 327, 468], vec![484, 239, 477]]).unwrap();
        assert!((found.statistic - 30.07).abs() < 5e-3);
        assert_eq!(found.freedom, 2);
        assert!((found.p - 2.95e-7).abs() < 5e-9);
        assert_eq!(chi_square(&[vec![1, 2], vec![0, 0]]), None);
        assert_eq!(chi_square(&[vec![1], vec![2, 3]]), None);
        assert_eq!(chi_square(&[]), None);
    }

    /// Agresti 2002, table 3.7 (malformations by the mother's drinking), section
    /// 5.3.5: z² = 6.57, p = .010.
    #[test]
    fn malformations_rise_with_drinking() {
        let found = trend(&[
            (0.0, 48, 17_114),
            (0.5, 38, 14_502),
            (1.5, 5, 793),
            (4.0, 1, 127),
            (7.0, 1, 38),
        ])
        .unwrap();
        assert!((found.z * found.z - 6.57).abs() < 5e-3, "{found:?}");
        assert!((found.p - 0.010).abs() < 5e-4);
        assert_eq!(trend(&[(1.0, 2, 5)]), None);
        assert_eq!(trend(&[]), None);
    }

    /// Abramowitz and Stegun, table 26.8: the values that are exceeded with a
    /// probability of 5 %.
    #[test]
    fn the_five_per_cent_points_are_the_published_ones() {
        let points = [
            3.841_46, 5.991_46, 7.814_73, 9.487_73, 11.070_5, 12.591_6, 14.067_1,
        ];
        for (freedom, point) in (1..).zip(points) {
            assert!((above(point, freedom) - 0.05).abs() < 2e-6, "{freedom}");
        }
        assert_eq!((above(0.0, 3), above(1e9, 4)), (1.0, 0.0));
    }

    #[test]
    fn a_family_of_four_by_hand() {
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (found, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((found - expected).abs() < 1e-12);
        }
        assert!(holm(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn groups_may_be_named_in_either_order(a in 0_u64..30, b in 0_u64..30, c in 0_u64..30, d in 0_u64..30) {
            let one = shares(a, a + b, c, c + d);
            let other = shares(c, c + d, a, a + b);
            if let (Some(p), Some(q)) = (one.fisher(), other.fisher()) {
                prop_assert!((p - q).abs() < 1e-9 && (0.0..=1.0).contains(&p));
                let (i, j) = (one.interval().unwrap(), other.interval().unwrap());
                prop_assert!((i.low + j.high).abs() < 1e-9);
            }
        }

        #[test]
        fn adjusted_probabilities_keep_their_order(p in prop::collection::vec(0.0_f64..=1.0, 0..20)) {
            let adjusted = holm(&p);
            for (i, a) in p.iter().enumerate() {
                prop_assert!(adjusted[i] >= *a && adjusted[i] <= 1.0);
                for (j, b) in p.iter().enumerate() {
                    prop_assert!(a > b || adjusted[i] <= adjusted[j]);
                }
            }
        }
    }
}
