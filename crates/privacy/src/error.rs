use std::path::PathBuf;

use thiserror::Error;

/// Why a key could not be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PrivacyError {
    /// The key file is not where it should be.
    #[error(
        "{}: the key of this study's pseudonyms is missing. Put it back where it was, or name its place with privacy_key in throughline.toml. Without it the study can be read and reported, but nothing can be added under the same pseudonyms, and nobody can say who is who: then make a new study from the files", path.display()
    )]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The key file is another study's.
    #[error("{}: this is the key of another study; name the right one with privacy_key in throughline.toml", path.display())]
    Another {
        /// The key file.
        path: PathBuf,
    },
    /// The key file cannot be understood.
    #[error("{}: this is no key of a study, or a damaged one ({problem}); restore it from a copy", path.display())]
    Damaged {
        /// The key file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The key file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The key file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
