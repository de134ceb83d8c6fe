//! What a row holds, before a format writes it.

use std::borrow::Cow;

use super::{Code, CodedPassage};
use crate::data::{Estimate, Finding, Manifest, StageReport};
use crate::view::{ManifestView, Row};

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Empty,
    /// Words, of a speaker or of the program.
    Text(Cow<'a, str>),
    Number(f64),
    Count(u64),
    /// Written as 1 or 0.
    Flag(bool),
}

pub(super) fn text<'a>(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
    Cell::Text(text.into())
}

fn text_or_empty<T: ToString>(value: Option<T>) -> Cell<'static> {
    value.map_or(Cell::Empty, |value| text(value.to_string()))
}

fn count(count: usize) -> Cell<'static> {
    Cell::Count(count as u64)
}

fn number(value: Option<f64>) -> Cell<'static> {
    value.map_or(Cell::Empty, Cell::Number)
}

/// Columns of a table of passages before those of the codes.
const PASSAGE: [&str; 22] = [
    "passage",
    "document",
    "document_sha256",
    "start",
    "end",
    "text",
    "kind",
    "speaker",
    "participant",
    "start_ms",
    "end_ms",
    "date",
    "rating",
    "moment",
    "unclear",
    "stage",
    "sentiment",
    "valence",
    "pain",
    "severity",
    "prompting",
    "touchpoint",
];

/// The head of a table of passages: its own columns, then a code each.
pub(super) fn passage_head(codes: &[Code]) -> Vec<String> {
    let own = PASSAGE.iter().map(|name| (*name).to_owned());
    own.chain(codes.iter().map(|code| code.id.clone()))
        .collect()
}

/// One passage as a row under [`passage_head`] of `codes` codes. `stage` holds
/// in brackets why it is in none.
pub(super) fn passage(passage: &CodedPassage, codes: usize) -> Vec<Cell<'_>> {
    let mut cells = vec![
        text(passage.passage.to_string()),
        text(&*passage.document),
        text(passage.document_sha256.to_string()),
        count(passage.start),
        count(passage.end),
        text(&passage.text),
        text(passage.kind.as_str()),
        text_or_empty(passage.speaker.as_ref()),
        text_or_empty(passage.participant.as_ref()),
        passage.start_ms.map_or(Cell::Empty, Cell::Count),
        passage.end_ms.map_or(Cell::Empty, Cell::Count),
        text_or_empty(passage.date),
        number(passage.rating),
        text(passage.moment.as_str()),
        Cell::Flag(passage.unclear),
        match &passage.stage {
            Ok(stage) => text(stage),
            Err(why) => text(format!("({})", why.as_str())),
        },
        text(passage.sentiment.as_str()),
        // As the model gave it; a longer number would claim more.
        Cell::Number((f64::from(passage.valence) * 1e4).round() / 1e4),
        Cell::Flag(passage.severity.is_some()),
        text_or_empty(passage.severity),
        text_or_empty(passage.prompting),
        text(passage.touchpoint.as_str()),
    ];
    cells.extend(flags(&passage.codes, codes));
    cells
}

/// Which of `all` codes are among `codes`, which ascend.
fn flags(codes: &[usize], all: usize) -> impl Iterator<Item = Cell<'_>> {
    (0..all).map(|code| Cell::Flag(codes.binary_search(&code).is_ok()))
}

/// Columns of a table of findings.
pub(super) const FINDING: [&str; 40] = [
    "stage",
    "stage_name",
    "rank",
    "theme",
    "label",
    "label_passage",
    "label_document",
    "label_document_sha256",
    "label_start",
    "label_end",
    "terms",
    "mentions",
    "participants",
    "participants_of",
    "participants_low",
    "participants_high",
    "documents",
    "documents_of",
    "documents_low",
    "documents_high",
    "priority",
    "priority_severity",
    "priority_severity_assumed",
    "priority_reach",
    "severity_median",
    "severity_loss",
    "severity_failed",
    "severity_effort",
    "severity_irritation",
    "severity_unknown",
    "negative",
    "neutral",
    "positive",
    "mixed",
    "net_sentiment",
    "net_sentiment_low",
    "net_sentiment_high",
    "unprompted",
    "prompted",
    "assent",
];

/// One finding as a row under [`FINDING`].
pub(super) fn finding<'a>(stage: &'a StageReport, finding: &'a Finding) -> Vec<Cell<'a>> {
    let label = &finding.label;
    let (participants, documents) = (&finding.participants, &finding.documents);
    let (severity, sentiment) = (&finding.severity, &finding.sentiment);
    let low = |share: &crate::Share| number(share.interval.as_ref().map(|i| i.low));
    let high = |share: &crate::Share| number(share.interval.as_ref().map(|i| i.high));
    let interval = |net: &Estimate| net.interval.clone();
    let net = sentiment.net.as_ref();
    vec![
        text(&stage.id),
        text(&stage.name),
        finding.rank.map_or(Cell::Empty, count),
        text(&finding.id),
        text(&label.text),
        text(label.passage.to_string()),
        text(&label.document),
        text(label.document_sha256.to_string()),
        count(label.start),
        count(label.end),
        text(finding.terms.join("; ")),
        count(finding.counts.passages),
        count(participants.count),
        count(participants.of),
        low(participants),
        high(participants),
        count(documents.count),
        count(documents.of),
        low(documents),
        high(documents),
        Cell::Number(finding.priority.score),
        Cell::Number(finding.priority.severity),
        Cell::Flag(finding.priority.severity_assumed),
        Cell::Number(finding.priority.reach),
        text_or_empty(severity.median),
        count(severity.loss),
        count(severity.failed),
        count(severity.effort),
        count(severity.irritation),
        count(severity.unknown),
        count(sentiment.negative.count),
        count(sentiment.neutral.count),
        count(sentiment.positive.count),
        count(sentiment.mixed.count),
        number(net.map(|net| net.value)),
        number(net.and_then(interval).map(|i| i.low)),
        number(net.and_then(interval).map(|i| i.high)),
        count(finding.prompting.unprompted),
        count(finding.prompting.prompted),
        count(finding.prompting.assent),
    ]
}

/// The manifest as pairs of name and value, inputs last.
#[must_use]
pub fn manifest_rows(manifest: &Manifest) -> Vec<[String; 2]> {
    let view = ManifestView::of(manifest);
    let rows = view.rows.into_iter().chain(view.parameters);
    let inputs = view.inputs.into_iter().flat_map(|input| {
        [
            [format!("Input: {}", input.name), input.about],
            [format!("SHA-256: {}", input.name), input.sha256],
        ]
    });
    rows.map(|Row { name, value }| [name, value])
        .chain(inputs)
        .collect()
}
