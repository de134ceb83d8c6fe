//! Passages coded by a frozen codebook.

use std::collections::BTreeMap;

use throughline_core::{Framework, PassageId, Span, Theme, Vector, Verbatim};
use throughline_nlp::{StageHead, Tagger, Told};
use throughline_store::{ModelKey, Store};

use super::{BookEntry, Codebook};
use crate::StudyError;
use crate::evidence::Said;
use crate::study::model_key;

/// The least cosine of an entry that was written without a limit.
const LOOSEST: f32 = 0.5;
/// Share of a theme's passages that may lie outside its limit.
const OUTLYING: f64 = 0.05;

/// The entries of one stage, ready to code.
struct StageBook<'b> {
    entries: Vec<&'b BookEntry>,
    head: StageHead,
}

/// A frozen codebook, ready to code passages of one framework; it codes nothing
/// where the framework is not frozen.
pub(crate) struct Coder<'b> {
    stages: BTreeMap<&'b str, StageBook<'b>>,
    model: ModelKey,
}

impl<'b> Coder<'b> {
    /// Makes ready the part of `book` that is about `framework`.
    pub(crate) fn new(
        book: &'b Codebook,
        framework: &Framework,
        tagger: &dyn Tagger,
    ) -> Result<Self, StudyError> {
        let mut by_stage: BTreeMap<&str, Vec<&BookEntry>> = BTreeMap::new();
        let entries = book.themes.iter();
        let frozen = book.is_frozen(&framework.id);
        for entry in entries.filter(|entry| frozen && entry.framework == framework.id) {
            if !entry.exemplars.is_empty() {
                by_stage.entry(&entry.stage).or_default().push(entry);
            }
        }
        let mut stages = BTreeMap::new();
        for (stage, entries) in by_stage {
            let head = learn(&entries, tagger)?;
            stages.insert(stage, StageBook { entries, head });
        }
        Ok(Self {
            stages,
            model: model_key(tagger),
        })
    }

    /// Takes the passages that the book codes out of those of a stage: one theme
    /// an entry that has any, in the order of the book.
    pub(crate) fn take(
        &self,
        store: &Store,
        stage: &str,
        said: &mut Vec<&Said>,
    ) -> Result<Vec<Theme>, StudyError> {
        let Some(book) = self.stages.get(stage) else {
            return Ok(Vec::new());
        };
        let ids: Vec<PassageId> = said.iter().map(|one| one.id).collect();
        let vectors = store.vectors(&self.model, &ids)?;
        let mut coded: Vec<Vec<(f64, &Said)>> = vec![Vec::new(); book.entries.len()];
        let mut rest = Vec::new();
        for (one, vector) in said.iter().copied().zip(vectors) {
            let nearest = vector.and_then(|vector| book.nearest(&vector));
            match nearest.and_then(|(number, cosine)| Some((coded.get_mut(number)?, cosine))) {
                Some((members, cosine)) => members.push((cosine, one)),
                None => rest.push(one),
            }
        }
        *said = rest;
        let themes = book.entries.iter().zip(coded);
        Ok(themes
            .filter_map(|(entry, members)| theme(entry, members))
            .collect())
    }
}

impl StageBook<'_> {
    /// The entry whose direction is nearest, if it is near enough.
    fn nearest(&self, vector: &Vector) -> Option<(usize, f64)> {
        let cosines = self.head.cosines(vector).into_iter().enumerate();
        // The first of equals: `max_by` would take the last.
        let (number, cosine) = cosines.rev().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let limit = self.entries.get(number)?.limit.unwrap_or(LOOSEST);
        (cosine >= f64::from(limit)).then_some((number, cosine))
    }
}

/// A theme of what was coded with one entry, the nearest first. It is called by
/// the words that it was frozen with, or where their passage is not in it, by
/// its nearest passage.
fn theme(entry: &BookEntry, mut members: Vec<(f64, &Said)>) -> Option<Theme> {
    members.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.id.cmp(&b.1.id)));
    let (_, nearest) = members.first()?;
    let label = entry.label.filter(|label| {
        let mut members = members.iter();
        members.any(|(_, one)| one.id == label.passage)
    });
    Some(Theme {
        id: entry.id.clone(),
        stage: entry.stage.clone(),
        label: label.unwrap_or_else(|| whole(nearest.id, nearest.span)),
        terms: entry.terms.clone(),
        members: members.iter().map(|(_, one)| one.id).collect(),
        also: Vec::new(),
        parts: Vec::new(),
    })
}

/// A passage's own words as a label.
pub(super) fn whole(passage: PassageId, span: Span) -> Verbatim {
    Verbatim { passage, span }
}

/// The directions of entries, of which each has exemplars.
fn learn(entries: &[&BookEntry], tagger: &dyn Tagger) -> Result<StageHead, StudyError> {
    let mut vectors = Vec::new();
    for entry in entries {
        let texts: Vec<&str> = entry.exemplars.iter().map(|one| one.text.trim()).collect();
        vectors.push(tagger.embed(&texts)?);
    }
    let told = |exemplars| Told {
        definition: None,
        exemplars,
    };
    let told: Vec<Told<'_>> = vectors.iter().map(|all: &Vec<Vector>| told(all)).collect();
    Ok(StageHead::learn(&told))
}

/// The limit with which all but a few outliers of `members` would be coded so:
/// the exemplars' direction is taken, and the cosine that nineteen in twenty
/// reach. Where nothing is known of members, the exemplars stand for them.
pub(super) fn limit_of(
    entry: &BookEntry,
    members: &[Vector],
    tagger: &dyn Tagger,
) -> Result<f32, StudyError> {
    let head = learn(&[entry], tagger)?;
    let exemplars;
    let members = if members.is_empty() {
        let texts: Vec<&str> = entry.exemplars.iter().map(|one| one.text.trim()).collect();
        exemplars = tagger.embed(&texts)?;
        &exemplars
    } else {
        members
    };
    let mut cosines: Vec<f64> = members.iter().flat_map(|one| head.cosines(one)).collect();
    cosines.sort_by(f64::total_cmp);
    let place = (cosines.len() as f64 * OUTLYING).floor() as usize;
    // Written with three digits, and no passage lost by rounding.
    let cosine = cosines.get(place).copied().unwrap_or(f64::from(LOOSEST));
    Ok(((cosine * 1000.0).floor() / 1000.0) as f32)
}
