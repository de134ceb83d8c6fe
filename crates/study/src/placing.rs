//! Which stage a passage belongs to: by its moment, or by its vector where a
//! framework's stages are told by exemplars.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use throughline_core::{Framework, NoStage, PassageId, Placement, Scored, Stage, Tags, Vector};
use throughline_nlp::{StageHead, Tagger, Told};
use throughline_report::{Interval, Reliability, Unit};
use throughline_stats::wilson;
use throughline_store::{ModelKey, Store};

use crate::StudyError;

/// A framework that is ready to place passages: where its stages are told by
/// exemplars, they have been learnt from them.
#[derive(Debug, Clone)]
pub struct Placer<'f> {
    framework: &'f Framework,
    head: Option<StageHead>,
}

/// How well each stage of a framework can be told by its exemplars.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliabilities {
    /// All stages together.
    pub overall: Reliability,
    /// Each stage, in the framework's order.
    pub stages: Vec<Reliability>,
}

/// The stage that each passage's vector is nearest to; empty where moments
/// make the stages.
pub(crate) type Nearest = BTreeMap<PassageId, Scored<usize>>;

impl<'f> Placer<'f> {
    /// Makes `framework` ready. `tagger` gives the vectors of exemplars and
    /// definitions; it must be the one whose vectors are to be placed.
    ///
    /// # Errors
    /// If the model fails, or an exemplar has no vector.
    pub fn new(framework: &'f Framework, tagger: &dyn Tagger) -> Result<Self, StudyError> {
        let head = match framework.is_by_exemplars() {
            true => Some(learn(framework, tagger)?),
            false => None,
        };
        Ok(Self { framework, head })
    }

    /// The framework.
    #[must_use]
    pub fn framework(&self) -> &'f Framework {
        self.framework
    }

    /// Where a passage belongs. Without a vector none is told by exemplars.
    ///
    /// # Errors
    /// The reason why there is no stage.
    pub fn place(&self, tags: &Tags, vector: Option<&Vector>) -> Placement<'f> {
        let answer = |head: &StageHead| vector.map(|vector| head.answer(vector));
        self.place_nearest(tags, self.head.as_ref().and_then(answer))
    }

    /// The same, given what [`Self::nearest`] says of the passage.
    pub(crate) fn place_nearest(
        &self,
        tags: &Tags,
        nearest: Option<Scored<usize>>,
    ) -> Placement<'f> {
        if self.head.is_none() {
            return self.framework.place(tags);
        }
        // What was read has a vector; what has none is like nothing.
        nearest.map_or(Err(NoStage::Unclear), |nearest| {
            self.framework.place_nearest(tags, nearest)
        })
    }

    /// What the vectors of a study say: nothing is tagged again for it.
    pub(crate) fn nearest(&self, store: &Store, model: &ModelKey) -> Result<Nearest, StudyError> {
        let mut nearest = Nearest::new();
        if let Some(head) = &self.head {
            store.each_reading(model, &mut |id, tagged| {
                nearest.insert(id, head.answer(&tagged.vector));
                ControlFlow::Continue(())
            })?;
        }
        Ok(nearest)
    }

    /// How well the stages can be told by their exemplars; `None` where moments
    /// make them.
    #[must_use]
    pub fn reliability(&self) -> Option<Reliabilities> {
        let least = self.framework.least_confidence();
        let left_out = self.head.as_ref()?.left_out();
        let of = |mut these: Vec<&(usize, Scored<usize>)>| {
            let exemplars = these.len();
            these.retain(|(_, answer)| answer.confidence >= least);
            let unclear = exemplars - these.len();
            these.retain(|(own, answer)| answer.label == *own);
            reliability(exemplars, these.len(), unclear)
        };
        let stages = 0..self.framework.stages.len();
        let stages = stages.map(|stage| {
            let own = left_out.iter().filter(|(own, _)| *own == stage);
            of(own.collect())
        });
        Some(Reliabilities {
            stages: stages.collect(),
            overall: of(left_out.iter().collect()),
        })
    }
}

fn reliability(exemplars: usize, right: usize, unclear: usize) -> Reliability {
    let interval = wilson(right as u64, exemplars as u64).map(|found| Interval {
        low: found.low,
        high: found.high,
        level: 0.95,
        unit: Unit::Exemplar,
        method: "Wilson".to_owned(),
    });
    Reliability {
        exemplars,
        right,
        unclear,
        interval,
    }
}

fn learn(framework: &Framework, tagger: &dyn Tagger) -> Result<StageHead, StudyError> {
    let mut exemplars = Vec::new();
    for stage in &framework.stages {
        exemplars.push(vectors(framework, stage, tagger)?);
    }
    let texts: Vec<&str> = framework
        .stages
        .iter()
        .map(|s| s.definition.trim())
        .collect();
    let definitions = tagger.embed(&texts)?;
    let told: Vec<Told<'_>> = exemplars
        .iter()
        .zip(&definitions)
        .map(|(exemplars, definition)| Told {
            definition: Some(definition).filter(|vector| !is_zero(vector)),
            exemplars,
        })
        .collect();
    Ok(StageHead::learn(&told))
}

/// The vectors of one stage's exemplars.
fn vectors(
    framework: &Framework,
    stage: &Stage,
    tagger: &dyn Tagger,
) -> Result<Vec<Vector>, StudyError> {
    let texts: Vec<&str> = stage.exemplars.iter().map(|text| text.trim()).collect();
    let vectors = tagger.embed(&texts)?;
    match texts.iter().zip(&vectors).find(|(_, v)| is_zero(v)) {
        None => Ok(vectors),
        Some((text, _)) => Err(StudyError::Framework {
            name: framework.id.clone(),
            problem: format!(
                "the exemplar \"{text}\" of stage '{}' has no vector: the model finds nothing to \
                 read in it; write a sentence as a participant would say it",
                stage.id
            ),
        }),
    }
}

/// True for the vector of a text in which the model finds nothing to read.
pub(crate) fn is_zero(vector: &Vector) -> bool {
    vector.components().iter().all(|component| *component == 0)
}
