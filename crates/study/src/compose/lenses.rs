//! The same study through the frameworks that a reader may switch to.

use throughline_core::Framework;
use throughline_nlp::Tagger;
use throughline_report::{Lens, Report};

use crate::{Progress, Study, StudyError};

/// The frameworks that a page offers beside its own. The last has the stages of
/// the first, and is drawn as a loop.
const OFFERED: [&str; 4] = ["customer", "user", "buyer", "experience-loop"];

impl Study {
    /// The report through the other frameworks that a page offers. What has the
    /// very stages of one that is there is not composed a second time, nor are
    /// answers by question: a page shows them once.
    ///
    /// # Errors
    /// As [`Study::compose`].
    pub(crate) fn other_lenses(
        &mut self,
        report: &Report,
        (tagger, framework): (&dyn Tagger, &Framework),
        progress: &dyn Progress,
    ) -> Result<Vec<Report>, StudyError> {
        let command = &report.manifest.command;
        let mut others: Vec<(Framework, Report)> = Vec::new();
        for id in OFFERED.into_iter().filter(|id| *id != framework.id) {
            let other = self.framework(Some(id))?.clone();
            let known = others.iter().map(|(one, report)| (one, report));
            let mut known = std::iter::once((framework, report)).chain(known);
            let same = known.find(|(one, _)| one.stages == other.stages);
            let report = match same {
                Some((_, report)) => seen_through(report.clone(), &other),
                None => self.composed(tagger, &other, (command, false), progress)?,
            };
            others.push((other, report));
        }
        Ok(others.into_iter().map(|(_, report)| report).collect())
    }
}

/// A report through a framework with the same stages.
fn seen_through(mut report: Report, framework: &Framework) -> Report {
    let lens = &mut report.manifest.framework;
    *lens = Lens {
        id: framework.id.clone(),
        name: framework.name.clone(),
        description: framework.description.clone(),
        cyclic: framework.cyclic,
        reliability: lens.reliability.take(),
    };
    report
}
