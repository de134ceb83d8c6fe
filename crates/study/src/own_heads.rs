//! Heads of the study's own: what the model learns from what people corrected, as
//! far as a blind sample shows that it helps.

mod task;
mod trial;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use throughline_core::{ContentHash, PassageId, Tagged, Tags};
use throughline_nlp::{OwnHead, Seen, Tagger};
use throughline_store::{Corrections, ModelKey, act_of, kind};

pub(crate) use self::task::{Task, UNCLEAR};
use self::trial::Blind;
pub use self::trial::HeadTrial;
use crate::judging::now;
use crate::study::model_key;
use crate::validation::CodedSample;
use crate::{Study, StudyError};

/// Corrections of a tag from which its head can be on.
const LEAST: usize = 50;

/// Passages on which nobody decided that a head is held to: those with the smallest
/// ids, so that they do not depend on the order of files.
const OTHERS: usize = 1024;

/// How a study's own heads stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adaptation {
    /// SHA-256 of the model on whose answers they go.
    pub model: ContentHash,
    /// When they were last estimated and tested; absent where they never were, or
    /// were switched off since.
    pub tested: Option<Tested>,
    /// Each tag that people corrected, as it was then; as it is now where nothing
    /// was tested.
    pub tags: Vec<HeadTrial>,
}

/// When heads were estimated and tested, and on what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tested {
    /// Number of the blind sample.
    pub sample: usize,
    /// The coder's file, by name.
    pub coder: String,
    /// Who had it done.
    pub author: String,
    /// When, as RFC 3339 in UTC.
    pub time: String,
    /// Decisions on tags that came since, undone ones among them.
    pub since: usize,
}

impl Adaptation {
    /// How each head stands and why, in clauses.
    #[must_use]
    pub fn in_words(&self) -> String {
        let each: Vec<String> = self.tags.iter().map(HeadTrial::in_words).collect();
        each.join(". ")
    }
}

/// What stands in the record for one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    adaptation: Adaptation,
    /// Number of the last act of judging before it; 0 if there was none.
    act: u64,
    heads: OwnHeads,
}

impl Kept {
    /// True if all is the same, whoever asked for it and when.
    fn says_as(&self, other: &Self) -> bool {
        let anyhow = |one: &Self| {
            let mut one = one.clone();
            if let Some(tested) = &mut one.adaptation.tested {
                tested.author.clear();
                tested.time.clear();
            }
            one
        };
        anyhow(self) == anyhow(other)
    }
}

/// The heads that are on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct OwnHeads(BTreeMap<Task, OwnHead>);

impl OwnHeads {
    /// The tags as the heads give them, where they say something else than the
    /// model.
    pub(crate) fn adapt(&self, tagged: &Tagged) -> Option<Tags> {
        let mut tags = tagged.tags;
        for (task, head) in &self.0 {
            let seen = task.seen(tagged);
            let answer = head.answer(&seen);
            if answer.label != seen.answer.label {
                task.put(&mut tags, answer);
            }
        }
        Some(tags).filter(|tags| *tags != tagged.tags)
    }
}

/// The tags in which the heads' answers differ from the model's.
pub(crate) fn adapted_kinds(machine: &Tags, adapted: &Tags) -> Vec<&'static str> {
    let differs = |task: &Task| task.said(machine).label != task.said(adapted).label;
    let tasks = Task::ALL.into_iter().filter(differs);
    tasks.map(Task::name).collect()
}

/// What there is to learn from.
struct Lessons {
    corrections: Arc<Corrections>,
    /// Passages of blind samples, which never train.
    sampled: BTreeSet<PassageId>,
    /// What the model said of those that people decided on, and of others that were
    /// asked for.
    readings: BTreeMap<PassageId, Tagged>,
}

impl Lessons {
    fn of<'a>(&'a self, ids: impl IntoIterator<Item = &'a PassageId>) -> Vec<&'a Tagged> {
        let ids = ids.into_iter();
        ids.filter_map(|id| self.readings.get(id)).collect()
    }

    /// What people decided in one task, by passage, and how often; nothing where
    /// they decided nothing.
    fn decided(&self, task: Task) -> Option<(HeadTrial, Vec<(Seen<'_>, usize)>)> {
        let train = self.corrections.iter();
        let train = train.filter(|(id, _)| !self.sampled.contains(id));
        let seen = |(id, one)| {
            let tagged: &Tagged = self.readings.get(id)?;
            Some((task.seen(tagged), task.decided(one)?))
        };
        let decided: Vec<(Seen<'_>, usize)> = train.filter_map(seen).collect();
        let unlike = decided.iter();
        let unlike = unlike.filter(|(seen, label)| seen.answer.label != *label);
        let trial = HeadTrial::untested(task, decided.len(), unlike.count());
        Some((trial, decided)).filter(|(trial, _)| trial.corrections > 0)
    }
}

impl Study {
    /// How the study's own heads stand for the model that reads now.
    ///
    /// # Errors
    /// [`StudyError::NotTagged`] by this model, or if the record cannot be read.
    pub fn adaptation(&self, tagger: &dyn Tagger) -> Result<Adaptation, StudyError> {
        self.require_tags(tagger)?;
        let model = model_key(tagger);
        if let Some(kept) = self.kept_for(&model)? {
            return self.up_to_now(kept);
        }
        let lessons = self.lessons(&model, BTreeSet::new())?;
        let trials = Task::ALL
            .into_iter()
            .filter_map(|task| lessons.decided(task));
        Ok(Adaptation {
            model: model.sha256,
            tested: None,
            tags: trials.map(|(trial, _)| trial).collect(),
        })
    }

    /// The same for each model for which heads were tested.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn adaptations(&self) -> Result<Vec<Adaptation>, StudyError> {
        let all = self.kept_heads()?.into_iter();
        all.map(|(_, kept)| self.up_to_now(kept)).collect()
    }

    /// What was kept, with the decisions that came since.
    fn up_to_now(&self, kept: Kept) -> Result<Adaptation, StudyError> {
        let judgements = self.store.judgements()?;
        let later = judgements.iter().filter(|(one, _)| {
            let of_tags = Task::ALL.iter().any(|task| one.kind == task.name());
            act_of(one) > kept.act && (of_tags || one.kind == kind::UNDO)
        });
        let mut adaptation = kept.adaptation;
        if let Some(tested) = &mut adaptation.tested {
            tested.since = later.count();
        }
        Ok(adaptation)
    }

    /// Estimates the study's own heads anew from what people corrected, tests them
    /// on the passages that a person coded blind in `coded`, and puts in force those
    /// that are good enough, in place of any that were. Nothing is written if all
    /// is as it was.
    ///
    /// # Errors
    /// As [`Study::score_sample`], or if the record cannot be written.
    pub fn adapt(
        &mut self,
        tagger: &dyn Tagger,
        coded: &Path,
        author: &str,
    ) -> Result<Adaptation, StudyError> {
        let model = model_key(tagger);
        let sample = self.coded_sample(tagger, &[coded])?;
        let (tags, mut heads) = self.try_heads(&model, &sample)?;
        let is_on = |task: &Task| tags.iter().any(|one| one.on && one.tag == task.name());
        heads.0.retain(|task, _| is_on(task));
        let judgements = self.store.judgements()?;
        let kept = Kept {
            adaptation: Adaptation {
                model: model.sha256,
                tested: Some(Tested {
                    sample: sample.number,
                    coder: sample.coder(0),
                    author: author.to_owned(),
                    time: now(),
                    since: 0,
                }),
                tags,
            },
            act: judgements
                .iter()
                .map(|(one, _)| act_of(one))
                .max()
                .unwrap_or(0),
            heads,
        };
        let json = serde_json::to_string(&kept).map_err(std::io::Error::from)?;
        // Numbers in the record may have lost their last digit.
        let kept: Kept = serde_json::from_str(&json).map_err(std::io::Error::from)?;
        let before = self.kept_for(&model)?;
        if let Some(before) = before.filter(|before| before.says_as(&kept)) {
            return Ok(before.adaptation);
        }
        let mut adapted = Vec::new();
        self.store.each_reading(&model, &mut |id, tagged| {
            adapted.extend(kept.heads.adapt(&tagged).map(|tags| (id, tags)));
            ControlFlow::Continue(())
        })?;
        self.store.put_own_heads(&model, &json, &adapted)?;
        Ok(kept.adaptation)
    }

    /// Takes the study's own heads out of force and forgets them; false if there
    /// were none. Every tag is then what it was before.
    ///
    /// # Errors
    /// If the record cannot be written.
    pub fn stop_adapting(&mut self) -> Result<bool, StudyError> {
        Ok(self.store.remove_own_heads()?)
    }

    /// The heads in force on a model's answers; none of another model's.
    pub(crate) fn heads_in_force(&self, model: &ModelKey) -> Result<OwnHeads, StudyError> {
        let kept = self.kept_for(model)?;
        Ok(kept.map(|kept| kept.heads).unwrap_or_default())
    }

    fn kept_for(&self, model: &ModelKey) -> Result<Option<Kept>, StudyError> {
        let mut kept = self.kept_heads()?.into_iter();
        Ok(kept.find(|(of, _)| of == model).map(|(_, kept)| kept))
    }

    fn kept_heads(&self) -> Result<Vec<(ModelKey, Kept)>, StudyError> {
        let all = self.store.own_heads()?.into_iter();
        let read = |json: String| serde_json::from_str(&json).map_err(std::io::Error::from);
        let kept = all.map(|(model, json)| Ok((model, read(json)?)));
        kept.collect()
    }

    /// Estimates a head for each tag with corrections enough, and tests it on the
    /// first coder's answers.
    pub(crate) fn try_heads(
        &self,
        model: &ModelKey,
        sample: &CodedSample,
    ) -> Result<(Vec<HeadTrial>, OwnHeads), StudyError> {
        let corrections = self.store.corrections()?;
        let others = sample.evidence.said.iter().map(|said| said.id);
        let others = others.filter(|id| !corrections.contains_key(id));
        let mut others: BTreeSet<PassageId> = others.collect();
        for id in self.sampled()? {
            others.remove(&id);
        }
        let others: Vec<PassageId> = others.into_iter().take(OTHERS).collect();
        let blind_ids = sample.question.voices.keys();
        let wanted = others.iter().chain(blind_ids).copied();
        let lessons = self.lessons(model, wanted.collect())?;
        let others = lessons.of(&others);
        let (mut trials, mut heads) = (Vec::new(), OwnHeads::default());
        for task in Task::ALL {
            let Some((mut trial, decided)) = lessons.decided(task) else {
                continue;
            };
            if trial.is_enough() {
                let others: Vec<Seen<'_>> = others.iter().map(|one| task.seen(one)).collect();
                let head = OwnHead::learn(task.labels(), &decided, &others);
                let alone = OwnHeads([(task, head.clone())].into());
                trial.measure(&blind(task, sample, &lessons, &alone));
                heads.0.insert(task, head);
            }
            trials.push(trial);
        }
        Ok((trials, heads))
    }

    /// What people decided, with what the model said of those passages and of the
    /// others that are `wanted`.
    fn lessons(
        &self,
        model: &ModelKey,
        mut wanted: BTreeSet<PassageId>,
    ) -> Result<Lessons, StudyError> {
        let mut lessons = Lessons {
            corrections: self.store.corrections()?,
            sampled: self.sampled()?,
            readings: BTreeMap::new(),
        };
        if lessons.corrections.is_empty() {
            return Ok(lessons);
        }
        wanted.extend(lessons.corrections.keys());
        self.store.each_reading(model, &mut |id, tagged| {
            if wanted.contains(&id) {
                lessons.readings.insert(id, tagged);
            }
            ControlFlow::Continue(())
        })?;
        Ok(lessons)
    }
}

/// The passages that the first coder coded for a task, with who agrees.
fn blind(task: Task, sample: &CodedSample, lessons: &Lessons, head: &OwnHeads) -> Vec<Blind> {
    let coded = sample.coded_for(task.name());
    let one = |(id, word): (PassageId, &str)| {
        let tagged = lessons.readings.get(&id)?;
        let adapted = head.adapt(tagged).unwrap_or(tagged.tags);
        Some(Blind {
            voice: *sample.question.voices.get(&id)?,
            weight: sample.question.weight(&id)?,
            model: task.word(&tagged.tags) == word,
            head: task.word(&adapted) == word,
        })
    };
    coded.filter_map(one).collect()
}
