use serde::Serialize;

use super::finding::QuoteView;
use super::{Row, row};
use crate::data::{Apart, Corpus, Coverage, Input, Manifest, NotPlaced, Skipped};
use crate::{numbers, words};

/// Passages of no stage, for one reason.
#[derive(Debug, Serialize)]
pub(crate) struct ApartView {
    pub(crate) name: &'static str,
    pub(crate) lead: String,
    pub(crate) moments: String,
    pub(crate) examples: Vec<QuoteView>,
}

/// What could not be read.
#[derive(Debug, Serialize)]
pub(crate) struct SkippedView {
    pub(crate) place: String,
    pub(crate) count: String,
    pub(crate) reason: String,
}

/// What stands before the name of a count in the manifest.
pub(crate) const COUNT: &str = "Count: ";

/// What was run, on what.
#[derive(Debug, Serialize)]
pub(crate) struct ManifestView {
    pub(crate) rows: Vec<Row>,
    pub(crate) parameters: Vec<Row>,
    pub(crate) inputs: Vec<InputView>,
}

/// One file that was read.
#[derive(Debug, Serialize)]
pub(crate) struct InputView {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) sha256: String,
}

pub(crate) fn lead(corpus: &Corpus) -> String {
    let kinds = corpus.by_kind.iter();
    let kinds = kinds.map(|item| numbers::counted(item.documents, words::kind(item.kind)));
    let days = corpus.days.map(|days| numbers::days(days.first, days.last));
    format!(
        "{} ({}), {}, {}{}.",
        numbers::counted(corpus.documents, "document"),
        words::joined(kinds, ", "),
        numbers::counted(corpus.participants, "participant"),
        numbers::counted(corpus.passages, "passage"),
        days.map(|days| format!(", {days}")).unwrap_or_default()
    )
}

pub(crate) fn corpus(corpus: &Corpus) -> Vec<Row> {
    let mut rows = vec![row(
        "All",
        format!(
            "{}, {}, {}, {}; {} can be evidence",
            numbers::counted(corpus.documents, "document"),
            numbers::counted(corpus.participants, "participant"),
            numbers::counted(corpus.turns, "turn"),
            numbers::counted(corpus.passages, "passage"),
            numbers::count(corpus.evidence_passages)
        ),
    )];
    rows.extend(corpus.by_kind.iter().map(|item| {
        let value = format!(
            "{}, {}, {}, {}; {} can be evidence",
            numbers::counted(item.documents, "document"),
            numbers::counted(item.participants, "participant"),
            numbers::counted(item.turns, "turn"),
            numbers::counted(item.passages, "passage"),
            numbers::count(item.evidence_passages)
        );
        row(words::kinds(item.kind), value)
    }));
    rows.extend(corpus.by_role.iter().map(|item| {
        let value = format!(
            "{}, {}",
            numbers::counted(item.turns, "turn"),
            numbers::counted(item.passages, "passage")
        );
        row(&format!("Spoken by: {}", words::role(item.role)), value)
    }));
    rows
}

pub(crate) fn coverage(coverage: &Coverage) -> Vec<Row> {
    let of_counted = |n: usize| match coverage.counted {
        0 => numbers::count(n),
        all => format!(
            "{} ({})",
            numbers::count(n),
            numbers::percent(n as f64 / all as f64)
        ),
    };
    vec![
        row("Passages read", numbers::count(coverage.passages)),
        row(
            "Words of interviewers, agents and unknown speakers, and titles: no evidence",
            numbers::count(coverage.not_evidence),
        ),
        row(
            "Participants’ words, 100%",
            numbers::count(coverage.counted),
        ),
        row("… in a stage", of_counted(coverage.placed)),
        row("… outside the framework", of_counted(coverage.outside)),
        row("… about no journey", of_counted(coverage.none)),
        row("… unclear", of_counted(coverage.unclear)),
        row("… not yet tagged", of_counted(coverage.untagged)),
        row(
            "Pain passages in stages",
            format!(
                "{} = {} in findings + {} in Other",
                numbers::count(coverage.pain_passages),
                numbers::count(coverage.pain_in_findings),
                numbers::count(coverage.pain_in_other)
            ),
        ),
        row(
            "Pain passages in no stage, so in no finding",
            numbers::count(coverage.pain_not_placed),
        ),
        row("Files read", numbers::count(coverage.files_read)),
        row("Files skipped", numbers::count(coverage.files_skipped)),
        row(
            "Lines, rows or cues skipped in files that were read",
            numbers::count(usize::try_from(coverage.parts_skipped).unwrap_or(usize::MAX)),
        ),
    ]
}

pub(crate) fn apart(apart: &Apart, framework: &str) -> Vec<ApartView> {
    let about = |name, part: &NotPlaced, why: &str| ApartView {
        name,
        lead: lead_apart(part, why),
        moments: words::joined(
            part.by_moment
                .iter()
                .map(|item| format!("{} {}", item.moment, numbers::count(item.passages))),
            " · ",
        ),
        examples: part.examples.iter().map(QuoteView::of).collect(),
    };
    let outside = format!("Their moment is one that “{framework}” does not cover.");
    let mut views = vec![
        about("Outside the framework", &apart.outside, &outside),
        about(
            "Unclear",
            &apart.unclear,
            "The engine is not sure enough of the moment to place them; the best guesses are listed.",
        ),
        about(
            "About no journey",
            &apart.none,
            "Small talk, procedure, or words that cannot be understood.",
        ),
    ];
    if apart.untagged.counts.passages > 0 {
        let why = "They were added after the last tagging: run `throughline tag`.";
        views.push(about("Not yet tagged", &apart.untagged, why));
    }
    views
}

fn lead_apart(part: &NotPlaced, why: &str) -> String {
    if part.counts.passages == 0 {
        return "None.".to_owned();
    }
    format!(
        "{}; {} of them state a pain point. {why}",
        words::counts(&part.counts, "passage"),
        numbers::count(part.pain_passages)
    )
}

impl SkippedView {
    pub(crate) fn of(skipped: &Skipped) -> Self {
        let line = skipped.line.map(|line| format!(", from line {line}"));
        Self {
            place: format!("{}{}", skipped.file, line.unwrap_or_default()),
            count: numbers::count(usize::try_from(skipped.count).unwrap_or(usize::MAX)),
            reason: skipped.reason.clone(),
        }
    }
}

impl ManifestView {
    pub(crate) fn of(manifest: &Manifest) -> Self {
        let model = &manifest.model;
        let mut rows = vec![
            row("Program", format!("throughline {}", manifest.version)),
            row("Command", manifest.command.join(" ")),
            row(
                "Framework",
                format!("{} ({})", manifest.framework.name, manifest.framework.id),
            ),
            row("Model", format!("{}, run by {}", model.name, model.backend)),
            row("Model’s SHA-256", model.sha256.to_string()),
        ];
        rows.extend(
            manifest
                .dated
                .iter()
                .map(|dated| row("Dated", dated.clone())),
        );
        let counts = manifest.counts.iter();
        rows.extend(counts.map(|(name, n)| row(&format!("{COUNT}{name}"), n.to_string())));
        let seeds = manifest.seeds.iter();
        rows.extend(seeds.map(|(name, seed)| row(&format!("Seed: {name}"), seed.to_string())));
        let parameters = manifest.parameters.iter();
        Self {
            rows,
            parameters: parameters
                .map(|(name, value)| row(name, value.clone()))
                .collect(),
            inputs: manifest.inputs.iter().map(InputView::of).collect(),
        }
    }
}

impl InputView {
    fn of(input: &Input) -> Self {
        Self {
            name: input.name.clone(),
            about: format!(
                "{}, {}, {}, {}, {}",
                input.format,
                input.charset,
                numbers::size(input.bytes),
                numbers::counted(input.documents, "document"),
                numbers::counted(input.passages, "passage")
            ),
            sha256: input.sha256.to_string(),
        }
    }
}
