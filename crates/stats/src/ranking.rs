use crate::Bootstrap;
use crate::bootstrap::{each_resample, quantile};

/// The ranks that an item takes in most draws of the people asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankRange {
    /// The best rank, from 1.
    pub best: usize,
    /// The worst.
    pub worst: usize,
}

/// How sure the order of `items` items is: participants are drawn anew with
/// repeats, `scores` works out each item's score from the numbers of those
/// drawn, and each item's range holds its rank in 95 of 100 draws. Equal scores
/// share the better rank. `None` with fewer than two participants.
///
/// Source: rank intervals by bootstrap percentiles, H. Goldstein and D. J.
/// Spiegelhalter, Journal of the Royal Statistical Society A 159 (1996) 385–443,
/// section 4; whole participants are drawn, as in [`crate::clustered_mean`].
#[must_use]
pub fn rank_ranges(
    items: usize,
    units: usize,
    bootstrap: Bootstrap,
    mut scores: impl FnMut(&[usize]) -> Vec<f64>,
) -> Option<Vec<RankRange>> {
    let mut ranks: Vec<Vec<f64>> = vec![Vec::with_capacity(bootstrap.resamples); items];
    each_resample(units, bootstrap, &mut |drawn| {
        let scores = scores(drawn);
        let mut sorted = scores.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        for (ranks, score) in ranks.iter_mut().zip(&scores) {
            let better = sorted.partition_point(|other| other.total_cmp(score).is_gt());
            ranks.push((better + 1) as f64);
        }
    });
    let range = |ranks: &mut Vec<f64>| {
        ranks.sort_by(f64::total_cmp);
        Some(RankRange {
            best: quantile(ranks, 0.025)?.floor() as usize,
            worst: quantile(ranks, 0.975)?.ceil() as usize,
        })
    };
    ranks.iter_mut().map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten people name the first item, five of them the second, three the third,
    /// so that the third is level with the second where two are not drawn.
    #[test]
    fn a_clear_order_has_narrow_ranges() {
        let said = |item: usize, person: usize| person < [10, 5, 3][item];
        let scores = |drawn: &[usize]| -> Vec<f64> {
            let count = |item| drawn.iter().filter(|p| said(item, **p)).count() as f64;
            (0..3).map(count).collect()
        };
        let ranges = rank_ranges(3, 10, Bootstrap::default(), scores).unwrap();
        let range = |best, worst| RankRange { best, worst };
        assert_eq!(ranges, [range(1, 1), range(2, 2), range(2, 3)]);
        assert_eq!(rank_ranges(3, 1, Bootstrap::default(), scores), None);
        assert_eq!(
            rank_ranges(0, 9, Bootstrap::default(), scores),
            Some(vec![])
        );
    }
}
