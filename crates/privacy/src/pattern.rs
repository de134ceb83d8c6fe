//! Patterns, compiled once.

use regex::Regex;

/// Compiles one of this crate's patterns. Edges of words are those of ASCII: with
/// Unicode's, the engine would leave its fast path at the first accent.
#[expect(
    clippy::expect_used,
    reason = "every pattern is a constant, and a test compiles each"
)]
pub(crate) fn pattern(pattern: &str) -> Regex {
    Regex::new(&pattern.replace(r"\b", r"(?-u:\b)"))
        .expect("a pattern of this crate is well-formed")
}

/// The character that ends just before byte `at`.
pub(crate) fn before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// The character that begins at byte `at`.
pub(crate) fn after(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// Up to `bytes` bytes before `at`, in lower case, cut on a character boundary.
pub(crate) fn just_before(text: &str, at: usize, bytes: usize) -> String {
    let mut from = at.saturating_sub(bytes);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text.get(from..at).unwrap_or_default().to_lowercase()
}
