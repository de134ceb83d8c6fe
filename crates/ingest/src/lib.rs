//! Reads files into documents, turns and passages, with every byte accounted for.
//!
//! [`discover`] finds the files under the paths that somebody gave, names them
//! for the study and says what it passed over. [`read_file`] reads one of them
//! and hands over its [`Document`]s: one for a transcript, one for each row of
//! a table. Tables are read in a stream, so that their size does not matter;
//! gzip, Zstandard and zip archives are read through.
//! What is left out or doubtful comes back as [`Skip`]s with their lines, what
//! was decided about columns as notes in the [`FileSummary`].
//!
//! Inside, `text` turns bytes of any charset into canonical text, `container`
//! does so with documents of other programs (DOCX, ODT, RTF, HTML, PDF),
//! `transcript` finds who said what in texts, captions and the JSON of speech
//! recognisers, `table` cuts rows and cells, `speakers` tells interviewers from
//! participants, `language` which language a document is in, and `passages` cuts
//! turns into the units that are tagged. [`Duplicates`] finds documents that say
//! what another says already. Each keeps segments that lead from the canonical
//! text back to the bytes of the source, or of a part of it
//! (`word/document.xml`), because a quote that cannot be found in its source is
//! worth nothing. No other crate is named here but `core`: the study's driver
//! takes the documents on to the store and the tagger.
//!
//! ```
//! use std::ops::ControlFlow;
//! use throughline_ingest::{Options, discover, read_file};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("reviews.csv");
//! std::fs::write(&path, "id,stars,review\n7,2,\"I could not find the \"\"price\"\". I gave up.\"\n")?;
//!
//! let discovery = discover(&[path])?;
//! let mut documents = Vec::new();
//! let summary = read_file(&discovery.inputs[0], &Options::default(), &mut |document| {
//!     documents.push(document);
//!     ControlFlow::Continue(())
//! })?;
//!
//! assert_eq!(summary.documents, 1);
//! let review = &documents[0];
//! assert_eq!(review.name, "reviews.csv#7");
//! assert_eq!(review.meta.rating, Some(2.0));
//! assert_eq!(review.text, "I could not find the \"price\". I gave up.");
//! assert_eq!(review.slice(review.passages[0].span), review.text);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Document`]: throughline_core::Document

mod archive;
mod attributes;
mod contained;
mod container;
mod discover;
mod duplicates;
mod entity;
mod error;
mod format;
mod input;
mod language;
mod package;
mod passages;
mod plain_table;
mod skip;
mod speakers;
#[cfg(test)]
mod stopwatch;
mod table;
mod text;
mod transcript;

pub use attributes::ParticipantTable;
pub use discover::{Discovery, Input, SkippedFile, discover};
pub use duplicates::{Duplicate, Duplicates, Occasion, Wording};
pub use error::IngestError;
pub use input::{FileSummary, Options, hash_file, read_file};
pub use passages::sentences;
pub use plain_table::{PlainRow, PlainTable};
pub use skip::Skip;
pub use speakers::is_unidentified;
pub use table::ColumnMap;
