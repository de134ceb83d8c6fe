//! What could have been meant by words that no quote has.

use std::collections::BTreeMap;

use tantivy::Term;
use tantivy::query::FuzzyTermQuery;

use crate::query::{Node, Pattern};
use crate::{Index, IndexError, Query, words};

/// Words of fewer letters are like too many others.
const SHORTEST: usize = 3;

impl Index {
    /// The query with each word that no quote has put right: the nearest word
    /// there is, at most two letters away; among those the most frequent, then
    /// the first in the alphabet. `None` if there is nothing to put right.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the index is damaged.
    pub fn respelt(&self, query: &Query) -> Result<Option<Query>, IndexError> {
        let mut respelt = query.clone();
        let mut failure = None;
        respelt.node_mut().each_mut(&mut |node| {
            if failure.is_none()
                && let Err(error) = self.respell(node)
            {
                failure = Some(self.engine(error));
            }
        });
        if let Some(error) = failure {
            return Err(error);
        }
        Ok((respelt != *query).then_some(respelt))
    }

    fn respell(&self, node: &mut Node) -> tantivy::Result<()> {
        let (words, stemmed) = match node {
            Node::Word(words) => {
                let stemmed = words.len() == 1;
                (words, stemmed)
            }
            Node::Exact(Pattern::Row(words) | Pattern::Slop(words, _)) => (words, false),
            _ => return Ok(()),
        };
        for word in words {
            if !self.is_known(word, stemmed)?
                && let Some(nearest) = self.nearest_word(word)?
            {
                *word = nearest;
            }
        }
        Ok(())
    }

    /// True if some quote has the word, in any English form where it is `stemmed`.
    fn is_known(&self, word: &str, stemmed: bool) -> tantivy::Result<bool> {
        let fields = self.fields();
        let term = if stemmed {
            Term::from_field_text(fields.stem, &words::stems(word).concat())
        } else {
            Term::from_field_text(fields.exact, word)
        };
        Ok(self.searcher().doc_freq(&term)? > 0)
    }

    fn nearest_word(&self, word: &str) -> tantivy::Result<Option<String>> {
        if word.chars().count() < SHORTEST {
            return Ok(None);
        }
        let field = self.fields().exact;
        for distance in [1, 2] {
            let close = FuzzyTermQuery::new(Term::from_field_text(field, word), distance, true);
            let mut found: BTreeMap<String, u64> = BTreeMap::new();
            for segment in self.searcher().segment_readers() {
                let inverted = segment.inverted_index(field)?;
                let mut terms = inverted.terms().search(close.automaton()?).into_stream()?;
                while terms.advance() {
                    let quotes = u64::from(terms.value().doc_freq);
                    let term = String::from_utf8_lossy(terms.key()).into_owned();
                    *found.entry(term).or_default() += quotes;
                }
            }
            let best = found
                .into_iter()
                .min_by_key(|(_, quotes)| std::cmp::Reverse(*quotes));
            if let Some((term, _)) = best {
                return Ok(Some(term));
            }
        }
        Ok(None)
    }
}
