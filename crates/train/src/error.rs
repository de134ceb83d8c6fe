use std::path::{Path, PathBuf};

/// Why training, measuring or exporting stopped.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file that a recipe names is in neither of the places looked at.
    #[error("{} is found neither below {} nor below the current folder: check --data", path.display(), data.display())]
    Missing {
        /// The path as the recipe gives it.
        path: PathBuf,
        /// The folder of data.
        data: PathBuf,
    },
    /// A line of a data file does not hold what its set's kind asks for.
    #[error("{}, line {line}: {problem}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A recipe, a configuration or a saved state does not make sense.
    #[error("{}: {problem}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// There is nothing to train on or to measure.
    #[error("{0}")]
    Nothing(String),
    /// libtorch refused.
    #[error("libtorch: {0}")]
    Torch(#[from] tch::TchError),
    /// The encoder refused its input.
    #[error("encoder: {0}")]
    Encoder(#[from] rust_bert::RustBertError),
}

impl TrainError {
    /// For `map_err` on what reads or writes `path`.
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }

    /// For `map_err` on what makes sense of `path`.
    pub(crate) fn content<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> Self + use<E> {
        let path = path.to_owned();
        move |problem| Self::Content {
            path,
            problem: problem.to_string(),
        }
    }
}
