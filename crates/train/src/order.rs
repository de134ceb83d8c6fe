//! The order in which rows are met: a function of a seed, on any machine.

/// SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
/// generators").
#[derive(Debug, Clone)]
pub struct Order(u64);

impl Order {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number of the sequence.
    pub fn next_number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, or 0 if that is 0. Its bias is below `bound / 2^64`.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next_number()) * bound as u128) >> 64) as usize
    }

    /// Puts items into a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// Batches that are shuffled together: rows of one batch are of like length, which
/// saves padding, and what is of like length varies from epoch to epoch.
const POOL: usize = 50;

/// One epoch's batches of indices. Each index from 0 to `lengths.len()` occurs once.
pub fn batches(lengths: &[usize], size: usize, order: &mut Order) -> Vec<Vec<usize>> {
    let mut indices: Vec<usize> = (0..lengths.len()).collect();
    order.shuffle(&mut indices);
    let mut all = Vec::new();
    for pool in indices.chunks(size * POOL) {
        let mut pool = pool.to_vec();
        pool.sort_by_key(|index| lengths.get(*index));
        let mut batches: Vec<Vec<usize>> = pool.chunks(size).map(<[usize]>::to_vec).collect();
        order.shuffle(&mut batches);
        all.append(&mut batches);
    }
    all
}

/// Rows that are sorted by length together where batches are cut by tokens.
const CHUNK: usize = 4096;

/// One epoch's batches of indices, so many in each that rows times the longest of them
/// is at most `tokens`; a row that is longer is a batch by itself.
pub fn batches_of_tokens(lengths: &[usize], tokens: usize, order: &mut Order) -> Vec<Vec<usize>> {
    let length = |index: &usize| lengths.get(*index).copied().unwrap_or_default();
    let mut indices: Vec<usize> = (0..lengths.len()).collect();
    order.shuffle(&mut indices);
    let mut all = Vec::new();
    for chunk in indices.chunks_mut(CHUNK) {
        chunk.sort_by_key(length);
        let mut batch = Vec::new();
        for index in chunk.iter() {
            if !batch.is_empty() && (batch.len() + 1) * length(index) > tokens {
                all.push(std::mem::take(&mut batch));
            }
            batch.push(*index);
        }
        all.push(batch);
    }
    order.shuffle(&mut all);
    all
}

/// Batches for reading only: by length, in a fixed order.
pub fn by_length(lengths: &[usize], size: usize) -> Vec<Vec<usize>> {
    let mut indices: Vec<usize> = (0..lengths.len()).collect();
    indices.sort_by_key(|index| lengths.get(*index));
    indices.chunks(size).map(<[usize]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_meets_every_row_once_and_a_seed_settles_the_order() {
        let lengths: Vec<usize> = (0..1234).map(|i| i * 7 % 40).collect();
        let epoch = |seed| batches(&lengths, 8, &mut Order::new(seed));
        let mut met: Vec<usize> = epoch(1).concat();
        met.sort_unstable();
        assert_eq!(met, (0..1234).collect::<Vec<_>>());
        assert_eq!(epoch(1), epoch(1));
        assert_ne!(epoch(1), epoch(2));
    }

    #[test]
    fn a_batch_has_as_many_rows_as_its_tokens_allow() {
        let lengths: Vec<usize> = (0..9000).map(|i| 1 + i * 7 % 40).collect();
        let epoch = |seed| batches_of_tokens(&lengths, 100, &mut Order::new(seed));
        let mut met: Vec<usize> = epoch(1).concat();
        met.sort_unstable();
        assert_eq!(met, (0..9000).collect::<Vec<_>>());
        let size = |batch: &Vec<usize>| batch.len() * lengths[*batch.last().unwrap()];
        assert!(epoch(1).iter().all(|batch| size(batch) <= 100));
        assert!(epoch(1).len() < 2300, "{}", epoch(1).len());
        assert_eq!(epoch(1), epoch(1));
        assert_ne!(epoch(1), epoch(2));
        let long = batches_of_tokens(&[500, 500], 100, &mut Order::new(1));
        assert_eq!(long.len(), 2);
    }

    #[test]
    fn rows_of_a_batch_are_of_like_length() {
        let lengths: Vec<usize> = (0..400).map(|i| i * 7 % 40).collect();
        for batch in batches(&lengths, 8, &mut Order::new(3)) {
            let of: Vec<usize> = batch.iter().map(|i| lengths[*i]).collect();
            assert!(of.iter().max().unwrap() - of.iter().min().unwrap() <= 2);
        }
    }
}
