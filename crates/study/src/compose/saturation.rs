//! Whether more interviews would bring more, and what is told together.

use std::collections::{BTreeMap, BTreeSet};

use throughline_core::{PassageId, SourceKind};
use throughline_report::{CoOccurrence, Report, Saturation, Unit};
use throughline_stats::{Bootstrap, chao2, co_occurrence, new_information};

use super::counting::over_voices;
use super::findings::Scene;
use crate::StudyError;
use crate::evidence::{Said, Voice};

/// Fewer people than this cannot tell.
const PEOPLE: usize = 8;
/// The first and the last people whose pain points are set against each other:
/// Guest, Namey and Chen 2020.
const BASE_AND_RUN: (usize, usize) = (4, 2);
/// Random orders of the people.
const ORDERS: usize = 1_000;
/// A wider interval of the share heard cannot tell.
const WIDE: f64 = 0.3;
/// New information below this share is little: Guest, Namey and Chen 2020.
const LITTLE: f64 = 0.05;
/// From this share heard on, little is left to hear.
const MOST: f64 = 0.8;
/// Turns on either side that are told side by side.
const TURNS: usize = 2;
/// Pairs of findings that are listed for each unit, at most.
const PAIRS: usize = 30;
/// Units that a pair needs.
const TOGETHER: usize = 2;
/// From this ratio of frequencies on, the coefficient is low of itself.
const UNEQUAL: usize = 5;

/// Adds both.
pub(crate) fn add(scene: &Scene<'_>, report: &mut Report) -> Result<(), StudyError> {
    report.saturation = saturation(scene, report);
    report.co_occurrence = by_voice(scene, report);
    let windows = by_window(scene, report)?;
    report.co_occurrence.extend(windows);
    Ok(())
}

/// Number of the finding that each passage is in.
fn finding_of(report: &Report) -> BTreeMap<PassageId, usize> {
    let findings = report.stages.iter().flat_map(|stage| &stage.findings);
    let members = findings.enumerate().flat_map(|(number, finding)| {
        let members = finding.members.iter();
        members.map(move |id| (*id, number))
    });
    members.collect()
}

fn saturation(scene: &Scene<'_>, report: &Report) -> Option<Saturation> {
    let finding_of = finding_of(report);
    let mut people: BTreeMap<Voice, BTreeSet<usize>> = BTreeMap::new();
    let said = scene.evidence.said.iter().enumerate();
    for (number, one) in said.filter(|(_, one)| one.kind == SourceKind::Interview) {
        let ideas = people.entry(one.voice()).or_default();
        if one.is_pain() && one.place.is_ok() {
            // What is in no finding is an idea of its own, after all findings.
            let own = finding_of.len() + number;
            ideas.insert(finding_of.get(&one.id).copied().unwrap_or(own));
        }
    }
    let people: Vec<BTreeSet<usize>> = people.into_values().collect();
    let found = chao2(&people)?;
    let new = new_information(&people, BASE_AND_RUN, ORDERS, Bootstrap::default().seed);
    let interval = found.coverage_interval();
    let wide = interval.high - interval.low > WIDE;
    let cannot_tell = people.len() < PEOPLE || wide;
    let rate = new.as_ref().map(|new| new.rate);
    let enough = rate.is_some_and(|rate| rate <= LITTLE) && found.coverage() >= MOST;
    let sentence = if people.len() < PEOPLE {
        format!(
            "Cannot tell whether more interviews would bring more: {} people are too few, eight \
             are the least.",
            people.len()
        )
    } else if wide {
        "Cannot tell whether more interviews would bring more: the estimate is too uncertain."
            .to_owned()
    } else if enough {
        "More interviews like these would bring little that is new.".to_owned()
    } else {
        "More interviews would still bring new pain points.".to_owned()
    };
    let of_people = |interval| over_voices(interval, 1.0, Unit::Participant);
    let of_orders = |interval| throughline_report::Interval {
        method: "random orders".to_owned(),
        ..of_people(interval)
    };
    Some(Saturation {
        people: people.len(),
        ideas: found.observed,
        singletons: found.singletons,
        estimated: found.estimated,
        coverage: found.coverage(),
        coverage_interval: throughline_report::Interval {
            method: "log-normal, Chao 1987".to_owned(),
            ..of_people(interval)
        },
        new_information: rate,
        new_information_range: new.as_ref().map(|new| of_orders(new.range)),
        curve_range: new
            .iter()
            .flat_map(|new| &new.curve_range)
            .copied()
            .map(of_orders)
            .collect(),
        curve: new.map(|new| new.curve).unwrap_or_default(),
        cannot_tell,
        sentence,
    })
}

/// Units by finding.
type Units<U> = BTreeMap<usize, BTreeSet<U>>;

fn by_voice(scene: &Scene<'_>, report: &Report) -> Vec<CoOccurrence> {
    let mut units: Units<Voice> = Units::new();
    for (id, finding) in finding_of(report) {
        if let Some(said) = scene.by_id.get(&id) {
            units.entry(finding).or_default().insert(said.voice());
        }
    }
    pairs(&units, "voice", &ids(report))
}

/// Every turn of an interview with those around it is a window, and has what is
/// told in it.
fn by_window(scene: &Scene<'_>, report: &Report) -> Result<Vec<CoOccurrence>, StudyError> {
    let mut of_document: BTreeMap<u32, Vec<(&Said, usize)>> = BTreeMap::new();
    for (id, finding) in finding_of(report) {
        let said = scene.by_id.get(&id).copied();
        if let Some(said) = said.filter(|one| one.kind == SourceKind::Interview) {
            of_document
                .entry(said.document)
                .or_default()
                .push((said, finding));
        }
    }
    let mut units: Units<(u32, usize)> = Units::new();
    for (number, mentions) in of_document {
        let Some((first, _)) = mentions.first() else {
            continue;
        };
        let name = scene.evidence.document_of(first);
        let Some(document) = scene.study.store.document(name)? else {
            continue;
        };
        let turn_of: BTreeMap<PassageId, usize> = document
            .passages
            .iter()
            .map(|one| (one.id, one.turn))
            .collect();
        for (said, finding) in mentions {
            let Some(turn) = turn_of.get(&said.id) else {
                continue;
            };
            let last = (turn + TURNS).min(document.turns.len().saturating_sub(1));
            let around = (turn.saturating_sub(TURNS)..=last).map(|turn| (number, turn));
            units.entry(finding).or_default().extend(around);
        }
    }
    Ok(pairs(&units, "window", &ids(report)))
}

/// The ids of all findings, in the order in which they are numbered.
fn ids(report: &Report) -> Vec<&str> {
    let findings = report.stages.iter().flat_map(|stage| &stage.findings);
    findings.map(|finding| finding.id.as_str()).collect()
}

/// The pairs of findings that most often share a unit.
fn pairs<U: Ord>(units: &Units<U>, unit: &str, ids: &[&str]) -> Vec<CoOccurrence> {
    let mut findings_of: BTreeMap<&U, Vec<usize>> = BTreeMap::new();
    for (finding, units) in units {
        for unit in units {
            findings_of.entry(unit).or_default().push(*finding);
        }
    }
    let mut both: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for findings in findings_of.values() {
        for (place, one) in findings.iter().enumerate() {
            for other in findings.iter().skip(place + 1) {
                *both.entry((*one, *other)).or_default() += 1;
            }
        }
    }
    let count = |finding: usize| units.get(&finding).map_or(0, BTreeSet::len);
    let mut list: Vec<CoOccurrence> = both
        .into_iter()
        .filter(|(_, both)| *both >= TOGETHER)
        .filter_map(|((one, other), both)| {
            let (with_one, with_other) = (count(one), count(other));
            let (few, many) = (with_one.min(with_other), with_one.max(with_other));
            Some(CoOccurrence {
                one: (*ids.get(one)?).to_owned(),
                other: (*ids.get(other)?).to_owned(),
                unit: unit.to_owned(),
                with_one,
                with_other,
                with_both: both,
                coefficient: co_occurrence(with_one, with_other, both),
                unequal: many > few * UNEQUAL,
            })
        })
        .collect();
    list.sort_by(|a, b| {
        b.coefficient
            .total_cmp(&a.coefficient)
            .then(b.with_both.cmp(&a.with_both))
            .then_with(|| (&a.one, &a.other).cmp(&(&b.one, &b.other)))
    });
    list.truncate(PAIRS);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_by_the_same_people_comes_first() {
        let units: Units<u8> = Units::from([
            (0, BTreeSet::from([1, 2, 3])),
            (1, BTreeSet::from([2, 3, 4])),
            (2, (1..=18).collect()),
            (3, BTreeSet::from([9])),
        ]);
        let found = pairs(&units, "voice", &["a", "b", "c", "d"]);
        let named: Vec<(&str, &str, usize, bool)> = found
            .iter()
            .map(|one| {
                (
                    one.one.as_str(),
                    one.other.as_str(),
                    one.with_both,
                    one.unequal,
                )
            })
            .collect();
        let expected = [
            ("a", "b", 2, false),
            ("a", "c", 3, true),
            ("b", "c", 3, true),
        ];
        assert_eq!(named, expected);
        assert!((found[0].coefficient - 0.5).abs() < 1e-12);
    }
}
