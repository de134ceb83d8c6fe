//! One module a family of commands.

mod adapt;
mod analyze;
mod batch;
mod codebook;
mod coding;
mod collect;
mod compare;
mod export;
mod find;
mod frameworks;
mod generate;
mod import;
mod judge;
mod models;
mod plumbing;
mod questions;
mod quotes;
mod search;
mod study;
mod validate;
mod verify;

use std::path::Path;

use throughline_study::{
    AddOutcome, Backend, FORMATS, FileSummary, Format, StudyError, Tagger, chosen_model,
    judgement_kind as kind, open_tagger,
};

use crate::args::{
    Arguments, Author, BackendName, Command, Engine, FormatName, Formats, IndexAction, Look, People,
};
use crate::exit::Code;
use crate::output::{count, say};

/// Runs one command.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<Code> {
    let engine = arguments.engine;
    match arguments.command {
        Command::Analyze(analyze) => analyze::analyze(analyze, &engine),
        Command::New { folder } => study::new(&folder),
        Command::Add {
            inputs,
            columns,
            languages,
            study,
        } => study::add(&inputs, &columns, &languages, &study.folder),
        Command::Tag {
            stream: Some(_),
            embedding,
            explain,
            zero_shot,
            framework,
            ..
        } => plumbing::tag(
            (embedding, explain),
            zero_shot.as_deref(),
            framework.as_deref(),
            &engine,
        ),
        Command::Tag { study, .. } => study::tag(&study.folder, &engine),
        Command::Themes {
            all,
            lens,
            repeats,
            study,
            json,
        } => {
            let lens = (lens.framework.as_deref(), all);
            study::themes(lens, &repeats, &study.folder, json.json, &engine)
        }
        Command::Report {
            output,
            formats,
            lens,
            repeats,
            study,
            json,
        } => {
            let lens = (lens.framework.as_deref(), &repeats);
            study::report(output, &formats, lens, &study.folder, json.json, &engine)
        }
        Command::Collect(asked) => collect::collect(&asked, &engine),
        Command::Remove {
            document,
            participant,
            study,
            json,
        } => study::remove(
            document.as_deref(),
            participant.as_deref(),
            &study.folder,
            json.json,
        ),
        Command::Cluster { .. } => plumbing::cluster(&engine),
        Command::Ingest {
            inputs,
            columns,
            json,
        } => plumbing::ingest(&inputs, &columns, json.json),
        Command::Models {
            action,
            study,
            json,
        } => models::models(action.as_ref(), &study.folder, json.json, &engine),
        Command::Completions { shell } => generate::completions(shell),
        Command::Man { folder } => generate::manual(&folder),
        Command::Import { files, study } => import::import(&files, &study.folder),
        Command::Verify(asked) => verify::verify(asked),
        Command::Look(asked) => look(asked, &engine),
        Command::People(asked) => people(asked, &engine),
    }
}

/// Runs a command that changes nothing.
fn look(asked: Look, engine: &Engine) -> anyhow::Result<Code> {
    match asked {
        Look::Search(asked) => search::search(&asked, engine),
        Look::Quotes(asked) => quotes::quotes(*asked, engine),
        Look::Index {
            action:
                IndexAction::Export {
                    quickwit,
                    lens,
                    study,
                },
        } => export::quickwit(&quickwit, lens.framework.as_deref(), &study.folder, engine),
        Look::Show {
            document,
            study,
            json,
        } => find::show(&document, &study.folder, json.json, engine),
        Look::Questions { lens, study, json } => {
            let lens = lens.framework.as_deref();
            questions::questions(lens, &study.folder, json.json, engine)
        }
        Look::Stats {
            documents: true,
            study,
            json,
            ..
        } => find::documents(&study.folder, json.json),
        Look::Stats {
            participants: true,
            study,
            json,
            ..
        } => find::participants(&study.folder, json.json),
        Look::Stats { study, json, .. } => find::stats(&study.folder, json.json, engine),
        Look::Frameworks { id, study, json } => {
            frameworks::frameworks(id.as_deref(), &study.folder, json.json, engine)
        }
    }
}

/// Runs a command by which a person decides something.
fn people(asked: People, engine: &Engine) -> anyhow::Result<Code> {
    match asked {
        People::Correct(arguments) => judge::correct(&arguments, engine),
        People::Code {
            action,
            study,
            json,
        } => judge::code(action, &study.folder, json.json),
        People::Memo {
            note,
            words,
            author,
            study,
        } => judge::mark(kind::MEMO, &note, words, (&author, None), &study.folder),
        People::Log { study, json } => judge::log(&study.folder, json.json),
        People::Undo { id, author, study } => judge::undo(id.as_deref(), &author, &study.folder),
        People::Adapt {
            off: true, study, ..
        } => adapt::off(&study.folder),
        People::Adapt {
            coded,
            author,
            study,
            json,
            ..
        } => adapt::adapt(coded.as_deref(), &author, &study.folder, json.json, engine),
        People::Codebook {
            action,
            lens,
            study,
            json,
        } => {
            let lens = lens.framework.as_deref();
            codebook::codebook(&action, lens, &study.folder, json.json, engine)
        }
        People::Crosstab {
            attribute,
            lens,
            study,
            json,
        } => {
            let lens = lens.framework.as_deref();
            compare::crosstab(&attribute, lens, &study.folder, json.json, engine)
        }
        People::Diff {
            first,
            second,
            lens,
            json,
        } => {
            let lens = lens.framework.as_deref();
            compare::diff(&first, &second, lens, json.json, engine)
        }
        People::Validate {
            action,
            study,
            json,
        } => validate::validate(&action, &study.folder, json.json, engine),
    }
}

/// Who decides: as given, or the account's name.
fn author(given: &Author) -> String {
    let account = || {
        let names = ["USER", "USERNAME"].into_iter();
        names.filter_map(|name| std::env::var(name).ok()).next()
    };
    let given = given.author.clone();
    given
        .or_else(account)
        .unwrap_or_else(|| "unknown".to_owned())
}

/// The model that was asked for, or the one that the study names, if any;
/// otherwise the default one.
fn tagger(engine: &Engine, study: Option<&Path>) -> Result<Box<dyn Tagger>, StudyError> {
    let backend = engine.backend.map(|name| match name {
        BackendName::Rten => Backend::Rten,
        BackendName::Torch => Backend::Torch,
    });
    let model = chosen_model(engine.model.as_deref(), study)?;
    Ok(open_tagger(backend, model.as_deref())?)
}

/// The formats asked for; all of them where none is.
fn chosen(formats: &Formats) -> Vec<Format> {
    if formats.formats.is_empty() {
        return FORMATS.to_vec();
    }
    let format = |name: &FormatName| match name {
        FormatName::Html => Format::Html,
        FormatName::Svg => Format::Svg,
        FormatName::Md => Format::Markdown,
        FormatName::Docx => Format::Docx,
        FormatName::Json => Format::Json,
        FormatName::Csv => Format::Csv,
        FormatName::Xlsx => Format::Xlsx,
        FormatName::Clips => Format::Clips,
        FormatName::Qdpx => Format::Qdpx,
        FormatName::Qdc => Format::Qdc,
    };
    formats.formats.iter().map(format).collect()
}

/// The date that a build system wants files to bear, as it stands.
fn source_date() -> Option<String> {
    std::env::var_os("SOURCE_DATE_EPOCH").map(|seconds| seconds.to_string_lossy().into_owned())
}

/// Says on standard error what was read and what was not.
fn say_what_was_read(added: &AddOutcome) {
    let read = added.read.len() as u64;
    let (mut documents, mut passages) = (0, 0);
    for (_, summary) in &added.read {
        documents += summary.documents;
        passages += summary.passages;
    }
    if read > 0 {
        say(&format!(
            "Read {}: {}, {}.",
            count(read, "file"),
            count(documents, "document"),
            count(passages, "passage")
        ));
    }
    if added.unchanged > 0 {
        say(&format!(
            "{} unchanged since the last time.",
            count(added.unchanged, "file")
        ));
    }
    for name in &added.removed {
        say(&format!(
            "{name}: no longer among the inputs, taken out of the study."
        ));
    }
    if added.withdrawn > 0 {
        say(&format!(
            "{} withdrawn earlier, left out.",
            count(added.withdrawn, "document")
        ));
    }
    say_privacy(added);
    for (name, summary) in &added.read {
        say_how_it_was_read(name, summary);
    }
    for said in &added.of_nobody {
        say(said);
    }
    for unread in &added.unread {
        let what = if unread.failed {
            "could not be read"
        } else {
            "passed over"
        };
        say(&format!("{}: {what}: {}", unread.file, unread.reason));
    }
}

/// Says on standard error what identifies people in what was read, and what was
/// done about it.
fn say_privacy(added: &AddOutcome) {
    if !added.personal.kinds.is_empty() {
        say(&format!(
            "Personal data in {}, stored as it stands: {}. To put pseudonyms in its place, write \
             privacy = \"pseudonymise\" in the throughline.toml of a new study; \"off\" stops looking.",
            count(added.personal.documents, "document"),
            added.personal.in_words()
        ));
    }
    if let Some(key) = &added.key {
        say(&format!(
            "Pseudonyms stand in place of what was found that identifies people; more may be left. \
             Their key is {}: keep it apart from the study, and keep a copy. Nobody can make it again.",
            shown(key)
        ));
    }
    if added.named_in_settings > 0 {
        say(&format!(
            "throughline.toml says who {} are, in [speakers], by their real names: it stays as it is. \
             Take them out before you give the study away.",
            count(added.named_in_settings, "speaker")
        ));
    }
    for name in &added.not_read_again {
        say(&format!(
            "{name}: no longer where it was, so it could not be read again; it may mention people \
             met only now. Add it again from where it lies."
        ));
    }
}

/// Says on standard error what a file's columns were taken for, and what in it
/// was left out or read with a doubt.
fn say_how_it_was_read(name: &str, summary: &FileSummary) {
    for note in &summary.notes {
        say(&format!("{name}: {note}"));
    }
    for skip in &summary.skipped {
        let line = skip.line.map(|line| format!(":{line}")).unwrap_or_default();
        let times = match skip.count {
            1 => String::new(),
            count => format!(" ({count} times, here first)"),
        };
        say(&format!("{name}{line}: {}{times}", skip.reason));
    }
}

/// The exit code after reading: 3 where an input could not be read.
fn code_after(added: &AddOutcome) -> Code {
    if added.has_failures() {
        Code::Unreadable
    } else {
        Code::Done
    }
}

/// A path as a person would type it: relative where it can be.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here
        .as_deref()
        .and_then(|here| path.strip_prefix(here).ok());
    relative.unwrap_or(path).display().to_string()
}
