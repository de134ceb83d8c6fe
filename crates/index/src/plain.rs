//! The plain words of a query apart from its conditions, and quotes ranked by
//! them.

use tantivy::Term;
use tantivy::query::{Bm25StatisticsProvider, BooleanQuery, ConstScoreQuery, Query as EngineQuery};
use throughline_core::PassageId;

use crate::among::Among;
use crate::collect::Best;
use crate::compile::compile;
use crate::query::Node;
use crate::statistics::{K1, LiveStatistics, rarity};
use crate::{Index, IndexError, Query, words};

/// A query that has plain words, taken apart: they say what is looked for, and
/// everything else where.
#[derive(Debug, Clone, PartialEq)]
pub struct Plain {
    words: Vec<Vec<String>>,
    conditions: Query,
}

/// A quote with the share of the plain words that it holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holder {
    /// The passage.
    pub id: PassageId,
    /// BM25 of the words, divided by the most that any text could score: 0…1.
    pub share: f32,
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

    fn query(&self) -> Query {
        let mut nodes: Vec<Node> = self.words.iter().cloned().map(Node::Word).collect();
        match nodes.pop() {
            Some(only) if nodes.is_empty() => Query::of(only),
            Some(last) => {
                nodes.push(last);
                Query::of(Node::Or(nodes))
            }
            None => Query::all(),
        }
    }
}

impl Index {
    /// The quotes that fulfil the conditions of `plain` and hold at least one of
    /// its words, the greatest shares first, ties by passage id: at most `most`,
    /// and where `among` names passages, ascending, those alone.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the index is damaged.
    pub fn holders(
        &self,
        plain: &Plain,
        among: Option<&[PassageId]>,
        most: usize,
    ) -> Result<Vec<Holder>, IndexError> {
        self.try_holders(plain, among, most)
            .map_err(|error| self.engine(error))
    }

    fn try_holders(
        &self,
        plain: &Plain,
        among: Option<&[PassageId]>,
        most: usize,
    ) -> tantivy::Result<Vec<Holder>> {
        let searcher = self.searcher();
        let statistics = self.statistics(&searcher)?;
        let condition = |query: Box<dyn EngineQuery>| -> Box<dyn EngineQuery> {
            Box::new(ConstScoreQuery::new(query, 0.0))
        };
        let mut parts = vec![compile(plain.query().node(), self.fields())];
        if plain.conditions != Query::all() {
            parts.push(condition(compile(plain.conditions.node(), self.fields())));
        }
        if let Some(ids) = among {
            parts.push(condition(Box::new(Among::new(ids))));
        }
        let query = BooleanQuery::intersection(parts);
        let best = Best { keep: most };
        let (_, ranked) = searcher.search_with_statistics_provider(&query, &best, &statistics)?;
        let ceiling = self.ceiling(plain, &statistics)?;
        let holders = ranked.into_iter().map(|ranked| Holder {
            id: ranked.id,
            share: if ceiling > 0.0 {
                ranked.score / ceiling
            } else {
                0.0
            },
        });
        Ok(holders.collect())
    }

    /// What a quote would score that repeats every word for ever.
    fn ceiling(&self, plain: &Plain, statistics: &LiveStatistics<'_>) -> tantivy::Result<f32> {
        let all = statistics.total_num_docs()?;
        let mut sum = 0.0;
        for word in &plain.words {
            // Words in a row are looked for as they stand, and one alone by its stem.
            let (field, forms) = match word.as_slice() {
                [word] => (self.fields().stem, words::stems(word)),
                row => (self.fields().exact, row.to_vec()),
            };
            for form in forms {
                let holders = statistics.doc_freq(&Term::from_field_text(field, &form))?;
                sum += rarity(all, holders) * (1.0 + K1);
            }
        }
        Ok(sum)
    }
}
