//! A later version of a file, out of an earlier one and what changed.
//!
//! A change is a patch as bsdiff writes it (Percival 2003, "Naive differences of executable
//! code"), compressed by zstd: for bytes that stand for each other, their differences, and
//! in full what has no counterpart. In a model whose weights have been trained a little
//! further most differences are nothing and the others small, so that a change costs a
//! tenth of the file; one that compares bytes as they are would cost as much as the file.

use std::io::Read;

use zstd::stream::read::Decoder;

/// How many times longer a change can make a file: what asks for more is not a change of
/// parts, and is refused before memory is taken for it.
const LONGER: u64 = 2;

/// The file that `change` makes of `before`, or why it makes none.
pub(crate) fn apply(before: &[u8], change: &[u8]) -> Result<Vec<u8>, String> {
    // A patch holds a byte for each of the outcome, and says where they go.
    let longest = LONGER * before.len() as u64;
    let decoder = Decoder::new(change).map_err(|e| e.to_string())?;
    let mut patch = decoder.take(longest);
    let mut after = Vec::with_capacity(before.len());
    let made = bsdiff::patch(before, &mut patch, &mut after);
    if patch.limit() == 0 {
        return Err(format!("it is longer than {longest} bytes"));
    }
    made.map_err(|e| e.to_string())?;
    Ok(after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What makes `after` of `before`.
    fn change(before: &[u8], after: &[u8]) -> Vec<u8> {
        let mut patch = Vec::new();
        bsdiff::diff(before, after, &mut patch).unwrap();
        zstd::encode_all(patch.as_slice(), 3).unwrap()
    }

    /// Bytes without a pattern.
    fn noise(seed: u32) -> impl Iterator<Item = u8> {
        let next = |x: &u32| Some(x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        std::iter::successors(Some(seed), next).map(|x| (x >> 24) as u8)
    }

    proptest! {
        #[test]
        fn a_change_gives_back_the_later_file(
            before in prop::collection::vec(any::<u8>(), 2000..3000),
            after in prop::collection::vec(any::<u8>(), 0..3500),
        ) {
            prop_assert_eq!(apply(&before, &change(&before, &after)), Ok(after));
        }

        #[test]
        fn bytes_that_are_no_change_are_refused_or_bounded(
            before in prop::collection::vec(any::<u8>(), 0..100),
            frame in prop::collection::vec(any::<u8>(), 0..100),
            patch in prop::collection::vec(any::<u8>(), 0..100),
            cut in 0_usize..100,
        ) {
            let mut near = change(&before, &before);
            near.truncate(cut);
            near.extend(&frame);
            let wild = zstd::encode_all(patch.as_slice(), 1).unwrap();
            for frame in [&frame, &near, &wild] {
                if let Ok(after) = apply(&before, frame) {
                    prop_assert!(after.len() <= 2 * before.len());
                }
            }
        }
    }

    #[test]
    fn what_stayed_the_same_costs_next_to_nothing() {
        let before: Vec<u8> = noise(1).take(100_000).collect();
        let (head, tail) = before.split_at(60_000);
        let after: Vec<u8> = [head, &noise(2).take(1_000).collect::<Vec<_>>(), tail].concat();
        let frame = change(&before, &after);
        assert!(frame.len() < 1_200, "{}", frame.len());
        assert!(apply(&before, &frame) == Ok(after));
    }

    #[test]
    fn small_differences_everywhere_cost_little() {
        let before: Vec<u8> = noise(1).take(100_000).collect();
        let moved = before.iter().zip(noise(2));
        let after: Vec<u8> = moved.map(|(b, n)| b.wrapping_add(n / 200)).collect();
        let frame = change(&before, &after);
        assert!(frame.len() < 30_000, "{}", frame.len());
        assert!(apply(&before, &frame) == Ok(after.clone()));
        // Of another file it makes something else.
        let mut other = before;
        other[100] ^= 1;
        assert!(apply(&other, &frame) != Ok(after));
    }

    #[test]
    fn an_outcome_much_longer_than_the_file_is_refused() {
        let frame = change(b"abcd", &[0; 1000]);
        let problem = apply(b"abcd", &frame).unwrap_err();
        assert!(problem.contains("longer than 8 bytes"), "{problem}");
    }
}
