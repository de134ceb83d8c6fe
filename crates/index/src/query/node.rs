use std::fmt;
use std::ops::Bound;

use throughline_core::{Date, PassageId};

use super::Members;
use super::fields::NameField;
use super::pattern::Pattern;
use crate::Column;

/// A query as a tree. Words are in their exact form (see [`crate::words`]).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// Everything.
    All,
    /// A plain word; several words if hyphens or the like stand between them.
    Word(Vec<String>),
    /// Exact forms in the text.
    Exact(Pattern),
    /// A condition on a field; it does not score.
    Filter(Filter),
    /// What the quotes are like. Until the driver has said which those are, it
    /// is no condition.
    Like {
        meaning: Meaning,
        /// In order, each once.
        nearest: Option<Vec<PassageId>>,
    },
    /// The framework whose stages and themes the query speaks of; no condition.
    Framework(String),
    /// Never directly within another.
    Not(Box<Node>),
    /// Two or more.
    And(Vec<Node>),
    /// Two or more.
    Or(Vec<Node>),
    /// Two or more side by side: all must hold, but of the plain words and
    /// what stands for many words one is enough.
    Together(Vec<Node>),
}

/// What quotes are to be like in meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Words that say it.
    Like(String),
    /// A passage that says it.
    Near(PassageId),
}

/// A condition on a field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    Set {
        field: SetField,
        name: String,
        /// Passages in order, each once.
        members: Members,
    },
    Name {
        field: NameField,
        pattern: Pattern,
    },
    /// The one value of a column, as it is written.
    Value {
        column: Column,
        value: String,
    },
    Rating(Interval<f64>),
    Date(Interval<Date>),
}

/// A field whose values are names of sets of quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetField {
    Stage,
    Theme,
}

impl SetField {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Theme => "theme",
        }
    }
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
        match self {
            Self::Word(_) => true,
            Self::Exact(pattern) => pattern.is_one_of_many(),
            _ => false,
        }
    }

    /// The opposite; twice is none.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// This and `other` side by side.
    pub(crate) fn beside(self, other: Self) -> Self {
        match self {
            Self::Together(mut parts) => {
                parts.push(other);
                Self::Together(parts)
            }
            one => Self::Together(vec![one, other]),
        }
    }

    /// The nodes directly within this one.
    pub(crate) fn parts(&self) -> &[Self] {
        match self {
            Self::Not(inner) => std::slice::from_ref(inner),
            Self::And(parts) | Self::Or(parts) | Self::Together(parts) => parts,
            _ => &[],
        }
    }

    pub(crate) fn parts_mut(&mut self) -> &mut [Self] {
        match self {
            Self::Not(inner) => std::slice::from_mut(inner),
            Self::And(parts) | Self::Or(parts) | Self::Together(parts) => parts,
            _ => &mut [],
        }
    }

    /// The first node, this one or one within it, that `wanted` takes.
    pub(crate) fn find<'n, T>(&'n self, wanted: &dyn Fn(&'n Self) -> Option<T>) -> Option<T> {
        let within = || self.parts().iter().find_map(|part| part.find(wanted));
        wanted(self).or_else(within)
    }

    /// Gives this node and every one within it to `f`.
    pub(crate) fn each_mut(&mut self, f: &mut dyn FnMut(&mut Self)) {
        f(self);
        self.parts_mut()
            .iter_mut()
            .for_each(|part| part.each_mut(f));
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Word(words) => f.write_str(&words.join("-")),
            Self::Exact(pattern) => fmt::Display::fmt(pattern, f),
            Self::Filter(filter) => fmt::Display::fmt(filter, f),
            Self::Like { meaning, .. } => fmt::Display::fmt(meaning, f),
            Self::Framework(id) => write!(f, "framework:{}", Quoted(id)),
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
    if matches!(part, Node::And(_) | Node::Or(_) | Node::Together(_)) {
        write!(f, "({part})")
    } else {
        fmt::Display::fmt(part, f)
    }
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Like(words) => write!(f, "like:\"{words}\""),
            Self::Near(id) => write!(f, "near:{id}"),
        }
    }
}

/// A value as it is typed: between quotation marks unless it is one plain word.
struct Quoted<'v>(&'v str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let simple = !self.0.is_empty() && self.0.chars().all(char::is_alphanumeric);
        let quote = if simple { "" } else { "\"" };
        write!(f, "{quote}{}{quote}", self.0)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set { field, name, .. } => write!(f, "{}:{}", field.as_str(), Quoted(name)),
            Self::Name { field, pattern } => match pattern {
                Pattern::Row(words) if words.len() == 1 => {
                    write!(f, "{}:{}", field.as_str(), words.concat())
                }
                pattern => write!(f, "{}:{pattern}", field.as_str()),
            },
            Self::Value { column, value } => write!(f, "{}:{}", column.typed(), Quoted(value)),
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
