//! int8 vectors on disk and their nearest neighbours.
//!
//! The principal type is [`VectorFile`]: one file with the vectors of a whole
//! study, mapped into memory, so that opening it costs nothing and a search reads
//! what it compares. The driver writes it from the record with
//! [`VectorFile::write`] or [`VectorWriter`], under the generation of the record
//! that it stands for, and writes it anew when the two have parted or when it is
//! refused as [`VectorError::NeedsRebuild`].
//!
//! A search compares the query with every vector, or with every one that a set of
//! passages leaves; where those are very many, by the signs of their components
//! first and the most alike then exactly ([`VectorFile::nearest`]). Either way all
//! of them are looked at: a filter costs nothing in quality, there is no structure
//! to build or to keep in order, and the answer depends on neither threads nor
//! machine, since dot products are integers. Graphs of neighbours answer faster
//! where nothing is filtered; a filter that leaves a tenth of the passages makes
//! them lose their way or look at all the same.
//!
//! A word index and this crate meet in the driver, as sets of positions
//! ([`throughline_core::PlaceSet`]); [`VectorFile::cosines`] says how near
//! everything is, for an order that something else decides as well.
//!
//! ```
//! use throughline_core::{PassageId, PlaceSet, Vector};
//! use throughline_vectors::VectorFile;
//!
//! let id = |n| PassageId::from_bytes([n; 16]);
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("vectors.tlv");
//! let vectors = [
//!     (id(2), Vector::quantise(&[1.0, 0.1])),
//!     (id(1), Vector::quantise(&[0.0, 1.0])),
//! ];
//! VectorFile::write(&path, 7, 2, vectors)?;
//!
//! let file = VectorFile::open(&path)?.expect("just written");
//! assert_eq!((file.generation(), file.len()), (7, 2));
//! let nearest = file.nearest(&Vector::quantise(&[1.0, 0.0]), 1, None);
//! assert_eq!(nearest[0].id, id(2));
//!
//! let mut within = PlaceSet::new(file.len());
//! within.insert(file.position(&id(1)).expect("just written"));
//! let nearest = file.nearest(&Vector::quantise(&[1.0, 0.0]), 1, Some(&within));
//! assert_eq!(nearest[0].id, id(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod even;
mod file;
mod layout;
mod limits;
mod mapped;
mod nearest;
mod signs;
mod writer;

pub use error::VectorError;
pub use file::VectorFile;
pub use limits::Limits;
pub use nearest::Neighbour;
pub use writer::VectorWriter;
