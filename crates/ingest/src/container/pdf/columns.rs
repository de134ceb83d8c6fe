//! Pages on which names stand in a column of their own, left of what was said.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::layout::{Line, Page};
use crate::transcript::names;

/// Columns that begin so near to each other, in font sizes, are one.
const SAME_COLUMN: f64 = 0.5;
/// So many names make a column of them, one in two of which has stood in it before.
const FEWEST: usize = 3;

/// Who speaks on such pages.
pub(super) struct Names {
    /// Where on the page the words begin that were said.
    text: f64,
    /// The names, without a colon.
    pub(super) names: BTreeSet<String>,
}

impl Names {
    /// The column of names in a document of `pages`, if there is one.
    pub(super) fn of(pages: &[Page]) -> Option<Self> {
        // By the column of the text, in half font sizes: the names left of it.
        let mut found: BTreeMap<i64, Vec<(f64, &str)>> = BTreeMap::new();
        for page in pages {
            let nexts = page.lines.iter().skip(1).map(Some).chain([None]);
            for (line, next) in page.lines.iter().zip(nexts) {
                if let Some((name, text)) = beside(page, line, next) {
                    let column = (text / (SAME_COLUMN * line.size.max(1.0))).round();
                    found.entry(column as i64).or_default().push((text, name));
                }
            }
        }
        let (_, rows) = found
            .into_iter()
            .max_by_key(|(column, rows)| (rows.len(), -column))?;
        let names: BTreeSet<String> = rows.iter().map(|(_, name)| (*name).to_owned()).collect();
        let text = rows.first().map(|(text, _)| *text)?;
        let recur = rows.len() >= FEWEST && names.len() * 2 <= rows.len() + 1;
        recur.then_some(Self { text, names })
    }

    /// The name that `line` of `page` begins with, and where the words begin that
    /// were said, if they stand in it too.
    pub(super) fn label(
        &self,
        page: &Page,
        line: &Line,
        next: Option<&Line>,
    ) -> Option<(Range<usize>, Option<usize>)> {
        let (name, text) = beside(page, line, next)?;
        let near = (text - self.text).abs() <= SAME_COLUMN * line.size;
        if !near || !self.names.contains(name) {
            return None;
        }
        let words = page.text.get(line.text.clone()).unwrap_or_default();
        let start = line.text.start + (words.len() - words.trim_start().len());
        Some((start..start + name.len(), line.wide.map(|wide| wide.at)))
    }
}

/// What could be the name of who says the rest of `line`, or, if it stands there
/// alone, `next`; and where that begins, counted from the left.
fn beside<'p>(page: &'p Page, line: &Line, next: Option<&Line>) -> Option<(&'p str, f64)> {
    let (end, text) = match (line.wide, next) {
        (Some(wide), _) => (wide.at, wide.x),
        (None, Some(next)) if next.start.x > line.end.x && next.below(line).is_none() => {
            (line.text.end, next.start.x)
        }
        _ => return None,
    };
    let name = page.text.get(line.text.start..end)?;
    let name = name.trim().trim_end_matches([':', ' ']);
    names::shape(name).map(|_| (name, text))
}
