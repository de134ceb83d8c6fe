//! Exact search for the nearest vectors.

use std::cmp::Ordering;

use rayon::prelude::*;
use throughline_core::{PassageId, Vector};

use crate::VectorFile;

/// Rows that one thread compares at a time: enough to outweigh handing them
/// out, few enough to share evenly.
const BLOCK: usize = 4096;

/// A passage and how near it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// The passage.
    pub id: PassageId,
    /// Cosine of the angle between its vector and the query, −1…+1; 0 if either
    /// is all zeros. The same number as [`Vector::cosine`].
    pub cosine: f32,
}

/// A neighbour by its position. Positions are in the order of ids, so that a
/// tie by position is a tie by id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Near {
    pub(crate) cosine: f32,
    pub(crate) position: usize,
}

impl Near {
    fn nearer(&self, other: &Self) -> Ordering {
        let cosine = other.cosine.total_cmp(&self.cosine);
        cosine.then(self.position.cmp(&other.position))
    }
}

/// The query with what is needed of it for each row.
struct Probe<'q> {
    components: &'q [i8],
    squared_length: f64,
}

impl<'q> Probe<'q> {
    fn new(query: &'q Vector) -> Self {
        let components = query.components();
        Self {
            components,
            squared_length: f64::from(Vector::dot(components, components)),
        }
    }

    fn cosine(&self, row: &[i8], squared_length: [u8; 4]) -> f32 {
        let lengths = self.squared_length * f64::from(u32::from_le_bytes(squared_length));
        if lengths == 0.0 {
            return 0.0;
        }
        (f64::from(Vector::dot(self.components, row)) / lengths.sqrt()) as f32
    }
}

/// The best `k` of all positions that `filter` lets through.
pub(crate) fn in_all(
    file: &VectorFile,
    query: &Vector,
    k: usize,
    filter: Option<&(dyn Fn(usize) -> bool + Sync)>,
) -> Vec<Near> {
    let probe = Probe::new(query);
    let rows = file.rows().par_chunks(file.dimension() * BLOCK);
    let blocks = rows.zip(file.lengths().par_chunks(BLOCK)).enumerate();
    let bests = blocks.map(|(block, (rows, lengths))| {
        let mut best = Best::new(k);
        let rows = rows.chunks_exact(file.dimension());
        for (at, (row, length)) in rows.zip(lengths).enumerate() {
            let position = block * BLOCK + at;
            if filter.is_none_or(|passes| passes(position)) {
                let cosine = probe.cosine(row, *length);
                best.offer(Near { cosine, position });
            }
        }
        best.kept
    });
    the_best(k, bests.collect())
}

/// The cosine of every position.
pub(crate) fn of_all(file: &VectorFile, query: &Vector) -> Vec<f32> {
    let probe = Probe::new(query);
    let rows = file.rows().par_chunks_exact(file.dimension());
    let cosines = rows.zip(file.lengths());
    let cosines = cosines.with_min_len(BLOCK);
    cosines
        .map(|(row, length)| probe.cosine(row, *length))
        .collect()
}

/// The best `k` of `positions`.
pub(crate) fn among(file: &VectorFile, query: &Vector, k: usize, positions: &[usize]) -> Vec<Near> {
    let probe = Probe::new(query);
    let lengths = file.lengths();
    let bests = positions.par_chunks(BLOCK).map(|block| {
        let mut best = Best::new(k);
        for position in block {
            if let (Some(row), Some(length)) = (file.row(*position), lengths.get(*position)) {
                best.offer(Near {
                    cosine: probe.cosine(row, *length),
                    position: *position,
                });
            }
        }
        best.kept
    });
    the_best(k, bests.collect())
}

/// Keeps the nearest `k` and at times somewhat more.
struct Best {
    k: usize,
    kept: Vec<Near>,
    /// No more than this can still be among the nearest.
    bar: Option<Near>,
}

impl Best {
    fn new(k: usize) -> Self {
        Self {
            k,
            kept: Vec::new(),
            bar: None,
        }
    }

    fn offer(&mut self, near: Near) {
        if let Some(bar) = &self.bar
            && bar.nearer(&near) != Ordering::Greater
        {
            return;
        }
        self.kept.push(near);
        if self.kept.len() >= self.k.saturating_mul(2).max(64) {
            self.bar = prune(&mut self.kept, self.k);
        }
    }
}

/// Leaves the nearest `k`, in no order, and returns the last of them.
fn prune(kept: &mut Vec<Near>, k: usize) -> Option<Near> {
    let last = k.checked_sub(1)?;
    if kept.len() <= k {
        return None;
    }
    let (_, bar, _) = kept.select_nth_unstable_by(last, Near::nearer);
    let bar = *bar;
    kept.truncate(k);
    Some(bar)
}

/// The nearest `k` of all blocks, in order.
fn the_best(k: usize, blocks: Vec<Vec<Near>>) -> Vec<Near> {
    let mut all = blocks.concat();
    if k == 0 {
        return Vec::new();
    }
    prune(&mut all, k);
    all.sort_unstable_by(Near::nearer);
    all
}
