//! Patterns, compiled once, and tried on bounded parts of a text.

use std::ops::Range;

use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input, meta};

/// A pattern. It is tried where something cheap says that it may be found, on a
/// part of the text; what stands beside that part counts for the edges of words.
pub(crate) struct Pattern(meta::Regex);

impl Pattern {
    /// Where it is found within a part of `text`.
    pub(crate) fn within<'t>(
        &'t self,
        text: &'t str,
        part: Range<usize>,
    ) -> impl Iterator<Item = Range<usize>> + 't {
        self.0
            .find_iter(Input::new(text).range(part))
            .map(|found| found.range())
    }

    /// The place that begins where a part of `text` does.
    pub(crate) fn at(&self, text: &str, part: Range<usize>) -> Option<Range<usize>> {
        let input = Input::new(text).range(part).anchored(Anchored::Yes);
        self.0.find(input).map(|found| found.range())
    }

    /// As [`Self::at`], with the groups.
    pub(crate) fn groups_at(&self, text: &str, part: Range<usize>) -> Option<Captures> {
        let mut groups = self.0.create_captures();
        let input = Input::new(text).range(part).anchored(Anchored::Yes);
        self.0.captures(input, &mut groups);
        groups.is_match().then_some(groups)
    }
}

/// Compiles one of this crate's patterns. Edges of words are those of ASCII: with
/// Unicode's, the engine would leave its fast path at the first accent.
#[expect(
    clippy::expect_used,
    reason = "every pattern is a constant, and a test compiles each"
)]
pub(crate) fn pattern(pattern: &str) -> Pattern {
    let regex = meta::Regex::new(&pattern.replace(r"\b", r"(?-u:\b)"))
        .expect("a pattern of this crate is well-formed");
    Pattern(regex)
}

/// Bytes `from..to` of a text, as far as it has them, cut to whole characters.
pub(crate) fn part(text: &str, from: usize, to: usize) -> Range<usize> {
    let (mut from, mut to) = (from.min(text.len()), to.min(text.len()));
    while !text.is_char_boundary(from) {
        from += 1;
    }
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    from..to.max(from)
}

/// Adds a part, which begins no earlier than the last; parts that meet become
/// one, so that no byte is searched twice.
pub(crate) fn join(parts: &mut Vec<Range<usize>>, part: Range<usize>) {
    match parts.last_mut() {
        Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
        _ => parts.push(part),
    }
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
    let part = part(text, at.saturating_sub(bytes), at);
    text.get(part).unwrap_or_default().to_lowercase()
}
