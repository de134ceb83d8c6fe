use rayon::prelude::*;
use throughline_core::Vector;

/// Length of a unit vector in integers. By Cauchy and Schwarz no sum on the way
/// to a dot product of two of them leaves an `i32`.
const UNIT: f64 = 16_384.0;

/// Unit vectors in 16-bit integers, so that a cosine is the same number in any
/// order of summing; a row of zeros stands for "no direction".
#[derive(Debug, Clone)]
pub(crate) struct Space {
    dimension: usize,
    rows: Vec<i16>,
}

/// A neighbour and its cosine.
type Neighbour = (usize, f64);

impl Space {
    /// The directions of `vectors`. A vector of another dimension than the
    /// largest has no direction here, as in [`Vector::cosine`].
    pub(crate) fn of(vectors: &[&Vector]) -> Self {
        let dimension = vectors.iter().map(|v| v.dimension()).max().unwrap_or(0);
        let mut space = Self::empty(dimension, vectors.len());
        let mut row = vec![0.0; dimension];
        for vector in vectors {
            row.fill(0.0);
            if vector.dimension() == dimension {
                for (value, component) in row.iter_mut().zip(vector.components()) {
                    *value = f64::from(*component);
                }
            }
            space.push(&row);
        }
        space
    }

    fn empty(dimension: usize, rows: usize) -> Self {
        Self {
            dimension,
            rows: Vec::with_capacity(dimension * rows),
        }
    }

    /// Appends the direction of `values`.
    fn push(&mut self, values: &[f64]) {
        let length = values.iter().map(|v| v * v).sum::<f64>().sqrt();
        let scale = if length > 0.0 { UNIT / length } else { 0.0 };
        self.rows
            .extend(values.iter().map(|v| (v * scale).round() as i16));
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len().checked_div(self.dimension).unwrap_or(0)
    }

    fn row(&self, index: usize) -> &[i16] {
        let start = index * self.dimension;
        self.rows
            .get(start..start + self.dimension)
            .unwrap_or_default()
    }

    /// Cosine between two rows, −1…+1 but for rounding.
    pub(crate) fn cosine(&self, a: usize, b: usize) -> f64 {
        cosine(self.row(a), self.row(b))
    }

    /// Cosine between a row of this space and one of `other`.
    pub(crate) fn cosine_to(&self, a: usize, other: &Self, b: usize) -> f64 {
        cosine(self.row(a), other.row(b))
    }

    /// Cosine between a row and the sum of the other rows of a group to which
    /// it belongs; `None` if the rest has no direction.
    pub(crate) fn cosine_to_rest(&self, row: usize, sum: &[i64]) -> Option<f64> {
        let (mut dot, mut square) = (0.0, 0.0);
        for (total, own) in sum.iter().zip(self.row(row)) {
            let rest = (*total - i64::from(*own)) as f64;
            dot += rest * f64::from(*own);
            square += rest * rest;
        }
        (square > 0.0).then(|| dot / (square.sqrt() * UNIT))
    }

    pub(crate) fn is_zero(&self, index: usize) -> bool {
        self.row(index).iter().all(|component| *component == 0)
    }

    /// The rows named, in that order.
    pub(crate) fn select(&self, indices: &[usize]) -> Self {
        let mut chosen = Self::empty(self.dimension, indices.len());
        for index in indices {
            chosen.rows.extend_from_slice(self.row(*index));
        }
        chosen
    }

    /// Sum of the rows named. Sums of integers have no order to depend on.
    pub(crate) fn sum(&self, indices: impl Iterator<Item = usize>) -> Vec<i64> {
        let mut sum = vec![0; self.dimension];
        for index in indices {
            for (total, component) in sum.iter_mut().zip(self.row(index)) {
                *total += i64::from(*component);
            }
        }
        sum
    }

    /// Dot product of two sums of rows, in squares of a row's length.
    pub(crate) fn product(one: &[i64], other: &[i64]) -> f64 {
        let pairs = one.iter().zip(other);
        pairs
            .map(|(a, b)| (*a as f64 / UNIT) * (*b as f64 / UNIT))
            .sum()
    }

    /// One row for each sum: its direction.
    pub(crate) fn directions(sums: &[Vec<i64>]) -> Self {
        let mut space = Self::empty(sums.first().map_or(0, Vec::len), sums.len());
        for sum in sums {
            let values: Vec<f64> = sum.iter().map(|v| *v as f64).collect();
            space.push(&values);
        }
        space
    }

    /// Takes `share` of the mean direction out of every row; rows without a
    /// direction stay without.
    pub(crate) fn centred(&self, share: f64) -> Self {
        let rows = (0..self.len()).filter(|i| !self.is_zero(*i));
        let count = rows.clone().count().max(1) as f64;
        let mean: Vec<f64> = self.sum(rows).iter().map(|v| *v as f64 / count).collect();
        let mut centred = Self::empty(self.dimension, self.len());
        let mut row = vec![0.0; self.dimension];
        for index in 0..self.len() {
            row.fill(0.0);
            if !self.is_zero(index) {
                let parts = self.row(index).iter().zip(&mean);
                for (value, (own, common)) in row.iter_mut().zip(parts) {
                    *value = f64::from(*own) - share * common;
                }
            }
            centred.push(&row);
        }
        centred
    }

    /// Draws every row towards the mean of its `count` nearest neighbours, each
    /// weighed by the square of its cosine; neighbours at a right angle or more
    /// have no say.
    pub(crate) fn drawn_together(&self, count: usize, pull: f64) -> Self {
        let rows: Vec<Vec<i16>> = (0..self.len())
            .into_par_iter()
            .map(|index| self.drawn_row(index, count, pull))
            .collect();
        Self {
            dimension: self.dimension,
            rows: rows.concat(),
        }
    }

    fn drawn_row(&self, index: usize, count: usize, pull: f64) -> Vec<i16> {
        let mut values: Vec<f64> = self.row(index).iter().map(|v| f64::from(*v)).collect();
        let neighbours = self.neighbours(index, count);
        let total: f64 = neighbours.iter().map(|(_, cosine)| cosine * cosine).sum();
        for (neighbour, cosine) in neighbours {
            let weight = pull * cosine * cosine / total;
            for (value, component) in values.iter_mut().zip(self.row(neighbour)) {
                *value += weight * f64::from(*component);
            }
        }
        let mut drawn = Self::empty(self.dimension, 1);
        drawn.push(&values);
        drawn.rows
    }

    /// The `count` rows nearest to `index`, nearest first, of equals the first;
    /// only those at less than a right angle.
    fn neighbours(&self, index: usize, count: usize) -> Vec<Neighbour> {
        let mut near: Vec<Neighbour> = (0..self.len())
            .filter(|other| *other != index)
            .map(|other| (other, self.cosine(index, other)))
            .filter(|(_, cosine)| *cosine > 0.0)
            .collect();
        let nearer = |a: &Neighbour, b: &Neighbour| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if near.len() > count {
            near.select_nth_unstable_by(count, nearer);
            near.truncate(count);
        }
        near.sort_by(nearer);
        near
    }
}

fn cosine(a: &[i16], b: &[i16]) -> f64 {
    f64::from(dot(a, b)) / (UNIT * UNIT)
}

/// Sums blocks of a known size, which compilers turn into vector instructions
/// that take half the time of those for a plain sum.
fn dot(a: &[i16], b: &[i16]) -> i32 {
    let (a_blocks, a_rest) = a.as_chunks::<32>();
    let (b_blocks, b_rest) = b.as_chunks::<32>();
    let blocks = a_blocks.iter().zip(b_blocks);
    blocks.map(|(x, y)| sum_of_products(x, y)).sum::<i32>() + sum_of_products(a_rest, b_rest)
}

#[inline(always)]
fn sum_of_products(a: &[i16], b: &[i16]) -> i32 {
    let pairs = a.iter().zip(b);
    pairs.map(|(x, y)| i32::from(*x) * i32::from(*y)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(rows: &[&[f32]]) -> Space {
        let vectors: Vec<Vector> = rows.iter().map(|row| Vector::quantise(row)).collect();
        Space::of(&vectors.iter().collect::<Vec<_>>())
    }

    #[test]
    fn cosines_are_those_of_the_vectors() {
        let space = space(&[&[1.0, 0.0], &[1.0, 1.0], &[-1.0, 0.0], &[0.0, 0.0], &[1.0]]);
        assert!((space.cosine(0, 1) - 0.5_f64.sqrt()).abs() < 1e-3);
        assert!((space.cosine(0, 2) + 1.0).abs() < 1e-3);
        assert_eq!(space.cosine(0, 3), 0.0);
        assert!(space.is_zero(3) && space.is_zero(4));
        let rest = space.cosine_to_rest(0, &space.sum(0..2)).unwrap();
        assert!((rest - 0.5_f64.sqrt()).abs() < 1e-3);
    }

    #[test]
    fn the_longest_sum_fits() {
        let space = space(&[&[1.0; 1000], &[-1.0; 1000]]);
        assert!((space.cosine(0, 0) - 1.0).abs() < 0.01);
        assert!((space.cosine(0, 1) + 1.0).abs() < 0.01);
    }

    #[test]
    fn what_all_share_is_taken_out_and_neighbours_attract() {
        let space = space(&[
            &[1.0, 0.2],
            &[1.0, 0.3],
            &[1.0, -0.2],
            &[1.0, -0.3],
            &[0.0, 0.0],
        ]);
        let centred = space.centred(0.5);
        assert!(centred.cosine(0, 2) < space.cosine(0, 2));
        assert!(centred.is_zero(4));
        let drawn = centred.drawn_together(1, 1.0);
        assert!(drawn.cosine(0, 1) >= centred.cosine(0, 1));
        assert!(drawn.is_zero(4));
    }
}
