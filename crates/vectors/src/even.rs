//! Looking up ids that lie evenly.

/// Where `id` stands among `ids`, which are ascending and all different.
///
/// Ids are hashes, so that they lie evenly: one begins so far into all that can be
/// as it stands into the file, give or take the square root of their number. A
/// guess, another from there, and a search around it touch a few places that lie
/// side by side, where halving the whole again and again touches twenty far apart;
/// wherever ids lie, it ends like that one ("Interpolation search": Perl, Itai and
/// Avni, 1978).
pub(crate) fn search(ids: &[[u8; 16]], id: &[u8; 16]) -> Option<usize> {
    let last = ids.len().checked_sub(1)?;
    let first_half = |id: &[u8; 16]| (u128::from_be_bytes(*id) >> 64) as u64;
    let share = |of: u64| ((u128::from(of) * ids.len() as u128) >> 64) as usize;
    let wanted = first_half(id);
    let guess = share(wanted).min(last);
    let there = first_half(ids.get(guess)?);
    let guess = match wanted.checked_sub(there) {
        Some(ahead) => guess.saturating_add(share(ahead)).min(last),
        None => guess.saturating_sub(share(there - wanted)),
    };
    let (mut low, mut high, mut step) = (guess, guess, 1);
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
            let other = id(other.0, other.1);
            prop_assert_eq!(search(&ids, &other), ids.binary_search(&other).ok());
        }
    }
}
