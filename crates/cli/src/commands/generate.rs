//! Completions and manual pages, made from the same definitions as the help.

use std::path::Path;

use anyhow::Context;
use clap::CommandFactory;

use crate::args::Arguments;
use crate::exit::Code;
use crate::output::{Output, say};

pub(crate) fn completions(shell: clap_complete::Shell) -> anyhow::Result<Code> {
    let mut output = Output::new();
    // Generated in memory first: the generator cannot report a closed pipe.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "throughline", &mut script);
    output.stream().write_all(&script)?;
    output.finish()?;
    Ok(Code::Done)
}

pub(crate) fn manual(folder: &Path) -> anyhow::Result<Code> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    clap_mangen::generate_to(Arguments::command(), folder)
        .with_context(|| folder.display().to_string())?;
    say(&format!(
        "Wrote the manual pages into {}.",
        folder.display()
    ));
    Ok(Code::Done)
}
