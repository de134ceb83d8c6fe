//! The main job step by step, on a study that lasts.

use std::path::{Path, PathBuf};

use serde::Serialize;
use throughline_core::Theme;
use throughline_study::{Inputs, Study};

use super::analyze::summary_table;
use super::{chosen, code_after, say_what_was_read, shown, source_date, tagger};
use crate::args::{Columns, Engine, Formats, Languages, Repeats};
use crate::exit::Code;
use crate::output::{Output, count, say, shortened};
use crate::progress::progress;

pub(crate) fn new(folder: &Path) -> anyhow::Result<Code> {
    Study::create(folder)?.close()?;
    say(&format!(
        "Made a study in {}. Next: throughline add FILES",
        shown(folder)
    ));
    Ok(Code::Done)
}

pub(crate) fn add(
    inputs: &[PathBuf],
    columns: &Columns,
    languages: &Languages,
    folder: &Path,
) -> anyhow::Result<Code> {
    let mut study = Study::open(folder)?;
    study.tag_languages(&languages.languages);
    let options = study.ingest_options(&columns.map)?;
    let inputs = Inputs {
        arguments: inputs,
        except: &[],
    };
    let added = study.add(inputs, &options, progress().as_ref())?;
    study.close()?;
    say_what_was_read(&added);
    if added.nothing_new() && !added.has_failures() {
        say("Nothing new: the study is as it was.");
    }
    Ok(code_after(&added))
}

pub(crate) fn tag(folder: &Path, engine: &Engine) -> anyhow::Result<Code> {
    let mut study = Study::open(folder)?;
    let tagger = tagger(engine, Some(folder))?;
    let progress = progress();
    let outcome = study.tag(tagger.as_ref(), progress.as_ref())?;
    study.refresh_caches(tagger.as_ref(), progress.as_ref())?;
    study.close()?;
    if outcome.tagged == 0 {
        say("Nothing new to tag.");
    } else {
        say(&format!(
            "Tagged {}; the study can be searched.",
            count(outcome.tagged, "passage")
        ));
    }
    Ok(Code::Done)
}

#[derive(Serialize)]
struct ThemeLine<'a> {
    theme: &'a str,
    stage: &'a str,
    label: &'a str,
    terms: &'a [String],
    mentions: usize,
    also: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PartLine<'a>>,
}

#[derive(Serialize)]
struct PartLine<'a> {
    label: String,
    terms: &'a [String],
    mentions: usize,
}

impl<'a> ThemeLine<'a> {
    fn of(study: &Study, theme: &'a Theme, label: &'a str) -> anyhow::Result<Self> {
        let parts = theme.parts.iter().map(|part| {
            Ok(PartLine {
                label: study.words(part.label)?,
                terms: &part.terms,
                mentions: part.members.len(),
            })
        });
        Ok(Self {
            theme: &theme.id,
            stage: &theme.stage,
            label,
            terms: &theme.terms,
            mentions: theme.members.len(),
            also: theme.also.len(),
            parts: parts.collect::<anyhow::Result<_>>()?,
        })
    }

    /// The theme, and below it its sub-themes.
    fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        let quoted = |label: &str| format!("“{}”", shortened(&label.replace('\n', " "), 60));
        let row = |stage: &str, mentions: usize, id: &str, label, terms: &[String]| {
            vec![
                stage.to_owned(),
                mentions.to_string(),
                id.to_owned(),
                label,
                terms.join(", "),
            ]
        };
        let (label, id) = (quoted(self.label), self.theme);
        let theme = row(self.stage, self.mentions, id, label, self.terms);
        let parts = self.parts.iter().map(move |part| {
            let label = format!("  {}", quoted(&part.label));
            row("", part.mentions, "", label, part.terms)
        });
        std::iter::once(theme).chain(parts)
    }
}

pub(crate) fn themes(
    (framework, all): (Option<&str>, bool),
    repeats: &Repeats,
    folder: &Path,
    json: bool,
    engine: &Engine,
) -> anyhow::Result<Code> {
    let mut study = Study::open(folder)?;
    study.keep_duplicates(repeats.keep_duplicates);
    let framework = study.framework(framework)?.clone();
    let tagger = tagger(engine, Some(folder))?;
    let (outcome, themes) = if all {
        study.themes_of_all(tagger.as_ref(), &framework, progress().as_ref())?
    } else {
        let outcome = study.group(tagger.as_ref(), &framework, progress().as_ref())?;
        (outcome, study.themes(&framework)?)
    };
    let lines = themes.iter();
    let lines = lines.map(|(theme, label)| ThemeLine::of(&study, theme, label));
    let lines: Vec<ThemeLine<'_>> = lines.collect::<anyhow::Result<_>>()?;
    let mut output = Output::new();
    if json {
        for line in &lines {
            output.json(line)?;
        }
    } else {
        let rows = lines.iter().flat_map(ThemeLine::rows);
        output.table(&["Stage", "Mentions", "Id", "Theme", "Terms"], 1..2, rows)?;
    }
    output.finish()?;
    study.close()?;
    if outcome.unchanged {
        say("Nothing has changed since the last time: the themes are as they were.");
    }
    for (what, ids) in [("New", &outcome.new), ("Gone", &outcome.gone)] {
        if !ids.is_empty() {
            say(&format!("{what} since the last time: {}.", ids.join(", ")));
        }
    }
    say(&format!(
        "{}: {} in them, {} in Other.",
        count(outcome.themes as u64, "theme"),
        count(
            outcome.in_themes as u64,
            if all { "passage" } else { "pain passage" }
        ),
        outcome.in_other
    ));
    Ok(if themes.is_empty() {
        Code::NothingFound
    } else {
        Code::Done
    })
}

pub(crate) fn report(
    output: Option<PathBuf>,
    formats: &Formats,
    (framework, repeats): (Option<&str>, &Repeats),
    folder: &Path,
    json: bool,
    engine: &Engine,
) -> anyhow::Result<Code> {
    let mut study = Study::open(folder)?;
    study.keep_duplicates(repeats.keep_duplicates);
    study.redact(formats.redact);
    study.date_reports(source_date().as_deref())?;
    let framework = study.framework(framework)?.clone();
    let progress = progress();
    let mut command = vec![
        "throughline".to_owned(),
        "report".to_owned(),
        "--framework".to_owned(),
        framework.id.clone(),
    ];
    if repeats.keep_duplicates {
        command.push("--keep-duplicates".to_owned());
    }
    if formats.redact {
        command.push("--redact".to_owned());
    }
    let tagger = tagger(engine, Some(folder))?;
    let report = study.compose(tagger.as_ref(), &framework, &command, progress.as_ref())?;
    let place = output.unwrap_or_else(|| study.folder().join("reports").join(&framework.id));
    let made_with = (tagger.as_ref(), &framework);
    let formats = chosen(formats);
    let written = study.write_report(report, made_with, &place, &formats, progress.as_ref())?;
    study.close()?;
    let mut output = Output::new();
    if json {
        for file in &written.files {
            output.json(&serde_json::json!({ "file": file.display().to_string() }))?;
        }
    } else {
        summary_table(&mut output, &written.report)?;
        output.line("")?;
        for file in &written.files {
            output.line(&format!("Report  {}", shown(file)))?;
        }
    }
    output.finish()?;
    Ok(Code::Done)
}

pub(crate) fn remove(
    document: Option<&str>,
    participant: Option<&str>,
    folder: &Path,
    json: bool,
) -> anyhow::Result<Code> {
    let mut study = Study::open(folder)?;
    let (name, removed) = match (document, participant) {
        (Some(document), _) => (document, study.remove_document(document)?),
        (None, Some(participant)) => (participant, study.remove_participant(participant)?),
        (None, None) => anyhow::bail!("name a document, or a participant with --participant"),
    };
    study.close()?;
    if json {
        let mut output = Output::new();
        output.json(&serde_json::json!({
            "removed": name,
            "documents": removed.documents,
            "passages": removed.passages,
        }))?;
        output.finish()?;
    }
    say(&format!(
        "Withdrew {name}: {} and {} are gone from the study. Reports written earlier still hold \
         them: delete those, and write them again.",
        count(removed.documents, "document"),
        count(removed.passages, "passage")
    ));
    if removed.own_heads {
        say(
            "The study's own heads had learnt from everybody's words, and are off: `throughline adapt` \
             with a coded sample estimates them anew.",
        );
    }
    Ok(Code::Done)
}
