//! How near passages can be to a query, told by their signs alone.

use std::f64::consts::PI;

use rayon::prelude::*;
use throughline_core::{PlaceSet, Vector};

use crate::nearest::{BLOCK, each};
use crate::{VectorFile, signs};

/// Marks a passage that was not compared.
const NOT_COMPARED: u16 = u16::MAX;

/// How near the passages of a file can be to a query ([`VectorFile::limits`]).
#[derive(Debug)]
pub struct Limits {
    /// In how many signs each passage differs from the query, or [`NOT_COMPARED`].
    apart: Vec<u16>,
    /// How many passages differ in each number of signs.
    how_many: Vec<usize>,
    /// The limit for each number of signs.
    limits: Vec<f32>,
}

impl Limits {
    pub(crate) fn new(file: &VectorFile, query: &Vector, within: Option<&PlaceSet>) -> Self {
        let dimension = file.dimension();
        let mut apart = vec![NOT_COMPARED; file.len()];
        if query.dimension() != dimension {
            return Self {
                apart,
                how_many: Vec::new(),
                limits: Vec::new(),
            };
        }
        let mut wanted = Vec::new();
        signs::append(query.components().iter().copied(), &mut wanted);
        let wanted = wanted.as_chunks().0;
        let none = || vec![0_usize; dimension + 1];
        let blocks = apart.par_chunks_mut(BLOCK).enumerate();
        let how_many = blocks.fold(none, |mut how_many, (block, apart)| {
            let first = block * BLOCK;
            // A list first: a processor then fetches many rows at once, where finding
            // the next one would hold it up.
            let mut positions = Vec::with_capacity(apart.len());
            each(first..first + apart.len(), within, |position| {
                positions.push(position);
            });
            let counts = signs::apart(wanted, file.signs(), positions.iter().copied());
            for (position, count) in positions.into_iter().zip(counts) {
                if let Some(apart) = apart.get_mut(position - first) {
                    *apart = count;
                }
                if let Some(how_many) = how_many.get_mut(usize::from(count)) {
                    *how_many += 1;
                }
            }
            how_many
        });
        let how_many = how_many.reduce(none, |mut some, more| {
            some.iter_mut()
                .zip(more)
                .for_each(|(sum, more)| *sum += more);
            some
        });
        // A sign that differs by half the chance: the share of so many signs has a
        // standard deviation of 1 / (2 √dimension), and the angle is π times the share.
        let all = dimension as f64;
        let margin = 4.0 * PI / (2.0 * all.sqrt());
        let limit = |apart: usize| (libm::cos(PI * apart as f64 / all) + margin).min(1.0) as f32;
        Self {
            apart,
            how_many,
            limits: (0..=dimension).map(limit).collect(),
        }
    }

    /// The limit of the passage at a position; 1 for one that was not compared.
    #[must_use]
    pub fn at(&self, position: usize) -> f32 {
        let apart = self.apart.get(position).copied().unwrap_or(NOT_COMPARED);
        self.limits.get(usize::from(apart)).copied().unwrap_or(1.0)
    }

    /// The positions that differ in fewest signs, ascending: `most`, and all that
    /// differ in as many as the last of them.
    pub(crate) fn most_alike(&self, most: usize) -> Vec<usize> {
        let mut so_far = 0;
        let reached = self.how_many.iter().position(|count| {
            so_far += count;
            so_far >= most
        });
        let last = reached.unwrap_or(self.how_many.len());
        let blocks = self.apart.par_chunks(BLOCK).enumerate();
        let alike = blocks.map(|(block, apart)| {
            let compared = (block * BLOCK..).zip(apart);
            let like = compared
                .filter(|(_, apart)| **apart != NOT_COMPARED && usize::from(**apart) <= last);
            like.map(|(position, _)| position).collect::<Vec<_>>()
        });
        alike.collect::<Vec<_>>().concat()
    }
}
