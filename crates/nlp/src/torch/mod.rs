//! The second engine: libtorch, through `rust-bert`.
//!
//! It serves three things that the first engine does not: the weights of a model
//! folder in f32, as the reference that the 8-bit engine is held against
//! ([`TorchTagger`]); vectors of any BERT checkpoint ([`Checkpoint`]); and the
//! entailment model behind [`crate::ZeroShot`] ([`Entailment`]).
//!
//! A tensor's handle cannot be shared by threads, so that each thread has a net
//! of its own over the same weights ([`nets::Nets`]). Texts are read one at a
//! time, each on one thread: what comes out then depends on the text alone, where
//! a batch of another size would let libtorch choose another way of adding.

mod checkpoint;
mod config;
mod encoder;
mod entailment;
mod layout;
mod nets;
mod onnx;
mod reader;
mod tagger;
mod weights;

pub use checkpoint::Checkpoint;
pub(crate) use entailment::Entailment;
pub use tagger::TorchTagger;
