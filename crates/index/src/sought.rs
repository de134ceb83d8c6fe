//! One plain word of a query over a whole segment: who holds it, and what it is
//! worth there.

use tantivy::query::{Bm25Weight, EnableScoring, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, Score, Searcher, SegmentReader, Term};

use crate::compile::{compile, stem_term};
use crate::even_score::even;
use crate::query::Node;
use crate::schema::Fields;
use crate::statistics::LiveStatistics;

/// A plain word that is looked for.
pub(crate) enum Sought {
    /// One by its stem: read block by block, and scored only where it counts, as the
    /// commonest words stand in half of all quotes.
    Stem(Term, Bm25Weight),
    /// Several in a row, which the engine puts together.
    Row(Box<dyn Weight>),
}

impl Sought {
    /// `word` is the parts of a [`Node::Word`].
    pub(crate) fn new(
        word: &[String],
        fields: &Fields,
        searcher: &Searcher,
        statistics: &LiveStatistics<'_>,
    ) -> tantivy::Result<Self> {
        if let [word] = word {
            let term = stem_term(word, fields);
            let weight = Bm25Weight::for_terms(statistics, std::slice::from_ref(&term))?;
            return Ok(Self::Stem(term, weight));
        }
        let scoring = EnableScoring::enabled_from_statistics_provider(statistics, searcher);
        let row = compile(&Node::Word(word.to_vec()), fields);
        Ok(Self::Row(row.weight(scoring)?))
    }

    /// Gives `found` every quote of a segment that holds the word and `counts`, with
    /// its score, in order.
    pub(crate) fn each(
        &self,
        segment: &SegmentReader,
        counts: impl Fn(DocId) -> bool,
        mut found: impl FnMut(DocId, Score),
    ) -> tantivy::Result<()> {
        let (term, weight) = match self {
            Self::Stem(term, weight) => (term, weight),
            Self::Row(weight) => {
                return weight.for_each(segment, &mut |quote, score| {
                    if counts(quote) {
                        found(quote, score);
                    }
                });
            }
        };
        let inverted = segment.inverted_index(term.field())?;
        let lengths = segment.get_fieldnorms_reader(term.field())?;
        let Some(mut block) = inverted.read_block_postings(term, IndexRecordOption::WithFreqs)?
        else {
            return Ok(());
        };
        while !block.docs().is_empty() {
            for (quote, times) in block.docs().iter().zip(block.freqs()) {
                if counts(*quote) {
                    let score = weight.score(lengths.fieldnorm_id(*quote), *times);
                    found(*quote, even(score));
                }
            }
            block.advance();
        }
        Ok(())
    }
}
