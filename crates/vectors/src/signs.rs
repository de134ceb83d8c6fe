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

/// In how many signs two vectors differ.
///
/// Ones are counted byte by byte in eight bytes at once and added up at the end:
/// the instruction that counts them is not on every machine that this may run on,
/// and counting each word by itself without it takes twice the time. Sums of a
/// byte cannot run over within [`TOGETHER`] words.
pub(crate) fn apart(a: &[[u8; 8]], b: &[[u8; 8]]) -> u32 {
    let mut sum = 0;
    for (a, b) in a.chunks(TOGETHER).zip(b.chunks(TOGETHER)) {
        let mut bytes = 0_u64;
        for (a, b) in a.iter().zip(b) {
            let mut ones = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
            ones -= ones >> 1 & 0x5555_5555_5555_5555;
            ones = (ones & 0x3333_3333_3333_3333) + (ones >> 2 & 0x3333_3333_3333_3333);
            bytes += (ones + (ones >> 4)) & 0x0f0f_0f0f_0f0f_0f0f;
        }
        let pairs = (bytes & 0x00ff_00ff_00ff_00ff) + (bytes >> 8 & 0x00ff_00ff_00ff_00ff);
        sum += (pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48) as u32;
    }
    sum
}

/// Words whose ones, at most 8 a byte, fit in a byte.
const TOGETHER: usize = 31;

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
            prop_assert_eq!(apart(of_a.as_chunks().0, of_b.as_chunks().0) as usize, differ);
        }
    }

    #[test]
    fn opposites_differ_everywhere() {
        for dimension in [1, 63, 64, 384, 2_048, 65_535] {
            let (a, b) = (signs(&vec![1; dimension]), signs(&vec![-1; dimension]));
            assert_eq!(apart(a.as_chunks().0, b.as_chunks().0) as usize, dimension);
        }
    }
}
