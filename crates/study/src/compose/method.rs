//! How the results of a report were made, and what they cannot say.

use throughline_core::{Framework, Role};
use throughline_nlp::Tagger;
use throughline_report::{Reliability, TextItem};

use crate::Config;
use crate::evidence::Evidence;

const READING: &str = "Each file became one or more documents with a canonical text; transcripts \
    were cut into turns, and turns into passages of one to three sentences. Every quote and every \
    label here is an exact slice of that text, given with its bytes.";

const WHO_COUNTS: &str = "Only participants' own words are evidence. Interviewers, agents and \
    speakers whose part is unknown are never counted as evidence, and the title of a review is no \
    mention beside its text. A participant is a speaker of one document, or an author named by a \
    table; a text without an author counts as a document and never as a participant. A bare yes to \
    a question is not counted as a mention. A document that says what another one says already \
    counts with it: the same twenty words or more, nearly the same forty or more (four fifths of \
    their words in threes), or the same author's words of the same day on the same matter. \
    Documents in languages that the study does not read are not tagged.";

const WHY_THESE_TAGS: &str = "Beside each quote: the probability of its label and of the next one, \
    and what is left of the label's probability when words are left out, or what was said before. \
    Words are named where they carry at least five points, and clauses where no word does. They \
    show what moved the model, which need not be what the speaker meant; what every clause says has \
    nothing named.";

const INTERVALS: &str = "All intervals are at 95 %. Shares: Wilson. Net sentiment and valence: \
    percentile bootstrap in which whole voices are drawn, a voice being a participant or a document \
    without an author. Each holds if these were a random sample of those asked about.";

/// How the results were made.
pub(crate) fn method(
    tagger: &dyn Tagger,
    framework: &Framework,
    reliability: Option<&Reliability>,
    config: &Config,
) -> Vec<TextItem> {
    let stages = match reliability {
        Some(reliability) => by_exemplars(framework, reliability),
        None => by_moments(framework),
    };
    vec![
        item("Reading", READING.to_owned()),
        item("Who counts", WHO_COUNTS.to_owned()),
        item("Tagging", tagging(tagger)),
        item("Stages", stages),
        item("Why these tags", WHY_THESE_TAGS.to_owned()),
        item("Findings", findings(config)),
        item("Intervals", INTERVALS.to_owned()),
    ]
}

pub(crate) fn item(heading: &str, text: String) -> TextItem {
    TextItem {
        heading: heading.to_owned(),
        text,
    }
}

fn tagging(tagger: &dyn Tagger) -> String {
    let model = tagger.model();
    format!(
        "The model {} (version {}, run by {}) gave each passage one moment of the journey, a \
         sentiment, whether it states a pain point, and a touchpoint, from the passage and what was \
         asked just before it.",
        model.name, model.version, model.backend
    )
}

fn by_moments(framework: &Framework) -> String {
    format!(
        "The stages are those of the framework '{}', each made of moments. Passages whose moment is \
         not sure enough are 'unclear' and in no stage.",
        framework.id
    )
}

fn by_exemplars(framework: &Framework, reliability: &Reliability) -> String {
    let interval = reliability.interval.as_ref().map_or_else(String::new, |i| {
        format!(
            " ({:.0} %; 95 % interval {:.0}…{:.0} %, Wilson)",
            100.0 * reliability.right as f64 / reliability.exemplars.max(1) as f64,
            100.0 * i.low,
            100.0 * i.high
        )
    });
    format!(
        "The stages of the framework '{}' are told by exemplars and not by moments. Each stage has \
         the mean direction of its exemplars' vectors and of its definition's, which counts as two; \
         a passage is in the stage whose direction is nearest to its own vector, and 'unclear', in \
         no stage, below a confidence of {}. Passages about no journey are in none. How well that \
         works: each exemplar was left out in turn, and {} of {} came back to their own \
         stage{interval}; {} fitted none well enough. Exemplars are clearer than most passages, so \
         that this is rather too good; beside each stage stands its own.",
        framework.id,
        framework.least_confidence(),
        reliability.right,
        reliability.exemplars,
        reliability.unclear,
    )
}

fn findings(config: &Config) -> String {
    format!(
        "The pain passages of each stage were grouped by meaning. A theme needs at least {} \
         passages; what fits none is in Other, with the reason. A large theme is looked into for \
         sub-themes in the same way. A passage that fits a second theme as well as half of that \
         theme's own passages do is named there and counted once. Themes of two stages recur if \
         their passages are nearly as near to each other as to their own; who mentions both is \
         counted once. Each theme is named by a participant's own words: of the clauses with the \
         words that set it apart, the one that the model by itself reads most surely as the \
         complaint. Praise is grouped and named likewise; wishes are passages with a word that \
         states one. Priority is severity × reach: the median of the consequences that \
         the mentions state, divided by four, times the share of the stage's voices that mention \
         it. Where no consequence is stated the mildest is taken, and said so.{}",
        config.themes.smallest,
        weights(config)
    )
}

/// What the study's own weights make of priority, where it has some.
fn weights(config: &Config) -> String {
    let (severity, reach) = (config.report.severity_weight, config.report.reach_weight);
    if severity == 1.0 && reach == 1.0 {
        return String::new();
    }
    format!(" This study raises severity to the power {severity} and reach to the power {reach}.")
}

/// What the results cannot say.
pub(crate) fn limits(evidence: &Evidence) -> Vec<TextItem> {
    let mut limits = vec![
        item(
            "Counts are not prevalence",
            "Participants of interviews and writers of reviews choose themselves or are chosen; \
             the numbers say what these people said, and not how common it is."
                .to_owned(),
        ),
        item(
            "The engine errs",
            "Tags are made by a model trained on English. Its measured reliability is on the \
             model's card; read the quotes before you rely on a number."
                .to_owned(),
        ),
        item(
            "Severity is read from words",
            "It follows the consequence that a passage states, by a list of cues; many passages \
             state none."
                .to_owned(),
        ),
    ];
    let unknown: u64 = evidence
        .roles
        .iter()
        .filter(|((_, role), _)| *role == Role::Unknown)
        .map(|(_, spoken)| spoken.passages)
        .sum();
    if unknown > 0 {
        limits.push(item(
            "Unknown speakers",
            format!(
                "{unknown} passages come from speakers whose part could not be told, and are not \
                 evidence here. Name their parts under [speakers] in throughline.toml to count them, or set \
                 unknown_speakers."
            ),
        ));
    }
    limits
}
