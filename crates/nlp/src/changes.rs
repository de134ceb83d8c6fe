//! A later version of a file, out of an earlier one and what changed.
//!
//! A change is one zstd frame for which the earlier file is the dictionary (`zstd
//! --patch-from`): what stayed the same is a reference, what did not is there in full. So
//! a few new layers cost what they weigh, not what the model does, wherever they lie in
//! the file and however long they are.

use zstd::zstd_safe::{DCtx, get_error_name, get_frame_content_size};

/// How many times longer a change can make a file: what asks for more is not a change of
/// parts, and is refused before memory is taken for it.
const LONGER: u64 = 2;

/// The file that `change` makes of `before`, or why it makes none.
pub(crate) fn apply(before: &[u8], change: &[u8]) -> Result<Vec<u8>, String> {
    let length = match get_frame_content_size(change) {
        Ok(Some(length)) => length,
        _ => return Err("it does not say how long the outcome is".to_owned()),
    };
    let longest = LONGER * before.len() as u64;
    if length > longest {
        return Err(format!(
            "its outcome would be {length} bytes long, and {longest} are the most"
        ));
    }
    let failed = |code| get_error_name(code).to_owned();
    let mut after = Vec::with_capacity(usize::try_from(length).map_err(|e| e.to_string())?);
    let mut context = DCtx::create();
    context.ref_prefix(before).map_err(failed)?;
    context.decompress(&mut after, change).map_err(failed)?;
    Ok(after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zstd::zstd_safe::{CCtx, compress_bound};

    use super::*;

    /// What makes `after` of `before`.
    fn change(before: &[u8], after: &[u8]) -> Vec<u8> {
        let mut frame = Vec::with_capacity(compress_bound(after.len()));
        let mut context = CCtx::create();
        context.ref_prefix(before).unwrap();
        context.compress2(&mut frame, after).unwrap();
        frame
    }

    proptest! {
        #[test]
        fn a_change_gives_back_the_later_file(
            (before, after) in prop::collection::vec(any::<u8>(), 1..300)
                .prop_flat_map(|before| {
                    let most = 2 * before.len();
                    (Just(before), prop::collection::vec(any::<u8>(), 0..=most))
                }),
        ) {
            prop_assert_eq!(apply(&before, &change(&before, &after)), Ok(after));
        }

        #[test]
        fn bytes_that_are_no_change_are_refused_or_bounded(
            before in prop::collection::vec(any::<u8>(), 0..100),
            frame in prop::collection::vec(any::<u8>(), 0..100),
            cut in 0_usize..100,
        ) {
            let mut near = change(&before, &before);
            near.truncate(cut);
            near.extend(&frame);
            for frame in [&frame, &near] {
                if let Ok(after) = apply(&before, frame) {
                    prop_assert!(after.len() <= 2 * before.len());
                }
            }
        }
    }

    #[test]
    fn what_stayed_the_same_costs_next_to_nothing() {
        let noise = |seed: u32| {
            let next = |x: &u32| Some(x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
            std::iter::successors(Some(seed), next).map(|x| (x >> 24) as u8)
        };
        let before: Vec<u8> = noise(1).take(100_000).collect();
        let (head, tail) = before.split_at(60_000);
        let after: Vec<u8> = [head, &noise(2).take(1_000).collect::<Vec<_>>(), tail].concat();
        let frame = change(&before, &after);
        assert!(frame.len() < 1_200, "{}", frame.len());
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
        assert!(problem.contains("1000 bytes"), "{problem}");
    }
}
