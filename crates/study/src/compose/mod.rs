//! A tagged and grouped study as a [`Report`]: plain data, ready to be written.

mod across;
pub(crate) mod circumstances;
mod collected;
mod counting;
mod crosstabs;
mod findings;
mod further;
mod impact;
#[cfg(test)]
mod laws;
mod lenses;
mod life_cycle;
mod method;
mod overview;
mod questions;
mod quoting;
mod ranking;
mod saturation;
pub(crate) mod segments;
mod trends;
mod works;

use std::collections::BTreeMap;

use throughline_core::{Framework, PassageId, Theme};
use throughline_nlp::Tagger;
use throughline_report::{Questions, Report, SCHEMA, SCHEMA_VERSION};
use throughline_vectors::VectorFile;

use self::findings::{Scene, stage_report};
use self::quoting::Quoting;
pub(crate) use self::quoting::by_id;
use crate::evidence::Evidence;
use crate::grouping::reasons;
use crate::{Placer, Progress, Reliabilities, Study, StudyError};

/// What everything that is told of a study is made of.
struct Ground {
    evidence: Evidence,
    vectors: VectorFile,
    /// How well exemplars tell the stages, where they do.
    reliability: Option<Reliabilities>,
}

impl Study {
    /// Composes the report through one framework. Themes are made first where
    /// they are missing or stale, and caches are repaired; passages that are
    /// quoted for the first time are explained.
    ///
    /// `command` is what the user typed, without private paths.
    ///
    /// # Errors
    /// [`StudyError::NotTagged`], or if the record cannot be read.
    pub fn compose(
        &mut self,
        tagger: &dyn Tagger,
        framework: &Framework,
        command: &[String],
        progress: &dyn Progress,
    ) -> Result<Report, StudyError> {
        self.composed(tagger, framework, (command, true), progress)
    }

    /// [`Self::compose`], and whether answers by question are put together for it.
    fn composed(
        &mut self,
        tagger: &dyn Tagger,
        framework: &Framework,
        (command, with_questions): (&[String], bool),
        progress: &dyn Progress,
    ) -> Result<Report, StudyError> {
        let Ground {
            evidence,
            vectors,
            reliability,
        } = self.ground(tagger, framework, progress)?;
        let (themes, other) = match self.store.themes(&framework.id)? {
            Some((_, themes, other)) => (themes, other),
            None => (Vec::new(), Vec::new()),
        };
        let by_id = by_id(&evidence);
        let scene = Scene {
            study: self,
            tagger,
            evidence: &evidence,
            by_id: &by_id,
            vectors: &vectors,
        };
        let mut quoting = Quoting::new(&self.store, &evidence);
        let mut stages = Vec::new();
        let mut themes_of: BTreeMap<&str, Vec<&Theme>> = BTreeMap::new();
        for theme in &themes {
            quoting.taken.take(&self.words(theme.label)?);
            themes_of
                .entry(theme.stage.as_str())
                .or_default()
                .push(theme);
        }
        for (number, stage) in framework.stages.iter().enumerate() {
            let themes = themes_of.remove(stage.id.as_str()).unwrap_or_default();
            let reasons = reasons(&other, &stage.id);
            stages.push(stage_report(
                &scene,
                &mut quoting,
                (number, stage),
                &themes,
                &reasons,
            )?);
        }
        if let Some(reliability) = &reliability {
            for (stage, of_stage) in stages.iter_mut().zip(&reliability.stages) {
                stage.reliability = Some(of_stage.clone());
            }
        }
        let reliability = reliability.map(|found| found.overall);
        let recurring = across::link(&scene, &mut stages);
        let matrix = across::matrix(&scene, &mut quoting, &stages)?;
        let findings = stages.iter().flat_map(|stage| &stage.findings);
        let finding_of = by_member(findings.map(|one| (one.id.as_str(), &one.members)));
        let questions = if with_questions {
            questions::questions(&scene, &mut quoting, &finding_of)?
        } else {
            None
        };
        let mut report = Report {
            schema: SCHEMA.to_owned(),
            schema_version: SCHEMA_VERSION,
            title: format!("{}: what it says and where it hurts", framework.name),
            manifest: overview::manifest(self, tagger, (framework, reliability.clone()), command)?,
            corpus: overview::corpus(self, &evidence)?,
            apart: overview::apart(&evidence, &mut quoting)?,
            skipped: overview::skipped(self, &evidence)?,
            coverage: overview::coverage(self, &evidence, &stages)?,
            method: method::method(tagger, framework, reliability.as_ref(), &self.config),
            limits: method::limits(&evidence),
            recurring,
            matrix,
            questions,
            stages,
            crosstabs: Vec::new(),
            life_cycle: life_cycle::of(&evidence, framework.stages.len()),
            saturation: None,
            co_occurrence: Vec::new(),
            collections: collected::collections(self)?,
        };
        further::add(&scene, &self.codebook()?, &mut report)?;
        self.explain_quotes(tagger, &mut report, progress)?;
        overview::count_what_is_shown(&mut report);
        report.check()?;
        Ok(report)
    }

    /// What was answered to each question of an interview guide or a survey;
    /// `None` where nobody asked. Findings are named by the ids of their themes.
    ///
    /// # Errors
    /// As [`Self::compose`].
    pub fn questions(
        &mut self,
        tagger: &dyn Tagger,
        framework: &Framework,
        progress: &dyn Progress,
    ) -> Result<Option<Questions>, StudyError> {
        let ground = self.ground(tagger, framework, progress)?;
        let themes = self.themes(framework)?;
        let finding_of = by_member(
            themes
                .iter()
                .map(|(one, _)| (one.id.as_str(), &one.members)),
        );
        let scene = Scene {
            study: self,
            tagger,
            evidence: &ground.evidence,
            by_id: &by_id(&ground.evidence),
            vectors: &ground.vectors,
        };
        let mut quoting = Quoting::new(&self.store, &ground.evidence);
        questions::questions(&scene, &mut quoting, &finding_of)
    }

    /// Groups where that is stale, repairs caches, and reads the evidence.
    fn ground(
        &mut self,
        tagger: &dyn Tagger,
        framework: &Framework,
        progress: &dyn Progress,
    ) -> Result<Ground, StudyError> {
        self.group(tagger, framework, progress)?;
        self.refresh_caches(tagger, progress)?;
        let placer = Placer::new(framework, tagger)?;
        Ok(Ground {
            reliability: placer.reliability(),
            evidence: self.evidence(tagger, &placer)?,
            vectors: self.vector_file()?,
        })
    }
}

/// The finding or theme that each passage is counted in.
fn by_member<'t>(
    groups: impl Iterator<Item = (&'t str, &'t Vec<PassageId>)>,
) -> BTreeMap<PassageId, &'t str> {
    let members = groups.flat_map(|(id, members)| members.iter().map(move |one| (*one, id)));
    members.collect()
}
