//! What stands where in a vector file. All numbers are little-endian.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `TLVECTOR` |
//! | 4 | version of this layout |
//! | 4 | dimension |
//! | 8 | generation of the record |
//! | 8 | count |
//! | 32 | zeros |
//! | count × dimension | components, one passage after the other |
//! | count × 8 for every 64 components | their signs (see [`crate::signs`]) |
//! | count × 4 | squared lengths, so that a search reads each vector once |
//! | count × 16 | passage ids, ascending; the order of everything above |

use std::ops::Range;

use crate::signs;

const MAGIC: [u8; 8] = *b"TLVECTOR";
const VERSION: u32 = 2;

/// Bytes of the head; a whole cache line, so that rows of 64 components begin
/// on one.
pub(crate) const HEAD: usize = 64;

/// Most components of a vector. Squared lengths fit in 31 bits then.
pub(crate) const MOST_COMPONENTS: usize = 65_535;

/// The head of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) dimension: usize,
    pub(crate) generation: u64,
    pub(crate) count: usize,
}

impl Head {
    pub(crate) fn to_bytes(self) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&(self.dimension as u32).to_le_bytes());
        bytes[16..24].copy_from_slice(&self.generation.to_le_bytes());
        bytes[24..32].copy_from_slice(&(self.count as u64).to_le_bytes());
        bytes
    }

    /// The head of a file of `size` bytes, or what is wrong with it.
    pub(crate) fn read(bytes: &[u8], size: u64) -> Result<Self, String> {
        let field = |range: Range<usize>| bytes.get(range).unwrap_or_default();
        if field(0..8) != MAGIC {
            return Err("it does not begin as a vector file does".to_owned());
        }
        let short = |range| field(range).try_into().map(u32::from_le_bytes);
        let long = |range| field(range).try_into().map(u64::from_le_bytes);
        let (Ok(version), Ok(dimension), Ok(generation), Ok(count)) =
            (short(8..12), short(12..16), long(16..24), long(24..32))
        else {
            return Err("it ends within its head".to_owned());
        };
        if version != VERSION {
            return Err(format!(
                "it is of version {version}, and this program reads version {VERSION}"
            ));
        }
        let head = Self {
            dimension: dimension as usize,
            generation,
            count: usize::try_from(count).unwrap_or(usize::MAX),
        };
        if !(1..=MOST_COMPONENTS).contains(&head.dimension) {
            return Err(format!("it gives {dimension} as its dimension"));
        }
        match head.size() {
            Some(expected) if expected == size => Ok(head),
            _ => Err(format!(
                "{count} vectors of {dimension} components do not take {size} bytes"
            )),
        }
    }

    /// Bytes of the whole file; `None` if no file is so large.
    fn size(self) -> Option<u64> {
        let each = self.dimension + signs::bytes(self.dimension) + 4 + 16;
        let size = self.count.checked_mul(each)?.checked_add(HEAD)?;
        u64::try_from(size).ok()
    }

    pub(crate) fn components(self) -> Range<usize> {
        HEAD..HEAD + self.count * self.dimension
    }

    pub(crate) fn signs(self) -> Range<usize> {
        let start = self.components().end;
        start..start + self.count * signs::bytes(self.dimension)
    }

    pub(crate) fn lengths(self) -> Range<usize> {
        let start = self.signs().end;
        start..start + self.count * 4
    }

    pub(crate) fn ids(self) -> Range<usize> {
        let start = self.lengths().end;
        start..start + self.count * 16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_round_trips_and_a_false_one_is_refused() {
        let head = Head {
            dimension: 384,
            generation: 9,
            count: 2,
        };
        let size = 64 + 2 * (384 + 48 + 20);
        let bytes = head.to_bytes();
        assert_eq!(Head::read(&bytes, size), Ok(head));
        assert_eq!(head.ids().end as u64, size);
        assert!(Head::read(&bytes, size - 1).is_err());
        assert!(Head::read(&bytes[..30], size).is_err());
        for (at, value) in [(0, b'X'), (8, 1), (14, 1), (31, 255)] {
            let mut bytes = bytes;
            bytes[at] = value;
            assert!(Head::read(&bytes, size).is_err(), "byte {at}");
        }
    }
}
