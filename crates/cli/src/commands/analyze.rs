//! The main job.

use std::path::Path;

use serde::Serialize;
use throughline_study::{
    AnalyzeOutcome, AnalyzeRequest, Report, StageReport, analyze as run, default_study_folder,
};

use super::{chosen, code_after, say_what_was_read, shown, source_date, tagger};
use crate::args::{Analyze, Engine};
use crate::exit::Code;
use crate::output::{Output, count, say, shortened};
use crate::progress::progress;

/// Characters of a pain point's name in the summary table.
const NAME_WIDTH: usize = 60;

pub(crate) fn analyze(arguments: Analyze, engine: &Engine) -> anyhow::Result<Code> {
    let request = AnalyzeRequest {
        command: command_without_paths(&arguments),
        inputs: arguments.inputs,
        output: arguments.output,
        study: arguments.study,
        framework: arguments.lens.framework,
        columns: arguments.columns.map,
        languages: arguments.languages.languages,
        keep_duplicates: arguments.repeats.keep_duplicates,
        formats: chosen(&arguments.formats),
        redact: arguments.formats.redact,
        source_date: source_date(),
    };
    let study = request.study.clone();
    let study = study.unwrap_or_else(|| default_study_folder(&request.output));
    let outcome = run(
        &request,
        tagger(engine, Some(&study))?.as_ref(),
        progress().as_ref(),
    )?;
    say_what_was_read(&outcome.added);
    if outcome.unchanged {
        say("Nothing has changed since the last time: nothing was done.");
    } else {
        say(&format!("Tagged {}.", count(outcome.tagged, "passage")));
    }
    let mut output = Output::new();
    if arguments.json.json {
        for stage in &outcome.report.stages {
            output.json(&summary_line(stage))?;
        }
        output.json(&places(&request, &outcome))?;
    } else {
        summary_table(&mut output, &outcome.report)?;
        output.line("")?;
        for file in &outcome.files {
            output.line(&format!("Report  {}", shown(file)))?;
        }
        output.line(&format!("Study   {}", shown(&outcome.study)))?;
    }
    output.finish()?;
    Ok(code_after(&outcome.added))
}

/// What was typed, with the last part of each path only: a report is given
/// away, and where a folder lies is nobody's business.
fn command_without_paths(arguments: &Analyze) -> Vec<String> {
    let last = |path: &Path| {
        path.file_name().map_or_else(
            || ".".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    };
    let mut command = vec!["throughline".to_owned(), "analyze".to_owned()];
    command.extend(arguments.inputs.iter().map(|input| last(input)));
    if let Some(framework) = &arguments.lens.framework {
        command.extend(["--framework".to_owned(), framework.clone()]);
    }
    for (meaning, column) in &arguments.columns.map {
        command.extend(["--map".to_owned(), format!("{meaning}={column}")]);
    }
    if !arguments.languages.languages.is_empty() {
        let languages = arguments.languages.languages.join(",");
        command.extend(["--languages".to_owned(), languages]);
    }
    if arguments.repeats.keep_duplicates {
        command.push("--keep-duplicates".to_owned());
    }
    if arguments.formats.redact {
        command.push("--redact".to_owned());
    }
    command
}

/// Stage × passages, participants, net sentiment, top pain.
pub(crate) fn summary_table(output: &mut Output, report: &Report) -> anyhow::Result<()> {
    let rows = report.stages.iter().map(|stage| {
        vec![
            stage.name.clone(),
            stage.counts.passages.to_string(),
            stage.counts.documents.to_string(),
            stage.counts.participants.to_string(),
            net(stage).map_or_else(|| "–".to_owned(), |net| format!("{net:+.0}")),
            stage.pain_passages.to_string(),
            top_pain(stage),
        ]
    });
    let headings = [
        "Stage",
        "Passages",
        "Documents",
        "Participants",
        "Net",
        "Pain",
        "Top pain point",
    ];
    output.table(&headings, 1..6, rows)?;
    let coverage = &report.coverage;
    output.line("")?;
    output.line(&format!(
        "{} evidence passages: {} in a stage, {} outside, {} about no journey, {} unclear.",
        coverage.counted, coverage.placed, coverage.outside, coverage.none, coverage.unclear
    ))
}

fn net(stage: &StageReport) -> Option<f64> {
    stage.sentiment.net.as_ref().map(|net| net.value)
}

fn top_pain(stage: &StageReport) -> String {
    match stage.findings.first() {
        Some(finding) => format!(
            "“{}” ({})",
            shortened(&finding.label.text.replace('\n', " "), NAME_WIDTH),
            count(finding.counts.passages as u64, "mention")
        ),
        None => "–".to_owned(),
    }
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    stage: &'a str,
    name: &'a str,
    passages: usize,
    documents: usize,
    participants: usize,
    net_sentiment: Option<f64>,
    pain_passages: usize,
    findings: usize,
    top_pain: Option<&'a str>,
}

fn summary_line(stage: &StageReport) -> SummaryLine<'_> {
    SummaryLine {
        stage: &stage.id,
        name: &stage.name,
        passages: stage.counts.passages,
        documents: stage.counts.documents,
        participants: stage.counts.participants,
        net_sentiment: net(stage),
        pain_passages: stage.pain_passages,
        findings: stage.findings.len(),
        top_pain: stage
            .findings
            .first()
            .map(|finding| finding.label.text.as_str()),
    }
}

#[derive(Serialize)]
struct Places {
    study: String,
    report: String,
    files: Vec<String>,
    tagged: u64,
    unchanged: bool,
}

fn places(request: &AnalyzeRequest, outcome: &AnalyzeOutcome) -> Places {
    Places {
        study: outcome.study.display().to_string(),
        report: request.output.display().to_string(),
        files: outcome
            .files
            .iter()
            .map(|file| file.display().to_string())
            .collect(),
        tagged: outcome.tagged,
        unchanged: outcome.unchanged,
    }
}
