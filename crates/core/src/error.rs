use thiserror::Error;

/// Why a value of the vocabulary could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CoreError {
    /// A span whose end lies before its start.
    #[error("a span cannot end ({end}) before it starts ({start})")]
    SpanReversed {
        /// First byte.
        start: usize,
        /// Byte after the last.
        end: usize,
    },
    /// A span that leaves its text, or cuts a character in two.
    #[error("{start}..{end} is not a range of whole characters in a text of {len} bytes")]
    SpanOutside {
        /// First byte.
        start: usize,
        /// Byte after the last.
        end: usize,
        /// Length of the text in bytes.
        len: usize,
    },
    /// A passage that does not lie within the turn it was given to.
    #[error("passage {start}..{end} lies outside its turn {turn_start}..{turn_end}")]
    PassageOutsideTurn {
        /// First byte of the passage.
        start: usize,
        /// Byte after its last.
        end: usize,
        /// First byte of the turn.
        turn_start: usize,
        /// Byte after its last.
        turn_end: usize,
    },
    /// A passage was added before any turn.
    #[error("a passage needs a turn to belong to")]
    PassageWithoutTurn,
    /// Turns, passages or segments out of order or overlapping.
    #[error("{what} at byte {at} is out of order or overlaps the one before it")]
    OutOfOrder {
        /// "turn", "passage" or "segment".
        what: &'static str,
        /// Where it starts.
        at: usize,
    },
    /// A word that is none of a fixed set of labels.
    #[error("'{word}' is no {what}; use one of: {known}")]
    UnknownLabel {
        /// What kind of label was asked for.
        what: &'static str,
        /// What was given.
        word: String,
        /// The words that exist, separated by commas.
        known: String,
    },
    /// A framework that breaks one of its own rules.
    #[error("framework '{framework}': {problem}")]
    BadFramework {
        /// The framework's id.
        framework: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// Not a calendar date.
    #[error("'{0}' is not a date; use YYYY-MM-DD")]
    BadDate(String),
    /// Not a hexadecimal hash of the right length.
    #[error("'{0}' is not a hash: lower-case hexadecimal of the right length is expected")]
    BadHash(String),
}
