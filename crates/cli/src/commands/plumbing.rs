//! JSON Lines in, JSON Lines out.

use std::path::{Path, PathBuf};

use throughline_study::plumbing::{
    TagExtras, cluster_stream, ingest_files, tag_stream, write_line,
};
use throughline_study::{Config, Frameworks, IngestOptions, StageScorer, ThemeParameters};

use super::frameworks::named;
use super::{say_how_it_was_read, tagger};
use crate::args::{Columns, Engine};
use crate::exit::Code;
use crate::output::{Output, count, say};

/// `embedding` and `explain`: whether each line gets them.
pub(crate) fn tag(
    (embedding, explain): (bool, bool),
    zero_shot: Option<&Path>,
    framework: Option<&str>,
    engine: &Engine,
) -> anyhow::Result<Code> {
    let (tagger, mut frameworks) = (tagger(engine, None)?, Frameworks::built_in()?);
    let stages = match (zero_shot, framework) {
        (Some(folder), framework) => Some(StageScorer::open(
            folder,
            framework.unwrap_or(&Config::default().framework),
        )?),
        (None, Some(framework)) => {
            named(&mut frameworks, framework)?;
            None
        }
        (None, None) => None,
    };
    let extras = TagExtras {
        embedding,
        explain,
        stages: stages.as_ref(),
    };
    let mut input = std::io::BufReader::new(std::io::stdin().lock());
    let mut output = Output::new();
    let outcome = tag_stream(
        tagger.as_ref(),
        &frameworks,
        extras,
        &mut input,
        output.stream(),
    )?;
    output.finish()?;
    Ok(code_after(outcome.malformed))
}

pub(crate) fn cluster(engine: &Engine) -> anyhow::Result<Code> {
    let tagger = tagger(engine, None)?;
    let mut input = std::io::BufReader::new(std::io::stdin().lock());
    let mut output = Output::new();
    let parameters = ThemeParameters::default();
    let outcome = cluster_stream(tagger.as_ref(), &parameters, &mut input, output.stream())?;
    output.finish()?;
    Ok(code_after(outcome.malformed))
}

pub(crate) fn code_after(malformed: u64) -> Code {
    if malformed == 0 {
        return Code::Done;
    }
    say(&format!(
        "{} could not be read; the answers say why.",
        count(malformed, "line")
    ));
    Code::Unreadable
}

pub(crate) fn ingest(inputs: &[PathBuf], columns: &Columns, json: bool) -> anyhow::Result<Code> {
    let mut map = Config::default().column_map()?;
    for (meaning, column) in &columns.map {
        map.set(meaning, column)
            .map_err(throughline_study::StudyError::from)?;
    }
    let options = IngestOptions {
        columns: map,
        ..IngestOptions::default()
    };
    let mut output = Output::new();
    let outcome = ingest_files(inputs, &options, &mut |passage| {
        if json {
            write_line(output.stream(), passage)
        } else {
            Ok(())
        }
    })?;
    let mut failed = false;
    let mut rows = Vec::new();
    for (name, read) in &outcome.files {
        match read {
            Ok(summary) => {
                rows.push(vec![
                    name.clone(),
                    summary.format.to_owned(),
                    summary.charset.clone(),
                    summary.documents.to_string(),
                    summary.turns.to_string(),
                    summary.passages.to_string(),
                ]);
                say_how_it_was_read(name, summary);
            }
            Err(error) => {
                failed = true;
                say(&format!("{name}: could not be read: {error}"));
            }
        }
    }
    for skipped in &outcome.skipped {
        say(&format!(
            "{}: passed over: {}",
            skipped.name, skipped.reason
        ));
    }
    if !json {
        let headings = [
            "File",
            "Format",
            "Charset",
            "Documents",
            "Turns",
            "Passages",
        ];
        output.table(&headings, 3..6, rows)?;
    }
    output.finish()?;
    Ok(if failed { Code::Unreadable } else { Code::Done })
}
