//! Groups passages into themes and names each with a participant's own words.
//!
//! The principal type is [`Clustering`]: every [`Item`] in one [`Group`] or in
//! the rest with a reason. `study` calls [`cluster`] with the pain passages of
//! one stage and the vectors that `nlp` gave them, then [`choose_quotes`] for
//! the evidence of each theme; `report` prints both. Nothing here reads a file,
//! and nothing is random: the same passages give the same themes in any order
//! and on any number of threads.
//!
//! ```
//! use throughline_core::{ContentHash, PassageId, Span, Vector};
//! use throughline_themes::{Item, Parameters, choose_quotes, cluster};
//!
//! let said = [
//!     ("ann", "I could not find the price anywhere.", [9.0, 1.0, 0.0]),
//!     ("ben", "You could not find the price on the page.", [9.0, 0.0, 1.0]),
//!     ("cleo", "We could not find the price either.", [9.0, 1.0, 1.0]),
//!     ("dana", "The parcel came late.", [0.0, 9.0, -9.0]),
//! ];
//! let vectors = said.map(|(_, _, meaning)| Vector::quantise(&meaning));
//! let mut items = Vec::new();
//! for ((who, text, _), vector) in said.iter().zip(&vectors) {
//!     let span = Span::new(0, text.len())?;
//!     let id = PassageId::of(who, ContentHash::of(text.as_bytes()), span);
//!     items.push(Item { id, text, vector, document: who, participant: Some(who) });
//! }
//!
//! let themes = cluster(&items, &Parameters::default());
//! assert_eq!(themes.groups.len(), 1);
//! let label = &themes.groups[0].label;
//! let words = &said[label.member].1[label.range.clone()];
//! assert!(words.starts_with("could not find the price"));
//! assert_eq!(themes.other[0].0, 3);
//! assert_eq!(choose_quotes(&items, &themes.groups[0].members, 2).len(), 2);
//! # Ok::<(), throughline_core::CoreError>(())
//! ```

mod cluster;
mod clustering;
mod label;
mod linkage;
mod parameters;
mod quotes;
mod space;
mod terms;
mod words;

pub use cluster::cluster;
pub use clustering::{Clustering, Group, Item, Label};
pub use parameters::Parameters;
pub use quotes::choose_quotes;
