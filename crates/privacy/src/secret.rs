//! Names of people who withdrew: known again, and not written down.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

/// Random bytes that belong to one key, so that nobody without it can try names
/// against the hashes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) [u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// What stands for `value` once it may no longer be written down.
    pub(crate) fn hash(&self, value: &str) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(value.as_bytes());
        hex(&hasher.finalize()[..16])
    }
}

/// Hashes of values that were withdrawn, each with the number that stands for
/// it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Erased {
    pub(crate) secret: Option<Secret>,
    pub(crate) numbers: BTreeMap<String, u32>,
}

impl Erased {
    pub(crate) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    pub(crate) fn number(&self, value: &str) -> Option<u32> {
        if self.numbers.is_empty() {
            return None;
        }
        self.numbers.get(&self.secret?.hash(value)).copied()
    }

    pub(crate) fn holds(&self, value: &str) -> bool {
        self.number(value).is_some()
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
