//! What works in a stage, and what people wish for.

use throughline_core::SubTheme;
use throughline_report::{NamedGroup, Quote, Wishes};
use throughline_themes::Claim;

use super::counting;
use super::findings::{Scene, Whole, chosen, named_group};
use super::quoting::Quoting;
use crate::StudyError;
use crate::evidence::Said;
use crate::grouping::{Material, named_groups, verbatim};

/// Quotes that show what works in a stage, at most.
const WORKS: usize = 3;
/// Positive passages that [`WORKS`] are chosen from: the clearest ones.
const CLEAREST: usize = 200;
/// Quotes of one group of praise, at most.
const OF_GROUP: usize = 2;
/// Quotes of wishes in a stage, at most.
const WISHES: usize = 5;

/// The good news of a stage, and its wishes.
pub(crate) struct Works {
    pub quotes: Vec<Quote>,
    pub groups: Vec<NamedGroup>,
    pub wishes: Option<Wishes>,
}

pub(crate) fn of(
    scene: &Scene<'_>,
    quoting: &mut Quoting<'_>,
    whole: &Whole<'_>,
) -> Result<Works, StudyError> {
    let said = whole.said.iter().copied();
    let praise: Vec<&Said> = said.clone().filter(|one| one.is_praise()).collect();
    let wishing: Vec<&Said> = said.filter(|one| one.wish).collect();
    Ok(Works {
        quotes: chosen(scene, quoting, &clearest(&praise), WORKS)?,
        groups: groups(scene, quoting, &praise, whole)?,
        wishes: wishes(scene, quoting, &wishing)?,
    })
}

/// Praise grouped and named as pain points are.
fn groups(
    scene: &Scene<'_>,
    quoting: &mut Quoting<'_>,
    praise: &[&Said],
    whole: &Whole<'_>,
) -> Result<Vec<NamedGroup>, StudyError> {
    let study = scene.study;
    let material = Material::read(&study.store, scene.tagger, scene.evidence, praise)?;
    let items = material.items(scene.evidence, praise);
    let way = (&study.theme_parameters(), Claim::Praise);
    let (found, names) = named_groups(&items, way, scene.tagger, &mut quoting.taken)?;
    let mut groups = Vec::new();
    for (group, names) in found.groups.into_iter().zip(names) {
        let members = group.members.iter().filter_map(|m| praise.get(*m).copied());
        let members: Vec<&Said> = members.collect();
        let Some(label) = verbatim(praise, &names.group.label) else {
            continue;
        };
        let named = SubTheme {
            label,
            terms: names.group.terms,
            members: Vec::new(),
        };
        let Some(mut group) = named_group(scene, quoting, &named, &members, whole.counts)? else {
            continue;
        };
        if groups.len() < study.config.report.findings {
            group.quotes = chosen(scene, quoting, &members, OF_GROUP)?;
        }
        groups.push(group);
    }
    Ok(groups)
}

/// The clearest praise first, so much of it as quotes are chosen from.
fn clearest<'s>(praise: &[&'s Said]) -> Vec<&'s Said> {
    let mut praise = praise.to_vec();
    praise.sort_by(|a, b| b.valence.total_cmp(&a.valence).then(a.id.cmp(&b.id)));
    praise.truncate(CLEAREST);
    praise
}

fn wishes(
    scene: &Scene<'_>,
    quoting: &mut Quoting<'_>,
    wishing: &[&Said],
) -> Result<Option<Wishes>, StudyError> {
    if wishing.is_empty() {
        return Ok(None);
    }
    Ok(Some(Wishes {
        counts: counting::counts(wishing),
        quotes: chosen(scene, quoting, wishing, WISHES)?,
    }))
}
