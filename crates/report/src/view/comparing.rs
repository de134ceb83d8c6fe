//! Findings set beside the codebook, ratings, segments and time; and whether
//! enough was heard.

use throughline_core::Period;

use super::{Row, row};
use crate::data::{
    CoOccurrence, Finding, Interval, PeriodShare, RatingImpact, Report, SegmentDifference,
    SegmentShare, Trend,
};
use crate::{numbers, words};

/// Pairs of findings that are listed, at most.
const PAIRS: usize = 10;
/// Below this probability, with regard to all tests, a slope or a difference
/// counts as one.
pub(crate) const SIGNIFICANT: f64 = 0.05;

/// The researcher's name, or that a frozen codebook does not have it.
pub(super) fn heading(finding: &Finding) -> String {
    match &finding.code {
        Some(code) if code.new => "New: the codebook does not have it".to_owned(),
        Some(code) => {
            let name = code.name.as_ref();
            name.map_or_else(String::new, |name| {
                format!("{name} (the researcher’s name)")
            })
        }
        None => String::new(),
    }
}

/// What the codebook says belongs to it.
pub(super) fn codebook(finding: &Finding) -> Option<Row> {
    let code = finding.code.as_ref()?;
    (!code.definition.is_empty()).then(|| row("Definition", code.definition.clone()))
}

/// What ratings, segments and time say of it.
pub(super) fn rows(finding: &Finding) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(ranks) = finding.priority.ranks {
        let value = format!(
            "{}–{} in 95 of 100 draws of the people asked",
            ranks.best, ranks.worst
        );
        rows.push(row("Rank", value));
    }
    rows.extend(finding.impact.iter().map(impact));
    rows.extend(finding.segments.iter().map(segment));
    rows.extend(finding.trend.as_ref().map(trend));
    rows
}

fn impact(impact: &RatingImpact) -> Row {
    let value = format!(
        "{} with a mention set against the others{}; without them the mean of {} would be {}{}. \
         Not a cause: who mentions it may differ in other ways. {} of {} that carry a rating",
        numbers::signed(impact.difference, 2),
        range(impact.difference_interval.as_ref()),
        numbers::rating(impact.mean),
        numbers::signed(impact.without, 2),
        range(impact.without_interval.as_ref()),
        numbers::counted(impact.mentioning, "document"),
        numbers::count(impact.rated),
    );
    row(&format!("Ratings in {}", impact.source), value)
}

fn range(interval: Option<&Interval>) -> String {
    interval.map_or_else(String::new, |interval| {
        format!(
            " ({})",
            numbers::signed_range(interval.low, interval.high, 2)
        )
    })
}

fn segment(difference: &SegmentDifference) -> Row {
    let value = |share: &SegmentShare| {
        let count = share.count.map_or("few".to_owned(), numbers::count);
        format!("{} {count} of {}", share.value, numbers::count(share.of))
    };
    let values = words::joined(difference.values.iter().map(value), " · ");
    let text = format!(
        "{values}; {} test, {}; with regard to all tests of this report (Holm) {}",
        difference.test,
        numbers::probability(difference.p),
        numbers::probability(difference.adjusted)
    );
    row(&format!("Differs by {}", difference.attribute), text)
}

fn trend(trend: &Trend) -> Row {
    let share = |one: &PeriodShare| {
        let name = trend.period.name(one.first);
        format!("{name} {} of {}", one.count, one.of)
    };
    let shares = words::joined(trend.shares.iter().map(share), " · ");
    let text = format!(
        "{}: {shares}; Cochran–Armitage test, {}; with regard to all findings (Holm) {}; \
         unit: document",
        direction(trend),
        numbers::probability(trend.p),
        numbers::probability(trend.adjusted)
    );
    row(by_period(trend), text)
}

/// What the shares of a trend are by, and how each is named.
pub(crate) fn by_period(trend: &Trend) -> &'static str {
    match trend.period {
        Period::Week => "By week, named by its Monday",
        Period::Month => "By month",
    }
}

/// Where a trend leads, as far as it can be told.
pub(crate) fn direction(trend: &Trend) -> &'static str {
    match (trend.adjusted < SIGNIFICANT, trend.z > 0.0) {
        (true, true) => "rising",
        (true, false) => "falling",
        (false, _) => "no change that can be told from chance",
    }
}

/// Whether more interviews would bring more, and which findings are told
/// together.
pub(super) fn saturation(report: &Report) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(found) = &report.saturation {
        rows.push(row("In one sentence", found.sentence.clone()));
        rows.push(row(
            "Heard",
            format!(
                "{} distinct pain points from {}, {} of them from one person alone; there are at \
                 least {:.0} (Chao2), of which {} were heard ({})",
                numbers::count(found.ideas),
                numbers::counted(found.people, "participant"),
                numbers::count(found.singletons),
                found.estimated,
                numbers::percent(found.coverage),
                numbers::percent_range(found.coverage_interval.low, found.coverage_interval.high),
            ),
        ));
        if let (Some(rate), Some(range)) = (found.new_information, &found.new_information_range) {
            rows.push(row(
                "New in the last two interviews",
                format!(
                    "{} of what the first four told ({} over random orders)",
                    numbers::percent(rate),
                    numbers::percent_range(range.low, range.high)
                ),
            ));
        }
        let curve = found.curve.iter().map(|mean| format!("{mean:.0}"));
        let curve = words::joined(curve, ", ");
        rows.push(row("Distinct pain points after each interview", curve));
    }
    rows.extend(
        report
            .co_occurrence
            .iter()
            .take(PAIRS)
            .map(|pair| together(report, pair)),
    );
    rows
}

fn together(report: &Report, pair: &CoOccurrence) -> Row {
    let label = |id: &str| {
        let findings = report.stages.iter().flat_map(|stage| &stage.findings);
        let found = findings.into_iter().find(|finding| finding.id == id);
        found.map_or(id.to_owned(), |finding| format!("“{}”", finding.label.text))
    };
    let unit = match pair.unit.as_str() {
        "window" => "passage with the other within two turns",
        _ => "voice",
    };
    let unequal = match pair.unequal {
        true => "; one is over five times as frequent as the other, so that c is low of itself",
        false => "",
    };
    let value = format!(
        "{} and {}: c = {:.2}, {} of {} and {} (unit: {unit}){unequal}",
        label(&pair.one),
        label(&pair.other),
        pair.coefficient,
        numbers::count(pair.with_both),
        numbers::count(pair.with_one),
        numbers::count(pair.with_other),
    );
    row("Told together", value)
}
