//! Full-text index over tagged quotes, with its query language.
//!
//! The principal type is [`Index`]: a folder that a [`Writer`] fills with
//! [`Quote`]s and whose hits for a [`Query`] it lists in any order
//! ([`Index::list`]), collects ([`Index::ids`]) and counts by their values
//! ([`Index::counts`]). The driver makes the quotes out of the record; the index
//! gives back passage ids, which the driver looks up there, and keeps no text: a
//! [`Highlighter`] says where in one the words of a query stand.
//!
//! For an order by words and meaning together, [`Query::plain`] takes a query's
//! words and conditions apart, and [`Places`] put the quotes into the order in which
//! their vectors stand: [`Places::matching`] says where the conditions hold,
//! [`Places::holders`] which share of the words each quote holds, and a [`Ranker`]
//! says it of everything, for one plain text after another.
//!
//! An index is a layout of the record and holds nothing of its own: it can be
//! removed at any time. Each commit carries the generation of the record that it
//! stands for ([`Index::generation`]), so that the driver sees when the two have
//! parted; an index that is damaged or of another version says
//! [`IndexError::NeedsRebuild`].
//!
//! Answers do not depend on how the index came about. Which hits there are, their
//! scores and their order are the same after any history of additions, removals,
//! merges and rebuilds, with any number of threads: statistics count live quotes
//! only, scores are rounded so that their sum is exact in any order, and ties are
//! decided by passage id while hits are collected.
//!
//! The text is indexed twice, as English stems for plain words and in exact form
//! for phrases and prefixes. Stages are no part of the index: a query's stages are
//! turned into moments, or into the passages they hold, when it is parsed
//! ([`Vocabulary`]), so that one index serves any framework; so are its themes.
//!
//! ```
//! use throughline_core::{
//!     ContentHash, Moment, PassageId, Role, Sentiment, SourceKind, Span, Touchpoint,
//! };
//! use throughline_index::{Index, Members, Query, Quote, Sort, Unknown, Vocabulary};
//!
//! let text = "I could not find the price.";
//! let span = Span { start: 35, end: 62 };
//! let quote = Quote {
//!     id: PassageId::of("dana.txt", ContentHash::of(text.as_bytes()), span),
//!     document: "dana.txt".to_owned(),
//!     kind: SourceKind::Interview,
//!     text: text.to_owned(),
//!     speaker: Some("Dana".to_owned()),
//!     role: Role::Participant,
//!     participant: Some("dana.txt/Dana".to_owned()),
//!     language: Some("en".to_owned()),
//!     date: None,
//!     rating: None,
//!     product: None,
//!     question: None,
//!     start: 35,
//!     moment: Moment::Research,
//!     unclear: false,
//!     sentiment: Sentiment::Negative,
//!     pain: true,
//!     touchpoint: Touchpoint::Web,
//! };
//!
//! let folder = tempfile::tempdir()?;
//! let index = Index::create(folder.path())?;
//! let mut writer = index.writer(15_000_000, 1)?;
//! writer.add(&quote)?;
//! writer.commit(1)?;
//!
//! struct Stages;
//! impl Vocabulary for Stages {
//!     fn stage(&self, _: Option<&str>, name: &str) -> Result<Members, Unknown> {
//!         match name {
//!             "consider" => Ok(Members::Moments(vec![Moment::Research])),
//!             _ => Err(Unknown::new("there is no such stage")),
//!         }
//!     }
//! }
//! let query = Query::parse("stage:consider prices", &Stages)?;
//! let found = index.list(&query, Sort::Relevance, 10)?;
//! assert_eq!((found.total, found.listed[0].id), (1, quote.id));
//! let highlights = query.highlighter().ranges(text);
//! assert_eq!(&text[highlights[0].clone()], "price");
//! assert_eq!(index.generation()?, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod among;
mod collect;
mod column;
mod compile;
mod conditions;
mod counting;
mod error;
mod even_score;
mod highlight;
mod index;
mod listing;
mod places;
mod plain;
mod query;
mod quote;
mod ranker;
mod schema;
mod slop;
mod sought;
mod spelling;
mod statistics;
mod words;
mod writer;

pub use column::Column;
pub use counting::ValueCounts;
pub use error::IndexError;
pub use highlight::Highlighter;
pub use index::Index;
pub use listing::{Listed, Listing, Sort, SortKey};
pub use places::{Holder, Places};
pub use plain::Plain;
pub use query::{Meaning, Members, NoNames, Query, QueryError, Unknown, Vocabulary};
pub use quote::Quote;
pub use ranker::{Ranker, Shares};
pub use writer::Writer;
