//! The built-in frameworks, and a study's own.

use std::path::Path;

use throughline_core::Framework;
use throughline_nlp::Tagger;

use crate::{Placer, StudyError};

/// The built-in frameworks as they are written, in the order they are listed.
const BUILT_IN: [(&str, &str); 7] = [
    ("customer", include_str!("../frameworks/customer.toml")),
    ("user", include_str!("../frameworks/user.toml")),
    ("buyer", include_str!("../frameworks/buyer.toml")),
    (
        "three-phase",
        include_str!("../frameworks/three-phase.toml"),
    ),
    ("four-stage", include_str!("../frameworks/four-stage.toml")),
    ("moments", include_str!("../frameworks/moments.toml")),
    (
        "experience-loop",
        include_str!("../frameworks/experience-loop.toml"),
    ),
];

/// The frameworks that one study can be looked at through: the built-in ones
/// and those of its `throughline.toml`.
#[derive(Debug, Clone)]
pub struct Frameworks(Vec<Framework>);

impl Frameworks {
    /// The seven built-in frameworks.
    ///
    /// # Errors
    /// Never in a released build: a test reads every built-in file.
    pub fn built_in() -> Result<Self, StudyError> {
        BUILT_IN
            .iter()
            .map(|(id, text)| parse(id, text))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Adds the framework in a TOML file and gives its id; one with the same id
    /// is replaced.
    ///
    /// # Errors
    /// [`StudyError::Framework`] if the file cannot be read, is not a framework,
    /// or breaks a rule ([`Framework::check`]).
    pub fn add_file(&mut self, path: &Path) -> Result<String, StudyError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| StudyError::Framework {
            name: name.clone(),
            problem: error.to_string(),
        })?;
        let framework = parse(&name, &text)?;
        self.0.retain(|known| known.id != framework.id);
        let id = framework.id.clone();
        self.0.push(framework);
        Ok(id)
    }

    /// The framework called `id`.
    ///
    /// # Errors
    /// [`StudyError::NoFramework`], naming those that exist.
    pub fn get(&self, id: &str) -> Result<&Framework, StudyError> {
        self.0
            .iter()
            .find(|framework| framework.id == id)
            .ok_or_else(|| StudyError::NoFramework {
                id: id.to_owned(),
                known: self
                    .0
                    .iter()
                    .map(|f| f.id.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// All of them, built-in ones first.
    pub fn iter(&self) -> impl Iterator<Item = &Framework> {
        self.0.iter()
    }

    /// All of them, ready to place what `tagger` reads.
    ///
    /// # Errors
    /// As [`Placer::new`].
    pub fn placers(&self, tagger: &dyn Tagger) -> Result<Vec<Placer<'_>>, StudyError> {
        let all = self.0.iter();
        all.map(|framework| Placer::new(framework, tagger))
            .collect()
    }
}

fn parse(name: &str, text: &str) -> Result<Framework, StudyError> {
    let framework: Framework = toml::from_str(text).map_err(|error| StudyError::Framework {
        name: name.to_owned(),
        problem: error.to_string(),
    })?;
    framework.check()?;
    Ok(framework)
}

#[cfg(test)]
mod tests {
    use super::*;
    use throughline_core::{Moment, NoStage};

    #[test]
    fn every_built_in_framework_keeps_the_rules() {
        let frameworks = Frameworks::built_in().unwrap();
        let ids: Vec<_> = frameworks.iter().map(|f| f.id.as_str()).collect();
        assert_eq!(ids, BUILT_IN.map(|(id, _)| id));
    }

    #[test]
    fn support_is_use_for_a_customer_help_for_a_user_and_outside_for_a_buyer() {
        let frameworks = Frameworks::built_in().unwrap();
        let stage = |id: &str| frameworks.get(id).unwrap().stage_of(Moment::Support);
        assert_eq!(stage("customer").unwrap().id, "use");
        assert_eq!(stage("user").unwrap().id, "retention");
        assert_eq!(stage("buyer"), Err(NoStage::Outside));
        assert_eq!(stage("moments").unwrap().id, "support");
        assert!(frameworks.get("experience-loop").unwrap().cyclic);
    }

    #[test]
    fn an_unknown_framework_is_answered_with_those_that_exist() {
        let message = Frameworks::built_in()
            .unwrap()
            .get("custmer")
            .unwrap_err()
            .to_string();
        assert!(message.contains("customer, user, buyer"), "{message}");
    }
}
