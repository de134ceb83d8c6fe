/// The two ends of a 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end, in the unit of the value.
    pub low: f64,
    /// Upper end, in the unit of the value.
    pub high: f64,
}

/// The point of the standard normal distribution below which 97.5 % lie.
const Z: f64 = 1.959_963_984_540_054;

/// The Wilson score interval for a proportion, at 95 %: the ends lie in 0…1.
///
/// `None` without trials, or with more successes than trials.
///
/// It is chosen over the textbook interval p ± 1.96·√(p(1−p)/n) because that
/// one leaves 0…1 and is far too narrow for the handful of people of an
/// interview study.
///
/// Source: E. B. Wilson, "Probable inference, the law of succession, and
/// statistical inference", JASA 22 (1927) 209–212; in the form of R. G.
/// Newcombe, Statistics in Medicine 17 (1998) 857–872, method 3:
/// (2np + z² ± z·√(z² + 4npq)) / (2(n + z²)).
#[must_use]
pub fn wilson(successes: u64, trials: u64) -> Option<Interval> {
    if trials == 0 || successes > trials {
        return None;
    }
    Some(wilson_of(successes as f64, trials as f64))
}

fn wilson_of(x: f64, n: f64) -> Interval {
    let middle = 2.0 * x + Z * Z;
    let spread = Z * (Z * Z + 4.0 * x * (n - x) / n).sqrt();
    let scale = 2.0 * (n + Z * Z);
    // At 0 and n the formula gives the bound exactly, but for rounding.
    let low = if x <= 0.0 {
        0.0
    } else {
        (middle - spread) / scale
    };
    let high = if x >= n {
        1.0
    } else {
        (middle + spread) / scale
    };
    Interval { low, high }
}

/// A share of units of unequal weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedShare {
    /// The weighted share, 0…1.
    pub share: f64,
    /// Its interval at 95 %.
    pub interval: Interval,
    /// Units, each counted once.
    pub units: usize,
}

/// The share of those units that have something, each with its weight (one over
/// its chance to be drawn), with a Wilson interval at the sample's effective
/// size, (Σw)² / Σw². `None` without a positive weight.
///
/// Source: [`wilson`]; the effective size, L. Kish, "Survey Sampling" (1965),
/// section 11.7; that the two together hold what they promise, C. Franco et al.,
/// Journal of Survey Statistics and Methodology 7 (2019) 334–364.
#[must_use]
pub fn weighted_share(units: &[(bool, f64)]) -> Option<WeightedShare> {
    let mut sorted = units.to_vec();
    // Sums of floats depend on their order.
    sorted.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let sum = |weights: &mut dyn Iterator<Item = f64>| weights.sum::<f64>();
    let total = sum(&mut sorted.iter().map(|(_, weight)| *weight));
    let squares = sum(&mut sorted.iter().map(|(_, weight)| weight * weight));
    if !squares.is_finite() || total <= 0.0 {
        return None;
    }
    let without = sum(&mut sorted.iter().filter(|(has, _)| !has).map(|(_, w)| *w));
    let share = 1.0 - without / total;
    let effective = total * total / squares;
    Some(WeightedShare {
        share,
        interval: wilson_of(share * effective, effective),
        units: units.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Newcombe 1998, table I, method 3, to the four decimals printed there.
    #[test]
    fn agrees_with_the_published_examples() {
        let published = [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ];
        for (x, n, low, high) in published {
            let interval = wilson(x, n).unwrap();
            assert!((interval.low - low).abs() < 5e-5, "{x}/{n}: {interval:?}");
            assert!((interval.high - high).abs() < 5e-5, "{x}/{n}: {interval:?}");
        }
    }

    #[test]
    fn unequal_weights_widen_the_interval() {
        let even: Vec<(bool, f64)> = (0..29).map(|n| (n == 0, 3.0)).collect();
        let found = weighted_share(&even).unwrap();
        let plain = wilson(1, 29).unwrap();
        assert!((found.share - 1.0 / 29.0).abs() < 1e-12);
        assert!((found.interval.high - plain.high).abs() < 1e-9);
        let uneven: Vec<(bool, f64)> = (0..29).map(|n| (n == 0, 1.0 + n as f64)).collect();
        let found = weighted_share(&uneven).unwrap();
        assert!((found.share - 1.0 / 435.0).abs() < 1e-12);
        assert_eq!(found.units, 29);
        let width = |i: Interval| i.high - i.low;
        let same_share = wilson_of(29.0 / 435.0, 29.0);
        assert!(width(found.interval) > width(same_share));
        assert_eq!(weighted_share(&[]), None);
        assert_eq!(weighted_share(&[(true, 0.0)]), None);
        assert_eq!(weighted_share(&[(true, 2.0)]).unwrap().share, 1.0);
    }

    #[test]
    fn nothing_can_be_said_of_nothing() {
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(3, 2), None);
    }

    proptest! {
        #[test]
        fn holds_the_proportion_and_mirrors(n in 1_u64..10_000, share in 0.0_f64..=1.0) {
            let x = (share * n as f64) as u64;
            let (there, back) = (wilson(x, n).unwrap(), wilson(n - x, n).unwrap());
            let p = x as f64 / n as f64;
            prop_assert!(0.0 <= there.low && there.low <= p && p <= there.high && there.high <= 1.0);
            prop_assert!((there.low - (1.0 - back.high)).abs() < 1e-12);
        }
    }
}
