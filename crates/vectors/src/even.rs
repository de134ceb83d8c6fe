//! Looking up ids that lie evenly.
//!
//! Ids are hashes, so that one begins so far into all that can be as it stands into the
//! file, give or take the square root of their number. A guess, better ones from there,
//! and a search around the last touch a few places, where halving the whole again and
//! again touches twenty far apart ("Interpolation search": Perl, Itai and Avni, 1978).
//! Wherever ids lie, the answer is the same.

/// Where `id` stands among `ids`, which are ascending and all different.
pub(crate) fn search(ids: &[[u8; 16]], id: &[u8; 16]) -> Option<usize> {
    let guess = better(ids, id, better(ids, id, guess(ids, id)));
    around(ids, id, guess)
}

/// Where each of several stands. Guesses are made for all of them before any is looked
/// for, so that a processor fetches many places at once and does not wait for each.
pub(crate) fn search_all(ids: &[[u8; 16]], wanted: &[[u8; 16]]) -> Vec<Option<usize>> {
    let mut guesses: Vec<usize> = wanted.iter().map(|id| guess(ids, id)).collect();
    for _ in 0..2 {
        for (guess, id) in guesses.iter_mut().zip(wanted) {
            *guess = better(ids, id, *guess);
        }
    }
    let guessed = wanted.iter().zip(guesses);
    guessed.map(|(id, guess)| around(ids, id, guess)).collect()
}

/// The first eight bytes, which tell nearly all ids apart.
fn beginning(id: &[u8; 16]) -> u64 {
    (u128::from_be_bytes(*id) >> 64) as u64
}

/// How many of the ids lie in such a part of all that can be.
fn share(ids: &[[u8; 16]], of: u64) -> usize {
    ((u128::from(of) * ids.len() as u128) >> 64) as usize
}

fn guess(ids: &[[u8; 16]], id: &[u8; 16]) -> usize {
    share(ids, beginning(id))
}

/// A better guess, by how far what stands at `guess` is away.
fn better(ids: &[[u8; 16]], id: &[u8; 16], guess: usize) -> usize {
    let wanted = beginning(id);
    let there = ids.get(guess).map_or(wanted, beginning);
    let away = share(ids, wanted.abs_diff(there));
    let guess = match wanted < there {
        true => guess.saturating_sub(away),
        false => guess.saturating_add(away),
    };
    guess.min(ids.len().saturating_sub(1))
}

/// Looks for `id` around a guess, ever farther from it.
fn around(ids: &[[u8; 16]], id: &[u8; 16], guess: usize) -> Option<usize> {
    let last = ids.len().checked_sub(1)?;
    let (mut low, mut high, mut step) = (guess.min(last), guess.min(last), 1);
    while low > 0 && ids.get(low)? > id {
        low = low.saturating_sub(step);
        step *= 2;
    }
    step = 1;
    while high < last && ids.get(high)? < id {
        high = high.saturating_add(step).min(last);
        step *= 2;
    }
    let around = ids.get(low..=high)?;
    around.binary_search(id).ok().map(|place| low + place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn id(first: u8, rest: u64) -> [u8; 16] {
        let number = u128::from(first) << 120 | u128::from(rest);
        number.to_be_bytes()
    }

    proptest! {
        #[test]
        fn every_id_is_found_and_no_other_wherever_they_lie(
            ids in prop::collection::btree_set((any::<u8>(), 0_u64..50), 0..80),
            narrow in prop::collection::btree_set((254_u8..=255, any::<u64>()), 0..80),
            other in (any::<u8>(), any::<u64>()),
        ) {
            let ids: BTreeSet<[u8; 16]> =
                ids.into_iter().chain(narrow).map(|(first, rest)| id(first, rest)).collect();
            let ids: Vec<[u8; 16]> = ids.into_iter().collect();
            for (place, one) in ids.iter().enumerate() {
                prop_assert_eq!(search(&ids, one), Some(place));
            }
            let places: Vec<Option<usize>> = (0..ids.len()).map(Some).collect();
            prop_assert_eq!(search_all(&ids, &ids), places);
            let other = id(other.0, other.1);
            prop_assert_eq!(search(&ids, &other), ids.binary_search(&other).ok());
        }
    }
}
