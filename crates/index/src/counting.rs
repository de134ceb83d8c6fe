//! How often each value of a column occurs among the hits.

use std::collections::BTreeMap;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::StrColumn;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use crate::compile::compile;
use crate::{Column, Index, IndexError, Query};

/// How often each value of a column occurs.
pub type ValueCounts = BTreeMap<String, u64>;

impl Index {
    /// How often each value of each of `columns` occurs among all hits of a
    /// query, in step with the columns. A quote without a value counts nowhere.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the index is damaged.
    pub fn counts(
        &self,
        query: &Query,
        columns: &[Column],
    ) -> Result<Vec<ValueCounts>, IndexError> {
        let compiled = compile(query.node(), self.fields());
        let counts = self.searcher().search(&compiled, &Counts { columns });
        counts.map_err(|error| self.engine(error))
    }
}

struct Counts<'c> {
    columns: &'c [Column],
}

/// [`Counts`] of one segment.
struct SegmentCounts {
    /// Each with how often each of its values occurs, by its number.
    columns: Vec<Option<(StrColumn, Vec<u64>)>>,
}

impl SegmentCollector for SegmentCounts {
    type Fruit = tantivy::Result<Vec<ValueCounts>>;

    fn collect(&mut self, document: DocId, _: Score) {
        for (column, counts) in self.columns.iter_mut().flatten() {
            for number in column.ords().values_for_doc(document) {
                if let Some(count) = counts.get_mut(number as usize) {
                    *count += 1;
                }
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        let columns = self.columns.into_iter();
        columns
            .map(|column| column.map_or_else(|| Ok(ValueCounts::new()), of_column))
            .collect()
    }
}

fn of_column((column, counts): (StrColumn, Vec<u64>)) -> tantivy::Result<ValueCounts> {
    let mut named = ValueCounts::new();
    for (number, count) in (0_u64..).zip(counts).filter(|(_, count)| *count > 0) {
        let mut value = String::new();
        column.ord_to_str(number, &mut value)?;
        named.insert(value, count);
    }
    Ok(named)
}

impl Collector for Counts<'_> {
    type Fruit = Vec<ValueCounts>;
    type Child = SegmentCounts;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<SegmentCounts> {
        let columns = self.columns.iter().map(|column| {
            let found = reader.fast_fields().str(column.as_str())?;
            Ok(found.map(|column| {
                let counts = vec![0; column.num_terms()];
                (column, counts)
            }))
        });
        Ok(SegmentCounts {
            columns: columns.collect::<tantivy::Result<_>>()?,
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(
        &self,
        segments: Vec<tantivy::Result<Vec<ValueCounts>>>,
    ) -> tantivy::Result<Vec<ValueCounts>> {
        let mut all = vec![ValueCounts::new(); self.columns.len()];
        for segment in segments {
            for (sum, counts) in all.iter_mut().zip(segment?) {
                for (value, count) in counts {
                    *sum.entry(value).or_default() += count;
                }
            }
        }
        Ok(all)
    }
}
