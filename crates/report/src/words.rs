//! Labels and counts as the words that a reader sees, the same in every format.

use throughline_core::{Owner, Role, Sentiment, Severity, SourceKind, Touchpoint};

use crate::data::{
    Counts, Denominator, Estimate, Interval, KindCounts, Priority, PromptingCounts, Reliability,
    SeverityCounts, Share, Unit,
};
use crate::numbers;

/// Said of every interval, since none of them is a random sample by itself.
const IF_RANDOM: &str = "if these were a random sample";

pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Loss => "loss or leaving",
        Severity::Failed => "task failed",
        Severity::Effort => "extra effort",
        Severity::Irritation => "irritation or wish",
        Severity::Unknown => "not stated",
    }
}

pub(crate) fn sentiment(sentiment: Sentiment) -> &'static str {
    sentiment.as_str()
}

pub(crate) fn kind(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Interview => "interview",
        SourceKind::Review => "review",
        SourceKind::Survey => "answer to a survey",
    }
}

pub(crate) fn kinds(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Interview => "Interviews",
        SourceKind::Review => "Reviews",
        SourceKind::Survey => "Answers to surveys",
    }
}

pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Interviewer => "interviewer",
        Role::Participant => "participant",
        Role::Agent => "agent",
        Role::Unknown => "speaker’s part unknown",
    }
}

pub(crate) fn touchpoint(touchpoint: Touchpoint) -> &'static str {
    match touchpoint {
        Touchpoint::Web => "website",
        Touchpoint::App => "app",
        Touchpoint::Product => "product",
        Touchpoint::Place => "place",
        Touchpoint::Staff => "staff",
        Touchpoint::Phone => "phone",
        Touchpoint::Chat => "e-mail and chat",
        Touchpoint::Delivery => "courier",
        Touchpoint::Pay => "price and payment",
        Touchpoint::Ads => "advertising",
        Touchpoint::Peers => "other people",
        Touchpoint::Docs => "instructions",
        Touchpoint::None => "none named",
    }
}

/// A mark for each owner class, so that colour need not carry it.
pub(crate) fn owner_mark(owner: Option<Owner>) -> &'static str {
    match owner {
        Some(Owner::Brand) => "●",
        Some(Owner::Partner) => "■",
        Some(Owner::Customer) => "◆",
        Some(Owner::Social) => "▲",
        None => "–",
    }
}

fn whole(denominator: Denominator) -> &'static str {
    match denominator {
        Denominator::AllParticipants => "participants of the study",
        Denominator::StageParticipants => "participants who spoke about this stage",
        Denominator::AllDocuments => "documents of the study",
        Denominator::StageDocuments => "documents that speak about this stage",
    }
}

fn is_of_people(denominator: Denominator) -> bool {
    matches!(
        denominator,
        Denominator::AllParticipants | Denominator::StageParticipants
    )
}

/// `7 of 8`.
pub(crate) fn of(count: usize, of: usize) -> String {
    format!("{} of {}", numbers::count(count), numbers::count(of))
}

/// An interval of shares, or a dash where there is none.
pub(crate) fn range(interval: Option<&Interval>) -> String {
    interval.map_or("–".to_owned(), |i| numbers::percent_range(i.low, i.high))
}

/// `7 of 8 participants`.
pub(crate) fn share_short(share: &Share) -> String {
    let people = is_of_people(share.denominator);
    if share.of == 0 && people {
        return "no named participants".to_owned();
    }
    let noun = if people { "participant" } else { "document" };
    format!(
        "{} of {}",
        numbers::count(share.count),
        numbers::counted(share.of, noun)
    )
}

/// `7 of 8 participants who spoke about this stage`.
pub(crate) fn share_named(share: &Share) -> String {
    if share.of == 0 {
        return share_short(share);
    }
    format!("{} {}", of(share.count, share.of), whole(share.denominator))
}

/// `7 of 8 participants who spoke about this stage; 95% interval 53…98% (unit:
/// participant; if these were a random sample)`.
///
/// A percentage stands beside n of N only from 20 on: below, it says no more
/// than the two numbers and looks as if it did.
pub(crate) fn share_long(share: &Share) -> String {
    if share.of == 0 {
        return match is_of_people(share.denominator) {
            true => "no participant is known by name, so none is counted".to_owned(),
            false => "no document".to_owned(),
        };
    }
    let mut text = share_named(share);
    if share.of >= 20 {
        let percent = numbers::percent(share.count as f64 / share.of as f64);
        text.push_str(&format!(" ({percent})"));
    }
    if let Some(interval) = &share.interval {
        let range = numbers::percent_range(interval.low, interval.high);
        text.push_str(&format!("; {}", interval_words(interval, &range)));
    }
    text
}

/// `left out one at a time, 4 of 6 came back here and 1 fitted no stage …`.
pub(crate) fn reliability(reliability: &Reliability) -> String {
    let mut text = format!(
        "left out one at a time, {} of {} came back here",
        numbers::count(reliability.right),
        numbers::count(reliability.exemplars)
    );
    if reliability.unclear > 0 {
        let unclear = numbers::count(reliability.unclear);
        text.push_str(&format!(" and {unclear} fitted no stage well enough"));
    }
    if let Some(interval) = &reliability.interval {
        let range = numbers::percent_range(interval.low, interval.high);
        text.push_str(&format!("; {}", interval_words(interval, &range)));
    }
    text
}

fn interval_words(interval: &Interval, range: &str) -> String {
    let unit = match interval.unit {
        Unit::Participant => "participant",
        Unit::Document => "document",
        Unit::Exemplar => "exemplar",
    };
    format!(
        "{} interval {range} (unit: {unit}; {IF_RANDOM}; {})",
        numbers::percent(interval.level),
        interval.method
    )
}

/// `−42 (−60…−18)`, or `–` where nobody spoke.
pub(crate) fn net_short(net: Option<&Estimate>) -> String {
    estimate_short(net, 0)
}

fn estimate_short(estimate: Option<&Estimate>, decimals: usize) -> String {
    let Some(estimate) = estimate else {
        return "–".to_owned();
    };
    let value = numbers::signed(estimate.value, decimals);
    match &estimate.interval {
        Some(interval) => {
            let range = numbers::signed_range(interval.low, interval.high, decimals);
            format!("{value} ({range})")
        }
        None => value,
    }
}

/// A net sentiment (0 places) or a valence (2) with everything that belongs to
/// it.
pub(crate) fn estimate_long(estimate: Option<&Estimate>, decimals: usize) -> String {
    let Some(estimate) = estimate else {
        return "nothing to measure".to_owned();
    };
    let value = numbers::signed(estimate.value, decimals);
    match &estimate.interval {
        Some(interval) => {
            let range = numbers::signed_range(interval.low, interval.high, decimals);
            format!("{value}; {}", interval_words(interval, &range))
        }
        None => format!("{value}; too few voices for an interval"),
    }
}

/// `38 passages · 8 participants · 12 documents`.
pub(crate) fn counts(counts: &Counts, noun: &str) -> String {
    format!(
        "{} · {} · {}",
        numbers::counted(counts.passages, noun),
        numbers::counted(counts.participants, "participant"),
        numbers::counted(counts.documents, "document")
    )
}

/// Each kind of source with its counts: interviews apart from reviews.
pub(crate) fn by_kind(list: &[KindCounts], noun: &str) -> String {
    let each = list
        .iter()
        .map(|item| format!("{}: {}", kinds(item.kind), counts(&item.counts, noun)));
    joined(each, "; ")
}

/// `task failed (3 of 4)`, or that none could be read.
pub(crate) fn median(counts: &SeverityCounts) -> String {
    let known = counts
        .median
        .and_then(|median| Some((severity(median), median.level()?)));
    match known {
        Some((words, level)) => format!("{words} ({level} of 4)"),
        None => "no consequence stated".to_owned(),
    }
}

/// The distribution from worst to mildest, and the median of the known ones.
pub(crate) fn severities(counts: &SeverityCounts) -> String {
    let each = severity_parts(counts)
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(level, count)| format!("{} {}", severity(level), numbers::count(count)));
    let distribution = joined(each, " · ");
    if counts.known() == 0 {
        return distribution;
    }
    format!(
        "{distribution}; median of the {} stated: {}",
        numbers::count(counts.known()),
        median(counts)
    )
}

/// The counts from worst to mildest, those not stated last.
pub(crate) fn severity_parts(counts: &SeverityCounts) -> [(Severity, usize); 5] {
    [
        (Severity::Loss, counts.loss),
        (Severity::Failed, counts.failed),
        (Severity::Effort, counts.effort),
        (Severity::Irritation, counts.irritation),
        (Severity::Unknown, counts.unknown),
    ]
}

/// `9 unprompted · 3 prompted · 1 mere assent`.
pub(crate) fn prompting(counts: &PromptingCounts) -> String {
    let each = [
        (counts.unprompted, "unprompted"),
        (counts.prompted, "prompted"),
        (counts.assent, "mere assent"),
        (counts.unknown, "not known"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{} {word}", numbers::count(count)));
    joined(each, " · ")
}

/// `0.66 = severity 0.75 × reach 0.88`.
pub(crate) fn priority(priority: &Priority) -> String {
    let assumed = match priority.severity_assumed {
        true => " (assumed: no consequence is stated)",
        false => "",
    };
    format!(
        "{} = severity {}{assumed} × reach {}",
        numbers::part(priority.score),
        numbers::part(priority.severity),
        numbers::part(priority.reach)
    )
}

/// The items with `between` between them, or a dash for none.
pub(crate) fn joined(items: impl Iterator<Item = String>, between: &str) -> String {
    let text = items.collect::<Vec<_>>().join(between);
    if text.is_empty() {
        "–".to_owned()
    } else {
        text
    }
}
