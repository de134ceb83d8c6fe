use std::fmt;

/// What a quote has one value of at most, so that results can be counted and
/// narrowed by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The moment, or `unclear`.
    Moment,
    /// The sentiment.
    Sentiment,
    /// `yes` or `no`.
    Pain,
    /// The touchpoint.
    Touchpoint,
    /// The speaker's part.
    Role,
    /// The kind of source.
    Kind,
    /// The language's ISO 639 code, or `unknown`.
    Language,
    /// The document's name.
    Document,
    /// The participant's id; none where nobody is named.
    Participant,
    /// The product; none where none is named.
    Product,
}

impl Column {
    /// Every column, in the order they are reported.
    pub const ALL: [Self; 10] = [
        Self::Moment,
        Self::Sentiment,
        Self::Pain,
        Self::Touchpoint,
        Self::Role,
        Self::Kind,
        Self::Language,
        Self::Document,
        Self::Participant,
        Self::Product,
    ];

    /// Its name, which the index gives it as well.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Moment => "moment",
            Self::Sentiment => "sentiment",
            Self::Pain => "pain",
            Self::Touchpoint => "touchpoint",
            Self::Role => "role",
            Self::Kind => "kind",
            Self::Language => "language",
            Self::Document => "document",
            Self::Participant => "participant",
            Self::Product => "product",
        }
    }

    /// The field of the query language that looks into it.
    #[must_use]
    pub fn typed(self) -> &'static str {
        match self {
            Self::Language => "lang",
            Self::Document => "doc",
            other => other.as_str(),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
