//! Fine-tunes the model of Throughline, measures it and writes it out.
//!
//! The principal type is [`Run`]: a [`Recipe`] and a folder of data become a model by
//! a number of steps that can be interrupted and taken up again. A [`Model`] is one
//! BERT encoder (rust-bert's) with a linear head for each task. It reads a passage in
//! two parts (see [`Reading`]): the text sees only itself, so that its vector does not
//! depend on the context, and a tag token sees text and context. A [`VectorRun`] then
//! gives the vector of a trained model a layer of its own.
//!
//! The crate is a workspace of its own, because it needs libtorch and the program does
//! not: the program reads what [`export::export`] writes, through `models/build`.
//! Everything is a function of the recipe, the data, the seed and the number of threads.
//!
//! ```
//! use throughline_train::Recipe;
//!
//! let recipe: Recipe = toml::from_str(
//!     r#"
//!     base = "all-minilm-l6-v2"
//!     seed = 1
//!
//!     [[set]]
//!     path = "journey/train.jsonl"
//!     kind = "journey"
//!     "#,
//! )?;
//! assert_eq!(recipe.steps.epochs, 3);
//! # Ok::<(), toml::de::Error>(())
//! ```

mod checkpoint;
pub mod context;
pub mod data;
pub mod distil;
mod encoder;
mod error;
pub mod export;
mod jsonl;
pub mod losses;
pub mod measure;
pub mod model;
pub mod optimiser;
pub mod order;
mod own;
pub mod predict;
pub mod progress;
pub mod recipe;
pub mod run;
pub mod student;
pub mod tasks;
pub mod tokens;
pub mod vector;

pub use error::TrainError;
pub use model::Model;
pub use recipe::Recipe;
pub use run::Run;
pub use student::Student;
pub use tokens::Reading;
pub use vector::VectorRun;
