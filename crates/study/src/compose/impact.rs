//! How ratings go with findings.

use std::collections::{BTreeMap, BTreeSet};

use throughline_report::{Finding, RatingImpact, Report};
use throughline_stats::{Bootstrap, Ratings, impact};

use super::circumstances::Circumstances;
use super::counting::{over_voices, unit};
use super::findings::Scene;
use crate::evidence::{Said, Voice};

/// Documents that must mention a finding, and as many that do not, for their
/// ratings to be set against each other.
const FEW: usize = 5;

/// The rated documents of one file.
struct Source<'a> {
    name: &'a str,
    /// Of each rated document its rating and the place of its voice.
    rated: BTreeMap<u32, (f64, usize)>,
    /// The ratings of each voice.
    voices: Vec<Ratings>,
    said: Vec<&'a Said>,
}

/// Sets ratings against findings, file by file: each has a scale of its own.
pub(crate) fn add(scene: &Scene<'_>, known: &Circumstances, report: &mut Report) {
    let mut findings: Vec<&mut Finding> = report
        .stages
        .iter_mut()
        .flat_map(|stage| &mut stage.findings)
        .collect();
    for source in sources(scene, known) {
        let mentioning: Vec<BTreeSet<u32>> = findings
            .iter()
            .map(|finding| source.mentioning(scene, finding))
            .collect();
        let told: Vec<usize> = (0..findings.len())
            .filter(|number| {
                let count = mentioning.get(*number).map_or(0, BTreeSet::len);
                count >= FEW && source.rated.len() - count >= FEW
            })
            .collect();
        let themes: Vec<Vec<(usize, Ratings)>> = told
            .iter()
            .filter_map(|number| Some(source.ratings(mentioning.get(*number)?)))
            .collect();
        let unit = unit(&source.said);
        let found = impact(&source.voices, &themes, Bootstrap::default());
        for (number, found) in told.into_iter().zip(found) {
            let (Some(found), Some(finding)) = (found, findings.get_mut(number)) else {
                continue;
            };
            finding.impact.push(RatingImpact {
                source: source.name.to_owned(),
                rated: source.rated.len(),
                mentioning: mentioning.get(number).map_or(0, BTreeSet::len),
                mean: found.mean,
                without: found.without,
                without_interval: found.without_interval.map(|i| over_voices(i, 1.0, unit)),
                difference: found.difference,
                difference_interval: found.difference_interval.map(|i| over_voices(i, 1.0, unit)),
            });
        }
    }
}

fn sources<'a>(scene: &Scene<'a>, known: &'a Circumstances) -> Vec<Source<'a>> {
    let mut by_file: BTreeMap<&str, Vec<(&Said, f64)>> = BTreeMap::new();
    let mut last = None;
    for said in &scene.evidence.said {
        if last == Some(said.document) {
            continue;
        }
        last = Some(said.document);
        if let Some(about) = known.of(said)
            && let Some(rating) = about.rating.filter(|rating| rating.is_finite())
        {
            by_file
                .entry(&about.source)
                .or_default()
                .push((said, rating));
        }
    }
    let sources = by_file.into_iter();
    sources
        .map(|(name, documents)| {
            let mut places: BTreeMap<Voice, usize> = BTreeMap::new();
            let (mut voices, mut rated) = (Vec::new(), BTreeMap::new());
            for (said, rating) in &documents {
                let place = *places.entry(said.voice()).or_insert(voices.len());
                if place == voices.len() {
                    voices.push(Ratings::default());
                }
                if let Some(ratings) = voices.get_mut(place) {
                    ratings.sum += rating;
                    ratings.count += 1.0;
                }
                rated.insert(said.document, (*rating, place));
            }
            Source {
                name,
                rated,
                voices,
                said: documents.into_iter().map(|(said, _)| said).collect(),
            }
        })
        .collect()
}

impl Source<'_> {
    /// The rated documents that mention a finding.
    fn mentioning(&self, scene: &Scene<'_>, finding: &Finding) -> BTreeSet<u32> {
        let members = finding.members.iter();
        let said = members.filter_map(|id| scene.by_id.get(id));
        said.map(|one| one.document)
            .filter(|document| self.rated.contains_key(document))
            .collect()
    }

    /// The ratings of some documents, voice by voice.
    fn ratings(&self, documents: &BTreeSet<u32>) -> Vec<(usize, Ratings)> {
        let mut of: BTreeMap<usize, Ratings> = BTreeMap::new();
        for (rating, place) in documents.iter().filter_map(|one| self.rated.get(one)) {
            let ratings = of.entry(*place).or_default();
            ratings.sum += rating;
            ratings.count += 1.0;
        }
        of.into_iter().collect()
    }
}
