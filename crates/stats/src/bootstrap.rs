use std::collections::BTreeMap;

use throughline_core::Sentiment;

use crate::{Interval, SplitMix64};

/// How a bootstrap interval is drawn. One setting for all data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// How many times the participants are drawn anew.
    pub resamples: usize,
    /// Begins the sequence of random numbers.
    pub seed: u64,
}

impl Default for Bootstrap {
    /// 2,000 resamples: the ends then move by about a twentieth of the
    /// interval's width from seed to seed.
    fn default() -> Self {
        Self {
            resamples: 2_000,
            seed: 1,
        }
    }
}

/// A value and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value in the data themselves.
    pub value: f64,
    /// Its interval at 95 %; `None` where fewer than two participants speak or
    /// nothing was drawn, so that nothing can be said.
    pub interval: Option<Interval>,
    /// How many participants (documents where nobody is named) it rests on.
    pub units: usize,
}

/// One participant's values.
#[derive(Debug, Clone, Copy, Default)]
struct Unit {
    sum: f64,
    count: f64,
}

/// The mean of all values with a percentile bootstrap interval in which whole
/// participants are drawn, each with everything they said.
///
/// Each observation is (participant, value); values that are not finite are
/// left out. `None` if nothing is left. The result does not depend on the order
/// of the observations.
///
/// Source: resampling of clusters, A. C. Davison and D. V. Hinkley, "Bootstrap
/// Methods and their Application" (1997), section 3.8, strategy 1; percentile
/// interval, B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap"
/// (1993), section 13.3.
#[must_use]
pub fn clustered_mean(observations: &[(&str, f64)], bootstrap: Bootstrap) -> Option<Estimate> {
    let evenly = observations.iter().map(|(one, value)| (*one, *value, 1.0));
    weighted_clustered_mean(evenly, bootstrap)
}

/// As [`clustered_mean`], of observations of unequal weight (one over the chance to
/// be drawn): (participant, value, weight). Those without a positive weight are left
/// out.
///
/// Source: as [`clustered_mean`]; the ratio of two weighted sums, L. Kish, "Survey
/// Sampling" (1965), section 6.3.
#[must_use]
pub fn weighted_clustered_mean<P: Ord>(
    observations: impl IntoIterator<Item = (P, f64, f64)>,
    bootstrap: Bootstrap,
) -> Option<Estimate> {
    let counts = |(_, value, weight): &(P, f64, f64)| {
        value.is_finite() && weight.is_finite() && *weight > 0.0
    };
    let mut sorted: Vec<(P, f64, f64)> = observations.into_iter().filter(counts).collect();
    // Sums of floats depend on their order, so the values are sorted as well.
    sorted.sort_by(|a, b| {
        let by_value = || a.1.total_cmp(&b.1).then(a.2.total_cmp(&b.2));
        a.0.cmp(&b.0).then_with(by_value)
    });
    let mut by_participant: BTreeMap<P, Unit> = BTreeMap::new();
    for (participant, value, weight) in sorted {
        let unit = by_participant.entry(participant).or_default();
        unit.sum += weight * value;
        unit.count += weight;
    }
    let units: Vec<Unit> = by_participant.into_values().collect();
    let value = mean(units.iter())?;
    Some(Estimate {
        value,
        interval: percentile_interval(&units, bootstrap),
        units: units.len(),
    })
}

/// Net sentiment, share of positive minus share of negative mentions, −1…+1,
/// with its interval: [`clustered_mean`] of +1 for positive, −1 for negative,
/// 0 for neutral and mixed.
///
/// Each observation is (participant, sentiment). `None` without observations.
#[must_use]
pub fn net_sentiment(observations: &[(&str, Sentiment)], bootstrap: Bootstrap) -> Option<Estimate> {
    let scored: Vec<(&str, f64)> = observations
        .iter()
        .map(|(participant, sentiment)| {
            let score = match sentiment {
                Sentiment::Positive => 1.0,
                Sentiment::Negative => -1.0,
                Sentiment::Neutral | Sentiment::Mixed => 0.0,
            };
            (*participant, score)
        })
        .collect();
    clustered_mean(&scored, bootstrap)
}

fn mean<'u>(units: impl Iterator<Item = &'u Unit>) -> Option<f64> {
    let total = units.fold(Unit::default(), |total, unit| Unit {
        sum: total.sum + unit.sum,
        count: total.count + unit.count,
    });
    (total.count > 0.0).then(|| total.sum / total.count)
}

fn percentile_interval(units: &[Unit], bootstrap: Bootstrap) -> Option<Interval> {
    resampled(units.len(), bootstrap, |drawn| {
        mean(drawn.iter().filter_map(|number| units.get(*number)))
    })
}

/// The percentile bootstrap interval at 95 % of anything that can be worked out
/// of a draw of `units` participants: `value` is given the numbers of those
/// drawn, with repeats. `None` with fewer than two, or where it never has a
/// value.
///
/// Source: as [`clustered_mean`].
#[must_use]
pub fn resampled(
    units: usize,
    bootstrap: Bootstrap,
    mut value: impl FnMut(&[usize]) -> Option<f64>,
) -> Option<Interval> {
    let mut values = Vec::with_capacity(bootstrap.resamples);
    each_resample(units, bootstrap, &mut |drawn| values.extend(value(drawn)));
    values.sort_by(f64::total_cmp);
    Some(Interval {
        low: quantile(&values, 0.025)?,
        high: quantile(&values, 0.975)?,
    })
}

/// Gives `see` the numbers of `units` participants drawn with repeats, as often
/// as `bootstrap` says; nothing with fewer than two.
pub(crate) fn each_resample(units: usize, bootstrap: Bootstrap, see: &mut dyn FnMut(&[usize])) {
    if units < 2 {
        return;
    }
    let mut generator = SplitMix64::new(bootstrap.seed);
    let mut drawn = vec![0; units];
    for _ in 0..bootstrap.resamples {
        for number in &mut drawn {
            *number = generator.below(units);
        }
        see(&drawn);
    }
}

/// The quantile at `share` of sorted values, by linear interpolation: type 7 of
/// R. J. Hyndman and Y. Fan, The American Statistician 50 (1996) 361–365.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share * last as f64;
    let below = (place.floor() as usize).min(last);
    let low = sorted.get(below)?;
    let high = sorted.get((below + 1).min(last))?;
    Some(low + (place - place.floor()) * (high - low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Efron and Tibshirani 1993, table 2.1: survival of seven treated mice.
    /// The mean is 86.86; the standard error of the mean is, by the plug-in
    /// formula of chapter 5, 23.36; the percentile interval must have about
    /// the width that the normal approximation gives.
    #[test]
    fn agrees_with_the_published_mice() {
        let mice = [
            ("a", 94.0),
            ("b", 197.0),
            ("c", 16.0),
            ("d", 38.0),
            ("e", 99.0),
            ("f", 141.0),
            ("g", 23.0),
        ];
        let estimate = clustered_mean(&mice, Bootstrap::default()).unwrap();
        assert!((estimate.value - 86.86).abs() < 0.005);
        let interval = estimate.interval.unwrap();
        let width = interval.high - interval.low;
        assert!((width - 2.0 * 1.96 * 23.36).abs() < 6.0, "{interval:?}");
    }

    #[test]
    fn one_talkative_person_does_not_narrow_the_interval() {
        let mut said: Vec<(&str, f64)> = vec![("ann", -1.0); 100];
        said.extend([("ben", 1.0), ("cleo", 1.0)]);
        let interval = clustered_mean(&said, Bootstrap::default())
            .and_then(|e| e.interval)
            .unwrap();
        assert_eq!((interval.low, interval.high), (-1.0, 1.0));
    }

    #[test]
    fn a_weight_stands_for_so_many() {
        let bootstrap = Bootstrap::default();
        let weighted = [("ann", 1.0, 3.0), ("ben", 0.0, 1.0), ("cleo", 9.0, 0.0)];
        let found = weighted_clustered_mean(weighted, bootstrap).unwrap();
        let spelled_out = [("ann", 1.0), ("ann", 1.0), ("ann", 1.0), ("ben", 0.0)];
        assert_eq!(Some(found), clustered_mean(&spelled_out, bootstrap));
        assert_eq!((found.value, found.units), (0.75, 2));
        assert_eq!(
            weighted_clustered_mean([("a", 1.0, f64::NAN)], bootstrap),
            None
        );
    }

    #[test]
    fn mixed_counts_on_neither_side() {
        let said = [
            ("a", Sentiment::Mixed),
            ("b", Sentiment::Positive),
            ("c", Sentiment::Neutral),
            ("d", Sentiment::Negative),
            ("e", Sentiment::Positive),
        ];
        let net = net_sentiment(&said, Bootstrap::default()).unwrap();
        assert!((net.value - 0.2).abs() < 1e-12);
    }

    #[test]
    fn too_little_gives_no_interval() {
        let bootstrap = Bootstrap::default();
        assert_eq!(clustered_mean(&[], bootstrap), None);
        assert_eq!(clustered_mean(&[("a", f64::NAN)], bootstrap), None);
        let one = clustered_mean(&[("a", 1.0), ("a", 3.0)], bootstrap).unwrap();
        assert_eq!((one.value, one.interval, one.units), (2.0, None, 1));
        let none_drawn = Bootstrap {
            resamples: 0,
            seed: 1,
        };
        let two = clustered_mean(&[("a", 1.0), ("b", 3.0)], none_drawn).unwrap();
        assert_eq!((two.value, two.interval), (2.0, None));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_order_of_observations_does_not_matter(
            mut said in prop::collection::vec((0_u8..6, -1.0_f64..1.0), 1..30),
            turn in 0_usize..30,
        ) {
            let names = ["a", "b", "c", "d", "e", "f"];
            let bootstrap = Bootstrap { resamples: 50, seed: 3 };
            let run = |said: &[(u8, f64)]| {
                let said: Vec<_> = said.iter().map(|(p, v)| (names[usize::from(*p)], *v)).collect();
                clustered_mean(&said, bootstrap)
            };
            let before = run(&said);
            let turn = turn % said.len();
            said.rotate_left(turn);
            said.reverse();
            prop_assert_eq!(before, run(&said));
        }
    }
}
