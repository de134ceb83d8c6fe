//! The driver: what to run, what is stale, and what it all adds up to.
//!
//! The principal type is [`Study`], one folder with one record. Its verbs are
//! the product's: [`Study::add`] reads files, [`Study::tag`] tags what is new,
//! [`Study::group`] makes themes, [`Study::compose`] makes the report,
//! [`Study::questions`] puts answers under what was asked, [`diff`] compares two waves,
//! [`Study::correct`] keeps what people decide, [`Study::adapt`] learns from it,
//! [`Study::search`] finds quotes, [`Study::search_batch`] answers many queries at
//! once, [`Study::collect`] keeps quotes, and [`analyze`] is all of them in a row.
//! Without a study, [`plumbing`] turns JSON Lines into JSON Lines.
//!
//! This is the only crate that knows all the others. Each of them does one
//! thing and none knows another; what needs two of them (themes need the
//! record's vectors, findings need counts *and* quotes) is put together here.
//! Front ends translate arguments into calls of this crate and hold no rule
//! about text. Work that has been done is recognised by hashes of what went
//! into it, so that every verb can be repeated and does nothing the second
//! time.
//!
//! ```
//! use throughline_study::{Frameworks, Study};
//!
//! let folder = tempfile::tempdir()?;
//! let study = Study::create(&folder.path().join("my-study"))?;
//! assert_eq!(study.framework(None)?.id, "customer");
//! assert_eq!(Frameworks::built_in()?.iter().count(), 7);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod analyze;
mod batch;
mod caches;
mod codebook;
mod coding;
mod collecting;
mod comparing;
mod compose;
mod config;
mod dating;
mod error;
mod evidence;
mod explaining;
mod exporting;
mod formats;
mod frameworks;
mod grouping;
mod hybrid;
mod importing;
mod judging;
mod kept;
mod layouts;
mod models;
mod own_heads;
mod placing;
pub mod plumbing;
mod privacy;
mod progress;
mod project;
mod prompted;
mod reading;
mod redacting;
mod repeats;
mod searching;
mod settling;
mod study;
mod summary;
mod tagging;
mod validation;
mod verifying;
mod walking;
mod writing;
mod zero_shot;

pub use analyze::{AnalyzeOutcome, AnalyzeRequest, analyze, default_study_folder};
pub use batch::BatchRecord;
pub use codebook::{BookEntry, BookExemplar, Codebook, CodebookTheme, FreezeOutcome};
pub use collecting::{Collected, CollectionSummary};
pub use comparing::{Change, CrosstabCell, CrosstabRow, WaveChange, diff};
pub use config::{Config, IndexSettings, Privacy, ReportSettings, ThemeSettings};
pub use error::{ErrorKind, StudyError};
pub use formats::{FORMATS, Format};
pub use frameworks::Frameworks;
pub use grouping::{ALL_STAGES, GroupOutcome};
pub use hybrid::Ranking;
pub use importing::Imported;
pub use judging::{Decision, Judged, Standing, Words};
pub use models::{chosen_model, use_model};
pub use own_heads::{Adaptation, HeadTrial, Tested};
pub use placing::{Placer, Reliabilities};
pub use privacy::PersonalData;
pub use progress::{Progress, Silent, Step};
pub use reading::{AddOutcome, Inputs, Unread};
pub use searching::{
    Context, Facet, FacetCount, FacetCounts, Found, FoundPage, Group, Groups, PageRequest, Search,
    Start, TurnWords,
};
pub use study::{Study, model_key};
pub use summary::{
    DocumentSummary, LabelCounts, ParticipantSummary, ShownPassage, ShownTurn, StudySummary,
};
pub use tagging::TagOutcome;
pub use validation::{
    BlindRow, BlindSample, CodeColumn, CodingSheet, DimensionAgreement, LabelAgreement, Range,
    SheetPassage, ValidationScore, write_blind, write_blind_file,
};
pub use verifying::{Verification, VerifiedFile, VerifyRequest, Wrong, verify};
pub use writing::WriteOutcome;
pub use zero_shot::StageScorer;

pub use throughline_index::{Column, QueryError, Sort};
pub use throughline_ingest::{FileSummary, Options as IngestOptions};
pub use throughline_nlp::{
    Backend, ModelEntry, Tagger, Verified, describe, find_model, models as list_models,
    open_tagger, verify_model,
};
pub use throughline_privacy::Kind as PersonalKind;
pub use throughline_refi::Convention;
pub use throughline_report::{QuestionAnswers, Questions, Reliability, Report, StageReport};
pub use throughline_store::{Judgement, Removed, kind as judgement_kind};
pub use throughline_themes::Parameters as ThemeParameters;
