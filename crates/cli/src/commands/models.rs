//! The models that there are.

use std::path::Path;

use serde::Serialize;
use throughline_study::{
    ModelEntry, StudyError, Verified, chosen_model, describe, find_model, list_models, use_model,
    verify_model,
};

use crate::args::{Engine, ModelsAction};
use crate::exit::Code;
use crate::output::{Output, count, say};

/// Characters of a hash in a table.
const SHORT: usize = 12;

/// A model as `--json` prints it.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    entry: &'a ModelEntry,
    /// True for the one that reads here.
    selected: bool,
}

pub(crate) fn models(
    action: Option<&ModelsAction>,
    folder: &Path,
    json: bool,
    engine: &Engine,
) -> anyhow::Result<Code> {
    match action {
        None => list(folder, json, engine),
        Some(ModelsAction::Verify { asked }) => verify(asked.as_deref(), folder, json),
        Some(ModelsAction::Use { asked }) => {
            let written = use_model(asked, folder)?;
            say(&format!(
                "This study is read by {written} from now on. Run `throughline tag`: what another \
                 model has read is read again."
            ));
            Ok(Code::Done)
        }
    }
}

/// Where models are looked for, besides the program.
fn bases(folder: &Path) -> Vec<&Path> {
    let here = Path::new(".");
    if folder == here {
        vec![here]
    } else {
        vec![here, folder]
    }
}

fn list(folder: &Path, json: bool, engine: &Engine) -> anyhow::Result<Code> {
    let chosen = chosen_model(engine.model.as_deref(), Some(folder))?;
    let mut entries = Vec::new();
    for entry in list_models(&bases(folder)) {
        match entry {
            Ok(entry) => entries.push(entry),
            Err(error) => say(&format!("passed over: {error}")),
        }
    }
    if let Some(chosen) = &chosen
        && !entries.iter().any(|entry| entry.place() == chosen)
    {
        entries.push(describe(chosen).map_err(StudyError::from)?);
    }
    let selected = |number: usize, entry: &ModelEntry| match &chosen {
        Some(chosen) => entry.place() == chosen,
        None => number == 0,
    };
    let mut output = Output::new();
    if json {
        for (number, entry) in entries.iter().enumerate() {
            let selected = selected(number, entry);
            output.json(&Line { entry, selected })?;
        }
    } else {
        let rows = entries.iter().enumerate();
        let rows = rows.map(|(number, entry)| row(entry, selected(number, entry)));
        output.table(
            &[
                "",
                "Model",
                "Version",
                "Licence",
                "MB",
                "Dimension",
                "Gives",
                "Engines",
                "Where",
                "SHA-256",
            ],
            4..6,
            rows,
        )?;
    }
    output.finish()?;
    Ok(Code::Done)
}

fn row(entry: &ModelEntry, selected: bool) -> Vec<String> {
    let dash = |text: String| {
        if text.is_empty() {
            "–".to_owned()
        } else {
            text
        }
    };
    let hash = entry.sha256.map(|hash| hash.to_string());
    let folder = entry.folder.as_ref();
    vec![
        if selected { "*" } else { "" }.to_owned(),
        entry.name.clone(),
        dash(entry.version.clone()),
        entry.licence.clone(),
        format!("{:.1}", entry.bytes as f64 / 1e6),
        entry.dimension.to_string(),
        if entry.tags {
            "tags, vectors"
        } else {
            "vectors"
        }
        .to_owned(),
        dash(entry.backends.join(", ")),
        folder.map_or_else(|| "in the program".to_owned(), |f| f.display().to_string()),
        dash(hash.unwrap_or_default().chars().take(SHORT).collect()),
    ]
}

fn verify(asked: Option<&Path>, folder: &Path, json: bool) -> anyhow::Result<Code> {
    let bases = bases(folder);
    let entries: Vec<Result<ModelEntry, StudyError>> = match asked {
        Some(asked) => {
            let found = find_model(asked, &bases).map_err(StudyError::from)?;
            return verify_each([Ok(found)], json);
        }
        None => list_models(&bases)
            .into_iter()
            .map(|entry| entry.map_err(StudyError::from))
            .collect(),
    };
    let places = entries.into_iter().filter_map(|entry| match entry {
        Ok(entry) if !entry.tags => {
            say(&format!(
                "{}: a checkpoint has no hashes to hold it against.",
                entry.place().display()
            ));
            None
        }
        Ok(entry) => Some(Ok(entry.place().to_owned())),
        Err(error) => Some(Err(error)),
    });
    verify_each(places, json)
}

fn verify_each(
    places: impl IntoIterator<Item = Result<std::path::PathBuf, StudyError>>,
    json: bool,
) -> anyhow::Result<Code> {
    let mut output = Output::new();
    let mut code = Code::Done;
    for place in places {
        let verified = place.and_then(|place| Ok(verify_model(&place)?));
        match verified {
            Ok(verified) => {
                if !verified.is_sound() {
                    code = Code::Unverified;
                }
                if json {
                    output.json(&verified)?;
                } else {
                    show(&mut output, &verified)?;
                }
            }
            Err(error) => {
                code = Code::Unverified;
                say(&format!("throughline: {error}"));
            }
        }
    }
    output.finish()?;
    Ok(code)
}

fn show(output: &mut Output, verified: &Verified) -> anyhow::Result<()> {
    output.line(&output.bold(&verified.model))?;
    for check in &verified.files {
        let found = match check.found {
            Some(found) if found == check.expected => "as described".to_owned(),
            Some(found) => format!("OTHER BYTES: sha256 {found}, expected {}", check.expected),
            None => "MISSING, or it cannot be read".to_owned(),
        };
        output.line(&format!("   {:<16} {found}", check.file))?;
    }
    if let Some(reference) = &verified.reference {
        let passages = count(reference.passages as u64, "passage");
        let verdict = match reference.is_sound() {
            true => "as when it was built",
            false => "OTHERWISE than when it was built",
        };
        output.line(&format!(
            "   {:<16} {passages} {verdict}: the same labels in {:.1} % or more of them",
            "reads",
            100.0 * reference.same_label
        ))?;
        for difference in &reference.differ {
            output.line(&format!("   {:<16} {difference}", ""))?;
        }
    }
    Ok(())
}
