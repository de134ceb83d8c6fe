//! Many searches at once.

use std::fs::File;
use std::io::{BufRead, BufReader, stdin};
use std::path::Path;

use throughline_study::{Ranking, Study, StudyError};

use super::plumbing::code_after;
use crate::args::{By, Engine};
use crate::exit::Code;
use crate::output::Output;
use crate::progress::progress;

/// Answers the queries of `file`, or of standard input where it is `-`.
pub(crate) fn search(
    file: &Path,
    ranking: (Ranking, usize),
    framework: Option<&str>,
    folder: &Path,
    engine: &Engine,
) -> anyhow::Result<Code> {
    let study = Study::open_read(folder)?;
    let framework = study.framework(framework)?;
    let tagger = super::tagger(engine, Some(folder))?;
    let mut input: Box<dyn BufRead> = match file.to_str() {
        Some("-") => Box::new(stdin().lock()),
        _ => {
            let path = file.to_owned();
            let unread = |source| StudyError::Io { path, source };
            Box::new(BufReader::new(File::open(file).map_err(unread)?))
        }
    };
    study.prepare_search(tagger.as_ref(), progress().as_ref())?;
    let mut output = Output::new();
    let outcome = study.search_batch(
        tagger.as_ref(),
        framework,
        ranking,
        input.as_mut(),
        output.stream(),
    )?;
    output.finish()?;
    Ok(code_after(outcome.malformed))
}

impl From<By> for Ranking {
    fn from(by: By) -> Self {
        match by {
            By::Hybrid => Self::HYBRID,
            By::Words => Self::WORDS,
            By::Meaning => Self::MEANING,
        }
    }
}
