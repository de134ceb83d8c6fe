/// How many equally talkative people would give the same concentration:
/// 1 / Σp², where p is each participant's share of the mentions. 0 without
/// mentions.
///
/// Five people of whom one says nearly everything are close to one effective
/// voice; five who say equally much are five.
///
/// Source: M. Laakso and R. Taagepera, "Effective number of parties",
/// Comparative Political Studies 12 (1979) 3–27; the Hill number of order 2, M.
/// O. Hill, Ecology 54 (1973) 427–432.
#[must_use]
pub fn effective_voices(mentions: &[u64]) -> f64 {
    let total: u128 = mentions.iter().map(|n| u128::from(*n)).sum();
    let total = total.max(1) as f64;
    // Sums of floats depend on their order.
    let mut sorted = mentions.to_vec();
    sorted.sort_unstable();
    let squares: f64 = sorted.iter().map(|n| (*n as f64 / total).powi(2)).sum();
    if squares > 0.0 { 1.0 / squares } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 1 / (0.75² + 0.25²) and 1 / (0.4² + 0.3² + 0.2² + 0.1²).
    #[test]
    fn agrees_with_shares_worked_out_by_hand() {
        assert!((effective_voices(&[75, 25]) - 1.6).abs() < 1e-12);
        assert!((effective_voices(&[4, 3, 2, 1]) - 100.0 / 30.0).abs() < 1e-12);
    }

    #[test]
    fn silence_has_no_voices() {
        assert_eq!(effective_voices(&[]), 0.0);
        assert_eq!(effective_voices(&[0, 0]), 0.0);
        assert_eq!(effective_voices(&[u64::MAX, 0]), 1.0);
    }

    proptest! {
        #[test]
        fn lies_between_one_and_the_number_of_speakers(
            mentions in prop::collection::vec(1_u64..1000, 1..50),
        ) {
            let voices = effective_voices(&mentions);
            prop_assert!(voices > 1.0 - 1e-9 && voices < mentions.len() as f64 + 1e-9);
        }
    }
}
