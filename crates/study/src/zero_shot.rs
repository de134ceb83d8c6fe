//! Stages of one's own, told by their definitions.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use throughline_core::Framework;
use throughline_nlp::ZeroShot;

use crate::{Frameworks, StudyError};

/// Scores passages against the definitions of stages, with a model of natural
/// language inference and without any moment.
pub struct StageScorer {
    model: ZeroShot,
    stages: Vec<Defined>,
}

/// A stage as far as it matters here.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Defined {
    id: String,
    definition: String,
}

/// A framework file as far as it matters here. Stages need no moments.
#[derive(Debug, Deserialize)]
struct File {
    #[serde(default, rename = "stage")]
    stages: Vec<Defined>,
}

impl StageScorer {
    /// Opens the model in the folder `model`, for the stages of `framework`: the
    /// id of a built-in framework or a TOML file with `[[stage]]`s that have an
    /// `id` and a `definition`; what else stands there is not read.
    ///
    /// # Errors
    /// [`StudyError::NoFramework`] or [`StudyError::Framework`] if there are no
    /// such stages; [`StudyError::Nlp`] if the model cannot be opened.
    pub fn open(model: &Path, framework: &str) -> Result<Self, StudyError> {
        Ok(Self {
            stages: stages(framework)?,
            model: ZeroShot::open(model)?,
        })
    }

    /// For each text: stage id → its share, 1 in sum over the stages.
    ///
    /// # Errors
    /// If the model fails.
    pub fn scores(&self, texts: &[&str]) -> Result<Vec<BTreeMap<String, f32>>, StudyError> {
        let definitions: Vec<&str> = self.stages.iter().map(|s| s.definition.as_str()).collect();
        let shares = self.model.stages(&definitions, texts)?;
        let ids = || self.stages.iter().map(|stage| stage.id.clone());
        Ok(shares
            .into_iter()
            .map(|shares| ids().zip(shares).collect())
            .collect())
    }
}

fn stages(framework: &str) -> Result<Vec<Defined>, StudyError> {
    if Path::new(framework).extension().is_some() {
        return of_file(framework);
    }
    let built_in = Frameworks::built_in()?;
    Ok(of_framework(built_in.get(framework)?))
}

fn of_framework(framework: &Framework) -> Vec<Defined> {
    let stages = framework.stages.iter();
    stages
        .map(|stage| Defined {
            id: stage.id.clone(),
            definition: stage.definition.clone(),
        })
        .collect()
}

fn of_file(file: &str) -> Result<Vec<Defined>, StudyError> {
    let bad = |problem: String| StudyError::Framework {
        name: file.to_owned(),
        problem,
    };
    let text = std::fs::read_to_string(file).map_err(|e| bad(e.to_string()))?;
    let File { stages } = toml::from_str(&text).map_err(|e| bad(e.to_string()))?;
    let mut ids: Vec<&str> = stages.iter().map(|stage| stage.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    if stages.len() < 2 || ids.len() < stages.len() {
        let problem = "it needs at least two [[stage]]s, each with an id of its own";
        return Err(bad(problem.to_owned()));
    }
    Ok(stages)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Result<Vec<Defined>, StudyError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.toml");
        std::fs::write(&file, text).unwrap();
        stages(file.to_str().unwrap())
    }

    #[test]
    fn a_built_in_framework_or_a_file_of_definitions() {
        let customer = stages("customer").unwrap();
        assert!(customer.iter().any(|stage| stage.id == "purchase"));
        let own = written(
            "id = 'mine'\n[[stage]]\nid = 'a'\ndefinition = 'Packing.'\ncolour = 'red'\n\
             [[stage]]\nid = 'b'\ndefinition = 'Moving.'\n",
        );
        assert_eq!(own.unwrap()[1].definition, "Moving.");
    }

    #[test]
    fn what_is_no_list_of_stages_is_named() {
        for text in ["", "[[stage]]\nid = 'a'\n", "not toml"] {
            let error = written(text).unwrap_err().to_string();
            assert!(error.contains("mine.toml"), "{error}");
        }
        let unknown = stages("custmer").unwrap_err().to_string();
        assert!(unknown.contains("customer"), "{unknown}");
    }
}
