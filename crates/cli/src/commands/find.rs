//! Looking into a study.

use std::path::Path;

use throughline_core::{PassageId, RoleBasis, Speaker, Tags};
use throughline_study::{ShownTurn, Study};

use super::tagger;
use crate::args::Engine;
use crate::exit::Code;
use crate::output::{Output, clock, count, scored};

pub(crate) fn show(name: &str, folder: &Path, json: bool, engine: &Engine) -> anyhow::Result<Code> {
    let study = Study::open_read(folder)?;
    let turns = study.show(name, tagger(engine, Some(folder))?.as_ref())?;
    let mut output = Output::new();
    if !json {
        show_speakers(&mut output, &study.speakers(name)?)?;
    }
    for turn in &turns {
        if json {
            output.json(turn)?;
        } else {
            show_turn(&mut output, turn)?;
        }
    }
    output.finish()?;
    Ok(Code::Done)
}

/// Who speaks, how sure their part is and why, and what is known of them.
fn show_speakers(output: &mut Output, speakers: &[Speaker]) -> anyhow::Result<()> {
    let rows: Vec<Vec<String>> = speakers
        .iter()
        .map(|speaker| {
            let known = speaker.attributes.iter();
            let known: Vec<String> = known
                .map(|(name, value)| format!("{name}: {value}"))
                .collect();
            vec![
                speaker.labels.join(" = "),
                speaker.role.to_string(),
                match speaker.basis {
                    RoleBasis::Nothing => "–".to_owned(),
                    _ => format!("{:.0}%", speaker.confidence * 100.0),
                },
                speaker.basis.as_str().to_owned(),
                known.join(", "),
            ]
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    output.table(&["Speaker", "Role", "Sure", "Told", "Known"], 2..3, rows)?;
    output.line("")
}

fn show_turn(output: &mut Output, turn: &ShownTurn) -> anyhow::Result<()> {
    let who = turn.speaker.as_deref().unwrap_or("–");
    let time = turn
        .start_ms
        .map(|ms| format!(" · {}", clock(ms)))
        .unwrap_or_default();
    output.line(&output.bold(&format!("{who} · {}{time}", turn.role)))?;
    if let Some(words) = &turn.untagged {
        output.line(&format!("   {}", output.highlighted(words, &[])))?;
    }
    for passage in &turn.passages {
        output.line(&format!("   {}", output.highlighted(&passage.text, &[])))?;
        if let Some(tags) = &passage.tags {
            let line = format!("{} · {}", short(passage.passage), tag_line(tags));
            output.line(&format!("   {}", output.faint(&line)))?;
        }
    }
    output.line("")
}

/// The first characters of a passage's id: enough to name it in most studies.
fn short(passage: PassageId) -> String {
    passage.to_string().chars().take(8).collect()
}

fn tag_line(tags: &Tags) -> String {
    format!(
        "{}{} · {} · {}{}",
        if tags.unclear {
            "unclear, best guess "
        } else {
            ""
        },
        scored(tags.moment),
        scored(tags.sentiment),
        scored(tags.touchpoint),
        if tags.pain.label {
            format!(" · pain {:.0}%", tags.pain.confidence * 100.0)
        } else {
            String::new()
        }
    )
}

pub(crate) fn stats(folder: &Path, json: bool, engine: &Engine) -> anyhow::Result<Code> {
    let study = Study::open_read(folder)?;
    let summary = study.summary(tagger(engine, Some(folder))?.as_ref())?;
    let mut output = Output::new();
    if json {
        output.json(&summary)?;
    } else {
        output.line(&format!(
            "{}, {}, {}, {}, {}{}",
            count(summary.sources, "file"),
            count(summary.documents, "document"),
            count(summary.turns, "turn"),
            count(summary.passages, "passage"),
            count(summary.participants, "participant"),
            match summary.untagged {
                0 => String::new(),
                untagged => format!(" ({untagged} passages not tagged yet)"),
            }
        ))?;
        let languages = summary.languages.iter();
        let languages: Vec<String> = languages
            .map(|(language, number)| match language.as_str() {
                "unknown" => format!("unknown {number} (too short to tell; tagged like the rest)"),
                code => format!("{code} {number}"),
            })
            .collect();
        output.line(&format!("Documents by language: {}.", languages.join(", ")))?;
        if summary.duplicates > 0 {
            output.line(&format!(
                "{} that say what another one says already (stats --documents lists them).",
                count(summary.duplicates, "document")
            ))?;
        }
        for (title, counts) in [
            ("Role", &summary.roles),
            ("Moment", &summary.moments),
            ("Sentiment", &summary.sentiments),
            ("Touchpoint", &summary.touchpoints),
        ] {
            output.line("")?;
            let mut counts: Vec<(&String, &u64)> = counts.iter().collect();
            counts.sort_by_key(|(label, number)| (std::cmp::Reverse(**number), *label));
            let rows = counts
                .iter()
                .map(|(label, number)| vec![(*label).clone(), number.to_string()]);
            output.table(&[title, "Passages"], 1..2, rows)?;
        }
        output.line("")?;
        output.line(&format!(
            "{} state a pain point.",
            count(summary.pain, "passage")
        ))?;
    }
    output.finish()?;
    Ok(Code::Done)
}

pub(crate) fn documents(folder: &Path, json: bool) -> anyhow::Result<Code> {
    let study = Study::open_read(folder)?;
    let mut output = Output::new();
    let mut rows = Vec::new();
    study.each_document(&mut |document| {
        if json {
            throughline_study::plumbing::write_line(output.stream(), &document)?;
        } else {
            rows.push(vec![
                document.doc,
                document.kind.to_string(),
                document
                    .date
                    .map(|date| date.to_string())
                    .unwrap_or_default(),
                document.turns.to_string(),
                document.passages.to_string(),
                document.language.unwrap_or_default(),
                document.repeats.unwrap_or_default(),
            ]);
        }
        Ok(())
    })?;
    if !json {
        output.table(
            &[
                "Document", "Kind", "Date", "Turns", "Passages", "Language", "Repeats",
            ],
            3..5,
            rows,
        )?;
    }
    output.finish()?;
    Ok(Code::Done)
}

pub(crate) fn participants(folder: &Path, json: bool) -> anyhow::Result<Code> {
    let study = Study::open_read(folder)?;
    let participants = study.participants()?;
    let mut output = Output::new();
    if json {
        for participant in &participants {
            output.json(participant)?;
        }
    } else {
        let rows = participants.iter().map(|one| {
            vec![
                one.participant.clone(),
                one.documents.to_string(),
                one.passages.to_string(),
            ]
        });
        output.table(&["Participant", "Documents", "Passages"], 1..3, rows)?;
    }
    output.finish()?;
    Ok(if participants.is_empty() {
        Code::NothingFound
    } else {
        Code::Done
    })
}
