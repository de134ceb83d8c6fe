use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::{CoreError, Span};

/// Makes a fixed-size hash type: hexadecimal in text and in JSON, ordered by bytes.
macro_rules! hash_type {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// From raw bytes, as a database holds them.
            #[must_use]
            pub fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// The raw bytes.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = CoreError;

            fn from_str(text: &str) -> Result<Self, CoreError> {
                let bad = || CoreError::BadHash(text.to_owned());
                let mut bytes = [0; $bytes];
                if text.len() != $bytes * 2 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return Err(bad());
                }
                for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
                    let pair = std::str::from_utf8(pair).map_err(|_| bad())?;
                    *byte = u8::from_str_radix(pair, 16).map_err(|_| bad())?;
                }
                Ok(Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

hash_type! {
    /// SHA-256 of a file's bytes or of a canonical text.
    ContentHash, 32
}

hash_type! {
    /// Names one passage: the first 16 bytes of SHA-256 over its document's
    /// name, the hash of the canonical text, and the range.
    ///
    /// The name is part of it because two rows of a table that both say "Good."
    /// are two mentions, not one.
    PassageId, 16
}

impl ContentHash {
    /// SHA-256 of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl PassageId {
    /// The id of the passage at `span` of the document `name` whose canonical
    /// text hashes to `content`.
    #[must_use]
    pub fn of(name: &str, content: ContentHash, span: Span) -> Self {
        let mut hasher = Sha256::new();
        hasher.update((name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(content.as_bytes());
        hasher.update((span.start as u64).to_le_bytes());
        hasher.update((span.end as u64).to_le_bytes());
        let digest: [u8; 32] = hasher.finalize().into();
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        Self(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_round_trip_as_text() {
        let hash = ContentHash::of(b"abc");
        // The published test vector of FIPS 180-2 for "abc".
        let published = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash.to_string(), published);
        assert_eq!(published.parse::<ContentHash>().unwrap(), hash);
        assert!("ba78".parse::<ContentHash>().is_err());
        assert!("é".repeat(32).parse::<ContentHash>().is_err());
    }

    #[test]
    fn a_passage_is_named_by_document_text_and_range() {
        let (one, two) = (ContentHash::of(b"one"), ContentHash::of(b"two"));
        let span = Span { start: 0, end: 3 };
        let id = PassageId::of("a", one, span);
        assert_eq!(id, PassageId::of("a", one, span));
        assert_ne!(id, PassageId::of("b", one, span));
        assert_ne!(id, PassageId::of("a", two, span));
        assert_ne!(id, PassageId::of("a", one, Span { start: 0, end: 2 }));
    }
}
