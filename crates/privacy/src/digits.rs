//! Rows of digits in a text: where numbers are looked for.

use std::ops::Range;

/// Bytes that may stand between two rows of one number.
const GAP: usize = 3;

/// Rows of ASCII digits, in order.
#[derive(Debug, Default)]
pub(crate) struct Digits {
    pub(crate) rows: Vec<Range<usize>>,
}

/// Rows that could be one number: only what separates digits is between them.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) range: Range<usize>,
    pub(crate) digits: usize,
    pub(crate) rows: usize,
}

impl Digits {
    /// The row that begins where or after byte `at` is.
    pub(crate) fn from(&self, at: usize) -> Option<&Range<usize>> {
        let place = self.rows.partition_point(|row| row.start < at);
        self.rows.get(place)
    }

    /// The last row that ends where or before byte `at` is.
    pub(crate) fn before(&self, at: usize) -> Option<&Range<usize>> {
        let place = self.rows.partition_point(|row| row.end <= at);
        self.rows.get(place.checked_sub(1)?)
    }

    /// The rows, put together; each is in one chain.
    pub(crate) fn chains(&self, text: &str) -> Vec<Chain> {
        let mut chains: Vec<Chain> = Vec::new();
        let joins = |gap: Range<usize>| {
            gap.len() <= GAP
                && text.get(gap).is_some_and(|gap| {
                    gap.chars()
                        .all(|c| matches!(c, ' ' | '\u{a0}' | '.' | '/' | '-' | '(' | ')'))
                })
        };
        for row in &self.rows {
            match chains.last_mut() {
                Some(last) if joins(last.range.end..row.start) => {
                    last.range.end = row.end;
                    last.digits += row.len();
                    last.rows += 1;
                }
                _ => chains.push(Chain {
                    range: row.clone(),
                    digits: row.len(),
                    rows: 1,
                }),
            }
        }
        chains
    }
}
