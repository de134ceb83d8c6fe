//! A run's state on disk: always one that is whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::export::{BESIDE, describe, weights};
use crate::model::Wanted;
use crate::optimiser::Adamw;
use crate::predict::Description;
use crate::{Model, TrainError};

const NOW: &str = "checkpoint";
const NEXT: &str = "checkpoint.new";
const BEFORE: &str = "checkpoint.old";

/// How far a run has come.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// Steps made.
    pub(crate) step: usize,
    /// A hash of the recipe and of the rows: what the run is a function of.
    pub(crate) run: String,
}

/// The folder to open when a model or a run is named: a run's checkpoint, else the
/// folder itself.
pub(crate) fn place(folder: &Path) -> PathBuf {
    [NOW, BEFORE]
        .iter()
        .map(|name| folder.join(name))
        .find(|place| place.join("state.json").exists())
        .unwrap_or_else(|| folder.to_owned())
}

/// Writes a checkpoint beside the one before, and then puts it into its place.
/// `base` is the folder that configuration and tokenizer are copied from.
pub(crate) fn save(
    out: &Path,
    base: &Path,
    description: &Description,
    (model, optimiser): (&Model, &Adamw),
    state: &State,
) -> Result<(), TrainError> {
    let (next, now, before) = (out.join(NEXT), out.join(NOW), out.join(BEFORE));
    let failed = |path: &Path| TrainError::file(path);
    if next.exists() {
        std::fs::remove_dir_all(&next).map_err(failed(&next))?;
    }
    std::fs::create_dir_all(&next).map_err(failed(&next))?;
    for name in BESIDE {
        if base.join(name).exists() {
            let to = next.join(name);
            std::fs::copy(base.join(name), &to).map_err(failed(&to))?;
        }
    }
    describe(description, &next)?;
    weights(model, &next.join("model.safetensors"))?;
    let moments: Vec<(String, Tensor)> = optimiser
        .state()
        .into_iter()
        .map(|(name, tensor)| (name, tensor.contiguous()))
        .collect();
    Tensor::write_safetensors(&moments, next.join("moments.safetensors"))?;
    let path = next.join("state.json");
    let text = serde_json::to_string(state).map_err(TrainError::content(&path))?;
    std::fs::write(&path, text).map_err(failed(&path))?;
    if before.exists() {
        std::fs::remove_dir_all(&before).map_err(failed(&before))?;
    }
    if now.exists() {
        std::fs::rename(&now, &before).map_err(failed(&now))?;
    }
    std::fs::rename(&next, &now).map_err(failed(&next))?;
    if before.exists() {
        std::fs::remove_dir_all(&before).map_err(failed(&before))?;
    }
    Ok(())
}

/// Takes the checkpoints of a run away, once what it was for is written.
pub(crate) fn remove(out: &Path) -> Result<(), TrainError> {
    for folder in [NEXT, BEFORE, NOW].map(|name| out.join(name)) {
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(TrainError::file(&folder))?;
        }
    }
    Ok(())
}

/// Takes up the checkpoint of a run's folder.
pub(crate) fn load(
    out: &Path,
    run: &str,
    model: &mut Model,
    optimiser: &mut Adamw,
) -> Result<State, TrainError> {
    let folder = place(out);
    let path = folder.join("state.json");
    let text = std::fs::read_to_string(&path).map_err(TrainError::file(&path))?;
    let state: State = serde_json::from_str(&text).map_err(TrainError::content(&path))?;
    if state.run != run {
        return Err(TrainError::content(&path)(
            "it belongs to another recipe, or to other data: start anew in another folder",
        ));
    }
    model.load(&folder.join("model.safetensors"), Wanted::All)?;
    let path = folder.join("moments.safetensors");
    let moments: BTreeMap<String, Tensor> = Tensor::read_safetensors(&path)?.into_iter().collect();
    optimiser.restore(&moments, &path)?;
    Ok(state)
}
