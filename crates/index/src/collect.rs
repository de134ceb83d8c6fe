//! Collectors that know passage ids.

use std::cmp::Ordering;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};
use throughline_core::PassageId;

use crate::compile::EVERY_WORD;
use crate::schema::{ID_HIGH, ID_LOW, id_from_halves};

/// The columns that hold a segment's passage ids.
pub(crate) struct Ids {
    high: Column<u64>,
    low: Column<u64>,
}

impl Ids {
    pub(crate) fn of(segment: &SegmentReader) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        Ok(Self {
            high: columns.u64(ID_HIGH)?,
            low: columns.u64(ID_LOW)?,
        })
    }

    pub(crate) fn get(&self, document: DocId) -> PassageId {
        let half = |column: &Column<u64>| column.first(document).unwrap_or_default();
        id_from_halves(half(&self.high), half(&self.low))
    }
}

/// A match with what orders it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ranked {
    pub(crate) every_word: bool,
    pub(crate) score: f32,
    pub(crate) id: PassageId,
}

impl Ranked {
    /// The better score first.
    fn by_score(&self, other: &Self) -> Ordering {
        let words = other.every_word.cmp(&self.every_word);
        words.then(other.score.total_cmp(&self.score))
    }

    /// A total order, the better first: ids are distinct.
    fn better(&self, other: &Self) -> Ordering {
        self.by_score(other).then(self.id.cmp(&other.id))
    }
}

/// Counts all matches and keeps the best `keep`, in order.
///
/// Ties are decided here and not by a later sort, since which of the tied ones
/// are kept must not depend on the segment they lie in.
pub(crate) struct Best {
    pub(crate) keep: usize,
}

/// [`Best`] of one segment.
pub(crate) struct SegmentBest {
    ids: Ids,
    keep: usize,
    total: u64,
    best: Vec<Ranked>,
    /// The last of `keep` that are known to be better than or equal to the rest.
    bar: Option<Ranked>,
}

impl SegmentBest {
    /// Drops all but the best `keep`.
    fn prune(&mut self) {
        let Some(last) = self.keep.checked_sub(1) else {
            self.best.clear();
            return;
        };
        if self.best.len() > self.keep {
            let (_, bar, _) = self.best.select_nth_unstable_by(last, Ranked::better);
            self.bar = Some(*bar);
            self.best.truncate(self.keep);
        }
    }
}

impl SegmentCollector for SegmentBest {
    type Fruit = (u64, Vec<Ranked>);

    fn collect(&mut self, document: DocId, score: Score) {
        self.total += 1;
        if self.keep == 0 {
            return;
        }
        let every_word = score >= EVERY_WORD;
        let mut match_ = Ranked {
            every_word,
            score: if every_word {
                score - EVERY_WORD
            } else {
                score
            },
            id: PassageId::from_bytes([0; 16]),
        };
        // Ids are read only for those that may be kept.
        if let Some(bar) = &self.bar
            && bar.by_score(&match_) == Ordering::Less
        {
            return;
        }
        match_.id = self.ids.get(document);
        self.best.push(match_);
        if self.best.len() >= self.keep.saturating_mul(2).max(64) {
            self.prune();
        }
    }

    fn harvest(mut self) -> Self::Fruit {
        self.prune();
        (self.total, self.best)
    }
}

impl Collector for Best {
    type Fruit = (u64, Vec<Ranked>);
    type Child = SegmentBest;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<SegmentBest> {
        Ok(SegmentBest {
            ids: Ids::of(reader)?,
            keep: self.keep,
            total: 0,
            best: Vec::new(),
            bar: None,
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, segments: Vec<Self::Fruit>) -> tantivy::Result<Self::Fruit> {
        let mut total = 0;
        let mut best = Vec::new();
        for (count, kept) in segments {
            total += count;
            best.extend(kept);
        }
        best.sort_unstable_by(Ranked::better);
        best.truncate(self.keep);
        Ok((total, best))
    }
}

/// Collects the ids of all matches, ascending.
pub(crate) struct AllIds;

/// [`AllIds`] of one segment.
pub(crate) struct SegmentIds {
    ids: Ids,
    found: Vec<PassageId>,
}

impl SegmentCollector for SegmentIds {
    type Fruit = Vec<PassageId>;

    fn collect(&mut self, document: DocId, _: Score) {
        self.found.push(self.ids.get(document));
    }

    fn harvest(self) -> Vec<PassageId> {
        self.found
    }
}

impl Collector for AllIds {
    type Fruit = Vec<PassageId>;
    type Child = SegmentIds;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<SegmentIds> {
        Ok(SegmentIds {
            ids: Ids::of(reader)?,
            found: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Vec<PassageId>>) -> tantivy::Result<Vec<PassageId>> {
        let mut ids = segments.concat();
        ids.sort_unstable();
        Ok(ids)
    }
}
