use std::fmt;
use std::ops::Bound;

use throughline_core::Date;

use super::Members;
use super::fields::{LabelField, NameField};

/// A query as a tree. Words are in their exact form (see [`crate::words`]).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// Everything.
    All,
    /// A plain word; several words if hyphens or the like stand between them.
    Word(Vec<String>),
    /// These words in a row.
    Phrase(Vec<String>),
    /// A word that begins so.
    Prefix(String),
    /// A condition on a field; it does not score.
    Filter(Filter),
    /// Never directly within another.
    Not(Box<Node>),
    /// Two or more.
    And(Vec<Node>),
    /// Two or more.
    Or(Vec<Node>),
    /// Two or more side by side: all must hold, but of the plain words and
    /// prefixes one is enough.
    Together(Vec<Node>),
}

/// A condition on a field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    Stage {
        name: String,
        /// Passages in order, each once.
        members: Members,
    },
    Label {
        field: LabelField,
        label: &'static str,
    },
    Name {
        field: NameField,
        words: Vec<String>,
        /// True if the word, which is then the only one, need only begin so.
        prefix: bool,
    },
    Rating(Interval<f64>),
    Date(Interval<Date>),
}

/// From `low` to `high`; at least one of them is a bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Interval<T> {
    pub(crate) low: Bound<T>,
    pub(crate) high: Bound<T>,
}

impl Node {
    /// True for what ranks without being required where things stand side by
    /// side.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self, Self::Word(_) | Self::Prefix(_))
    }

    /// The opposite; twice is none.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    fn is_group(&self) -> bool {
        matches!(self, Self::And(_) | Self::Or(_) | Self::Together(_))
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Word(words) => f.write_str(&words.join("-")),
            Self::Phrase(words) => write!(f, "\"{}\"", words.join(" ")),
            Self::Prefix(word) => write!(f, "{word}*"),
            Self::Filter(filter) => fmt::Display::fmt(filter, f),
            Self::Not(inner) => {
                f.write_str("-")?;
                write_part(inner, f)
            }
            Self::And(parts) => write_parts(parts, " AND ", f),
            Self::Or(parts) => write_parts(parts, " OR ", f),
            Self::Together(parts) => write_parts(parts, " ", f),
        }
    }
}

fn write_parts(parts: &[Node], between: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            f.write_str(between)?;
        }
        write_part(part, f)?;
    }
    Ok(())
}

fn write_part(part: &Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if part.is_group() {
        write!(f, "({part})")
    } else {
        fmt::Display::fmt(part, f)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stage { name, .. } => {
                let simple = !name.is_empty() && name.chars().all(char::is_alphanumeric);
                let quote = if simple { "" } else { "\"" };
                write!(f, "stage:{quote}{name}{quote}")
            }
            Self::Label { field, label } => write!(f, "{}:{label}", field.as_str()),
            Self::Name {
                field,
                words,
                prefix,
            } => {
                let star = if *prefix { "*" } else { "" };
                let quote = if words.len() > 1 { "\"" } else { "" };
                let words = words.join(" ");
                write!(f, "{}:{quote}{words}{quote}{star}", field.as_str())
            }
            Self::Rating(interval) => write!(f, "rating:{interval}"),
            Self::Date(interval) => write!(f, "date:{interval}"),
        }
    }
}

impl<T: fmt::Display + PartialEq> fmt::Display for Interval<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Bound::{Excluded, Included, Unbounded};
        match (&self.low, &self.high) {
            (Included(low), Included(high)) if low == high => write!(f, "{low}"),
            (Included(low) | Excluded(low), Included(high) | Excluded(high)) => {
                write!(f, "{low}..{high}")
            }
            (Included(low), Unbounded) => write!(f, ">={low}"),
            (Excluded(low), Unbounded) => write!(f, ">{low}"),
            (Unbounded, Included(high)) => write!(f, "<={high}"),
            (Unbounded, Excluded(high)) => write!(f, "<{high}"),
            (Unbounded, Unbounded) => Ok(()),
        }
    }
}
