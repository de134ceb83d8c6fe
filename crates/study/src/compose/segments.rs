//! Whether people of different segments mention findings differently often.

use std::collections::{BTreeMap, BTreeSet};

use throughline_report::{CrosstabRow, Finding, Report, SegmentDifference, StageReport};
use throughline_stats::{TwoShares, chi_square, holm};

use super::circumstances::Circumstances;
use super::crosstabs;
use super::findings::Scene;
use crate::evidence::{Said, Voice};

/// Values of an attribute that are set against each other, at most: the most
/// frequent. An attribute with more is a name or a number rather than a segment.
const VALUES: usize = 8;
/// Voices that a value needs to be a segment.
const VOICES: usize = 5;
/// Below this probability, with regard to all tests, a difference is reported.
const SIGNIFICANT: f64 = 0.05;
/// Expected counts below which a χ² test is too rough to be made (W. G. Cochran,
/// Biometrics 10 (1954) 417–451).
const EXPECTED: f64 = 1.0;

/// The values of each attribute that make segments, by attribute and then by
/// value: the voices of each.
pub(crate) type Segments<'a> = BTreeMap<&'a str, BTreeMap<&'a str, BTreeSet<Voice>>>;

/// The attributes that divide the voices of a study into segments: those of
/// `wanted`, or all that do where none is named.
pub(crate) fn segments<'a>(
    known: &'a BTreeMap<Voice, BTreeMap<&'a str, &'a str>>,
    wanted: &[String],
) -> Segments<'a> {
    let mut all = Segments::new();
    for (voice, attributes) in known {
        for (name, value) in attributes {
            if wanted.is_empty() || wanted.iter().any(|one| one == name) {
                let values = all.entry(name).or_default();
                values.entry(value).or_default().insert(*voice);
            }
        }
    }
    all.retain(|_, values| {
        let many = values.len() > VALUES && wanted.is_empty();
        values.retain(|_, voices| voices.len() >= VOICES);
        !many && values.len() > 1
    });
    all
}

/// A theme by an attribute: voices that mention it, of those who spoke about the
/// stage.
pub(crate) fn crosstab(
    values: &BTreeMap<&str, BTreeSet<Voice>>,
    stage: &BTreeSet<Voice>,
    theme: &BTreeSet<Voice>,
) -> Vec<(String, u64, u64)> {
    let mut rows: Vec<(String, u64, u64)> = values
        .iter()
        .map(|(value, voices)| {
            let of = voices.intersection(stage).count() as u64;
            let count = voices.intersection(theme).count() as u64;
            ((*value).to_owned(), count, of)
        })
        .filter(|(_, _, of)| *of > 0)
        .collect();
    rows.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    rows.truncate(VALUES);
    rows
}

/// The test of a crosstab and its probability; `None` where there is nothing to
/// test.
pub(crate) fn test(rows: &[(String, u64, u64)]) -> Option<(&'static str, f64)> {
    if let [(_, first, first_of), (_, second, second_of)] = rows {
        let shares = TwoShares {
            first: *first,
            first_of: *first_of,
            second: *second,
            second_of: *second_of,
        };
        return Some(("Fisher", shares.fisher()?));
    }
    let table: Vec<Vec<u64>> = rows
        .iter()
        .map(|(_, count, of)| vec![*count, of.saturating_sub(*count)])
        .collect();
    let found = chi_square(&table)?;
    (found.least_expected >= EXPECTED).then_some(("chi-square", found.p))
}

/// The voices of some passages.
pub(crate) fn voices<'s>(said: impl Iterator<Item = &'s Said>) -> BTreeSet<Voice> {
    said.map(Said::voice).collect()
}

/// One finding by one attribute, and the test of it.
struct Table<'a> {
    /// Number of the stage, and of the finding in it.
    at: (usize, usize),
    attribute: &'a str,
    rows: Vec<(String, u64, u64)>,
    test: Option<(&'static str, f64)>,
}

/// Adds the crosstabs, and to findings the attributes by which they differ; notes
/// with each quote the segments of whoever said it. Tells how many tests were made.
pub(crate) fn add(scene: &Scene<'_>, known: &Circumstances, report: &mut Report) -> usize {
    let settings = &scene.study.config.report;
    let known = known.of_voices(scene.evidence);
    let segments = segments(&known, &settings.segments);
    crosstabs::note_segments(scene, (&known, &segments), report);
    let mut tables = Vec::new();
    for (place, stage) in report.stages.iter().enumerate() {
        let spoke = voices(scene.evidence.of_stage(place));
        for (number, finding) in stage.findings.iter().enumerate() {
            let mention = voices(members(scene, finding));
            for (attribute, values) in &segments {
                let rows = crosstab(values, &spoke, &mention);
                tables.push(Table {
                    at: (place, number),
                    attribute,
                    test: test(&rows),
                    rows,
                });
            }
        }
    }
    let tested = tables.iter().filter_map(|table| table.test);
    let adjusted = holm(&tested.map(|(_, p)| p).collect::<Vec<_>>());
    let count = adjusted.len();
    let mut adjusted = adjusted.into_iter();
    for table in tables {
        let adjusted = table.test.and_then(|_| adjusted.next());
        let Some(finding) = finding_at(&mut report.stages, table.at) else {
            continue;
        };
        let values = crosstabs::shares(table.rows, settings.small_cell);
        let differs = adjusted.filter(|adjusted| *adjusted < SIGNIFICANT);
        if let Some(((test, p), adjusted)) = table.test.zip(differs) {
            finding.segments.push(SegmentDifference {
                attribute: table.attribute.to_owned(),
                values: values.clone(),
                test: test.to_owned(),
                p,
                adjusted,
            });
        }
        let row = CrosstabRow {
            finding: finding.id.clone(),
            values,
            adjusted,
        };
        crosstabs::put(&mut report.crosstabs, table.attribute, row);
    }
    count
}

/// A count that is not too small to be shown.
pub(crate) fn shown(count: usize, small_cell: usize) -> Option<usize> {
    (count == 0 || count >= small_cell).then_some(count)
}

/// The finding of a number in the stage of a number.
pub(crate) fn finding_at(
    stages: &mut [StageReport],
    (place, number): (usize, usize),
) -> Option<&mut Finding> {
    stages.get_mut(place)?.findings.get_mut(number)
}

/// The passages of a finding.
pub(crate) fn members<'s>(
    scene: &'s Scene<'_>,
    finding: &Finding,
) -> impl Iterator<Item = &'s Said> {
    let members = finding.members.iter();
    members.filter_map(|id| scene.by_id.get(id).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(plans: &[&'static str]) -> BTreeMap<Voice, BTreeMap<&'static str, &'static str>> {
        let voices = (0..).map(Voice::Participant);
        let plans = plans.iter().map(|plan| BTreeMap::from([("plan", *plan)]));
        voices.zip(plans).collect()
    }

    #[test]
    fn an_attribute_divides_where_two_values_have_voices() {
        let mut plans = vec!["day"; 6];
        plans.extend(["year"; 5]);
        plans.push("rare");
        let of = known(&plans);
        let found = segments(&of, &[]);
        let values: Vec<&str> = found["plan"].keys().copied().collect();
        assert_eq!(values, ["day", "year"]);
        assert!(segments(&of, &["age".to_owned()]).is_empty());
        let of = known(&["a", "b", "c", "d", "e", "f", "g", "h", "i"].repeat(5));
        assert!(segments(&of, &[]).is_empty(), "nine values are no segments");
        assert_eq!(segments(&of, &["plan".to_owned()]).len(), 1);
    }

    #[test]
    fn two_values_are_tested_by_fisher_and_rough_tables_not_at_all() {
        let of = known(&["day", "day", "day", "day", "year", "year", "year", "year"]);
        let mut values: BTreeMap<&str, BTreeSet<Voice>> = BTreeMap::new();
        for (voice, attributes) in &of {
            values.entry(attributes["plan"]).or_default().insert(*voice);
        }
        let all: BTreeSet<Voice> = of.keys().copied().collect();
        // Three of four against one of four: the lady who tasted tea.
        let mention: BTreeSet<Voice> = [0, 1, 2, 4].map(Voice::Participant).into();
        let rows = crosstab(&values, &all, &mention);
        assert_eq!(rows, [("day".to_owned(), 3, 4), ("year".to_owned(), 1, 4)]);
        let (name, p) = test(&rows).unwrap();
        assert_eq!(name, "Fisher");
        assert!((p - 0.486).abs() < 1e-3);
        let rough: Vec<_> = ["a", "b", "c"].map(|v| (v.to_owned(), 0, 3)).to_vec();
        assert_eq!(test(&rough), None);
        assert_eq!(
            (shown(3, 5), shown(0, 5), shown(5, 5)),
            (None, Some(0), Some(5))
        );
    }
}
