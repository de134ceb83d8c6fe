//! The report as plain data: what every exporter reads and nothing else.
//!
//! Units, the same everywhere: positions are bytes of a document's canonical
//! text, end exclusive; times are milliseconds from the start of the
//! recording; shares are 0…1; net sentiment is in percentage points,
//! −100…+100; valence is −1…+1. No value holds a clock time.

mod across;
mod check;
mod collection;
mod comparison;
mod counts;
mod finding;
mod life_cycle;
mod manifest;
mod named_group;
mod question;
mod quote;
mod reasons;
mod reliability;
mod rest;
mod saturation;
mod stage;

pub use across::{MatrixCell, MatrixRow, Recurring};
pub use collection::{Collection, KeptQuote};
pub use comparison::{
    CodebookEntry, Crosstab, CrosstabRow, PeriodShare, RankRange, RatingImpact, SegmentDifference,
    SegmentShare, Trend,
};
pub use counts::{
    Counts, Denominator, Estimate, Interval, KindCounts, PromptingCounts, SentimentPart,
    SentimentSummary, SeverityCounts, Share, TouchpointCount, Unit,
};
pub use finding::{Finding, Label, Priority};
pub use life_cycle::LifeCycle;
pub use manifest::{Input, Lens, Manifest, ModelInfo};
pub use named_group::{NamedGroup, Wishes};
pub use question::{FindingAnswers, QuestionAnswers, Questions};
pub use quote::{ContextSlice, Quote};
pub use reasons::{CarryingWords, Reason, Reasons};
pub use reliability::Reliability;
pub use rest::{
    Apart, Corpus, CorpusKind, Coverage, Days, MomentCount, NotPlaced, RoleCount, Skipped, TextItem,
};
pub use saturation::{CoOccurrence, Saturation};
pub use stage::{Other, OtherGroup, StageReport};

use serde::{Deserialize, Serialize};

/// The name that [`Report::schema`] holds.
pub const SCHEMA: &str = "throughline-report";

/// The version that [`Report::schema_version`] holds. It changes whenever a
/// field is removed or given another meaning, or one is added that must be there.
pub const SCHEMA_VERSION: u32 = 2;

/// A whole report on one study through one framework.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Always [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Heading of the report, for people.
    pub title: String,
    /// What was run, on what, with what.
    pub manifest: Manifest,
    /// What was read.
    pub corpus: Corpus,
    /// The framework's stages, in its order; also those without passages.
    pub stages: Vec<StageReport>,
    /// Pain points that recur in several stages, in the order of their first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recurring: Vec<Recurring>,
    /// Who of the interviewed participants said what: a row for each of them
    /// who mentions a finding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matrix: Vec<MatrixRow>,
    /// Answers by question; absent where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questions: Option<Questions>,
    /// Who mentions what, by the attributes that divide the people asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crosstabs: Vec<Crosstab>,
    /// All stages together; absent where nothing is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life_cycle: Option<LifeCycle>,
    /// Passages that belong to no stage.
    pub apart: Apart,
    /// Inputs, or parts of them, that could not be read.
    pub skipped: Vec<Skipped>,
    /// Where every passage went.
    pub coverage: Coverage,
    /// Whether more interviews would bring more; absent without interviews.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saturation: Option<Saturation>,
    /// Findings that are told together, those that most often are first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co_occurrence: Vec<CoOccurrence>,
    /// What a researcher keeps together, in the order of the names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collections: Vec<Collection>,
    /// How the results were made, one item a step.
    pub method: Vec<TextItem>,
    /// What the results cannot say.
    pub limits: Vec<TextItem>,
}

impl Report {
    /// The moment that files bear as their date (RFC 3339, UTC): the one of the
    /// manifest, else the last day of the study's documents, else the beginning of
    /// the year 2000. So the same report gives the same bytes.
    #[must_use]
    pub fn written(&self) -> String {
        let day = self.corpus.days.map(|days| days.last.to_string());
        let midnight = |day: &str| format!("{day}T00:00:00Z");
        let dated = self.manifest.dated.clone();
        dated.unwrap_or_else(|| midnight(day.as_deref().unwrap_or("2000-01-01")))
    }

    /// Every quote of the report, wherever it stands.
    pub fn quotes_mut(&mut self) -> impl Iterator<Item = &mut Quote> {
        let apart = &mut self.apart;
        let parts = [
            &mut apart.outside,
            &mut apart.none,
            &mut apart.unclear,
            &mut apart.untagged,
        ];
        let examples = parts.into_iter().flat_map(|part| &mut part.examples);
        let stages = self.stages.iter_mut().flat_map(|stage| {
            let findings = stage.findings.iter_mut().flat_map(|finding| {
                let counter = &mut finding.counter_evidence;
                finding.quotes.iter_mut().chain(counter)
            });
            let other = stage.other.groups.iter_mut();
            let other = other.flat_map(|group| &mut group.examples);
            let praise = stage.praise.iter_mut().flat_map(|group| &mut group.quotes);
            let wishes = stage
                .wishes
                .iter_mut()
                .flat_map(|wishes| &mut wishes.quotes);
            let works = stage.works.iter_mut().chain(praise).chain(wishes);
            works.chain(findings).chain(other)
        });
        let questions = self.questions.iter_mut().flat_map(|all| &mut all.asked);
        let answers = questions.flat_map(|question| &mut question.quotes);
        stages.chain(examples).chain(answers)
    }
}
