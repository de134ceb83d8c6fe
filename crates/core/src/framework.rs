use serde::{Deserialize, Serialize};

use crate::{CoreError, Moment, Tags};

/// A lens on a tagged study: which moments make up which stage, in order.
///
/// A study is tagged once, with moments; any number of frameworks can look at
/// it without tagging it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Short name, as it is typed: `customer`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What this lens is for.
    pub description: String,
    /// True if the last stage leads back to the first.
    #[serde(default)]
    pub cyclic: bool,
    /// The stages, from left to right.
    #[serde(rename = "stage")]
    pub stages: Vec<Stage>,
}

/// One step of a [`Framework`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Short name, as it is typed: `purchase`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What belongs here.
    pub definition: String,
    /// What the customer wants to reach here.
    pub goal: String,
    /// Colour on the map, `#rrggbb`.
    pub colour: String,
    /// The moments that make it up; empty if only its sub-stages have any.
    #[serde(default)]
    pub moments: Vec<Moment>,
    /// Finer steps within this one.
    #[serde(default, rename = "sub-stage")]
    pub sub_stages: Vec<Stage>,
}

/// Why a passage belongs to no stage of a framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoStage {
    /// Its moment is one that the framework does not cover.
    Outside,
    /// It is not about a journey.
    None,
    /// The engine abstains.
    Unclear,
}

/// Where a framework puts a passage: the stage's id, or why there is none.
pub type Placement<'f> = Result<&'f Stage, NoStage>;

impl Framework {
    /// Checks the rules a framework must keep: an id and at least one stage;
    /// stage ids distinct, sub-stages included; colours `#rrggbb`; no moment in
    /// two stages; no `none`; every stage with at least one moment.
    ///
    /// # Errors
    /// [`CoreError::BadFramework`] naming the first rule that is broken.
    pub fn check(&self) -> Result<(), CoreError> {
        let bad = |problem: String| {
            Err(CoreError::BadFramework {
                framework: self.id.clone(),
                problem,
            })
        };
        if self.id.is_empty() || self.stages.is_empty() {
            return bad("it needs an id and at least one [[stage]]".to_owned());
        }
        let mut ids = Vec::new();
        let mut moments = Vec::new();
        for stage in self.every_stage() {
            if ids.contains(&stage.id.as_str()) {
                return bad(format!("two stages are called '{}'", stage.id));
            }
            ids.push(stage.id.as_str());
            if !is_colour(&stage.colour) {
                return bad(format!("the colour '{}' is not like #1a2b3c", stage.colour));
            }
            for moment in &stage.moments {
                if *moment == Moment::None {
                    return bad(format!(
                        "stage '{}' asks for 'none', which is no part of a journey",
                        stage.id
                    ));
                }
                if moments.contains(moment) {
                    return bad(format!("the moment '{moment}' is in two stages"));
                }
                moments.push(*moment);
            }
        }
        match self
            .stages
            .iter()
            .find(|stage| stage.all_moments().is_empty())
        {
            Some(stage) => bad(format!("stage '{}' has no moments", stage.id)),
            None => Ok(()),
        }
    }

    /// The stage that a moment belongs to, or why there is none.
    ///
    /// # Errors
    /// [`NoStage::None`] for [`Moment::None`], [`NoStage::Outside`] for a moment
    /// that this framework does not cover.
    pub fn stage_of(&self, moment: Moment) -> Placement<'_> {
        if moment == Moment::None {
            return Err(NoStage::None);
        }
        self.stages
            .iter()
            .find(|stage| stage.all_moments().contains(&moment))
            .ok_or(NoStage::Outside)
    }

    /// Where a tagged passage belongs: as [`Self::stage_of`], but
    /// [`NoStage::Unclear`] where the engine abstains.
    ///
    /// # Errors
    /// The reason why there is no stage.
    pub fn place(&self, tags: &Tags) -> Placement<'_> {
        if tags.unclear {
            Err(NoStage::Unclear)
        } else {
            self.stage_of(tags.moment.label)
        }
    }

    /// The stage or sub-stage with this id or name, whatever its case.
    #[must_use]
    pub fn find(&self, word: &str) -> Option<&Stage> {
        let word = word.to_lowercase();
        self.every_stage()
            .find(|stage| stage.id.to_lowercase() == word || stage.name.to_lowercase() == word)
    }

    /// Stages and sub-stages, depth first.
    fn every_stage(&self) -> impl Iterator<Item = &Stage> {
        self.stages
            .iter()
            .flat_map(|stage| std::iter::once(stage).chain(&stage.sub_stages))
    }
}

impl Stage {
    /// The moments of this stage and of its sub-stages.
    #[must_use]
    pub fn all_moments(&self) -> Vec<Moment> {
        let own = self.moments.iter();
        own.chain(self.sub_stages.iter().flat_map(|sub| &sub.moments))
            .copied()
            .collect()
    }
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(id: &str, moments: &[Moment]) -> Stage {
        Stage {
            id: id.to_owned(),
            name: id.to_uppercase(),
            definition: String::new(),
            goal: String::new(),
            colour: "#102030".to_owned(),
            moments: moments.to_vec(),
            sub_stages: Vec::new(),
        }
    }

    fn framework(stages: Vec<Stage>) -> Framework {
        Framework {
            id: "f".to_owned(),
            name: "F".to_owned(),
            description: String::new(),
            cyclic: false,
            stages,
        }
    }

    #[test]
    fn a_moment_has_one_stage_or_a_reason() {
        let framework = framework(vec![stage("buy", &[Moment::Purchase])]);
        framework.check().unwrap();
        assert_eq!(framework.stage_of(Moment::Purchase).unwrap().id, "buy");
        assert_eq!(framework.stage_of(Moment::Support), Err(NoStage::Outside));
        assert_eq!(framework.stage_of(Moment::None), Err(NoStage::None));
        assert_eq!(framework.find("BUY").unwrap().id, "buy");
    }

    #[test]
    fn sub_stages_lend_their_moments_to_their_stage() {
        let mut keep = stage("keep", &[]);
        keep.sub_stages = vec![stage("help", &[Moment::Support])];
        let framework = framework(vec![keep]);
        framework.check().unwrap();
        assert_eq!(framework.stage_of(Moment::Support).unwrap().id, "keep");
        assert_eq!(framework.find("help").unwrap().moments, [Moment::Support]);
    }

    #[test]
    fn broken_frameworks_are_refused() {
        let twice = framework(vec![stage("a", &[Moment::Use]), stage("b", &[Moment::Use])]);
        assert!(
            twice
                .check()
                .unwrap_err()
                .to_string()
                .contains("two stages")
        );
        assert!(framework(vec![stage("a", &[])]).check().is_err());
        assert!(
            framework(vec![stage("a", &[Moment::None])])
                .check()
                .is_err()
        );
        assert!(framework(vec![]).check().is_err());
        let mut red = stage("a", &[Moment::Use]);
        red.colour = "red".to_owned();
        assert!(framework(vec![red]).check().is_err());
    }
}
