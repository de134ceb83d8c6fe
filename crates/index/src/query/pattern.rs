use std::fmt;

/// What exact forms must be like, in the text or in a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// These words in a row.
    Row(Vec<String>),
    /// These words, two or more and all different, in places that are at most so
    /// many moves away from standing in a row (see [`crate::slop`]).
    Slop(Vec<String>, u8),
    /// A word that begins so.
    Prefix(String),
    /// A word at most so many letters away, 1 or 2.
    Fuzzy(String, u8),
}

/// The most moves that a phrase may ask for: a passage is a few sentences.
pub(crate) const MOST_SLOP: u8 = 50;

/// Words of up to so many letters are looked for with one letter wrong where
/// nothing is said, longer ones with two.
const SHORT: usize = 5;

impl Pattern {
    /// `word` with as many letters wrong as its length bears.
    pub(crate) fn fuzzy(word: String) -> Self {
        let distance = if word.chars().count() > SHORT { 2 } else { 1 };
        Self::Fuzzy(word, distance)
    }

    /// True for what stands for many words: side by side with others, one of
    /// them is enough.
    pub(crate) fn is_one_of_many(&self) -> bool {
        matches!(self, Self::Prefix(_) | Self::Fuzzy(..))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row(words) => write!(f, "\"{}\"", words.join(" ")),
            Self::Slop(words, moves) => write!(f, "\"{}\"~{moves}", words.join(" ")),
            Self::Prefix(word) => write!(f, "{word}*"),
            Self::Fuzzy(word, distance) => write!(f, "{word}~{distance}"),
        }
    }
}
