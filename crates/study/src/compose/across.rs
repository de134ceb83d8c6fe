//! What holds across stages: pain points that recur, and who said what.

use std::collections::BTreeMap;

use throughline_core::{PassageId, SourceKind, Vector};
use throughline_report::{Finding, MatrixCell, MatrixRow, Recurring, StageReport};
use throughline_themes::recurring;

use super::counting;
use super::findings::Scene;
use super::quoting::Quoting;
use crate::StudyError;
use crate::evidence::Said;

/// Mentions that tell where a finding points: the most typical ones.
const TYPICAL: usize = 200;

/// Finds the pain points that recur, and names in each finding the others that
/// tell of the same thing.
pub(crate) fn link(scene: &Scene<'_>, stages: &mut [StageReport]) -> Vec<Recurring> {
    let mut findings: Vec<(usize, &mut Finding)> = (stages.iter_mut().enumerate())
        .flat_map(|(number, stage)| stage.findings.iter_mut().map(move |one| (number, one)))
        .collect();
    let vectors: Vec<(usize, Vec<Vector>)> = findings
        .iter()
        .map(|(stage, finding)| (*stage, vectors(scene, &finding.members)))
        .collect();
    let groups: Vec<(usize, Vec<&Vector>)> = vectors
        .iter()
        .map(|(stage, vectors)| (*stage, vectors.iter().collect()))
        .collect();
    let lists = recurring(&groups, &scene.study.theme_parameters());
    let mut all = Vec::new();
    for list in lists {
        let at = |place: &usize| findings.get(*place);
        let together: Vec<&(usize, &mut Finding)> = list.iter().filter_map(at).collect();
        let ids: Vec<String> = together.iter().map(|(_, one)| one.id.clone()).collect();
        let members = together
            .iter()
            .flat_map(|(_, one)| scene.said(&one.members));
        let members: Vec<&Said> = members.collect();
        for place in &list {
            if let Some((_, finding)) = findings.get_mut(*place) {
                let others = ids.iter().filter(|id| **id != finding.id);
                finding.recurs_in = others.cloned().collect();
            }
        }
        all.push(Recurring {
            findings: ids,
            counts: counting::counts(&members),
        });
    }
    all
}

fn vectors(scene: &Scene<'_>, members: &[PassageId]) -> Vec<Vector> {
    let typical = members.iter().take(TYPICAL);
    let components = typical.filter_map(|id| scene.vectors.get(id));
    components
        .map(|components| Vector::from_components(components.into()))
        .collect()
}

/// What each interviewed participant said of the findings.
pub(crate) fn matrix(
    scene: &Scene<'_>,
    quoting: &mut Quoting<'_>,
    stages: &[StageReport],
) -> Result<Vec<MatrixRow>, StudyError> {
    let mut rows: BTreeMap<&str, Vec<MatrixCell>> = BTreeMap::new();
    for finding in stages.iter().flat_map(|stage| &stage.findings) {
        let said = scene.said(&finding.members).into_iter();
        let interviewed = said.filter(|one| one.kind == SourceKind::Interview);
        let mut by_voice: BTreeMap<&str, Vec<&Said>> = BTreeMap::new();
        for one in interviewed {
            if let Some(participant) = scene.evidence.participant_of(one) {
                by_voice.entry(participant).or_default().push(one);
            }
        }
        for (participant, said) in by_voice {
            // Members stand in the order of how typical they are.
            let Some(typical) = said.first() else {
                continue;
            };
            if let Some(quote) = quoting.label(typical, typical.span)? {
                rows.entry(participant).or_default().push(MatrixCell {
                    finding: finding.id.clone(),
                    mentions: said.len(),
                    quote,
                });
            }
        }
    }
    let rows = rows.into_iter().map(|(participant, cells)| MatrixRow {
        participant: participant.to_owned(),
        cells,
    });
    Ok(rows.collect())
}
