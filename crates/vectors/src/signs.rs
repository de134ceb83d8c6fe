//! Vectors by the signs of their components: a bit each, so that far more of them
//! are compared in the time that reading one vector takes.
//!
//! Two vectors whose directions are near each other differ in few signs (the
//! share of signs that differ estimates the angle: Charikar, "Similarity
//! Estimation Techniques from Rounding Algorithms", 2002). Those that differ in
//! fewest are then compared exactly.

/// Bytes that hold the signs of one vector: whole words of 64 bits.
pub(crate) fn bytes(dimension: usize) -> usize {
    dimension.div_ceil(64) * 8
}

/// Appends the signs of a vector, the first component in the lowest bit: 1 for
/// less than zero. What is left of the last word is 0.
pub(crate) fn append(components: impl Iterator<Item = i8>, out: &mut Vec<u8>) {
    let start = out.len();
    let mut word = 0_u64;
    let mut bits = 0;
    for component in components {
        word |= u64::from(component < 0) << bits;
        bits += 1;
        if bits == 64 {
            out.extend_from_slice(&word.to_le_bytes());
            (word, bits) = (0, 0);
        }
    }
    if bits > 0 || out.len() == start {
        out.extend_from_slice(&word.to_le_bytes());
    }
}

/// In how many signs a vector, whose signs are `wanted`, differs from those at
/// `positions` of `all`: no more than there are components, which are no more than fit.
pub(crate) fn apart(
    wanted: &[[u8; 8]],
    all: &[[u8; 8]],
    positions: impl Iterator<Item = usize>,
) -> Vec<u16> {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("popcnt") {
        #[expect(unsafe_code, reason = "the processor was asked just before")]
        // SAFETY: what the function needs of the processor is there.
        return unsafe { apart_popcnt(wanted, all, positions) };
    }
    counted(wanted, all, positions)
}

/// [`counted`], made for the instruction that counts ones: a third of the time.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn apart_popcnt(
    wanted: &[[u8; 8]],
    all: &[[u8; 8]],
    positions: impl Iterator<Item = usize>,
) -> Vec<u16> {
    counted(wanted, all, positions)
}

#[inline(always)]
fn counted(
    wanted: &[[u8; 8]],
    all: &[[u8; 8]],
    positions: impl Iterator<Item = usize>,
) -> Vec<u16> {
    // A loop and no `collect`, which would be made for any processor.
    let mut counts = Vec::with_capacity(positions.size_hint().0);
    for position in positions {
        let row = all.get(position * wanted.len()..).unwrap_or_default();
        let mut count = 0;
        for (a, b) in wanted.iter().zip(row) {
            count += (u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b)).count_ones();
        }
        counts.push(count as u16);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn signs(components: &[i8]) -> Vec<u8> {
        let mut out = Vec::new();
        append(components.iter().copied(), &mut out);
        out
    }

    proptest! {
        #[test]
        fn vectors_are_as_far_apart_as_they_differ_in_signs(
            pairs in prop::collection::vec((any::<i8>(), any::<i8>()), 1..4_100),
        ) {
            let (a, b): (Vec<i8>, Vec<i8>) = pairs.iter().copied().unzip();
            let (of_a, of_b) = (signs(&a), signs(&b));
            prop_assert_eq!(of_a.len(), bytes(a.len()));
            let differ = pairs.iter().filter(|(a, b)| (*a < 0) != (*b < 0)).count();
            let (of_a, of_b) = (of_a.as_chunks().0, of_b.as_chunks().0);
            let both = [of_a, of_b].concat();
            let counts = vec![differ as u16, 0, differ as u16];
            prop_assert_eq!(apart(of_a, &both, [1, 0, 1].into_iter()), counts.clone());
            prop_assert_eq!(counted(of_a, &both, [1, 0, 1].into_iter()), counts);
        }
    }

    #[test]
    fn opposites_differ_everywhere() {
        for dimension in [1, 63, 64, 384, 2_048, 65_535] {
            let (a, b) = (signs(&vec![1; dimension]), signs(&vec![-1; dimension]));
            let counts = apart(a.as_chunks().0, b.as_chunks().0, std::iter::once(0));
            assert_eq!(counts, [dimension as u16]);
        }
    }
}
