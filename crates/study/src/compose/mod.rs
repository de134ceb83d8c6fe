//! A tagged and grouped study as a [`Report`]: plain data, ready to be written.

mod across;
pub(crate) mod circumstances;
mod counting;
mod findings;
mod further;
mod impact;
#[cfg(test)]
mod laws;
mod method;
mod overview;
mod quoting;
mod ranking;
mod saturation;
pub(crate) mod segments;
mod works;

use std::collections::BTreeMap;

use throughline_core::{Framework, Theme};
use throughline_nlp::Tagger;
use throughline_report::{Report, SCHEMA, SCHEMA_VERSION};

use self::findings::{Scene, stage_report};
use self::quoting::{Quoting, by_id};
use crate::grouping::reasons;
use crate::{Placer, Progress, Study, StudyError};

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
        self.group(tagger, framework, progress)?;
        self.refresh_caches(tagger, progress)?;
        let placer = Placer::new(framework, tagger)?;
        let reliability = placer.reliability();
        let evidence = self.evidence(tagger, &placer)?;
        let (themes, other) = match self.store.themes(&framework.id)? {
            Some((_, themes, other)) => (themes, other),
            None => (Vec::new(), Vec::new()),
        };
        let by_id = by_id(&evidence);
        let vectors = self.vector_file()?;
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
            stages,
            saturation: None,
            co_occurrence: Vec::new(),
        };
        further::add(&scene, &self.codebook()?, &mut report)?;
        self.explain_quotes(tagger, &mut report, progress)?;
        report.check()?;
        Ok(report)
    }
}
