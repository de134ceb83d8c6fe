//! Who mentions what, by the attributes that divide the people asked.

use std::collections::BTreeMap;

use throughline_report::{Crosstab, CrosstabRow, Report, SegmentShare, Unit};

use super::counting::of_share;
use super::findings::Scene;
use super::segments::{Segments, shown};
use crate::evidence::Voice;

/// The cells of a row: those too small to be shown say so by their absence.
pub(crate) fn shares(rows: Vec<(String, u64, u64)>, small_cell: usize) -> Vec<SegmentShare> {
    let share = |(value, count, of): (String, u64, u64)| {
        let (count, of) = (shown(count as usize, small_cell), of as usize);
        SegmentShare {
            value,
            count,
            of,
            interval: count.and_then(|count| of_share(count, of, Unit::Participant)),
        }
    };
    rows.into_iter().map(share).collect()
}

/// Puts a row into the crosstab of its attribute. One segment alone is nothing
/// to compare, and makes no row.
pub(crate) fn put(crosstabs: &mut Vec<Crosstab>, attribute: &str, row: CrosstabRow) {
    if row.values.len() < 2 {
        return;
    }
    match crosstabs.iter_mut().find(|one| one.attribute == attribute) {
        Some(known) => known.rows.push(row),
        None => crosstabs.push(Crosstab {
            attribute: attribute.to_owned(),
            rows: vec![row],
        }),
    }
}

/// Notes with every quote the segments of whoever said it.
pub(crate) fn note_segments(
    scene: &Scene<'_>,
    (known, segments): (&BTreeMap<Voice, BTreeMap<&str, &str>>, &Segments<'_>),
    report: &mut Report,
) {
    for quote in report.quotes_mut() {
        let said = scene.by_id.get(&quote.passage);
        let attributes = said.and_then(|said| known.get(&said.voice()));
        let divides = |(name, value): &(&&str, &&str)| {
            let values = segments.get(**name);
            values.is_some_and(|values| values.contains_key(**value))
        };
        let own = attributes.into_iter().flatten().filter(divides);
        quote.segments = own
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_too_small_to_be_shown_has_neither_count_nor_interval() {
        let rows = vec![("day".to_owned(), 2, 9), ("year".to_owned(), 6, 9)];
        let cells = shares(rows, 5);
        assert_eq!((cells[0].count, &cells[0].interval), (None, &None));
        assert_eq!(cells[1].count, Some(6));
        let interval = cells[1].interval.as_ref().unwrap();
        assert!(interval.low < 6.0 / 9.0 && 6.0 / 9.0 < interval.high);
    }

    #[test]
    fn rows_of_one_attribute_stand_together_and_one_segment_is_no_comparison() {
        let row = |finding: &str, values: &[&str]| CrosstabRow {
            finding: finding.to_owned(),
            values: shares(values.iter().map(|v| ((*v).to_owned(), 1, 2)).collect(), 0),
            adjusted: None,
        };
        let mut all = Vec::new();
        put(&mut all, "plan", row("a", &["day", "year"]));
        put(&mut all, "city", row("a", &["Ulm", "Bern"]));
        put(&mut all, "plan", row("b", &["day", "year"]));
        put(&mut all, "plan", row("c", &["day"]));
        let found: Vec<(&str, usize)> = all
            .iter()
            .map(|one| (one.attribute.as_str(), one.rows.len()))
            .collect();
        assert_eq!(found, [("plan", 2), ("city", 1)]);
    }
}
