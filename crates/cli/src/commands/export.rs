//! Handing a study's index on.

use std::path::Path;

use throughline_study::Study;

use crate::args::Engine;
use crate::exit::Code;
use crate::output::{count, say};

pub(crate) fn quickwit(
    out: &Path,
    framework: Option<&str>,
    folder: &Path,
    engine: &Engine,
) -> anyhow::Result<Code> {
    let study = Study::open_read(folder)?;
    let tagger = super::tagger(engine, Some(folder))?;
    let framework = study.framework(framework)?;
    let written = study.export_quickwit(out, tagger.as_ref(), framework)?;
    say(&format!(
        "Wrote {} to {}; index.yaml there says how they are loaded.",
        count(written, "quote"),
        out.display()
    ));
    Ok(Code::Done)
}
