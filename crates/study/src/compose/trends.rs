//! Whether findings are mentioned more or less often as time goes by.

use std::collections::{BTreeMap, BTreeSet};

use throughline_core::{Date, Period};
use throughline_report::{PeriodShare, Report, Trend, Unit};
use throughline_stats::{holm, trend};

use super::circumstances::Circumstances;
use super::counting::of_share;
use super::findings::Scene;
use super::segments::{finding_at, members};
use crate::evidence::Said;

/// Documents that must mention a finding for its trend to be tested.
const DOCUMENTS: usize = 5;
/// Weeks or months with documents that a trend needs.
const PERIODS: usize = 3;
/// Time is divided into weeks where all documents lie within so many, half a
/// year; above that a line of weeks is too long to be read.
pub(crate) const WEEKS: u32 = 26;

/// Documents by the first day of the week or month of their date.
type ByPeriod = BTreeMap<Date, BTreeSet<u32>>;

/// Dated documents by their number.
type Dated = BTreeMap<u32, Date>;

/// Adds to findings how often they are mentioned week by week or month by month.
pub(crate) fn add(scene: &Scene<'_>, known: &Circumstances, report: &mut Report) {
    let dated = |said: &Said| Some((said.document, known.of(said)?.date?));
    let documents: Dated = scene.evidence.said.iter().filter_map(dated).collect();
    let forced = scene.study.config.report.period;
    let Some((period, all)) = periods(&documents, forced) else {
        return;
    };
    let mut tests = Vec::new();
    for (place, stage) in report.stages.iter().enumerate() {
        for (number, finding) in stage.findings.iter().enumerate() {
            let mentioning: Dated = members(scene, finding).filter_map(dated).collect();
            if mentioning.len() < DOCUMENTS {
                continue;
            }
            let groups = groups(period, &all, &by_period(period, &mentioning));
            if let Some(found) = trend(&groups) {
                tests.push(((place, number), groups, found));
            }
        }
    }
    let probabilities: Vec<f64> = tests.iter().map(|(.., found)| found.p).collect();
    for ((at, groups, found), adjusted) in tests.into_iter().zip(holm(&probabilities)) {
        let Some(finding) = finding_at(&mut report.stages, at) else {
            continue;
        };
        let shares = all.keys().zip(groups);
        let shares = shares.map(|(first, (_, count, of))| PeriodShare {
            first: *first,
            count: count as usize,
            of: of as usize,
            interval: of_share(count as usize, of as usize, Unit::Document),
        });
        finding.trend = Some(Trend {
            period,
            shares: shares.collect(),
            z: found.z,
            p: found.p,
            adjusted,
        });
    }
}

/// What time is divided into, `forced` or by the documents' days, and what falls
/// where; `None` where too few periods have documents to tell a trend.
fn periods(documents: &Dated, forced: Option<Period>) -> Option<(Period, ByPeriod)> {
    let period = forced.or_else(|| readable(documents))?;
    let all = by_period(period, documents);
    (all.len() >= PERIODS).then_some((period, all))
}

/// What time is best divided into for documents of these days; `None` where
/// there are none.
fn readable(documents: &Dated) -> Option<Period> {
    let week = |day: &Date| Period::Week.number(*day);
    let (first, last) = (documents.values().min()?, documents.values().max()?);
    let weeks = week(last) - week(first) + 1;
    Some(match weeks {
        ..=WEEKS => Period::Week,
        _ => Period::Month,
    })
}

fn by_period(period: Period, documents: &Dated) -> ByPeriod {
    let mut all = ByPeriod::new();
    for (document, day) in documents {
        let first = period.first_day(*day);
        all.entry(first).or_default().insert(*document);
    }
    all
}

/// For each period of `all` its place in time, the documents that mention, and
/// all of them.
fn groups(period: Period, all: &ByPeriod, mentioning: &ByPeriod) -> Vec<(f64, u64, u64)> {
    let each = all.iter().map(|(first, documents)| {
        let count = mentioning.get(first).map_or(0, BTreeSet::len);
        let at = f64::from(period.number(*first));
        (at, count as u64, documents.len() as u64)
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use throughline_nlp::RtenTagger;

    use super::*;
    use crate::compose::laws::studied;

    fn dated(days: &[&str]) -> Dated {
        let days = days.iter().map(|day| day.parse().unwrap());
        (0..).zip(days).collect()
    }

    #[test]
    fn half_a_year_is_read_by_week_and_more_by_month() {
        assert_eq!(readable(&dated(&[])), None);
        assert_eq!(readable(&dated(&["2025-03-05"])), Some(Period::Week));
        // 3 March is a Monday, and 31 August the Sunday of the 26th week.
        let within = dated(&["2025-08-31", "2025-05-01", "2025-03-03"]);
        assert_eq!(readable(&within), Some(Period::Week));
        let beyond = dated(&["2025-09-01", "2025-05-01", "2025-03-03"]);
        assert_eq!(readable(&beyond), Some(Period::Month));
    }

    #[test]
    fn a_week_is_one_across_the_year_and_weeks_without_documents_keep_their_place() {
        // The last four days of week 53 of 2020, the week after, and one three later.
        let all = dated(&["2020-12-31", "2021-01-03", "2021-01-04", "2021-01-27"]);
        let all = by_period(Period::Week, &all);
        let names: Vec<String> = all.keys().map(Date::to_string).collect();
        assert_eq!(names, ["2020-12-28", "2021-01-04", "2021-01-25"]);
        let mentioning = by_period(Period::Week, &dated(&["2020-12-31"]));
        let groups = groups(Period::Week, &all, &mentioning);
        let counts: Vec<(u64, u64)> = groups.iter().map(|(_, n, of)| (*n, *of)).collect();
        assert_eq!(counts, [(1, 2), (0, 1), (0, 1)]);
        let places: Vec<f64> = groups.iter().map(|(at, ..)| at - groups[0].0).collect();
        assert_eq!(places, [0.0, 1.0, 4.0]);
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let all = dated(&["2020-12-31", "2021-01-03", "2021-01-31", "2021-03-01"]);
        let all = by_period(Period::Month, &all);
        let names: Vec<String> = all.keys().map(|day| Period::Month.name(*day)).collect();
        assert_eq!(names, ["2020-12", "2021-01", "2021-03"]);
    }

    #[test]
    fn one_week_or_two_are_no_trend_and_settings_decide_first() {
        let period = |days: &[&str], forced| Some(periods(&dated(days), forced)?.0);
        assert_eq!(period(&["2025-03-03", "2025-03-09"], None), None);
        assert_eq!(period(&["2025-03-03", "2025-03-10"], None), None);
        let three = ["2025-03-09", "2025-03-10", "2025-03-17"];
        assert_eq!(period(&three, None), Some(Period::Week));
        assert_eq!(period(&three, Some(Period::Month)), None);
        let months = ["2024-03-09", "2025-03-10", "2025-04-17"];
        assert_eq!(period(&months, None), Some(Period::Month));
        assert_eq!(period(&months, Some(Period::Week)), Some(Period::Week));
    }

    #[test]
    fn a_study_of_some_weeks_tells_its_trends_by_week() {
        let folder = tempfile::tempdir().unwrap();
        let late = ["parcel", "order", "package", "bottle", "delivery", "lid"];
        let rows = (0..).zip(late).flat_map(|(week, thing)| {
            [1, 3].map(|day| {
                let text = format!("The {thing} came {} days late.", 3 + day);
                format!("2025-01-{:02},{text}\n", 6 + 7 * (week / 2) + day)
            })
        });
        let table = folder.path().join("reviews.csv");
        let rows: String = rows.collect();
        std::fs::write(&table, format!("date,text\n{rows}")).unwrap();
        let tagger = RtenTagger::open(Path::new("fast")).unwrap();
        let (_, report) = studied(&folder.path().join("study"), &[&[table]], &tagger);
        let mut findings = report.stages.iter().flat_map(|stage| &stage.findings);
        let trend = findings.find_map(|finding| finding.trend.as_ref()).unwrap();
        let shares = trend.shares.iter();
        let shares: Vec<(String, usize)> =
            shares.map(|one| (one.first.to_string(), one.of)).collect();
        let weeks = ["2025-01-06", "2025-01-13", "2025-01-20"];
        assert_eq!(shares, weeks.map(|week| (week.to_owned(), 4)));
        assert_eq!(trend.period, Period::Week);
    }
}
