//! What people decide of passages.

use std::path::Path;

use throughline_core::Span;
use throughline_study::{Decision, Judged, Judgement, Standing, Study, Words, judgement_kind};

use super::adapt::say_what_was_adapted;
use super::{author, tagger};
use crate::args::{Author, CodeAction, Correct, Engine, Place};
use crate::exit::Code;
use crate::output::{Output, count, say, shortened};

/// Characters of the words in a table.
const WORDS_WIDTH: usize = 50;

pub(crate) fn correct(arguments: &Correct, engine: &Engine) -> anyhow::Result<Code> {
    let decisions = match (&arguments.csv, &arguments.passage) {
        (Some(file), _) => Study::decisions(file)?,
        (None, Some(passage)) => vec![decision(arguments, passage)],
        (None, None) => Vec::new(),
    };
    if decisions.iter().all(|decision| decision.values.is_empty()) {
        anyhow::bail!(
            "nothing is decided; give --moment, --sentiment, --pain, --touchpoint or --theme"
        );
    }
    let folder = &arguments.study.folder;
    let mut study = Study::open(folder)?;
    let tagger = tagger(engine, Some(folder))?;
    let author = author(&arguments.author);
    let made = study.correct(&decisions, &author, tagger.as_ref())?;
    study.close()?;
    say_what_was_kept(&made, "correction");
    Ok(Code::Done)
}

fn decision(arguments: &Correct, passage: &str) -> Decision {
    let values = [
        (judgement_kind::MOMENT, &arguments.moment),
        (judgement_kind::SENTIMENT, &arguments.sentiment),
        (judgement_kind::PAIN, &arguments.pain),
        (judgement_kind::TOUCHPOINT, &arguments.touchpoint),
        (judgement_kind::THEME, &arguments.theme),
    ];
    let given = values.into_iter();
    Decision {
        passage: passage.to_owned(),
        values: given
            .filter_map(|(kind, value)| Some((kind, value.clone()?)))
            .collect(),
        reason: arguments.reason.clone(),
    }
}

pub(crate) fn code(action: CodeAction, folder: &Path, json: bool) -> anyhow::Result<Code> {
    match action {
        CodeAction::Add {
            code,
            words,
            reason,
            author,
        } => mark(
            judgement_kind::CODE,
            &code,
            words,
            (&author, reason),
            folder,
        ),
        CodeAction::List { code } => {
            let wanted = |one: &Judged| {
                let this = code.as_ref().is_none_or(|code| one.value == *code);
                one.kind == judgement_kind::CODE && one.standing != Standing::Undone && this
            };
            list(&Study::open_read(folder)?, json, wanted)
        }
        CodeAction::Remove { id, author } => undo(Some(&id), &author, folder),
    }
}

pub(crate) fn mark(
    kind: &'static str,
    value: &str,
    place: Place,
    (by, reason): (&Author, Option<String>),
    folder: &Path,
) -> anyhow::Result<Code> {
    let words = match (place.passage, place.doc, place.bytes) {
        (Some(id), ..) => Words::Passage {
            id,
            exact: place.words,
        },
        (None, Some(document), Some((start, end))) => Words::Bytes {
            document,
            span: Span { start, end },
        },
        _ => anyhow::bail!("name a passage, or a document with --doc and --bytes"),
    };
    let mut study = Study::open(folder)?;
    let made = study.mark(kind, value, &words, &author(by), reason)?;
    study.close()?;
    say_what_was_kept(&made, kind);
    Ok(Code::Done)
}

pub(crate) fn undo(id: Option<&str>, by: &Author, folder: &Path) -> anyhow::Result<Code> {
    let mut study = Study::open(folder)?;
    let undone = study.undo(id, &author(by))?;
    study.close()?;
    for one in &undone {
        say(&format!("Took back {}: {} {}", one.id, one.kind, one.value));
    }
    Ok(Code::Done)
}

pub(crate) fn log(folder: &Path, json: bool) -> anyhow::Result<Code> {
    let study = Study::open_read(folder)?;
    let code = list(&study, json, |_| true)?;
    say_what_was_adapted(&study)?;
    Ok(code)
}

fn list(study: &Study, json: bool, wanted: impl Fn(&Judged) -> bool) -> anyhow::Result<Code> {
    let judged: Vec<Judged> = study.log()?.into_iter().filter(wanted).collect();
    let mut output = Output::new();
    if json {
        for one in &judged {
            output.json(one)?;
        }
    } else if !judged.is_empty() {
        let headings = [
            "No.", "When", "Who", "What", "Value", "Stands", "Document", "Words", "Why",
        ];
        output.table(&headings, 0..0, judged.iter().map(row))?;
    }
    output.finish()?;
    let lost = judged
        .iter()
        .filter(|one| one.standing == Standing::Unresolved);
    let lost = lost.count() as u64;
    if lost > 0 {
        say(&format!(
            "{} lost their words: decide again on what stands there now, or take back.",
            count(lost, "decision")
        ));
    }
    if judged.is_empty() {
        say("Nobody has decided anything yet.");
        return Ok(Code::NothingFound);
    }
    Ok(Code::Done)
}

fn row(one: &Judged) -> Vec<String> {
    vec![
        one.id.clone(),
        one.time.clone(),
        one.author.clone(),
        one.kind.clone(),
        one.value.clone(),
        match one.standing {
            Standing::Holds => "holds",
            Standing::Undone => "taken back",
            Standing::Replaced => "replaced",
            Standing::Unresolved => "words gone",
        }
        .to_owned(),
        one.doc.clone(),
        format!(
            "“{}”",
            shortened(&one.words.replace('\n', " "), WORDS_WIDTH)
        ),
        one.reason.clone().unwrap_or_default(),
    ]
}

fn say_what_was_kept(made: &[Judgement], one: &str) {
    let act = made.first().and_then(|one| one.id.split('.').next());
    let act = act.unwrap_or_default();
    say(&format!(
        "Kept {} as number {act}; `throughline undo {act}` takes it back.",
        count(made.len() as u64, one)
    ));
}
