//! Tags passages with moment, sentiment, pain and touchpoint, and gives each a vector.
//!
//! The principal type is [`Tagger`], a trait: passages in, [`Tagged`] out, in
//! the same order. [`RtenTagger`] keeps it with a small int8 encoder that is part
//! of the program, and with any model folder of the same layout.
//!
//! The crate knows the words of `throughline_core` and nothing of files of text,
//! of studies or of indexes: the study hands it passages and keeps what it says,
//! under the model's hash ([`ModelInfo::sha256`]), so that nothing is read twice.
//!
//! ```
//! use throughline_core::{Moment, Sentiment};
//! use throughline_nlp::{RtenTagger, TagInput, Tagger};
//!
//! let tagger = RtenTagger::embedded()?;
//! let passage = TagInput {
//!     text: "The parcel came two weeks late and the box was crushed.",
//!     context: Some("How did the delivery go?"),
//! };
//! let tagged = tagger.tag(&[passage])?;
//! let tags = tagged[0].tags;
//! assert_eq!(tags.moment.label, Moment::Delivery);
//! assert_eq!(tags.sentiment.label, Sentiment::Negative);
//! assert!(tags.pain.label && tags.valence < 0.0);
//! // The vector is the text's own: no context, the same vector.
//! assert_eq!(tagged[0].vector, tagger.embed(&[passage.text])?[0]);
//! # Ok::<(), throughline_nlp::NlpError>(())
//! ```
//!
//! # How a passage is read, and why so
//!
//! A text becomes tokens, at most [`ModelInfo::max_tokens`] of them, and beside it
//! stand a token for the tags and the end of the context. All go through one small
//! encoder in one pass, in which the text's tokens see each other alone and the
//! others see everything. The vector comes from the text's tokens, so that no context
//! can reach it; four heads read text and tag token and give answers with calibrated
//! confidences.
//!
//! What a passage gets depends on its text and context alone, bit for bit: see
//! [`Tagger`]. Three things make it so. Batches are of equal shape, so that
//! nothing is padded because of another; activations are turned to bytes by scales that are
//! part of the model, not by those of the batch; and each batch runs on one
//! thread, so that no sum is split. Different processors may differ in the last
//! bits, as the order of a sum is the engine's choice for each.
//!
//! A model is a folder: `model.json` with labels, temperatures, thresholds and
//! hashes, and beside it the encoder with its heads and the tokenizer. A better model
//! is another folder; no label and no threshold is in code. A later version may be what
//! changed, beside the encoder that it changes: both are put together when the model is
//! opened.
//!
//! # The second engine
//!
//! With the cargo feature `torch` (off by default, as it needs libtorch), the
//! same files run in f32 through `rust-bert`: a `TorchTagger`, the reference that
//! the 8-bit engine is tested against. It also runs BERT checkpoints of others,
//! for vectors (a `Checkpoint`) and for stages of one's own ([`ZeroShot`]).
//! [`open_tagger`] and [`ZeroShot`] are there without the feature too and say
//! what is missing, so that nobody above has to know.
//!
//! [`Tagged`]: throughline_core::Tagged

mod batch;
mod changes;
mod context;
mod cues;
mod embedded;
mod encoder;
mod error;
mod exemplars;
mod explain;
mod folder;
mod graph;
mod heads;
mod manifest;
mod models;
mod open;
mod own_head;
mod prompting;
mod rten_tagger;
mod severity;
mod tagger;
mod tokens;
#[cfg(feature = "torch")]
mod torch;
mod verify;
mod wishing;
mod words;
mod workers;
mod zero_shot;

pub use error::NlpError;
pub use exemplars::{StageHead, Told};
pub use explain::{EXPLAIN_METHOD, explain};
pub use models::{ModelEntry, describe, find_model, models};
pub use open::{Backend, open_tagger};
pub use own_head::{OwnHead, Seen};
pub use prompting::{Before, prompting};
pub use rten_tagger::RtenTagger;
pub use severity::severity;
pub use tagger::{Distributions, ModelInfo, TagInput, Tagger};
#[cfg(feature = "torch")]
pub use torch::{Checkpoint, TorchTagger};
pub use verify::{FileCheck, ReferenceCheck, Verified, verify_model};
pub use wishing::states_wish;
pub use zero_shot::ZeroShot;
