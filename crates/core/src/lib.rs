//! The vocabulary of Throughline: documents, turns, passages, tags, themes.
//!
//! Every other crate speaks in these types and none of them knows another, so
//! this crate is where two of them meet. It does no I/O and holds no algorithm
//! beyond what a type needs to keep its own promise; it can fail only where a
//! value is constructed.
//!
//! The principal type is [`Document`]: a canonical text ([`Document::text`]),
//! the [`Segment`]s that lead from it back to the source file, the [`Turn`]s
//! spoken in it and the [`Passage`]s that are tagged. Everything that is quoted
//! anywhere is a [`Span`] of that text, never a string of its own.
//!
//! ```
//! use throughline_core::{DocumentBuilder, Role, SourceKind};
//!
//! let text = "Interviewer: What happened?\n\nDana: I could not find the price. I gave up.\n";
//! let mut builder = DocumentBuilder::new("dana.txt", SourceKind::Interview, text);
//! builder.turn(13..27, Some("Interviewer"), Role::Interviewer).passage(13..27)?;
//! builder.turn(35..73, Some("Dana"), Role::Participant).passage(35..62)?.passage(63..73)?;
//! let document = builder.build()?;
//!
//! let passage = &document.passages[1];
//! assert_eq!(document.slice(passage.span), "I could not find the price.");
//! assert_eq!(document.context_of(passage), Some("What happened?"));
//! # Ok::<(), throughline_core::CoreError>(())
//! ```

mod date;
mod document;
mod error;
mod explanation;
mod framework;
mod hash;
mod judgement;
mod labels;
mod meta;
mod period;
mod place_set;
mod span;
mod speaker;
mod tags;
mod theme;
mod vector;
mod xml;

pub use date::Date;
pub use document::{
    Document, DocumentBuilder, ParticipantId, Passage, Segment, SourceKind, SourceRef, Turn,
    TurnBuilder,
};
pub use error::CoreError;
pub use explanation::{Carrier, Explanation, Why};
pub use framework::{Framework, NoStage, Placement, Stage};
pub use hash::{ContentHash, PassageId};
pub use judgement::Anchor;
pub use labels::{Moment, OtherReason, Owner, Prompting, Role, Sentiment, Severity, Touchpoint};
pub use meta::DocumentMeta;
pub use period::Period;
pub use place_set::PlaceSet;
pub use span::Span;
pub use speaker::{RoleBasis, Speaker};
pub use tags::{Scored, Tagged, Tags, input_hash};
pub use theme::{SubTheme, Theme, Verbatim};
pub use vector::Vector;
pub use xml::{escaped_for_xml, restored_from_xml};
