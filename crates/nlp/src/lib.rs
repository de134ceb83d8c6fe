//! Tags passages with moment, sentiment, pain and touchpoint, and gives each a vector.

mod prompting;
mod severity;
mod words;

pub use prompting::prompting;
pub use severity::severity;
