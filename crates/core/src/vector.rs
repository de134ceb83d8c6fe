/// A sentence vector in 8-bit integers, scaled so that its largest component
/// is ±127.
///
/// Only its direction means anything. All arithmetic is in integers, so that a
/// similarity is the same number on every machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Vector(Box<[i8]>);

impl Vector {
    /// Quantises `values` (any finite length and scale). A vector of zeros, or
    /// one with a component that is not a number, becomes all zeros.
    #[must_use]
    pub fn quantise(values: &[f32]) -> Self {
        let largest = values.iter().fold(0.0_f32, |max, v| max.max(v.abs()));
        if largest <= 0.0 || !largest.is_finite() || values.iter().any(|v| v.is_nan()) {
            return Self(vec![0; values.len()].into());
        }
        let scale = 127.0 / largest;
        // `as` saturates; the product lies within ±127 by construction.
        Self(values.iter().map(|v| (v * scale).round() as i8).collect())
    }

    /// From components as a file holds them.
    #[must_use]
    pub fn from_components(components: Box<[i8]>) -> Self {
        Self(components)
    }

    /// The components.
    #[must_use]
    pub fn components(&self) -> &[i8] {
        &self.0
    }

    /// Number of components.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.0.len()
    }

    /// Cosine of the angle to `other`, −1…+1; 0 if either is all zeros or the
    /// dimensions differ.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> f32 {
        Self::cosine_between(&self.0, &other.0)
    }

    /// As [`Self::cosine`], of components that lie elsewhere (in a mapped file).
    #[must_use]
    pub fn cosine_between(a: &[i8], b: &[i8]) -> f32 {
        if a.len() != b.len() {
            return 0.0;
        }
        let norms = f64::from(Self::dot(a, a)) * f64::from(Self::dot(b, b));
        if norms == 0.0 {
            return 0.0;
        }
        (f64::from(Self::dot(a, b)) / norms.sqrt()) as f32
    }

    /// Dot product of two slices of components of equal length; of what they
    /// have in common if one is longer.
    #[must_use]
    pub fn dot(a: &[i8], b: &[i8]) -> i32 {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            #[expect(unsafe_code, reason = "the processor was asked just before")]
            // SAFETY: what the function needs of the processor is there.
            return unsafe { dot_avx2(a, b) };
        }
        dot_in_blocks(a, b)
    }
}

/// The sum as it stands, made by the compiler for a newer processor than every one
/// that the program may run on: a third of the time of [`dot_in_blocks`]. Integers
/// are the same in any order.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn dot_avx2(a: &[i8], b: &[i8]) -> i32 {
    let products = a.iter().zip(b).map(|(x, y)| i32::from(*x) * i32::from(*y));
    products.sum()
}

/// Sixteen sums side by side, and products in 16 bits, which hold even (−128)²:
/// compilers make vector instructions of this for any processor.
fn dot_in_blocks(a: &[i8], b: &[i8]) -> i32 {
    let common = a.len().min(b.len());
    let (a_blocks, a_rest) = a[..common].as_chunks::<16>();
    let (b_blocks, b_rest) = b[..common].as_chunks::<16>();
    let mut sums = [0_i32; 16];
    for (x, y) in a_blocks.iter().zip(b_blocks) {
        for (sum, (x, y)) in sums.iter_mut().zip(x.iter().zip(y)) {
            *sum += i32::from(i16::from(*x) * i16::from(*y));
        }
    }
    let rest = a_rest.iter().zip(b_rest);
    sums.iter().sum::<i32>()
        + rest
            .map(|(x, y)| i32::from(*x) * i32::from(*y))
            .sum::<i32>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_becomes_zeros() {
        assert_eq!(Vector::quantise(&[0.0, 0.0]).components(), [0, 0]);
        assert_eq!(Vector::quantise(&[f32::NAN, 1.0]).components(), [0, 0]);
        assert_eq!(Vector::quantise(&[f32::INFINITY, 1.0]).components(), [0, 0]);
        let zero = Vector::quantise(&[0.0]);
        assert_eq!(zero.cosine(&zero), 0.0);
    }

    proptest! {
        #[test]
        fn quantising_keeps_the_direction(values in prop::collection::vec(-1.0_f32..1.0, 64)) {
            prop_assume!(values.iter().any(|v| v.abs() > 1e-3));
            let vector = Vector::quantise(&values);
            let dot: f64 = values.iter().zip(vector.components())
                .map(|(v, q)| f64::from(*v) * f64::from(*q)).sum();
            let norm = |sum: f64| sum.sqrt();
            let a = norm(values.iter().map(|v| f64::from(*v).powi(2)).sum());
            let b = norm(vector.components().iter().map(|q| f64::from(*q).powi(2)).sum());
            prop_assert!(dot / (a * b) > 0.999);
        }

        #[test]
        fn a_dot_product_is_the_sum_of_products(
            a in prop::collection::vec(any::<i8>(), 0..70),
            b in prop::collection::vec(prop_oneof![Just(-128_i8), any::<i8>()], 0..70),
        ) {
            let plain: i32 = a.iter().zip(&b).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum();
            prop_assert_eq!(Vector::dot(&a, &b), plain);
            prop_assert_eq!(dot_in_blocks(&a, &b), plain);
            prop_assert_eq!(Vector::dot(&[-128; 50], &[-128; 50]), 50 * 16_384);
        }

        #[test]
        fn cosine_is_symmetric_and_bounded(
            a in prop::collection::vec(any::<i8>(), 16),
            b in prop::collection::vec(any::<i8>(), 16),
        ) {
            let (a, b) = (Vector::from_components(a.into()), Vector::from_components(b.into()));
            prop_assert_eq!(a.cosine(&b), b.cosine(&a));
            prop_assert!(a.cosine(&b).abs() <= 1.0 + 1e-6);
        }
    }
}
