//! What a report says beyond stages and findings: what people decided, what
//! ratings, segments and time have to do with findings, and whether enough was
//! heard.

use throughline_report::{CodebookEntry, Report, TextItem};

use super::circumstances::Circumstances;
use super::findings::Scene;
use super::method::item;
use super::{impact, ranking, saturation, segments, trends};
use crate::validation::{DimensionAgreement, ValidationScore};
use crate::{Codebook, StudyError};

/// Adds all of it.
pub(crate) fn add(
    scene: &Scene<'_>,
    book: &Codebook,
    report: &mut Report,
) -> Result<(), StudyError> {
    let study = scene.study;
    let known = Circumstances::read(&study.store, scene.evidence)?;
    codes(book, report);
    ranking::add(scene, report);
    impact::add(scene, &known, report);
    let tests = segments::add(scene, &known, report);
    trends::add(scene, &known, report);
    saturation::add(scene, report)?;
    report.method.push(comparisons(tests));
    report.method.extend(decisions(scene)?);
    report.method.extend(own_heads(scene)?);
    report
        .method
        .extend(study.last_score()?.as_ref().map(measured));
    Ok(())
}

const COMPARISONS: &str = "Ranges of ranks: voices are drawn anew with repeats, and the range holds \
    the rank in 95 of 100 draws. Ratings: mentions are set against the other rated documents of the \
    same file, with a percentile bootstrap in which whole voices are drawn; it says what goes \
    together, and nothing of causes. Trends: the share of documents that mention a finding, by week \
    (Monday to Sunday) where all dated documents lie within half a year and by month otherwise, \
    unless the settings say which, with the Cochran–Armitage test. Saturation counts interviews alone, each pain passage in \
    Other as an idea of its own.";

fn comparisons(tests: usize) -> TextItem {
    let text = format!(
        "{COMPARISONS} Segments: {} of a finding by an attribute of people were tested, by Fisher's \
         exact test or χ²; those are shown whose probability stays below .05 with regard to all of \
         them (Holm).",
        counted(tests, "crosstab")
    );
    item("Comparisons", text)
}

/// What the codebook says of each finding.
fn codes(book: &Codebook, report: &mut Report) {
    let framework = report.manifest.framework.id.clone();
    let frozen = book.is_frozen(&framework);
    let stages = report.stages.iter_mut();
    for finding in stages.flat_map(|stage| &mut stage.findings) {
        finding.code = match book.entry(&framework, &finding.id) {
            Some(entry) => Some(CodebookEntry {
                name: entry.name.clone(),
                definition: entry.definition.clone(),
                new: false,
            }),
            None => frozen.then(|| CodebookEntry {
                name: None,
                definition: String::new(),
                new: true,
            }),
        };
    }
}

/// What people decided of the passages, if they did.
fn decisions(scene: &Scene<'_>) -> Result<Option<TextItem>, StudyError> {
    let corrections = scene.study.store.corrections()?;
    let here = corrections
        .iter()
        .filter(|(id, _)| scene.by_id.contains_key(id));
    let kinds: Vec<usize> = here.map(|(_, one)| one.kinds().len()).collect();
    let text = format!(
        "People decided {} of {} passages by hand. These count in place of what the model says, \
         everywhere in this report; `throughline log` lists them with author, time and reason.",
        counted(kinds.iter().sum(), "tag"),
        kinds.len()
    );
    Ok((!kinds.is_empty()).then(|| item("Corrections", text)))
}

const OWN_HEADS: &str = "Where people decided otherwise than the model, a head of the study's own \
    learnt it, from the vectors of those passages and the model's answers (ridge regression, in closed \
    form, held to the model's answers where nobody decided). It is on from 50 corrections, and if on \
    passages coded blind, which no head has learnt from, it agrees with the coder more often than the \
    model does, with an interval at 95 % above 0 in which whole voices are drawn. What people decided \
    goes before it, and what the model says is kept beside.";

/// What heads of the study's own gain, if they were tested for this model.
fn own_heads(scene: &Scene<'_>) -> Result<Option<TextItem>, StudyError> {
    let model = scene.tagger.model().sha256;
    let mut all = scene.study.adaptations()?.into_iter();
    let found = all.find(|one| one.model == model);
    let Some((found, tested)) = found
        .as_ref()
        .and_then(|one| Some((one, one.tested.as_ref()?)))
    else {
        return Ok(None);
    };
    let since = match tested.since {
        0 => String::new(),
        since => format!(" {} came since.", counted(since, "decision")),
    };
    let text = format!("{OWN_HEADS} {}.{since}", found.in_words());
    Ok(Some(item("The study's own heads", text)))
}

fn counted(number: usize, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {one}{plural}")
}

/// How far coders and engine agreed when it was last measured on this study.
fn measured(score: &ValidationScore) -> TextItem {
    let mut text = format!(
        "Measured on this study: {} drawn at random within moment and pain, coded by hand without \
         sight of the tags, and weighted by the chance to be drawn. ",
        counted(score.passages, "passage")
    );
    if !score.between_coders.is_empty() {
        let each = agreements(&score.between_coders);
        text.push_str(&format!("Two coders with each other: {each}. "));
    }
    let several = score.engine.len() > 1;
    for (number, of_coder) in (1..).zip(&score.engine) {
        let coder = if several {
            format!("coder {number}")
        } else {
            "the coder".to_owned()
        };
        let each = agreements(of_coder);
        text.push_str(&format!("The engine with {coder}: {each}. "));
    }
    text.push_str(
        "α is Krippendorff's, with an interval at 95 % in which whole voices are drawn; AC1 is \
         Gwet's. `throughline validate score` gives every label.",
    );
    item("Measured reliability", text)
}

fn agreements(all: &[DimensionAgreement]) -> String {
    let each: Vec<String> = all.iter().map(agreement).collect();
    each.join("; ")
}

/// `moment .83 the same, α .79 (.70…87), AC1 .81, n 100`.
fn agreement(one: &DimensionAgreement) -> String {
    let Some(same) = one.agreement.filter(|_| !one.too_few) else {
        return format!("{} too few (n {})", one.dimension, one.passages);
    };
    let alpha = one.alpha.map_or_else(String::new, |alpha| {
        let range = alpha.low.zip(alpha.high);
        let range = range.map_or_else(String::new, |(low, high)| format!(" ({low:.2}…{high:.2})"));
        format!(", α {:.2}{range}", alpha.value)
    });
    let ac1 = one
        .ac1
        .map_or_else(String::new, |ac1| format!(", AC1 {ac1:.2}"));
    format!(
        "{} {:.0} % the same{alpha}{ac1} (n {})",
        one.dimension,
        100.0 * same,
        one.passages
    )
}
