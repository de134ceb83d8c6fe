//! The researcher's themes.

use std::path::Path;

use throughline_study::{CodebookTheme, Study};

use super::{author, shown, tagger};
use crate::args::{CodebookAction, Engine};
use crate::exit::Code;
use crate::output::{Output, count, say, shortened};
use crate::progress::progress;

/// Characters of a theme's name in a table.
const NAME_WIDTH: usize = 60;

pub(crate) fn codebook(
    action: &CodebookAction,
    lens: Option<&str>,
    folder: &Path,
    json: bool,
    engine: &Engine,
) -> anyhow::Result<Code> {
    let mut study = Study::open(folder)?;
    let framework = study.framework(lens)?.clone();
    let tagger = tagger(engine, Some(folder))?;
    let tagger = tagger.as_ref();
    let bar = progress();
    match action {
        CodebookAction::Show => {
            let themes = study.codebook_themes(tagger, &framework, bar.as_ref())?;
            let frozen = study.codebook()?.is_frozen(&framework.id);
            study.close()?;
            return show(&themes, frozen, json);
        }
        CodebookAction::Freeze => {
            let done = study.freeze(tagger, &framework, bar.as_ref())?;
            say(&format!(
                "Froze {}. Of {} in them, {} are coded as before; from now on what fits none makes \
                 new themes, shown apart. Write definitions into codebook.toml, and keep it under \
                 version control. To thaw, take {} out of its `frozen`.",
                count(done.themes as u64, "theme"),
                count(done.passages as u64, "pain passage"),
                done.same,
                framework.id
            ));
        }
        CodebookAction::Rename { theme, name } => study.rename_theme(&framework, theme, name)?,
        CodebookAction::Merge { into, from } => study.merge_themes(&framework, into, from)?,
        CodebookAction::Split {
            theme,
            passages,
            name,
            author: by,
        } => {
            let by = author(by);
            let by = (by.as_str(), tagger);
            let new = study.split_theme(&framework, theme, passages, name, by)?;
            say(&format!("The new theme is {new}."));
        }
        CodebookAction::Move {
            passages,
            to,
            author: by,
        } => study.move_passages(passages, to, &author(by), tagger)?,
        CodebookAction::Delete { theme } => study.delete_theme(&framework, theme)?,
        CodebookAction::Export { file } => {
            let themes = study.export_codebook(file)?;
            let themes = count(themes as u64, "theme");
            say(&format!("Wrote {themes} to {}.", shown(file)));
        }
        CodebookAction::Import { file } => {
            let themes = study.import_codebook(file)?;
            say(&format!("Took over {}.", count(themes as u64, "theme")));
        }
    }
    study.close()?;
    Ok(Code::Done)
}

fn show(themes: &[CodebookTheme], frozen: bool, json: bool) -> anyhow::Result<Code> {
    let mut output = Output::new();
    if json {
        for theme in themes {
            output.json(theme)?;
        }
    } else if !themes.is_empty() {
        let headings = ["Theme", "Stage", "Mentions", "Called", "State"];
        let rows = themes.iter().map(|theme| row(theme, frozen));
        output.table(&headings, 2..3, rows)?;
    }
    output.finish()?;
    if themes.is_empty() {
        say("There are no themes yet.");
        return Ok(Code::NothingFound);
    }
    Ok(Code::Done)
}

fn row(theme: &CodebookTheme, frozen: bool) -> Vec<String> {
    let label = theme.label.as_ref().map(|label| format!("“{label}”"));
    let called = theme.name.clone().or(label).unwrap_or_default();
    let state = match theme {
        CodebookTheme { deleted: true, .. } => "deleted".to_owned(),
        CodebookTheme {
            into: Some(into), ..
        } => format!("merged into {into}"),
        CodebookTheme { label: None, .. } => "no passages now".to_owned(),
        CodebookTheme {
            in_codebook: true, ..
        } => "in the codebook".to_owned(),
        _ if frozen => "new".to_owned(),
        _ => String::new(),
    };
    vec![
        theme.id.clone(),
        theme.stage.clone(),
        theme.mentions.to_string(),
        shortened(&called.replace('\n', " "), NAME_WIDTH),
        state,
    ]
}
