use std::collections::BTreeMap;

/// Most tokens in a batch, so that its states stay in a core's cache.
const MAX_TOKENS: usize = 512;

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
    /// The tag token, then the context, its end mark and filling, if there is one;
    /// nothing where only the vector is wanted.
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

    /// A text for its vector.
    pub(crate) fn alone(text: Vec<i32>) -> Self {
        Self {
            text,
            second: Vec::new(),
        }
    }
}

/// Readings of equal shape that go through the model together.
///
/// Equal in both parts, so that there is no padding because of a batch-mate: no sum
/// ever runs over a different number of terms.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Tokens of each text, and of what is read beside it.
    pub tokens: (usize, usize),
    /// Where the readings stand in the list that was given.
    pub members: Vec<usize>,
    /// The ids of all texts, one after the other.
    pub text: Vec<i32>,
    /// The ids of all second parts, one after the other.
    pub second: Vec<i32>,
}

/// Puts readings into batches, longest first so that the workers finish
/// together. Readings that are `None` are left out.
pub(crate) fn batches(readings: &[Option<Reading>]) -> Vec<Batch> {
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
        .flat_map(|(tokens, all)| {
            let rows = (MAX_TOKENS / (tokens.0 + tokens.1).max(1)).max(1);
            all.chunks(rows).map(|members| Batch {
                tokens: *tokens,
                members: members.to_vec(),
                text: ids_of(members, |reading| &reading.text),
                second: ids_of(members, |reading| &reading.second),
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
        fn a_reading_is_in_one_batch_of_its_own_shape(
            lengths in prop::collection::vec((0_usize..300, 0_usize..34), 0..80),
        ) {
            let readings: Vec<_> = lengths.iter().enumerate().map(|(i, (n, m))| {
                let (text, context) = (vec![i as i32; *n], vec![-(i as i32); *m]);
                (*n > 0).then(|| match m {
                    0 => Reading::alone(text),
                    1 => Reading::new(text, None),
                    _ => Reading::new(text, Some(context)),
                })
            }).collect();
            let mut seen = vec![];
            for batch in batches(&readings) {
                let (rows, (text, second)) = (batch.members.len(), batch.tokens);
                prop_assert_eq!(batch.text.len(), rows * text);
                prop_assert_eq!(batch.second.len(), rows * second);
                prop_assert!(rows == 1 || rows * (text + second) <= MAX_TOKENS);
                prop_assert!(second == 0 || second % 8 == 1);
                for (row, member) in batch.members.iter().enumerate() {
                    let reading = readings[*member].as_ref().unwrap();
                    let own = &batch.text[row * text..][..text];
                    prop_assert_eq!(own, reading.text.as_slice());
                    let beside = &batch.second[row * second..][..second];
                    prop_assert_eq!(beside, reading.second.as_slice());
                    seen.push(*member);
                }
            }
            seen.sort_unstable();
            let expected: Vec<_> = (0..lengths.len()).filter(|i| lengths[*i].0 > 0).collect();
            prop_assert_eq!(seen, expected);
        }
    }
}
