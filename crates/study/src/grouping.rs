//! The pain points of each stage, grouped into themes.

use std::collections::BTreeMap;

use throughline_core::{
    ContentHash, Framework, OtherReason, PassageId, Span, SubTheme, Theme, Vector, Verbatim,
};
use throughline_nlp::{TagInput, Tagger};
use throughline_store::{Other, Store, ThemeRun};
use throughline_themes::{
    Claim, Clustering, Group, Item, Label, Name, Names, Parameters, Proposals, Taken, cluster,
};

use crate::codebook::{Coder, Settling, short};
use crate::evidence::{Evidence, Said};
use crate::study::{hash_of, model_key};
use crate::{Placer, Progress, Step, Study, StudyError};

/// What stands for the stage of themes of [`Study::themes_of_all`].
pub const ALL_STAGES: &str = "all";

/// What [`Study::group`] did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupOutcome {
    /// Themes over all stages.
    pub themes: usize,
    /// Passages in a theme: pain points, or all where all were grouped.
    pub in_themes: usize,
    /// The others, in Other.
    pub in_other: usize,
    /// Ids of themes of the last time that no theme is any more.
    pub gone: Vec<String>,
    /// Ids that no theme had the last time; empty the first time.
    pub new: Vec<String>,
    /// True if nothing had changed since the last time, so that nothing was
    /// done.
    pub unchanged: bool,
}

/// The words and vectors of some passages, in step with a list of [`Said`].
pub(crate) struct Material {
    pub texts: Vec<String>,
    pub vectors: Vec<Vector>,
}

impl Material {
    /// Reads them from the record.
    pub(crate) fn read(
        store: &Store,
        tagger: &dyn Tagger,
        evidence: &Evidence,
        said: &[&Said],
    ) -> Result<Self, StudyError> {
        let ids: Vec<PassageId> = said.iter().map(|said| said.id).collect();
        let blank = Vector::quantise(&vec![0.0; tagger.model().dimension]);
        let vectors = store
            .vectors(&model_key(tagger), &ids)?
            .into_iter()
            .map(|vector| vector.unwrap_or_else(|| blank.clone()))
            .collect();
        let mut texts = Vec::with_capacity(said.len());
        let mut open: Option<(u32, String)> = None;
        for one in said {
            if open
                .as_ref()
                .is_none_or(|(number, _)| *number != one.document)
            {
                let text = store
                    .document_text(evidence.document_of(one))?
                    .unwrap_or_default();
                open = Some((one.document, text));
            }
            let text = open.as_ref().and_then(|(_, text)| one.span.slice(text));
            texts.push(text.unwrap_or_default().to_owned());
        }
        Ok(Self { texts, vectors })
    }

    /// What themes are made of.
    pub(crate) fn items<'a>(&'a self, evidence: &'a Evidence, said: &[&Said]) -> Vec<Item<'a>> {
        said.iter()
            .zip(&self.texts)
            .zip(&self.vectors)
            .map(|((said, text), vector)| Item {
                id: said.id,
                text,
                vector,
                document: evidence.document_of(said),
                participant: evidence.participant_of(said),
            })
            .collect()
    }
}

/// Groups items and names the groups: counting proposes labels, and the model
/// reads what is proposed. No label is one of `taken`.
pub(crate) fn named_groups(
    items: &[Item<'_>],
    (parameters, claim): (&Parameters, Claim),
    tagger: &dyn Tagger,
    taken: &mut Taken,
) -> Result<(Clustering, Vec<Names>), StudyError> {
    let clustering = cluster(items, parameters);
    let proposals = Proposals::of(items, &clustering);
    let inputs: Vec<TagInput<'_>> = proposals
        .texts()
        .into_iter()
        .map(|text| TagInput {
            text,
            context: None,
        })
        .collect();
    let read = tagger.tag(&inputs)?;
    let names = proposals.choose(&read, claim, taken);
    Ok((clustering, names))
}

impl GroupOutcome {
    fn of(themes: &[Theme], other: &[Other]) -> Self {
        Self {
            themes: themes.len(),
            in_themes: themes.iter().map(|theme| theme.members.len()).sum(),
            in_other: other.len(),
            ..Self::default()
        }
    }
}

impl Study {
    /// Groups the pain points of each stage into themes and keeps them. Nothing
    /// is done where neither passages nor tags nor parameters have changed.
    ///
    /// # Errors
    /// [`StudyError::NotTagged`], or if the record cannot be written.
    pub fn group(
        &mut self,
        tagger: &dyn Tagger,
        framework: &Framework,
        progress: &dyn Progress,
    ) -> Result<GroupOutcome, StudyError> {
        self.require_tags(tagger)?;
        let parameters = self.theme_parameters();
        let run = self.theme_run(tagger, framework, &parameters)?;
        let before = self.store.themes(&framework.id)?;
        if let Some((known, themes, other)) = &before
            && *known == run
        {
            return Ok(GroupOutcome {
                unchanged: true,
                ..GroupOutcome::of(themes, other)
            });
        }
        let book = self.codebook()?;
        let coder = Coder::new(&book, framework, tagger)?;
        let placer = Placer::new(framework, tagger)?;
        let evidence = self.evidence(tagger, &placer)?;
        let mut themes = Vec::new();
        let mut other = Vec::new();
        let mut taken = Taken::default();
        let way = (&parameters, Claim::Pain);
        progress.begin(Step::Grouping, Some(framework.stages.len() as u64));
        for (number, stage) in framework.stages.iter().enumerate() {
            let mut said: Vec<&Said> = evidence.of_stage(number).filter(|s| s.is_pain()).collect();
            let coded = coder.take(&self.store, &stage.id, &mut said)?;
            for theme in &coded {
                taken.take(&self.words(theme.label)?);
            }
            themes.extend(coded);
            let found = self.grouped(&stage.id, (&evidence, &said), way, tagger, &mut taken)?;
            themes.extend(found.0);
            other.extend(found.1);
            progress.advance(1);
        }
        progress.end();
        let mut settling = Settling {
            book: &book,
            framework: &framework.id,
            themes,
            other,
        };
        let before = before.map(|(_, themes, _)| themes);
        let corrections = self.store.corrections()?;
        let matched = settling.settle(before.as_deref(), &evidence, &corrections);
        let (themes, other) = (settling.themes, settling.other);
        self.store.put_themes(&run, &themes, &other)?;
        Ok(GroupOutcome {
            gone: matched.gone,
            new: matched.new,
            ..GroupOutcome::of(&themes, &other)
        })
    }

    /// Groups some passages and names the groups as themes of `stage`; what is in
    /// none comes with the reason.
    fn grouped(
        &self,
        stage: &str,
        (evidence, said): (&Evidence, &[&Said]),
        way: (&Parameters, Claim),
        tagger: &dyn Tagger,
        taken: &mut Taken,
    ) -> Result<(Vec<Theme>, Vec<Other>), StudyError> {
        let material = Material::read(&self.store, tagger, evidence, said)?;
        let items = material.items(evidence, said);
        let (clustering, names) = named_groups(&items, way, tagger, taken)?;
        let left = clustering.other.iter();
        let other = left.filter_map(|(member, reason)| {
            Some((said.get(*member)?.id, stage.to_owned(), *reason))
        });
        let other = other.collect();
        Ok((themes_of(stage, said, &clustering, names), other))
    }

    /// What all passages of participants speak of, whatever their stage and
    /// whether they state a pain: each theme with the words it is called by, the
    /// largest first, its stage being [`ALL_STAGES`]. Nothing is kept.
    ///
    /// # Errors
    /// [`StudyError::NotTagged`], or if the record cannot be read.
    pub fn themes_of_all(
        &self,
        tagger: &dyn Tagger,
        framework: &Framework,
        progress: &dyn Progress,
    ) -> Result<(GroupOutcome, Vec<(Theme, String)>), StudyError> {
        self.require_tags(tagger)?;
        let evidence = self.evidence(tagger, &Placer::new(framework, tagger)?)?;
        let said: Vec<&Said> = evidence.said.iter().collect();
        let way = (&self.theme_parameters(), Claim::Any);
        progress.begin(Step::Grouping, None);
        let (themes, other) = self.grouped(
            ALL_STAGES,
            (&evidence, &said),
            way,
            tagger,
            &mut Taken::default(),
        )?;
        progress.end();
        Ok((GroupOutcome::of(&themes, &other), self.worded(themes)?))
    }

    /// Themes, each with the words it is called by.
    fn worded(&self, themes: Vec<Theme>) -> Result<Vec<(Theme, String)>, StudyError> {
        let each = themes.into_iter().map(|theme| {
            let words = self.words(theme.label)?;
            Ok((theme, words))
        });
        each.collect()
    }

    /// The themes kept for a framework, each with the words it is called by: in
    /// the order of its stages, the largest first.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn themes(&self, framework: &Framework) -> Result<Vec<(Theme, String)>, StudyError> {
        let Some((_, mut themes, _)) = self.store.themes(&framework.id)? else {
            return Ok(Vec::new());
        };
        let place = |theme: &Theme| framework.stages.iter().position(|s| s.id == theme.stage);
        themes.sort_by(|a, b| {
            let size = b.members.len().cmp(&a.members.len());
            place(a)
                .cmp(&place(b))
                .then(size)
                .then_with(|| a.id.cmp(&b.id))
        });
        self.worded(themes)
    }

    /// The words that a label quotes; none if its passage is not in the record.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn words(&self, label: Verbatim) -> Result<String, StudyError> {
        let Some(row) = self.store.passage(None, label.passage)? else {
            return Ok(String::new());
        };
        let start = label.span.start.saturating_sub(row.span.start);
        Ok(row
            .text
            .get(start..start + label.span.len())
            .unwrap_or_default()
            .to_owned())
    }

    /// The settings of clustering: one for all data, but for the size that the
    /// study asks for.
    pub(crate) fn theme_parameters(&self) -> Parameters {
        Parameters {
            smallest_theme: self.config.themes.smallest,
            ..Parameters::default()
        }
    }

    /// What themes made now would be made of: they are stale when it changes.
    pub(crate) fn theme_run(
        &self,
        tagger: &dyn Tagger,
        framework: &Framework,
        parameters: &Parameters,
    ) -> Result<ThemeRun, StudyError> {
        let lens = serde_json::to_vec(framework).map_err(std::io::Error::from)?;
        let parameters = format!("{parameters:?}");
        let book = serde_json::to_vec(&self.codebook()?).map_err(std::io::Error::from)?;
        let inputs_hash = hash_of(&[
            &self.store.generation()?.to_le_bytes(),
            tagger.model().sha256.as_bytes(),
            tagger.model().backend.as_bytes(),
            parameters.as_bytes(),
            &[u8::from(self.config.keep_duplicates)],
            &lens,
            &book,
        ]);
        Ok(ThemeRun {
            framework: framework.id.clone(),
            parameters,
            inputs_hash,
        })
    }
}

/// The themes that a grouping of `said` makes.
pub(crate) fn themes_of(
    stage: &str,
    said: &[&Said],
    clustering: &Clustering,
    names: Vec<Names>,
) -> Vec<Theme> {
    let ids = |members: &[usize]| -> Vec<PassageId> {
        let said = members.iter().filter_map(|member| said.get(*member));
        said.map(|one| one.id).collect()
    };
    let part = |members: &[usize], name: Name| {
        Some(SubTheme {
            label: verbatim(said, &name.label)?,
            terms: name.terms,
            members: ids(members),
        })
    };
    let theme = |(group, names): (&Group, Names)| {
        let whole = part(&group.members, names.group)?;
        let parts = group.parts.iter().zip(names.parts);
        let hash = ContentHash::of(&sorted_bytes(&whole.members));
        Some(Theme {
            id: format!("{stage}-{}", short(&hash)),
            stage: stage.to_owned(),
            label: whole.label,
            terms: whole.terms,
            members: whole.members,
            also: ids(&group.also),
            parts: parts.filter_map(|(m, name)| part(m, name)).collect(),
        })
    };
    let groups = clustering.groups.iter().zip(names);
    groups.filter_map(theme).collect()
}

/// Where the words of a label stand in their document.
pub(crate) fn verbatim(said: &[&Said], label: &Label) -> Option<Verbatim> {
    let named = said.get(label.member)?;
    let start = named.span.start + label.range.start;
    Some(Verbatim {
        passage: named.id,
        span: Span {
            start,
            end: start + label.range.len(),
        },
    })
}

/// The bytes of ids, whatever order they come in.
fn sorted_bytes(ids: &[PassageId]) -> Vec<u8> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.iter().flat_map(|id| *id.as_bytes()).collect()
}

/// Why each pain passage of a stage is in no theme.
pub(crate) fn reasons(
    other: &[(PassageId, String, OtherReason)],
    stage: &str,
) -> BTreeMap<PassageId, OtherReason> {
    other
        .iter()
        .filter(|(_, of, _)| of == stage)
        .map(|(passage, _, reason)| (*passage, *reason))
        .collect()
}
