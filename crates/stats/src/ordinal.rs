use std::collections::BTreeMap;

/// The median of ordered labels: the value in the middle, and of two in the
/// middle the lower (the "low median"), because labels cannot be averaged; so
/// the median is a label that occurs. `None` without values.
#[must_use]
pub fn median<T: Ord + Copy>(values: &[T]) -> Option<T> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len().checked_sub(1)? / 2;
    sorted.get(middle).copied()
}

/// How often each label occurs, in the order of the labels.
#[must_use]
pub fn distribution<T: Ord + Copy>(values: &[T]) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for value in values {
        *counts.entry(*value).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_middle_is_a_label_that_occurs() {
        assert_eq!(median::<u8>(&[]), None);
        assert_eq!(median(&[3]), Some(3));
        assert_eq!(median(&[4, 1]), Some(1));
        assert_eq!(median(&[4, 1, 2]), Some(2));
        assert_eq!(median(&[2, 4, 4, 1]), Some(2));
    }

    #[test]
    fn a_distribution_names_each_label_once() {
        let counts = distribution(&["b", "a", "b"]);
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), [("a", 1), ("b", 2)]);
    }

    proptest! {
        #[test]
        fn at_most_half_lie_on_either_side(values in prop::collection::vec(1_u8..5, 1..40)) {
            let middle = median(&values).unwrap();
            let below = values.iter().filter(|v| **v < middle).count();
            let above = values.iter().filter(|v| **v > middle).count();
            prop_assert!(2 * below <= values.len() && 2 * above <= values.len());
            prop_assert_eq!(distribution(&values).values().sum::<usize>(), values.len());
        }
    }
}
