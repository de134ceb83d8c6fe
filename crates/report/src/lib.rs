//! The report as plain data, and one exporter a format.
//!
//! The principal type is [`Report`]: everything a report says, already counted,
//! ranked and quoted, as serde data without behaviour of its own beyond
//! [`Report::check`], which proves that it adds up. The driver fills it from
//! the record; nothing here reads a study, a file or a clock, so the same
//! report gives the same bytes in every format.
//!
//! Between the data and the formats stand the words: every number and label is
//! written once, as a reader sees it, and each exporter only lays them out and
//! escapes them. Speakers' words are never touched on the way. [`html`],
//! [`markdown`], [`docx`] and [`json`] each say in their own file what they lose; JSON
//! loses nothing.
//!
//! Tables hold more than a report shows: every passage of evidence, with its
//! codes. They come one at a time as [`CodedPassage`]s, and [`QuotesCsv`],
//! [`Workbook`], [`Clips`] and [`DecisionList`] write them as they come.
//!
//! [`claims`] reads back what a file of each format says stands where, for
//! whoever compares it with the sources.
//!
//! ```
//! use throughline_report::{SentimentSummary, SeverityCounts, escape, unescape};
//! use throughline_core::{Sentiment, Severity};
//!
//! let severity = SeverityCounts::of([Severity::Loss, Severity::Effort, Severity::Unknown]);
//! assert_eq!(severity.median, Some(Severity::Effort));
//! let sentiment = SentimentSummary::of([Sentiment::Mixed, Sentiment::Negative]);
//! assert_eq!(sentiment.mixed.share, 0.5);
//!
//! let words = "it *never* loads | \u{1f643}";
//! assert_eq!(unescape(&escape(words)), words);
//! ```

mod claims;
mod data;
mod docx;
mod error;
mod html;
mod json;
mod map;
mod markdown;
mod numbers;
mod plot;
mod shapes;
mod tables;
mod templates;
mod view;
mod words;

pub use claims::{Claim, Claims, Named, claims};
pub use data::{
    Apart, CarryingWords, CoOccurrence, CodebookEntry, Collection, ContextSlice, Corpus,
    CorpusKind, Counts, Coverage, Crosstab, CrosstabRow, Days, Denominator, Estimate, Finding,
    FindingAnswers, Input, Interval, KeptQuote, KindCounts, Label, Lens, LifeCycle, Manifest,
    MatrixCell, MatrixRow, ModelInfo, MomentCount, NamedGroup, NotPlaced, Other, OtherGroup,
    PeriodShare, Priority, PromptingCounts, QuestionAnswers, Questions, Quote, RankRange,
    RatingImpact, Reason, Reasons, Recurring, Reliability, Report, RoleCount, SCHEMA,
    SCHEMA_VERSION, Saturation, SegmentDifference, SegmentShare, SentimentPart, SentimentSummary,
    SeverityCounts, Share, Skipped, StageReport, TextItem, TouchpointCount, Trend, Unit, Wishes,
};
pub use docx::docx;
pub use error::ReportError;
pub use html::{html, map_svg};
pub use json::{JSON_SCHEMA, json, read_json};
pub use markdown::{escape, markdown, unescape};
pub use tables::{
    Clips, Code, CodedPassage, DecisionList, PassageTable, QuotesCsv, Workbook, findings_csv,
    manifest_csv, manifest_rows, neutralised, restored,
};
