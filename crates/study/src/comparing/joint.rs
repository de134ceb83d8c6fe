//! Two waves whose pain points are grouped together.

use throughline_core::{Framework, Theme};
use throughline_nlp::Tagger;
use throughline_themes::{Claim, Item, Taken};

use super::Wave;
use crate::evidence::{Evidence, Said};
use crate::grouping::{Material, named_groups, themes_of};
use crate::{Placer, Progress, Step, Study, StudyError};

/// Groups the pain points of both studies stage by stage as if they were one, and
/// tells who of each mentions which theme, by the first one's settings. Nothing of
/// it is kept.
pub(super) fn waves(
    (first, second): (&Study, &Study),
    tagger: &dyn Tagger,
    framework: &Framework,
    progress: &dyn Progress,
) -> Result<(Wave, Wave), StudyError> {
    let placer = Placer::new(framework, tagger)?;
    let mut evidence = Vec::new();
    for study in [first, second] {
        study.require_tags(tagger)?;
        evidence.push((study, study.evidence(tagger, &placer)?));
    }
    let mut themes: Vec<(Theme, String)> = Vec::new();
    let mut taken = Taken::default();
    progress.begin(Step::Grouping, Some(framework.stages.len() as u64));
    for (number, stage) in framework.stages.iter().enumerate() {
        let pains = Pains::read(&evidence, number, tagger)?;
        let parameters = first.theme_parameters();
        let way = (&parameters, Claim::Pain);
        let (clustering, names) = named_groups(&pains.items(), way, tagger, &mut taken)?;
        for theme in themes_of(&stage.id, &pains.said(), &clustering, names) {
            // The words are of one wave or of the other.
            let words = [first.words(theme.label)?, second.words(theme.label)?];
            let words = words.into_iter().find(|words| !words.is_empty());
            themes.push((theme, words.unwrap_or_default()));
        }
        progress.advance(1);
    }
    progress.end();
    let wave = |(_, evidence): &(&Study, Evidence)| Wave::of(themes.clone(), evidence, framework);
    match evidence.as_slice() {
        [one, other] => Ok((wave(one), wave(other))),
        _ => Err(StudyError::Empty),
    }
}

/// The pain points of one stage, wave by wave, each with its words and vectors.
struct Pains<'e> {
    waves: Vec<(&'e Evidence, Vec<&'e Said>, Material)>,
}

impl<'e> Pains<'e> {
    fn read(
        evidence: &'e [(&Study, Evidence)],
        stage: usize,
        tagger: &dyn Tagger,
    ) -> Result<Self, StudyError> {
        let mut waves = Vec::new();
        for (study, evidence) in evidence {
            let said: Vec<&Said> = evidence
                .of_stage(stage)
                .filter(|one| one.is_pain())
                .collect();
            let material = Material::read(&study.store, tagger, evidence, &said)?;
            waves.push((evidence, said, material));
        }
        Ok(Self { waves })
    }

    fn items(&self) -> Vec<Item<'_>> {
        let waves = self.waves.iter();
        waves
            .flat_map(|(evidence, said, material)| material.items(evidence, said))
            .collect()
    }

    /// In the order of [`Self::items`].
    fn said(&self) -> Vec<&'e Said> {
        self.waves
            .iter()
            .flat_map(|(_, said, _)| said.iter().copied())
            .collect()
    }
}
