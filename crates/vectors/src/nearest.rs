//! Search for the nearest vectors: exactly, and by signs first.

use std::cmp::Ordering;
use std::ops::Range;

use rayon::prelude::*;
use throughline_core::{PassageId, PlaceSet, Vector};

use crate::VectorFile;

/// Rows that one thread compares at a time: enough to outweigh handing them
/// out, few enough to share evenly.
pub(crate) const BLOCK: usize = 4096;

/// A passage and how near it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// The passage.
    pub id: PassageId,
    /// Its position in the file.
    pub position: usize,
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

    fn cosine(&self, file: &VectorFile, position: usize) -> f32 {
        let (Some(row), Some(length)) = (file.row(position), file.lengths().get(position)) else {
            return 0.0;
        };
        let lengths = self.squared_length * f64::from(u32::from_le_bytes(*length));
        if lengths == 0.0 {
            return 0.0;
        }
        (f64::from(Vector::dot(self.components, row)) / lengths.sqrt()) as f32
    }
}

/// All positions of a file in blocks, for threads to share.
fn blocks(file: &VectorFile) -> impl IndexedParallelIterator<Item = Range<usize>> {
    let all = file.len();
    let blocks = (0..all.div_ceil(BLOCK)).into_par_iter();
    blocks.map(move |block| block * BLOCK..((block + 1) * BLOCK).min(all))
}

/// Gives `f` the positions of a block that are in `within`.
pub(crate) fn each(block: Range<usize>, within: Option<&PlaceSet>, mut f: impl FnMut(usize)) {
    match within {
        None => block.for_each(f),
        Some(within) => within.within(block).for_each(&mut f),
    }
}

/// The nearest `k` by the cosine, in order.
pub(crate) fn in_all(
    file: &VectorFile,
    query: &Vector,
    k: usize,
    within: Option<&PlaceSet>,
) -> Vec<Near> {
    let probe = Probe::new(query);
    let bests = blocks(file).map(|block| {
        let mut best = Best::new(k);
        each(block, within, |position| {
            let cosine = probe.cosine(file, position);
            best.offer(Near { cosine, position });
        });
        best.kept
    });
    the_best(k, bests.collect::<Vec<_>>().concat())
}

/// The cosine at each of `positions`; zeros if the query's dimension is another.
pub(crate) fn cosines(
    file: &VectorFile,
    query: &Vector,
    positions: impl IndexedParallelIterator<Item = usize>,
) -> Vec<f32> {
    let probe = Probe::new(query);
    let is_alike = query.dimension() == file.dimension();
    let cosine = |position| match is_alike {
        true => probe.cosine(file, position),
        false => 0.0,
    };
    positions.with_min_len(BLOCK / 8).map(cosine).collect()
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

/// The nearest `k` of `all`, in order.
pub(crate) fn the_best(k: usize, mut all: Vec<Near>) -> Vec<Near> {
    if k == 0 {
        return Vec::new();
    }
    prune(&mut all, k);
    all.sort_unstable_by(Near::nearer);
    all
}
