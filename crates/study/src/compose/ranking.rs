//! How sure the order of a stage's findings is.

use std::collections::BTreeMap;

use throughline_core::Severity;
use throughline_report::{Finding, RankRange, Report};
use throughline_stats::{Bootstrap, rank_ranges};

use super::counting::voices;
use super::findings::{Scene, priority};
use crate::evidence::{Said, Voice};

/// The mentions of one finding by one voice: how many of each severity.
type Mentions = BTreeMap<Option<Severity>, usize>;

/// Gives every ranked finding the ranks that it takes in most draws of the
/// voices of its stage.
pub(crate) fn add(scene: &Scene<'_>, report: &mut Report) {
    for (number, stage) in report.stages.iter_mut().enumerate() {
        if stage.too_few_voices {
            continue;
        }
        let said: Vec<&Said> = scene.evidence.of_stage(number).collect();
        let mut places: BTreeMap<Voice, usize> = BTreeMap::new();
        for one in &said {
            let next = places.len();
            places.entry(one.voice()).or_insert(next);
        }
        let told: Vec<Vec<(usize, Mentions)>> = stage
            .findings
            .iter()
            .map(|finding| mentions(scene, finding, &places))
            .collect();
        let units = voices(&said);
        let settings = &scene.study.config.report;
        let mut times = vec![0_usize; units];
        let ranges = rank_ranges(told.len(), units, Bootstrap::default(), |drawn| {
            times.fill(0);
            for number in drawn {
                if let Some(times) = times.get_mut(*number) {
                    *times += 1;
                }
            }
            let of = |told: &Vec<(usize, Mentions)>| {
                let (median, reached) = drawn_again(told, &times);
                priority(median, reached, units, settings).score
            };
            told.iter().map(of).collect()
        });
        for (finding, range) in stage.findings.iter_mut().zip(ranges.unwrap_or_default()) {
            finding.priority.ranks = Some(RankRange {
                best: range.best,
                worst: range.worst,
            });
        }
    }
}

fn mentions(
    scene: &Scene<'_>,
    finding: &Finding,
    places: &BTreeMap<Voice, usize>,
) -> Vec<(usize, Mentions)> {
    let mut of: BTreeMap<usize, Mentions> = BTreeMap::new();
    let members = finding.members.iter();
    for said in members.filter_map(|id| scene.by_id.get(id)) {
        if let (Some(place), Some(pain)) = (places.get(&said.voice()), said.pain) {
            let known = Some(pain.severity).filter(|severity| severity.level().is_some());
            *of.entry(*place).or_default().entry(known).or_default() += 1;
        }
    }
    of.into_iter().collect()
}

/// The median of the severities that are known, and how many voices mention the
/// finding, when each voice was drawn so many times.
fn drawn_again(told: &[(usize, Mentions)], times: &[usize]) -> (Option<Severity>, usize) {
    let (mut counts, mut reached) = (Mentions::new(), 0);
    for (place, mentions) in told {
        let times = times.get(*place).copied().unwrap_or(0);
        reached += times;
        for (severity, count) in mentions.iter().filter(|_| times > 0) {
            *counts.entry(*severity).or_default() += times * count;
        }
    }
    counts.remove(&None);
    let middle = counts.values().sum::<usize>().saturating_sub(1) / 2;
    let mut seen = 0;
    // From the mildest on: of two in the middle the milder counts, as in the
    // report's own median.
    let median = counts.iter().rev().find(|(_, count)| {
        seen += **count;
        seen > middle
    });
    (median.and_then(|(severity, _)| *severity), reached)
}

#[cfg(test)]
mod tests {
    use throughline_report::SeverityCounts;

    use super::*;

    #[test]
    fn drawn_once_each_the_median_is_the_reports() {
        use Severity::{Effort, Failed, Irritation, Loss, Unknown};
        for list in [
            vec![Loss, Irritation],
            vec![Unknown, Unknown],
            vec![Effort, Failed, Unknown, Loss],
            vec![],
        ] {
            let told: Vec<(usize, Mentions)> = list
                .iter()
                .enumerate()
                .map(|(place, severity)| {
                    let known = Some(*severity).filter(|one| one.level().is_some());
                    (place, Mentions::from([(known, 1)]))
                })
                .collect();
            let (median, reached) = drawn_again(&told, &vec![1; list.len()]);
            assert_eq!(median, SeverityCounts::of(list.iter().copied()).median);
            assert_eq!(reached, list.len());
        }
        let told = [(0, Mentions::from([(Some(Loss), 1)]))];
        assert_eq!(drawn_again(&told, &[0]), (None, 0));
    }
}
