//! Scores whose sum does not depend on the order of addition, and a scorer that
//! may stand anywhere in a query.

use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader};

/// Scores are rounded to multiples of one part in so many. Sums of such numbers
/// below 2¹⁴ are exact in 32-bit floats.
const GRAIN: f32 = 1024.0;

/// `inner` with its scores rounded to the grain, and safe to stand under NOT.
///
/// The engine adds the scores of a quote's words in an order that depends on
/// how often each word stands in the segment at hand, and float addition
/// depends on the order: without this, the same quote would score differently
/// after a merge, and ties would fall differently.
///
/// What NOT takes away goes through here as well: the engine's NOT (0.27) asks
/// `seek_danger` for quotes that lie behind a scorer, which its scorers of phrases
/// and ranges do not allow. The default of that method, which this scorer keeps,
/// does.
#[derive(Debug)]
pub(crate) struct EvenScore {
    inner: Box<dyn Query>,
}

impl EvenScore {
    pub(crate) fn new(inner: Box<dyn Query>) -> Self {
        Self { inner }
    }
}

impl Clone for EvenScore {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.box_clone(),
        }
    }
}

impl Query for EvenScore {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let inner = self.inner.weight(scoring)?;
        Ok(Box::new(EvenWeight { inner }))
    }
}

struct EvenWeight {
    inner: Box<dyn Weight>,
}

impl Weight for EvenWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let inner = self.inner.scorer(reader, boost)?;
        Ok(Box::new(EvenScorer { inner }))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.inner.explain(reader, doc)
    }

    fn count(&self, reader: &SegmentReader) -> tantivy::Result<u32> {
        self.inner.count(reader)
    }

    fn for_each(
        &self,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score),
    ) -> tantivy::Result<()> {
        self.inner
            .for_each(reader, &mut |doc, score| callback(doc, even(score)))
    }
}

struct EvenScorer {
    inner: Box<dyn Scorer>,
}

impl DocSet for EvenScorer {
    fn advance(&mut self) -> DocId {
        self.inner.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.inner.seek(target)
    }

    fn doc(&self) -> DocId {
        self.inner.doc()
    }

    fn size_hint(&self) -> u32 {
        self.inner.size_hint()
    }

    fn cost(&self) -> u64 {
        self.inner.cost()
    }
}

impl Scorer for EvenScorer {
    fn score(&mut self) -> Score {
        even(self.inner.score())
    }
}

/// A score as it is added to others.
pub(crate) fn even(score: Score) -> Score {
    (score * GRAIN).round() / GRAIN
}
