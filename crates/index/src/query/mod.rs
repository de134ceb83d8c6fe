//! The query language: what may be typed, and what it means.

mod error;
mod fields;
mod lexer;
mod node;
mod parser;
mod suggest;

use std::fmt;

use throughline_core::{Moment, PassageId};

pub use error::QueryError;
pub(crate) use fields::{LabelField, NameField, UNCLEAR};
pub(crate) use node::{Filter, Interval, Node};

/// What a stage holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Members {
    /// Every quote of these moments, where the engine is sure of them.
    Moments(Vec<Moment>),
    /// These passages, in any order.
    Passages(Vec<PassageId>),
}

/// A question to the index, parsed.
///
/// # What may be typed
///
/// | typed | finds quotes |
/// |---|---|
/// | `slow checkout` | with at least one of the words in any English form; those with all of them first |
/// | `"could not find"` | with exactly these words in a row |
/// | `refund*` | with a word that begins so |
/// | `-refund`, `NOT refund` | without it |
/// | `a AND b`, `a OR b`, `(…)` | with both, with either, as grouped |
/// | `stage:purchase` | in a stage of the framework in use; sure ones only |
/// | `moment:use`, `moment:unclear` | of a moment; where the engine abstains |
/// | `sentiment:negative` `pain:yes` `touchpoint:app` `role:participant` `kind:review` | with that tag |
/// | `speaker:dana` `participant:…` `doc:reviews.csv` `product:…` `question:…` | where the name has these words in a row; `speaker:dan*` works too |
/// | `rating:>=4` `rating:1..3` `rating:5` | rated so |
/// | `date:2025-01..2025-03` `date:>=2025-02-10` `date:2024` | dated so; months and years are whole |
/// | `text:refund` | the same as `refund` |
/// | `*` | all |
///
/// Everything that stands side by side must hold, except that of the plain
/// words and prefixes one is enough. `NOT` binds closest, then `AND`, then `OR`,
/// then standing side by side: `stage:purchase price OR cost` is
/// `stage:purchase (price OR cost)`. The operators are written in capitals.
/// A value with spaces is quoted: `speaker:"Dana Ortiz"`. Words are compared
/// without regard to case; plain words also without regard to accents. A plain
/// word with hyphens or points inside (`e-mail`) is looked for as a phrase.
///
/// The order of best hits is that of BM25 over English stems and, for phrases,
/// exact forms.
///
/// ```
/// use throughline_index::Query;
///
/// let stages = |_: &str| None;
/// let query = Query::parse("refund  rating:..2 NOT speaker:Dana", &stages)?;
/// assert_eq!(query.to_string(), "refund rating:<=2 -speaker:dana");
///
/// let error = Query::parse("refund sentiment:negatve", &stages).unwrap_err();
/// assert_eq!(error.column, 18);
/// assert_eq!(error.hint, "did you mean 'negative'?");
/// # Ok::<(), throughline_index::QueryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    node: Node,
}

impl Query {
    /// Reads a query. `stages` turns the name of a stage into what it holds, and
    /// answers `None` for a name that the framework does not have; it is asked
    /// now, so that a query keeps its meaning.
    ///
    /// # Errors
    /// [`QueryError`] with the column of the first thing that is wrong. No text
    /// makes it panic.
    pub fn parse(text: &str, stages: &dyn Fn(&str) -> Option<Members>) -> Result<Self, QueryError> {
        parser::parse(text, stages).map(|node| Self { node })
    }

    /// The query that every quote matches, `*`.
    #[must_use]
    pub fn all() -> Self {
        Self { node: Node::All }
    }

    pub(crate) fn of(node: Node) -> Self {
        Self { node }
    }

    pub(crate) fn node(&self) -> &Node {
        &self.node
    }
}

impl fmt::Display for Query {
    /// The query as it could be typed: parsed again, it is the same query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.node, f)
    }
}
