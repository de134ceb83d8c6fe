use std::collections::BTreeMap;

/// Most tokens in a batch, so that its states stay in a core's cache.
const MAX_TOKENS: usize = 1024;

/// Readings of equal length that go through the encoder together.
///
/// Equal length means no padding, so that no sum ever runs over a different
/// number of terms because of a batch-mate.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Tokens of each reading.
    pub tokens: usize,
    /// Where the readings stand in the list that was given.
    pub members: Vec<usize>,
    /// The ids of all members, one after the other.
    pub ids: Vec<i32>,
}

/// Puts readings into batches, longest first so that the workers finish
/// together. Readings that are `None` are left out.
pub(crate) fn batches(readings: &[Option<Vec<i32>>]) -> Vec<Batch> {
    let mut by_length: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, ids) in readings.iter().enumerate() {
        if let Some(ids) = ids.as_deref().filter(|ids| !ids.is_empty()) {
            by_length.entry(ids.len()).or_default().push(index);
        }
    }
    by_length
        .iter()
        .rev()
        .flat_map(|(tokens, all)| {
            let rows = (MAX_TOKENS / tokens).max(1);
            all.chunks(rows).map(|members| Batch {
                tokens: *tokens,
                members: members.to_vec(),
                ids: members
                    .iter()
                    .filter_map(|i| readings.get(*i)?.as_deref())
                    .flatten()
                    .copied()
                    .collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_reading_is_in_one_batch_of_its_own_length(
            lengths in prop::collection::vec(0_usize..300, 0..80),
        ) {
            let readings: Vec<_> = lengths.iter().enumerate()
                .map(|(i, n)| (*n > 0).then(|| vec![i as i32; *n]))
                .collect();
            let mut seen = vec![];
            for batch in batches(&readings) {
                prop_assert_eq!(batch.ids.len(), batch.tokens * batch.members.len());
                prop_assert!(batch.members.len() == 1 || batch.ids.len() <= MAX_TOKENS);
                for (row, member) in batch.members.iter().enumerate() {
                    let ids = &batch.ids[row * batch.tokens..][..batch.tokens];
                    prop_assert_eq!(Some(ids), readings[*member].as_deref());
                    seen.push(*member);
                }
            }
            seen.sort_unstable();
            let expected: Vec<_> = (0..lengths.len()).filter(|i| lengths[*i] > 0).collect();
            prop_assert_eq!(seen, expected);
        }
    }
}
