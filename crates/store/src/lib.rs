//! The record of a study: one SQLite database, `study.db`.
//!
//! The principal type is [`Store`]. It keeps what was read (sources, documents,
//! turns, passages), what a model said of it (tags and vectors, by passage,
//! input and [`ModelKey`]), the themes that were made of that, and what people
//! judged. It reads no source file and knows no model: `study` puts in what
//! `ingest` and `nlp` give, and hands what comes out to `themes`, `index`,
//! `vectors` and `report`. Those keep caches; [`Store::generation`] tells them
//! when to follow.
//!
//! Why it is so:
//!
//! - *Nothing confirmed is lost.* Every call that writes is one transaction,
//!   and on the disk when it returns. A new record is made under another name
//!   and renamed when it is whole.
//! - *Nothing is done twice.* [`Store::put_documents`] leaves alone what has not
//!   changed, and of a changed document the passages whose words and context
//!   are the same keep their tags.
//! - *Words are kept once.* A passage is a range of its document's text. Turns,
//!   segments, tags and vectors are packed; `src/schema_v1.sql` tells how.
//!   Explanations are places in a passage and hold no words.
//! - *What is withdrawn is gone*, from the bytes of the files too, and does not
//!   come back when its file is added again ([`Store::remove_document`],
//!   [`Store::remove_participant`]).
//! - *A person's judgement is never overwritten.* It holds on to words, not to
//!   ids, and finds them again in a changed text ([`Store::judgements`]). What it
//!   corrects is seen by everybody who reads passages ([`Store::corrections`]), and
//!   so is what the study's own heads make of the rest ([`Store::own_heads`]).
//! - *The order is always the same*: by document name and place in the text,
//!   whatever order things came in.
//!
//! ```
//! use std::ops::ControlFlow;
//! use throughline_core::{ContentHash, DocumentBuilder, Role, SourceKind};
//! use throughline_store::{NewSource, SourceSummary, Store};
//!
//! let folder = tempfile::tempdir()?;
//! let mut store = Store::create(folder.path())?;
//! store.begin_source(&NewSource {
//!     name: "dana.txt".to_owned(),
//!     path: "interviews/dana.txt".to_owned(),
//!     sha256: ContentHash::of(b"Dana: I could not find the price.\n"),
//!     bytes: 34,
//!     settings_hash: ContentHash::of(b""),
//! })?;
//! let text = "Dana: I could not find the price.\n";
//! let mut document = DocumentBuilder::new("dana.txt", SourceKind::Interview, text);
//! document.turn(6..33, Some("Dana"), Role::Participant).passage(6..33)?;
//! store.put_documents("dana.txt", &[document.build()?])?;
//! store.finish_source("dana.txt", &SourceSummary::default())?;
//!
//! let mut quotes = Vec::new();
//! store.each_passage(None, &mut |passage| {
//!     quotes.push(passage.text);
//!     ControlFlow::Continue(())
//! })?;
//! assert_eq!(quotes, ["I could not find the price."]);
//! store.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attach;
mod codes;
mod corrections;
mod encode;
mod error;
mod explanations;
mod judgements;
mod load;
mod own_heads;
mod passages;
mod readings;
mod record;
mod remove;
mod schema;
mod shorten;
mod sources;
mod store;
#[cfg(test)]
mod testing;
mod themes;
mod withdrawn;
mod write;

pub use corrections::{
    Correction, Corrections, NO_THEME, act_of, in_order, kind, taken_back, yes_or_no,
};
pub use error::StoreError;
pub use judgements::{Attachment, Judgement};
pub use record::{
    Counts, DocumentRow, ModelKey, NewSource, Other, PassageRow, Pending, PutCounts, Reading,
    Removed, SkippedRows, SourceRecord, SourceState, SourceSummary, ThemeRun,
};
pub use store::Store;
