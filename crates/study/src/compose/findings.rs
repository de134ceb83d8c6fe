//! One stage of the journey: its themes as findings, what works, what is left.

use std::collections::BTreeMap;

use rayon::prelude::*;
use throughline_core::{
    OtherReason, PassageId, Severity, Stage, SubTheme, Theme, Vector, Verbatim,
};
use throughline_report::{
    Counts, Finding, Label, NamedGroup, Other, OtherGroup, Priority, PromptingCounts,
    SeverityCounts, StageReport,
};
use throughline_themes::{Item, choose_quotes};
use throughline_vectors::VectorFile;

use super::quoting::Quoting;
use super::{counting, works};
use crate::evidence::{Evidence, Said};
use crate::grouping::Material;
use crate::{ReportSettings, Study, StudyError};

/// Quotes that speak against a finding, at most.
const COUNTER: usize = 2;
/// How near a positive passage must be to a theme's middle to speak against
/// it, as a cosine: below it passages of the same stage merely share a topic.
const COUNTER_NEAR: f32 = 0.5;
/// Examples shown of the passages that are in no finding, per reason.
const EXAMPLES: usize = 3;
/// Severity level taken where no mention states a consequence: the mildest.
const ASSUMED_LEVEL: u8 = 1;

/// What is known about a whole study while its stages are composed.
pub(crate) struct Scene<'a> {
    pub study: &'a Study,
    pub tagger: &'a dyn throughline_nlp::Tagger,
    pub evidence: &'a Evidence,
    pub by_id: &'a BTreeMap<PassageId, &'a Said>,
    pub vectors: &'a VectorFile,
}

impl<'a> Scene<'a> {
    /// The passages of these ids, in their order.
    pub(crate) fn said(&self, ids: &[PassageId]) -> Vec<&'a Said> {
        let known = ids.iter().filter_map(|id| self.by_id.get(id));
        known.copied().collect()
    }

    /// The words of a label, with where they stand.
    fn label(
        &self,
        quoting: &mut Quoting<'_>,
        label: Verbatim,
    ) -> Result<Option<Label>, StudyError> {
        match self.by_id.get(&label.passage) {
            Some(named) => quoting.label(named, label.span),
            None => Ok(None),
        }
    }
}

/// A stage while its findings are composed.
pub(crate) struct Whole<'s> {
    pub said: Vec<&'s Said>,
    pub counts: Counts,
    pub voices: usize,
}

/// Composes one stage.
pub(crate) fn stage_report(
    scene: &Scene<'_>,
    quoting: &mut Quoting<'_>,
    (number, stage): (usize, &Stage),
    themes: &[&Theme],
    reasons: &BTreeMap<PassageId, OtherReason>,
) -> Result<StageReport, StudyError> {
    let said: Vec<&Said> = scene.evidence.of_stage(number).collect();
    let whole = Whole {
        counts: counting::counts(&said),
        voices: counting::voices(&said),
        said,
    };
    let settings = &scene.study.config.report;
    let too_few_voices = whole.voices < settings.few_voices;
    let mut findings = Vec::new();
    for theme in themes {
        findings.extend(finding(scene, quoting, theme, &whole)?);
    }
    rank(&mut findings, too_few_voices);
    for finding in findings.iter_mut().take(settings.findings) {
        illustrate(scene, quoting, finding, &whole)?;
    }
    let said = &whole.said;
    let works = works::of(scene, quoting, &whole)?;
    Ok(StageReport {
        id: stage.id.clone(),
        name: stage.name.clone(),
        definition: stage.definition.clone(),
        goal: stage.goal.clone(),
        colour: stage.colour.clone(),
        moments: stage.all_moments(),
        reliability: None,
        counts: whole.counts,
        by_kind: counting::by_kind(said),
        sentiment: counting::sentiment(said),
        touchpoints: counting::touchpoints(said),
        pain_passages: said.iter().filter(|one| one.is_pain()).count(),
        too_few_voices,
        works: works.quotes,
        praise: works.groups,
        wishes: works.wishes,
        findings,
        other: other(scene, quoting, reasons)?,
    })
}

/// What a theme comes to in numbers.
fn finding(
    scene: &Scene<'_>,
    quoting: &mut Quoting<'_>,
    theme: &Theme,
    whole: &Whole<'_>,
) -> Result<Option<Finding>, StudyError> {
    let members = scene.said(&theme.members);
    let Some(label) = scene.label(quoting, theme.label)? else {
        return Ok(None);
    };
    let mut parts = Vec::new();
    for part in &theme.parts {
        let members = scene.said(&part.members);
        parts.extend(named_group(scene, quoting, part, &members, whole.counts)?);
    }
    let pains = || members.iter().filter_map(|one| one.pain);
    let severity = SeverityCounts::of(pains().map(|pain| pain.severity));
    let counts = counting::counts(&members);
    Ok(Some(Finding {
        id: theme.id.clone(),
        label,
        terms: theme.terms.clone(),
        rank: None,
        priority: priority(
            severity.median,
            counting::voices(&members),
            whole.voices,
            &scene.study.config.report,
        ),
        counts,
        participants: counting::participants(counts, whole.counts),
        documents: counting::documents(counts, whole.counts),
        effective_voices: counting::effective_voices(&members),
        by_kind: counting::by_kind(&members),
        severity,
        sentiment: counting::sentiment(&members),
        prompting: PromptingCounts::of(pains().map(|pain| pain.prompting)),
        touchpoints: counting::touchpoints(&members),
        quotes: Vec::new(),
        counter_evidence: Vec::new(),
        members: members.iter().map(|one| one.id).collect(),
        parts,
        also: theme.also.clone(),
        recurs_in: Vec::new(),
        code: None,
        impact: Vec::new(),
        segments: Vec::new(),
        trend: None,
    }))
}

/// What a named group of passages comes to, without quotes.
pub(crate) fn named_group(
    scene: &Scene<'_>,
    quoting: &mut Quoting<'_>,
    group: &SubTheme,
    members: &[&Said],
    whole: Counts,
) -> Result<Option<NamedGroup>, StudyError> {
    let counts = counting::counts(members);
    let label = scene.label(quoting, group.label)?;
    Ok(label.map(|label| NamedGroup {
        label,
        terms: group.terms.clone(),
        counts,
        participants: counting::participants(counts, whole),
        documents: counting::documents(counts, whole),
        quotes: Vec::new(),
        members: members.iter().map(|one| one.id).collect(),
    }))
}

/// Gives a finding its quotes, and those that speak against it.
fn illustrate(
    scene: &Scene<'_>,
    quoting: &mut Quoting<'_>,
    finding: &mut Finding,
    whole: &Whole<'_>,
) -> Result<(), StudyError> {
    let members = scene.said(&finding.members);
    finding.quotes = chosen(scene, quoting, &members, scene.study.config.report.quotes)?;
    finding.counter_evidence = quoting.quotes(counter_evidence(scene, &members, &whole.said))?;
    Ok(())
}

/// Severity × reach, both 0…1, each to the power of its weight.
pub(super) fn priority(
    median: Option<Severity>,
    mentioned: usize,
    voices: usize,
    settings: &ReportSettings,
) -> Priority {
    let level = median.and_then(Severity::level);
    let severity = f64::from(level.unwrap_or(ASSUMED_LEVEL)) / 4.0;
    let reach = mentioned as f64 / voices.max(1) as f64;
    Priority {
        score: severity.powf(settings.severity_weight) * reach.powf(settings.reach_weight),
        severity,
        severity_assumed: level.is_none(),
        reach,
        ranks: None,
    }
}

/// Highest priority first; then more mentions; then by its passages, so that the order is
/// total. Numbers are given only where enough people spoke to compare.
fn rank(findings: &mut [Finding], too_few_voices: bool) {
    findings.sort_by(|a, b| {
        b.priority
            .score
            .total_cmp(&a.priority.score)
            .then(b.counts.passages.cmp(&a.counts.passages))
            // Not by its id, which an earlier run may have given it.
            .then_with(|| a.members.cmp(&b.members))
    });
    if !too_few_voices {
        for (number, finding) in findings.iter_mut().enumerate() {
            finding.rank = Some(number + 1);
        }
    }
}

/// Quotes that are typical of a group and different from each other.
pub(crate) fn chosen(
    scene: &Scene<'_>,
    quoting: &mut Quoting<'_>,
    said: &[&Said],
    most: usize,
) -> Result<Vec<throughline_report::Quote>, StudyError> {
    let material = Material::read(&scene.study.store, scene.tagger, scene.evidence, said)?;
    let items: Vec<Item<'_>> = material.items(scene.evidence, said);
    let all: Vec<usize> = (0..items.len()).collect();
    let picked = choose_quotes(&items, &all, most);
    quoting.quotes(
        picked
            .into_iter()
            .filter_map(|number| said.get(number).copied()),
    )
}

/// Positive passages of the stage near the middle of a theme, from voices that
/// differ from each other.
fn counter_evidence<'s>(scene: &Scene<'_>, members: &[&Said], whole: &[&'s Said]) -> Vec<&'s Said> {
    let Some(middle) = middle(scene, members) else {
        return Vec::new();
    };
    let mut near: Vec<(f32, &Said)> = whole
        .par_iter()
        .copied()
        .filter(|one| one.is_praise())
        .filter_map(|one| {
            let components = scene.vectors.get(&one.id)?;
            let cosine = Vector::cosine_between(middle.components(), components);
            (cosine >= COUNTER_NEAR).then_some((cosine, one))
        })
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.id.cmp(&b.1.id)));
    let mut voices = Vec::new();
    let mut counter = Vec::new();
    for (_, one) in near {
        if counter.len() < COUNTER && !voices.contains(&one.voice()) {
            voices.push(one.voice());
            counter.push(one);
        }
    }
    counter
}

/// The mean direction of a theme's passages.
fn middle(scene: &Scene<'_>, members: &[&Said]) -> Option<Vector> {
    let mut sum = vec![0.0_f32; scene.vectors.dimension()];
    for components in members.iter().filter_map(|one| scene.vectors.get(&one.id)) {
        let norm = (Vector::dot(components, components) as f32).sqrt().max(1.0);
        for (total, component) in sum.iter_mut().zip(components) {
            *total += f32::from(*component) / norm;
        }
    }
    (!members.is_empty()).then(|| Vector::quantise(&sum))
}

/// The pain passages of a stage that are in no theme, by reason.
fn other(
    scene: &Scene<'_>,
    quoting: &mut Quoting<'_>,
    reasons: &BTreeMap<PassageId, OtherReason>,
) -> Result<Other, StudyError> {
    let mut groups = Vec::new();
    for reason in OtherReason::ALL {
        let said: Vec<&Said> = reasons
            .iter()
            .filter(|(_, why)| *why == reason)
            .filter_map(|(id, _)| scene.by_id.get(id).copied())
            .collect();
        if !said.is_empty() {
            let examples = quoting.quotes(said.iter().copied().take(EXAMPLES))?;
            groups.push(OtherGroup {
                reason: *reason,
                passages: said.len(),
                examples,
            });
        }
    }
    Ok(Other {
        passages: groups.iter().map(|group| group.passages).sum(),
        groups,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priority_is_severity_times_reach_and_says_what_it_assumed() {
        let settings = ReportSettings::default();
        let known = priority(Some(Severity::Failed), 3, 6, &settings);
        assert_eq!(
            (known.severity, known.reach, known.score),
            (0.75, 0.5, 0.375)
        );
        let assumed = priority(None, 6, 6, &settings);
        assert!(assumed.severity_assumed);
        assert_eq!(assumed.score, 0.25);
        assert_eq!(priority(None, 0, 0, &settings).reach, 0.0);
        let reach_alone = ReportSettings {
            severity_weight: 0.0,
            ..settings
        };
        assert_eq!(priority(None, 3, 6, &reach_alone).score, 0.5);
    }
}
