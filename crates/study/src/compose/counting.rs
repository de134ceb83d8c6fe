//! Counts and intervals over groups of passages.

use std::collections::{BTreeMap, BTreeSet};

use throughline_core::{Sentiment, SourceKind, Touchpoint};
use throughline_report::{
    Counts, Denominator, Estimate, Interval, KindCounts, SentimentSummary, Share, TouchpointCount,
    Unit,
};
use throughline_stats::{Bootstrap, clustered_mean, net_sentiment, wilson};

use crate::evidence::{Said, Voice};

/// Confidence level of every interval.
const LEVEL: f64 = 0.95;

/// Mentions, documents and participants of a group.
pub(crate) fn counts(said: &[&Said]) -> Counts {
    Counts {
        passages: said.len(),
        documents: distinct(said.iter().map(|one| one.document)),
        participants: distinct(said.iter().filter_map(|one| one.participant)),
    }
}

/// The same per kind of source; kinds without a passage left out.
pub(crate) fn by_kind(said: &[&Said]) -> Vec<KindCounts> {
    SourceKind::ALL
        .iter()
        .map(|kind| {
            let of_kind: Vec<&Said> = said
                .iter()
                .copied()
                .filter(|one| one.kind == *kind)
                .collect();
            KindCounts {
                kind: *kind,
                counts: counts(&of_kind),
            }
        })
        .filter(|part| part.counts.passages > 0)
        .collect()
}

/// Voices: participants, and documents in which nobody is named.
pub(crate) fn voices(said: &[&Said]) -> usize {
    distinct(said.iter().map(|one| one.voice()))
}

/// How many equally talkative voices would give the same concentration of
/// passages; `None` without a passage.
pub(crate) fn effective_voices(said: &[&Said]) -> Option<f64> {
    let mut mentions: BTreeMap<Voice, u64> = BTreeMap::new();
    for one in said {
        *mentions.entry(one.voice()).or_default() += 1;
    }
    let mentions: Vec<u64> = mentions.into_values().collect();
    (!mentions.is_empty()).then(|| throughline_stats::effective_voices(&mentions))
}

/// Touchpoints of a group, most frequent first, ties in the order of the
/// subject matter.
pub(crate) fn touchpoints(said: &[&Said]) -> Vec<TouchpointCount> {
    let mut list: Vec<TouchpointCount> = Touchpoint::ALL
        .iter()
        .map(|touchpoint| {
            let of_touchpoint: Vec<&Said> = said
                .iter()
                .copied()
                .filter(|one| one.touchpoint == *touchpoint)
                .collect();
            TouchpointCount {
                touchpoint: *touchpoint,
                owner: touchpoint.owner(),
                counts: counts(&of_touchpoint),
                pain_passages: of_touchpoint.iter().filter(|one| one.is_pain()).count(),
            }
        })
        .filter(|part| part.counts.passages > 0)
        .collect();
    list.sort_by_key(|part| std::cmp::Reverse(part.counts.passages));
    list
}

/// Distribution, net sentiment in percentage points, and valence of a group.
pub(crate) fn sentiment(said: &[&Said]) -> SentimentSummary {
    let mut summary = SentimentSummary::of(said.iter().map(|one| one.sentiment));
    let names: Vec<String> = said.iter().map(|one| voice_key(one.voice())).collect();
    let named = || names.iter().map(String::as_str).zip(said);
    let sentiments: Vec<(&str, Sentiment)> =
        named().map(|(name, one)| (name, one.sentiment)).collect();
    let valences: Vec<(&str, f64)> = named()
        .map(|(name, one)| (name, f64::from(one.valence)))
        .collect();
    let unit = unit(said);
    summary.net =
        net_sentiment(&sentiments, Bootstrap::default()).map(|found| estimate(&found, 100.0, unit));
    summary.valence =
        clustered_mean(&valences, Bootstrap::default()).map(|found| estimate(&found, 1.0, unit));
    summary
}

/// n of N participants.
pub(crate) fn participants(mentioned: Counts, whole: Counts) -> Share {
    share(
        mentioned.participants,
        whole.participants,
        Denominator::StageParticipants,
        Unit::Participant,
    )
}

/// n of N documents.
pub(crate) fn documents(mentioned: Counts, whole: Counts) -> Share {
    share(
        mentioned.documents,
        whole.documents,
        Denominator::StageDocuments,
        Unit::Document,
    )
}

fn share(count: usize, of: usize, denominator: Denominator, unit: Unit) -> Share {
    Share {
        count,
        of,
        denominator,
        interval: of_share(count, of, unit),
    }
}

/// Interval of a share; absent of nothing.
pub(crate) fn of_share(count: usize, of: usize, unit: Unit) -> Option<Interval> {
    wilson(count as u64, of as u64).map(|found| Interval {
        low: found.low,
        high: found.high,
        level: LEVEL,
        unit,
        method: "Wilson".to_owned(),
    })
}

fn estimate(found: &throughline_stats::Estimate, scale: f64, unit: Unit) -> Estimate {
    Estimate {
        value: found.value * scale,
        interval: found
            .interval
            .map(|interval| over_voices(interval, scale, unit)),
        units: found.units,
    }
}

/// An interval in which whole voices were drawn.
pub(crate) fn over_voices(
    interval: throughline_stats::Interval,
    scale: f64,
    unit: Unit,
) -> Interval {
    Interval {
        low: interval.low * scale,
        high: interval.high * scale,
        level: LEVEL,
        unit,
        method: "percentile bootstrap over voices".to_owned(),
    }
}

/// What most voices of a group are: intervals name it as their unit.
pub(crate) fn unit(said: &[&Said]) -> Unit {
    let voices: BTreeSet<Voice> = said.iter().map(|one| one.voice()).collect();
    let people = voices
        .iter()
        .filter(|voice| matches!(voice, Voice::Participant(_)))
        .count();
    if people * 2 >= voices.len() {
        Unit::Participant
    } else {
        Unit::Document
    }
}

fn voice_key(voice: Voice) -> String {
    match voice {
        Voice::Participant(number) => format!("p{number:010}"),
        Voice::Document(number) => format!("d{number:010}"),
    }
}

fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> usize {
    values.collect::<BTreeSet<T>>().len()
}

/// The groups of a list by a key, in the order of the keys.
pub(crate) fn grouped<'s, K: Ord>(
    said: impl Iterator<Item = &'s Said>,
    key: impl Fn(&Said) -> K,
) -> BTreeMap<K, Vec<&'s Said>> {
    let mut groups: BTreeMap<K, Vec<&Said>> = BTreeMap::new();
    for one in said {
        groups.entry(key(one)).or_default().push(one);
    }
    groups
}
