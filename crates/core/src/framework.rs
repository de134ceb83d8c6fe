use serde::{Deserialize, Serialize};

use crate::{CoreError, Moment, Scored, Tags};

/// Exemplars that a stage needs: with fewer, leaving one out says nothing.
const FEWEST_EXEMPLARS: usize = 3;

/// A lens on a tagged study: which moments make up which stage, in order; or
/// what passages of each stage are like.
///
/// A study is tagged once, with moments and vectors; any number of frameworks
/// can look at it without tagging it again. The stages of one framework are
/// all made of moments or all told by exemplars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Only with exemplars: the confidence in a stage, 0…1, below which a
    /// passage is in none; [`Self::UNCLEAR_BELOW`] if it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unclear_below: Option<f32>,
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
    /// The moments that make it up; empty if only its sub-stages have any, or
    /// if it is told by exemplars.
    #[serde(default)]
    pub moments: Vec<Moment>,
    /// Passages that belong here, made up or real, where no moments tell it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exemplars: Vec<String>,
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

impl NoStage {
    /// The one spelling of this reason.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outside => "outside",
            Self::None => "none",
            Self::Unclear => "unclear",
        }
    }
}

/// Where a framework puts a passage: the stage's id, or why there is none.
pub type Placement<'f> = Result<&'f Stage, NoStage>;

impl Framework {
    /// The confidence in a stage below which a passage is unclear, where a
    /// framework by exemplars says nothing else: less likely right than wrong.
    pub const UNCLEAR_BELOW: f32 = 0.5;

    /// Checks the rules a framework must keep: an id and at least one stage;
    /// stage ids distinct, sub-stages included; colours `#rrggbb`; no moment in
    /// two stages; no `none`; every stage with at least one moment.
    ///
    /// If a stage has exemplars: at least two stages, each with at least three
    /// exemplars, none of them blank or given twice; no moments, no sub-stages.
    ///
    /// # Errors
    /// [`CoreError::BadFramework`] naming the first rule that is broken.
    pub fn check(&self) -> Result<(), CoreError> {
        let problem = self.problem_of_stages().or_else(|| {
            if self.is_by_exemplars() {
                self.problem_of_exemplars()
            } else {
                self.problem_of_moments()
            }
        });
        match problem {
            Some(problem) => Err(CoreError::BadFramework {
                framework: self.id.clone(),
                problem,
            }),
            None => Ok(()),
        }
    }

    fn problem_of_stages(&self) -> Option<String> {
        if self.id.is_empty() || self.stages.is_empty() {
            return Some("it needs an id and at least one [[stage]]".to_owned());
        }
        let mut ids = Vec::new();
        for stage in self.every_stage() {
            if ids.contains(&stage.id.as_str()) {
                return Some(format!("two stages are called '{}'", stage.id));
            }
            ids.push(stage.id.as_str());
            if !is_colour(&stage.colour) {
                return Some(format!("the colour '{}' is not like #1a2b3c", stage.colour));
            }
        }
        None
    }

    fn problem_of_moments(&self) -> Option<String> {
        if self.unclear_below.is_some() {
            return Some(
                "'unclear_below' goes with exemplars; for moments the model has its own".to_owned(),
            );
        }
        let mut moments = Vec::new();
        for stage in self.every_stage() {
            for moment in &stage.moments {
                if *moment == Moment::None {
                    return Some(format!(
                        "stage '{}' asks for 'none', which is no part of a journey",
                        stage.id
                    ));
                }
                if moments.contains(moment) {
                    return Some(format!("the moment '{moment}' is in two stages"));
                }
                moments.push(*moment);
            }
        }
        let without = |stage: &&Stage| stage.all_moments().is_empty();
        let stage = self.stages.iter().find(without)?;
        Some(format!(
            "stage '{}' has no moments; give it some, or give every stage exemplars",
            stage.id
        ))
    }

    fn problem_of_exemplars(&self) -> Option<String> {
        if self
            .unclear_below
            .is_some_and(|least| !(0.0..=1.0).contains(&least))
        {
            return Some("'unclear_below' must lie between 0 and 1".to_owned());
        }
        if self.stages.len() < 2 {
            return Some("stages that are told by exemplars must be at least two".to_owned());
        }
        let mut known: Vec<(&str, &str)> = Vec::new();
        for stage in &self.stages {
            let id = stage.id.as_str();
            if !stage.sub_stages.is_empty() {
                return Some(format!(
                    "stage '{id}' has sub-stages, which go with moments only; where stages are \
                     told by exemplars, make each of them a stage"
                ));
            }
            if !stage.moments.is_empty() {
                return Some(format!(
                    "stage '{id}' has moments, and stages of this framework are told by \
                     exemplars; give every stage exemplars, or every stage moments"
                ));
            }
            if stage.exemplars.len() < FEWEST_EXEMPLARS {
                return Some(format!(
                    "stage '{id}' has {} of the {FEWEST_EXEMPLARS} exemplars that it needs at \
                     least; ten or more are better",
                    stage.exemplars.len()
                ));
            }
            for exemplar in stage.exemplars.iter().map(|text| text.trim()) {
                if exemplar.is_empty() {
                    return Some(format!("an exemplar of stage '{id}' is blank"));
                }
                if let Some((other, _)) = known.iter().find(|(_, text)| *text == exemplar) {
                    return Some(format!(
                        "the exemplar \"{exemplar}\" of stage '{id}' stands in stage '{other}' \
                         already; give each one once"
                    ));
                }
                known.push((id, exemplar));
            }
        }
        None
    }

    /// True if its stages are told by exemplars and not made of moments.
    #[must_use]
    pub fn is_by_exemplars(&self) -> bool {
        self.every_stage().any(|stage| !stage.exemplars.is_empty())
    }

    /// The confidence below which a passage is unclear, for a framework by
    /// exemplars.
    #[must_use]
    pub fn least_confidence(&self) -> f32 {
        self.unclear_below.unwrap_or(Self::UNCLEAR_BELOW)
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

    /// Where a passage belongs if the stages are told by exemplars: `nearest` is
    /// the number of the stage that its vector is nearest to. Its moment matters
    /// only where it is surely about no journey, as such passages are in no stage
    /// of any framework.
    ///
    /// # Errors
    /// [`NoStage::None`] if it is about no journey, [`NoStage::Unclear`] below
    /// [`Self::least_confidence`].
    pub fn place_nearest(&self, tags: &Tags, nearest: Scored<usize>) -> Placement<'_> {
        if !tags.unclear && tags.moment.label == Moment::None {
            return Err(NoStage::None);
        }
        let sure = nearest.confidence >= self.least_confidence();
        let stage = self.stages.get(nearest.label).filter(|_| sure);
        stage.ok_or(NoStage::Unclear)
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
            exemplars: Vec::new(),
            sub_stages: Vec::new(),
        }
    }

    fn framework(stages: Vec<Stage>) -> Framework {
        Framework {
            id: "f".to_owned(),
            name: "F".to_owned(),
            description: String::new(),
            cyclic: false,
            unclear_below: None,
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

    fn told(id: &str, exemplars: &[&str]) -> Stage {
        Stage {
            exemplars: exemplars.iter().map(|text| (*text).to_owned()).collect(),
            ..stage(id, &[])
        }
    }

    fn two_told() -> Framework {
        framework(vec![
            told("a", &["one", "two", "three"]),
            told("b", &["four", "five", "six"]),
        ])
    }

    #[test]
    fn exemplars_place_by_the_nearest_stage_where_it_is_near_enough() {
        let framework = two_told();
        framework.check().unwrap();
        let nearest = |confidence| Scored {
            label: 1_usize,
            confidence,
        };
        let tags = |moment, unclear| Tags {
            moment: Scored {
                label: moment,
                confidence: 0.9,
            },
            unclear,
            sentiment: Scored {
                label: crate::Sentiment::Neutral,
                confidence: 1.0,
            },
            valence: 0.0,
            pain: Scored {
                label: false,
                confidence: 1.0,
            },
            touchpoint: Scored {
                label: crate::Touchpoint::None,
                confidence: 1.0,
            },
        };
        let place = |tags: &Tags, confidence| {
            let place = framework.place_nearest(tags, nearest(confidence));
            place.map(|stage| stage.id.as_str())
        };
        let usual = tags(Moment::Use, false);
        assert_eq!(place(&usual, 0.5), Ok("b"));
        assert_eq!(place(&usual, 0.49), Err(NoStage::Unclear));
        assert_eq!(place(&tags(Moment::None, false), 0.9), Err(NoStage::None));
        // What moment it is, is not asked where stages are told by exemplars.
        assert_eq!(place(&tags(Moment::None, true), 0.9), Ok("b"));
    }

    type Change<'a> = &'a dyn Fn(&mut Framework);

    #[test]
    fn broken_exemplars_are_refused_with_what_to_do() {
        let broken = |change: &dyn Fn(&mut Framework)| {
            let mut framework = two_told();
            change(&mut framework);
            framework.check().unwrap_err().to_string()
        };
        let cases: [(Change<'_>, &str); 8] = [
            (&|f| drop(f.stages.pop()), "at least two"),
            (&|f| drop(f.stages[1].exemplars.pop()), "has 2 of the 3"),
            (&|f| f.stages[1].exemplars.clear(), "has 0 of the 3"),
            (&|f| f.stages[0].moments = vec![Moment::Use], "has moments"),
            (
                &|f| f.stages[0].sub_stages = vec![stage("c", &[])],
                "sub-stages",
            ),
            (
                &|f| f.stages[1].exemplars[0] = " one ".to_owned(),
                "'a' already",
            ),
            (&|f| f.stages[1].exemplars[0] = " ".to_owned(), "blank"),
            (&|f| f.unclear_below = Some(1.5), "between 0 and 1"),
        ];
        for (change, named) in cases {
            let error = broken(change);
            assert!(error.contains(named), "{named}: {error}");
        }
        let mut moments = framework(vec![stage("a", &[Moment::Use])]);
        moments.unclear_below = Some(0.4);
        assert!(moments.check().is_err());
    }
}
