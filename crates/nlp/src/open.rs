use std::path::Path;

use crate::folder::Source;
use crate::{NlpError, RtenTagger, Tagger};

/// The engine that runs a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The default: 8-bit weights, nothing to install.
    Rten,
    /// libtorch: the same weights in f32, and BERT checkpoints for vectors. Only
    /// in programs built with the cargo feature `torch`.
    Torch,
}

/// Opens a model: the default one where none is asked for, one in the program by
/// its name, or that of a folder ([`crate::find_model`] finds both).
///
/// A folder with a `model.json` is a model of ours and runs on either engine, on
/// [`Backend::Rten`] unless said otherwise. Another with a `config.json` is a BERT
/// checkpoint, which runs on [`Backend::Torch`], gives vectors and cannot tag.
///
/// # Errors
/// A folder or file that is missing or does not fit; [`NlpError::NoTorch`] if the
/// program was built without that engine; a checkpoint on [`Backend::Rten`].
pub fn open_tagger(
    backend: Option<Backend>,
    model: Option<&Path>,
) -> Result<Box<dyn Tagger>, NlpError> {
    if let Some(folder) = model.filter(|place| is_checkpoint(place)) {
        if backend == Some(Backend::Rten) {
            return Err(NlpError::BadManifest {
                path: folder.join("config.json"),
                problem: "a checkpoint runs on the torch backend only; leave out '--backend rten'"
                    .to_owned(),
            });
        }
        return checkpoint(folder);
    }
    match (backend.unwrap_or(Backend::Rten), model) {
        (Backend::Rten, None) => Ok(Box::new(RtenTagger::embedded()?)),
        (Backend::Rten, Some(place)) => Ok(Box::new(RtenTagger::open(place)?)),
        (Backend::Torch, place) => torch(place),
    }
}

fn is_checkpoint(folder: &Path) -> bool {
    matches!(Source::at(folder), Source::Folder(_))
        && !folder.join("model.json").is_file()
        && folder.join("config.json").is_file()
}

#[cfg(feature = "torch")]
fn torch(folder: Option<&Path>) -> Result<Box<dyn Tagger>, NlpError> {
    use crate::TorchTagger;
    Ok(Box::new(match folder {
        Some(folder) => TorchTagger::open(folder)?,
        None => TorchTagger::embedded()?,
    }))
}

#[cfg(not(feature = "torch"))]
fn torch(_: Option<&Path>) -> Result<Box<dyn Tagger>, NlpError> {
    Err(NlpError::NoTorch {
        what: "the backend 'torch'",
    })
}

#[cfg(feature = "torch")]
fn checkpoint(folder: &Path) -> Result<Box<dyn Tagger>, NlpError> {
    Ok(Box::new(crate::Checkpoint::open(folder)?))
}

#[cfg(not(feature = "torch"))]
fn checkpoint(_: &Path) -> Result<Box<dyn Tagger>, NlpError> {
    Err(NlpError::NoTorch {
        what: "a checkpoint folder",
    })
}
