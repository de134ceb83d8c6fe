//! The query language: what may be typed, and what it means.

mod error;
mod fields;
mod lexer;
mod node;
mod parser;
mod pattern;
mod suggest;
mod vocabulary;

use std::fmt;

use throughline_core::PassageId;

use crate::{Column, Highlighter};

pub use error::QueryError;
pub(crate) use fields::{NameField, UNCLEAR, UNKNOWN};
pub use node::Meaning;
pub(crate) use node::{Filter, Interval, Node, SetField};
pub(crate) use pattern::Pattern;
pub use vocabulary::{Members, NoNames, Unknown, Vocabulary};

/// A question to the index, parsed.
///
/// # What may be typed
///
/// | typed | finds quotes |
/// |---|---|
/// | `slow checkout` | with at least one of the words in any English form; those with all of them first |
/// | `"could not find"` | with exactly these words in a row |
/// | `"could find"~3` | with these words near each other, in either order: at most so many moves from standing in a row; a word between two of them is one move, two that change places are two |
/// | `refund*` | with a word that begins so |
/// | `delivry~`, `delivry~1` | with a word at most one or two letters away (wrong, missing, too many, or two swapped); without a number, one up to five letters and two above |
/// | `-refund`, `NOT refund` | without it |
/// | `a AND b`, `a OR b`, `(…)` | with both, with either, as grouped |
/// | `stage:purchase` | in a stage of the framework in use; sure ones only |
/// | `theme:…` | of a theme, by its id, its label or words of its label |
/// | `framework:buyer` | no condition: whose stages and themes the query speaks of |
/// | `like:"I could not find the price"` | that say so in other words: the nearest in meaning |
/// | `near:3f2a91bc` | that say what a passage says, by its id or how it begins |
/// | `moment:use`, `moment:unclear` | of a moment; where the engine abstains |
/// | `sentiment:negative` `pain:yes` `touchpoint:app` `role:participant` `kind:review` | with that tag |
/// | `speaker:dana` `participant:…` `doc:reviews.csv` `product:…` `question:…` | where the name has these words in a row; `speaker:dan*` and `speaker:dana~1` work too |
/// | `lang:en`, `lang:unknown` | in a document of that language; where it could not be told |
/// | `rating:>=4` `rating:1..3` `rating:5` | rated so |
/// | `date:2025-01..2025-03` `date:>=2025-02-10` `date:2024` | dated so; months and years are whole |
/// | `text:refund` | the same as `refund` |
/// | `*` | all |
///
/// Everything that stands side by side must hold, except that of the plain
/// words, prefixes and fuzzy words one is enough. `NOT` binds closest, then `AND`, then `OR`,
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
/// use throughline_index::{NoNames, Query};
///
/// let query = Query::parse("refund  rating:..2 NOT speaker:Dana", &NoNames)?;
/// assert_eq!(query.to_string(), "refund rating:<=2 -speaker:dana");
///
/// let error = Query::parse("refund sentiment:negatve", &NoNames).unwrap_err();
/// assert_eq!(error.column, 18);
/// assert_eq!(error.hint, "did you mean 'negative'?");
/// # Ok::<(), throughline_index::QueryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    node: Node,
}

impl Query {
    /// Reads a query. `vocabulary` says what names stand for; it is asked now, so
    /// that a query keeps its meaning.
    ///
    /// # Errors
    /// [`QueryError`] with the column of the first thing that is wrong. No text
    /// makes it panic.
    pub fn parse(text: &str, vocabulary: &dyn Vocabulary) -> Result<Self, QueryError> {
        parser::parse(text, vocabulary).map(|node| Self { node })
    }

    /// The query that every quote matches, `*`.
    #[must_use]
    pub fn all() -> Self {
        Self { node: Node::All }
    }

    /// What matches this query and `other`.
    ///
    /// # Errors
    /// [`QueryError`] if both say what quotes are to be like.
    pub fn and(self, other: Self) -> Result<Self, QueryError> {
        if self.meaning().is_some() && other.meaning().is_some() {
            return Err(QueryError {
                text: format!("{self} {other}"),
                column: 1,
                message: "both of these say what the quotes are to be like".to_owned(),
                hint: "keep like: or near: in one of them".to_owned(),
            });
        }
        Ok(Self {
            node: Node::And(vec![self.node, other.node]),
        })
    }

    /// The same, for quotes of one value of a column alone.
    #[must_use]
    pub fn with(self, column: Column, value: &str) -> Self {
        self.narrowed(Filter::Value {
            column,
            value: value.to_owned(),
        })
    }

    /// The same, for quotes of one stage alone.
    #[must_use]
    pub fn in_stage(self, name: &str, members: Members) -> Self {
        self.in_set(SetField::Stage, name, members)
    }

    /// The same, for quotes of one theme alone.
    #[must_use]
    pub fn in_theme(self, name: &str, members: Members) -> Self {
        self.in_set(SetField::Theme, name, members)
    }

    fn in_set(self, field: SetField, name: &str, members: Members) -> Self {
        self.narrowed(Filter::Set {
            field,
            name: name.to_owned(),
            members: members.sorted(),
        })
    }

    fn narrowed(self, filter: Filter) -> Self {
        Self {
            node: self.node.beside(Node::Filter(filter)),
        }
    }

    /// What quotes are to be like, where the query says so. An index knows no
    /// meaning: until [`Self::with_nearest`] has said which quotes those are, it
    /// is no condition.
    #[must_use]
    pub fn meaning(&self) -> Option<&Meaning> {
        self.node.find(&|node| match node {
            Node::Like { meaning, .. } => Some(meaning),
            _ => None,
        })
    }

    /// The same query, now that `passages` are known to be those that
    /// [`Self::meaning`] asks for.
    #[must_use]
    pub fn with_nearest(mut self, mut passages: Vec<PassageId>) -> Self {
        passages.sort_unstable();
        passages.dedup();
        self.node.each_mut(&mut |node| {
            if let Node::Like { nearest, .. } = node {
                *nearest = Some(passages.clone());
            }
        });
        self
    }

    /// This query or one of `passages`, which say what its words mean and hold to
    /// its conditions.
    #[must_use]
    pub fn or_alike(self, words: &str, passages: Vec<PassageId>) -> Self {
        if passages.is_empty() {
            return self;
        }
        let alike = Node::Like {
            meaning: Meaning::Like(words.to_owned()),
            nearest: None,
        };
        let either = Self {
            node: Node::Or(vec![self.node, alike]),
        };
        either.with_nearest(passages)
    }

    /// The id of the framework that the query names.
    #[must_use]
    pub fn framework(&self) -> Option<&str> {
        self.node.find(&|node| match node {
            Node::Framework(id) => Some(id.as_str()),
            _ => None,
        })
    }

    /// What finds the query's words in a text.
    #[must_use]
    pub fn highlighter(&self) -> Highlighter {
        Highlighter::new(&self.node)
    }

    pub(crate) fn of(node: Node) -> Self {
        Self { node }
    }

    pub(crate) fn node(&self) -> &Node {
        &self.node
    }

    pub(crate) fn node_mut(&mut self) -> &mut Node {
        &mut self.node
    }
}

impl fmt::Display for Query {
    /// The query as it could be typed: parsed again, it is the same query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.node, f)
    }
}
