use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::CoreError;

/// A byte range of a document's canonical text, end exclusive.
///
/// A span alone does not know its text; [`crate::Document`] guarantees that the
/// spans it holds lie on character boundaries of the text it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

impl Span {
    /// A span over `start..end`.
    ///
    /// # Errors
    /// [`CoreError::SpanReversed`] if it ends before it starts.
    pub fn new(start: usize, end: usize) -> Result<Self, CoreError> {
        if end < start {
            return Err(CoreError::SpanReversed { start, end });
        }
        Ok(Self { start, end })
    }

    /// The same range, known to be a range of whole characters of `text`.
    ///
    /// # Errors
    /// [`CoreError::SpanReversed`] or [`CoreError::SpanOutside`].
    pub fn within(range: Range<usize>, text: &str) -> Result<Self, CoreError> {
        let span = Self::new(range.start, range.end)?;
        match span.slice(text) {
            Some(_) => Ok(span),
            None => Err(CoreError::SpanOutside {
                start: span.start,
                end: span.end,
                len: text.len(),
            }),
        }
    }

    /// The bytes of `text` that this span covers, or `None` if it leaves the
    /// text or cuts a character in two.
    #[must_use]
    pub fn slice<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.get(self.start..self.end)
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// True if it covers nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// True if `other` lies wholly inside.
    #[must_use]
    pub fn contains(&self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// True if the two share at least one byte.
    #[must_use]
    pub fn overlaps(&self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The same span as a standard range.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_never_cuts_a_character() {
        let text = "café 🙂";
        assert!(Span::within(0..4, text).is_err());
        assert_eq!(Span::within(0..5, text).unwrap().slice(text), Some("café"));
        assert!(Span::within(6..11, text).is_err());
        assert!(Span::new(3, 2).is_err());
    }

    #[test]
    fn neighbours_touch_but_do_not_overlap() {
        let (a, b) = (Span::new(0, 4).unwrap(), Span::new(4, 8).unwrap());
        assert!(!a.overlaps(b));
        assert!(Span::new(0, 8).unwrap().contains(a));
        assert!(Span::new(3, 5).unwrap().overlaps(b));
    }
}
