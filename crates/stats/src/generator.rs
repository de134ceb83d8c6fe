/// A generator of pseudo-random numbers: 64 bits of state, explicit seed, the
/// same sequence on every machine.
///
/// Source: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom
/// number generators", OOPSLA 2014. Fit for resampling, not for secrets.
#[derive(Debug, Clone)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// Begins the sequence of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A whole number below `bound`, all equally likely; 0 if `bound` is 0.
    ///
    /// Source: D. Lemire, "Fast random integer generation in an interval", ACM
    /// TOMACS 29 (2019), algorithm 5.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = bound as u64;
        if bound == 0 {
            return 0;
        }
        loop {
            let product = u128::from(self.next_u64()) * u128::from(bound);
            let low = product as u64;
            // A draw in the incomplete last stretch is thrown back.
            if low >= bound || low >= bound.wrapping_neg() % bound {
                return (product >> 64) as usize;
            }
        }
    }

    /// Puts `values` into a random order, all orders equally likely.
    ///
    /// Source: R. Durstenfeld, "Algorithm 235: random permutation",
    /// Communications of the ACM 7 (1964) 420.
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first outputs of the reference implementation for seed 1234567.
    #[test]
    fn is_the_published_sequence() {
        let mut generator = SplitMix64::new(1_234_567);
        let drawn: Vec<u64> = (0..5).map(|_| generator.next_u64()).collect();
        assert_eq!(
            drawn,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }

    #[test]
    fn draws_below_a_bound_are_even() {
        let mut generator = SplitMix64::new(1);
        let mut seen = [0_u32; 7];
        for _ in 0..70_000 {
            seen[generator.below(7)] += 1;
        }
        assert!(seen.iter().all(|n| (9_600..10_400).contains(n)), "{seen:?}");
        assert_eq!((generator.below(0), generator.below(1)), (0, 0));
    }

    #[test]
    fn orders_are_even() {
        let mut generator = SplitMix64::new(9);
        let mut first = [0_u32; 4];
        for _ in 0..8_000 {
            let mut order = [0, 1, 2, 3];
            generator.shuffle(&mut order);
            first[order[0]] += 1;
        }
        assert!(
            first.iter().all(|n| (1_850..2_150).contains(n)),
            "{first:?}"
        );
    }
}
