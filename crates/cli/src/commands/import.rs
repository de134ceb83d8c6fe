//! Projects and codebooks of other tools.

use std::path::{Path, PathBuf};

use throughline_study::{Convention, Imported, Study};

use super::{code_after, say_what_was_read, shown};
use crate::exit::Code;
use crate::output::{count, say};
use crate::progress::progress;

pub(crate) fn import(files: &[PathBuf], folder: &Path) -> anyhow::Result<Code> {
    let mut study = Study::open(folder)?;
    let mut code = Code::Done;
    for file in files {
        let extension = file.extension().unwrap_or_default().to_ascii_lowercase();
        if extension == "qdc" {
            let codes = study.import_codes(file)?;
            say(&format!(
                "{}: the code list of the study holds {} now.",
                shown(file),
                count(codes as u64, "code")
            ));
        } else if extension == "qdpx" {
            let options = study.ingest_options(&[])?;
            let imported = study.import_project(file, &options, progress().as_ref())?;
            say_what_came(file, &imported);
            if code_after(&imported.added) != Code::Done {
                code = Code::Unreadable;
            }
        } else {
            anyhow::bail!(
                "{}: neither a .qdpx nor a .qdc; `throughline add` reads texts and tables",
                shown(file)
            );
        }
    }
    study.close()?;
    Ok(code)
}

fn say_what_came(file: &Path, imported: &Imported) {
    say_what_was_read(&imported.added);
    say(&format!(
        "{}: {} kept as judgements, {} in the code list.",
        shown(file),
        count(imported.codings as u64, "coding"),
        count(imported.codes as u64, "code")
    ));
    if imported.no_judgements > 0 {
        say(&format!(
            "{} by the engine or over the words of a case: no judgements.",
            count(imported.no_judgements as u64, "coding")
        ));
    }
    if imported.passed_over > 0 {
        say(&format!(
            "{} passed over: kept before, without a code, or on words that are not in the text.",
            count(imported.passed_over as u64, "coding")
        ));
    }
    let found = imported.convention;
    if found != Convention::default() {
        let ways = [
            (found.utf16, "in UTF-16 units"),
            (found.joined_line_ends, "line breaks as one"),
            (found.mark_counts, "with the byte order mark"),
            (found.inclusive, "to the last character"),
        ];
        let ways = ways.iter().filter(|(it, _)| *it).map(|(_, way)| *way);
        say(&format!(
            "It counts places {}.",
            ways.collect::<Vec<_>>().join(", ")
        ));
    }
    for left_out in &imported.left_out {
        say(&format!("{}: left out: {left_out}", shown(file)));
    }
}
