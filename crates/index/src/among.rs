//! Quotes that are named one by one.

use std::sync::Arc;

use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};
use throughline_core::PassageId;

use crate::collect::Ids;

/// The quotes of a set of passages. It does not score.
///
/// Ids are a column and no terms, and a set may hold half of all quotes: each
/// segment's column is read once and held against the set.
#[derive(Debug, Clone)]
pub(crate) struct Among {
    /// In order, each once.
    ids: Arc<[PassageId]>,
}

impl Among {
    /// `ids` are in order.
    pub(crate) fn new(ids: &[PassageId]) -> Self {
        Self { ids: ids.into() }
    }
}

impl Query for Among {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Among {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let ids = Ids::of(reader)?;
        let named = |doc: &DocId| self.ids.binary_search(&ids.get(*doc)).is_ok();
        Ok(Box::new(Named {
            docs: (0..reader.max_doc()).filter(named).collect(),
            at: 0,
        }))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("one of the passages asked for", 0.0))
    }
}

/// Documents of a segment, in order.
struct Named {
    docs: Vec<DocId>,
    at: usize,
}

impl DocSet for Named {
    fn advance(&mut self) -> DocId {
        self.at = (self.at + 1).min(self.docs.len());
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.docs.get(self.at).copied().unwrap_or(TERMINATED)
    }

    fn size_hint(&self) -> u32 {
        self.docs.len() as u32
    }
}

impl Scorer for Named {
    fn score(&mut self) -> Score {
        0.0
    }
}
