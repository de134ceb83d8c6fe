//! Which model reads a study.

use std::path::{Path, PathBuf};

use throughline_nlp::{describe, find_model};

use crate::writing::put_in_place;
use crate::{Config, StudyError};

/// The model to open for the study in `study`, or for none: the one that was
/// asked for, or else the one that its `throughline.toml` names; `None` for the
/// default. What was asked for is looked for from here and then from the study;
/// what the study names, the other way about.
///
/// # Errors
/// [`StudyError::Nlp`] if there is no such model, or settings that are wrong.
pub fn chosen_model(
    asked: Option<&Path>,
    study: Option<&Path>,
) -> Result<Option<PathBuf>, StudyError> {
    let here = Path::new(".");
    if let Some(asked) = asked {
        let bases: Vec<&Path> = [here].into_iter().chain(study).collect();
        return Ok(Some(find_model(asked, &bases)?));
    }
    let Some(study) = study else { return Ok(None) };
    match Config::read(study)?.model {
        Some(model) => Ok(Some(find_model(Path::new(&model), &[study, here])?)),
        None => Ok(None),
    }
}

/// Writes `model = …` into the `throughline.toml` of `study`, so that it is read
/// by that model from now on, and gives what was written. Nothing else in the
/// file changes.
///
/// # Errors
/// If there is no such model, it cannot tag, or the file cannot be changed.
pub fn use_model(asked: &Path, study: &Path) -> Result<String, StudyError> {
    let path = study.join(Config::FILE);
    let bad = |problem: String| StudyError::Config {
        path: path.clone(),
        problem,
    };
    let found = find_model(asked, &[study, Path::new(".")])?;
    let entry = describe(&found)?;
    if !entry.tags {
        return Err(throughline_nlp::NlpError::NoHeads { model: entry.name }.into());
    }
    // What is found from the study is written as it was asked for, so that the
    // study can be moved together with it.
    let lasting = match find_model(asked, &[study]) {
        Ok(_) => asked.to_owned(),
        Err(_) => std::fs::canonicalize(&found).map_err(StudyError::io(&found))?,
    };
    let Some(model) = lasting.to_str() else {
        return Err(bad("the path of the model is not UTF-8".to_owned()));
    };
    let text = std::fs::read_to_string(&path).map_err(StudyError::io(&path))?;
    let old = Config::parse(&text).map_err(|error| bad(error.to_string()))?;
    let new = with_model(&text, model);
    let wanted = Config {
        model: Some(model.to_owned()),
        ..old
    };
    if Config::parse(&new).ok() != Some(wanted) {
        let line = line_of(model);
        return Err(bad(format!(
            "could not be changed; write `{line}` at its top"
        )));
    }
    put_in_place(&path, new.as_bytes())?;
    Ok(model.to_owned())
}

fn line_of(model: &str) -> String {
    let escaped = model.replace('\\', "\\\\").replace('"', "\\\"");
    format!("model = \"{escaped}\"")
}

/// `text` with the key `model`: in its place, or else below its example, or else
/// on top.
fn with_model(text: &str, model: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_key = |line: &String| {
        let rest = line.trim_start().strip_prefix("model");
        rest.is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    // What stands below the head of a table belongs to the table.
    let is_table = |line: &&mut String| line.trim_start().starts_with('[');
    let mut head = lines.iter_mut().take_while(|line| !is_table(line));
    if let Some(line) = head.find(|line| is_key(line)) {
        *line = line_of(model);
    } else {
        let example = lines.iter().position(|line| line.starts_with("#: model"));
        lines.insert(example.map_or(0, |line| line + 1), line_of(model));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use throughline_nlp::models;

    use super::*;

    #[test]
    fn the_key_is_written_once_and_nothing_else_changes() {
        let once = with_model(Config::TEMPLATE, "fast");
        let read = Config::parse(&once).unwrap();
        assert_eq!(read.model.as_deref(), Some("fast"));
        assert_eq!(once.lines().count(), Config::TEMPLATE.lines().count() + 1);
        let twice = with_model(&once, "a \"b\" \\c");
        assert_eq!(twice.lines().count(), once.lines().count());
        let read = Config::parse(&twice).unwrap();
        assert_eq!(read.model.as_deref(), Some("a \"b\" \\c"));
        assert_eq!(with_model("", "fast"), "model = \"fast\"\n");
        let table = "[columns]\nmodel = \"Model\"\n";
        let read = Config::parse(&with_model(table, "fast")).unwrap_or_default();
        assert_eq!(read.model.as_deref(), Some("fast"));
        assert_eq!(read.columns["model"], "Model");
    }

    #[test]
    fn a_study_is_read_by_what_its_settings_name_unless_told_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let study = folder.path();
        assert_eq!(chosen_model(None, Some(study)).unwrap(), None);
        let settings = study.join(Config::FILE);
        std::fs::write(&settings, "framework = \"user\"\n").unwrap();
        let default = models(&[]).remove(0).unwrap().name;
        assert_eq!(use_model(Path::new(&default), study).unwrap(), default);
        let chosen = chosen_model(None, Some(study)).unwrap();
        assert_eq!(chosen, Some(PathBuf::from(&default)));
        assert_eq!(Config::read(study).unwrap().framework, "user");

        // A folder of the study is named as it is asked for.
        std::fs::create_dir_all(study.join("models/mine")).unwrap();
        let found = chosen_model(Some(Path::new("mine")), Some(study)).unwrap();
        assert_eq!(found, Some(study.join("models/mine")));
        let none = chosen_model(Some(Path::new("minilmm")), Some(study)).unwrap_err();
        assert!(none.to_string().contains(&default), "{none}");
        // It holds no model.
        assert!(use_model(Path::new("mine"), study).is_err());
    }
}
