//! The plain words of a query apart from its conditions.

use tantivy::Term;
use tantivy::query::Bm25StatisticsProvider;

use crate::query::Node;
use crate::schema::Fields;
use crate::statistics::{K1, LiveStatistics, rarity};
use crate::{Query, words};

/// A query that has plain words, taken apart: they say what is looked for, and
/// everything else where.
#[derive(Debug, Clone, PartialEq)]
pub struct Plain {
    words: Vec<Vec<String>>,
    conditions: Query,
}

impl Query {
    /// The plain words of a query, and its conditions. `None` where it has none
    /// that stand side by side: what is joined by operators is meant as it is
    /// said, and so is a phrase; nor where the query says itself what quotes are
    /// to be like.
    #[must_use]
    pub fn plain(&self) -> Option<Plain> {
        if self.meaning().is_some() {
            return None;
        }
        let parts = match self.node() {
            Node::Together(parts) => parts.as_slice(),
            node => std::slice::from_ref(node),
        };
        let (mut words, mut rest) = (Vec::new(), Vec::new());
        for part in parts {
            match part {
                Node::Word(word) => words.push(word.clone()),
                // A beginning of a word is no condition, and has no meaning.
                part if part.is_plain() => return None,
                part => rest.push(part.clone()),
            }
        }
        if words.is_empty() {
            return None;
        }
        let conditions = match rest.len() {
            0 => Query::all(),
            1 => rest.pop().map_or_else(Query::all, Query::of),
            _ => Query::of(Node::Together(rest)),
        };
        Some(Plain { words, conditions })
    }
}

impl Plain {
    /// The words as a text.
    #[must_use]
    pub fn text(&self) -> String {
        self.words.concat().join(" ")
    }

    /// What must hold besides.
    #[must_use]
    pub fn conditions(&self) -> &Query {
        &self.conditions
    }

    /// The words, each in its parts: more than one where it is written with a
    /// hyphen or the like.
    pub(crate) fn words(&self) -> &[Vec<String>] {
        &self.words
    }

    /// What a quote would score that repeats every word for ever.
    pub(crate) fn ceiling(
        &self,
        fields: &Fields,
        statistics: &LiveStatistics<'_>,
    ) -> tantivy::Result<f32> {
        let all = statistics.total_num_docs()?;
        let mut sum = 0.0;
        for word in &self.words {
            // Words in a row are looked for as they stand, and one alone by its stem.
            let (field, forms) = match word.as_slice() {
                [word] => (fields.stem, words::stems(word)),
                row => (fields.exact, row.to_vec()),
            };
            for form in forms {
                let holders = statistics.doc_freq(&Term::from_field_text(field, &form))?;
                sum += rarity(all, holders) * (1.0 + K1);
            }
        }
        Ok(sum)
    }
}
