//! REFI-QDA 1.5: projects (`.qdpx`) and codebooks (`.qdc`), which NVivo,
//! ATLAS.ti, MAXQDA, QualCoder and others exchange.
//!
//! The principal type is [`Project`]: texts, codes as trees, what is coded with
//! what, and the people of the study as cases. [`write_project`] and
//! [`read_project`] turn it into an archive and back; [`write_codebook`] and
//! [`read_codebook`] do so for codes alone. The driver fills a project from the
//! record and puts what it reads into it; nothing here knows a study.
//!
//! Why it is so: places are ranges of bytes everywhere in Throughline, and
//! numbers of code points, end exclusive, in the standard. They are turned into
//! each other here and nowhere else. Tools differ in how they count (UTF-16
//! units, line ends, byte order marks, the last character); reading finds out
//! which way fits the words, see [`Convention`]. Ids are hashes of what they
//! name and dates come from the caller, so that the same project gives the same
//! bytes.
//!
//! ```
//! use std::io::Cursor;
//! use throughline_refi::{Code, Guid, Project, Selection, TextSource, User};
//! use throughline_core::Span;
//!
//! let price = Code::new(Guid::of("code", "price"), "Price");
//! let text = "It was 🙂 until I saw the price.";
//! let project = Project {
//!     name: "demo".to_owned(),
//!     origin: "throughline".to_owned(),
//!     created: "2026-01-02T00:00:00Z".to_owned(),
//!     users: vec![User { guid: Guid::of("user", "me"), name: "me".to_owned() }],
//!     codes: vec![price.clone()],
//!     sources: vec![TextSource {
//!         guid: Guid::of("source", "a.txt"),
//!         name: "a.txt".to_owned(),
//!         text: text.to_owned(),
//!         created: None,
//!         selections: vec![Selection {
//!             guid: Guid::of("selection", "a.txt 0"),
//!             span: Span { start: 12, end: 34 },
//!             words: None,
//!             description: None,
//!             user: Some(Guid::of("user", "me")),
//!             created: None,
//!             codes: vec![price.guid],
//!         }],
//!     }],
//!     ..Project::default()
//! };
//! let mut archive = Cursor::new(Vec::new());
//! throughline_refi::write_project(&project, &mut archive)?;
//! let read = throughline_refi::read_project(archive)?;
//! let selection = &read.project.sources[0].selections[0];
//! assert_eq!(selection.span.slice(text), Some("until I saw the price."));
//! # Ok::<(), throughline_refi::RefiError>(())
//! ```

mod convention;
mod error;
mod guid;
mod project;
mod read;
mod tree;
mod write;

pub use convention::Convention;
pub use error::RefiError;
pub use guid::Guid;
pub use project::{Case, Code, Project, Selection, TextSource, User, Variable};
pub use read::{Read, read_codebook, read_project};
pub use write::{write_codebook, write_project};
