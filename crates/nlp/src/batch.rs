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

/// The second part of a reading, its first token aside, is filled up to a
/// multiple of this, so that more readings are of equal shape. The filling
/// is seen like any token: the model was trained so.
const BLOCK: usize = 8;

/// `[PAD]`: BERT vocabularies start with it.
const PAD: i32 = 0;

/// A text and what is read beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    /// The text between its end marks.
    pub text: Vec<i32>,
    /// The tag token, then the context, its end mark and filling, if there is one.
    pub second: Vec<i32>,
}

impl Reading {
    /// `text` and `context` have their end marks. The tag token looks like the
    /// first mark.
    pub(crate) fn new(text: Vec<i32>, context: Option<Vec<i32>>) -> Self {
        let mut second = context.unwrap_or_else(|| text.iter().take(1).copied().collect());
        let behind = second.len().saturating_sub(1);
        second.resize(1 + behind.next_multiple_of(BLOCK), PAD);
        Self { text, second }
    }
}

/// Readings of equal shape that go through the model together: equal in both
/// parts, so that nothing is padded because of a batch-mate.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PairBatch {
    /// The first parts.
    pub text: Batch,
    /// Tokens of each second part.
    pub tokens: usize,
    /// The ids of all second parts, one after the other.
    pub ids: Vec<i32>,
}

/// Puts readings into batches of equal shape, as [`batches`] does.
pub(crate) fn pair_batches(readings: &[Option<Reading>]) -> Vec<PairBatch> {
    let mut by_shape: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (index, reading) in readings.iter().enumerate() {
        if let Some(Reading { text, second }) = reading {
            let shape = (text.len(), second.len());
            by_shape.entry(shape).or_default().push(index);
        }
    }
    let ids_of = |members: &[usize], part: fn(&Reading) -> &Vec<i32>| {
        let known = members.iter().filter_map(|i| readings.get(*i)?.as_ref());
        known.flat_map(part).copied().collect()
    };
    by_shape
        .iter()
        .rev()
        .flat_map(|((text, second), all)| {
            let rows = (MAX_TOKENS / (text + second)).max(1);
            all.chunks(rows).map(|members| PairBatch {
                text: Batch {
                    tokens: *text,
                    members: members.to_vec(),
                    ids: ids_of(members, |reading| &reading.text),
                },
                tokens: *second,
                ids: ids_of(members, |reading| &reading.second),
            })
        })
        .collect()
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

    #[test]
    fn the_second_part_is_the_tag_token_and_a_filled_context() {
        let text = vec![101, 7, 102];
        assert_eq!(Reading::new(text.clone(), None).second, [101]);
        let context = vec![101, 8, 9, 102];
        let short = Reading::new(text.clone(), Some(context)).second;
        assert_eq!(short, [101, 8, 9, 102, 0, 0, 0, 0, 0]);
        let full = vec![101, 1, 2, 3, 4, 5, 6, 7, 102];
        assert_eq!(Reading::new(text, Some(full.clone())).second, full);
    }

    proptest! {
        #[test]
        fn a_pair_is_in_one_batch_of_its_own_shape(
            lengths in prop::collection::vec((0_usize..60, 0_usize..34), 0..80),
        ) {
            let readings: Vec<_> = lengths.iter().enumerate().map(|(i, (n, m))| {
                let context = (*m > 1).then(|| vec![-(i as i32); *m]);
                (*n > 0).then(|| Reading::new(vec![i as i32; *n], context))
            }).collect();
            let mut seen = vec![];
            for batch in pair_batches(&readings) {
                let rows = batch.text.members.len();
                prop_assert_eq!(batch.ids.len(), rows * batch.tokens);
                prop_assert_eq!(batch.tokens % 8, 1);
                for (row, member) in batch.text.members.iter().enumerate() {
                    let reading = readings[*member].as_ref().unwrap();
                    let own = &batch.text.ids[row * batch.text.tokens..][..batch.text.tokens];
                    prop_assert_eq!(own, reading.text.as_slice());
                    let second = &batch.ids[row * batch.tokens..][..batch.tokens];
                    prop_assert_eq!(second, reading.second.as_slice());
                    seen.push(*member);
                }
            }
            seen.sort_unstable();
            let expected: Vec<_> = (0..lengths.len()).filter(|i| lengths[*i].0 > 0).collect();
            prop_assert_eq!(seen, expected);
        }

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
