//! Where a page ends, as a word that can be handed back.

use std::fmt;

use throughline_core::{ContentHash, PassageId};
use throughline_index::{Listed, Sort, SortKey};

/// The place just after one hit of a search: what orders it, its id, and a hash
/// of what was asked. It stays where it is when documents come and go.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cursor {
    /// First bytes of the hash of query, framework and order.
    pub(super) asked: u32,
    pub(super) hit: Listed,
}

/// What is asked, as far as it decides which hits there are in which order.
pub(super) fn asked(query: &str, framework: &str, sort: Sort) -> u32 {
    let hash = crate::study::hash_of(&[
        query.as_bytes(),
        framework.as_bytes(),
        format!("{sort:?}").as_bytes(),
    ]);
    let [a, b, c, d, ..] = *ContentHash::as_bytes(&hash);
    u32::from_be_bytes([a, b, c, d])
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}.", self.asked)?;
        match &self.hit.key {
            SortKey::Relevance { every_word, score } => {
                write!(f, "s{}{:08x}", u8::from(*every_word), score.to_bits())
            }
            SortKey::Date(None) => f.write_str("d"),
            SortKey::Date(Some(day)) => write!(f, "d{day}"),
            SortKey::Rating(None) => f.write_str("r"),
            SortKey::Rating(Some(rating)) => write!(f, "r{:016x}", rating.to_bits()),
            SortKey::Document(name, start) => {
                f.write_str("n")?;
                name.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                write!(f, "-{start}")
            }
        }?;
        write!(f, ".{}", self.hit.id)
    }
}

/// Reads what [`Cursor`] prints; `None` for anything else.
pub(super) fn read(text: &str) -> Option<Cursor> {
    let mut parts = text.trim().split('.');
    let (asked, key, id) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !key.is_ascii() {
        return None;
    }
    let (kind, value) = key.split_at_checked(1)?;
    let key = match kind {
        "s" => {
            let (every_word, score) = value.split_at_checked(1)?;
            SortKey::Relevance {
                every_word: every_word == "1",
                score: f32::from_bits(u32::from_str_radix(score, 16).ok()?),
            }
        }
        "d" if value.is_empty() => SortKey::Date(None),
        "d" => SortKey::Date(Some(value.parse().ok()?)),
        "r" if value.is_empty() => SortKey::Rating(None),
        "r" => SortKey::Rating(Some(f64::from_bits(u64::from_str_radix(value, 16).ok()?))),
        "n" => {
            let (name, start) = value.split_once('-')?;
            SortKey::Document(text_of(name)?, start.parse().ok()?)
        }
        _ => return None,
    };
    Some(Cursor {
        asked: u32::from_str_radix(asked, 16).ok()?,
        hit: Listed {
            id: id.parse::<PassageId>().ok()?,
            key,
        },
    })
}

/// The text that these hexadecimal digits spell.
fn text_of(digits: &str) -> Option<String> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
    String::from_utf8(bytes.filter(|_| rest.is_empty())?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keys() -> impl Strategy<Value = SortKey> {
        prop_oneof![
            (any::<bool>(), 0.0_f32..9000.0)
                .prop_map(|(every_word, score)| SortKey::Relevance { every_word, score }),
            prop::option::of(any::<u64>()).prop_map(SortKey::Date),
            prop::option::of(-9.0_f64..99.0).prop_map(SortKey::Rating),
            (any::<String>(), any::<u64>())
                .prop_map(|(name, start)| SortKey::Document(name, start)),
        ]
    }

    proptest! {
        #[test]
        fn a_cursor_reads_back_and_needs_no_quoting(
            key in keys(), asked in any::<u32>(), id in any::<[u8; 16]>(),
        ) {
            let hit = Listed { id: PassageId::from_bytes(id), key };
            let cursor = Cursor { asked, hit };
            let printed = cursor.to_string();
            prop_assert!(printed.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-'));
            prop_assert_eq!(read(&printed), Some(cursor));
        }

        #[test]
        fn anything_else_is_refused_in_peace(text in "[0-9a-f]{0,9}[.][sdrn][0-9a-f-]{0,20}[.][0-9a-f]{0,33}|.{0,40}") {
            if let Some(cursor) = read(&text) {
                prop_assert_eq!(read(&cursor.to_string()).map(|c| c.hit.id), Some(cursor.hit.id));
            }
        }
    }
}
