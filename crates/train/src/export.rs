//! A trained model as files that others read.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};
use tch::Tensor;

use crate::predict::{Description, Opened};
use crate::{Model, TrainError};

/// What a folder needs beside weights, and what [`export`] copies.
pub(crate) const BESIDE: [&str; 3] = ["config.json", "tokenizer.json", "tasks.json"];

/// Writes a model's folder: `model.safetensors` (the encoder under its base model's
/// names, `heads.<task>.weight` and `.bias`, `vector.weight` and `.bias`, and
/// `vector.layer.…` if the vector has a layer of its own, whose inner width is then in
/// `config.json` as `vector_intermediate_size`), `rust_model.ot` with the same tensors for
/// rust-bert, `config.json`, `tokenizer.json` and `tasks.json`. Auxiliary heads served
/// training only, and are left behind.
pub fn export(opened: &Opened, out: &Path) -> Result<(), TrainError> {
    std::fs::create_dir_all(out).map_err(TrainError::file(out))?;
    for name in BESIDE {
        let to = out.join(name);
        std::fs::copy(opened.folder.join(name), &to).map_err(TrainError::file(&to))?;
    }
    if let Some(inner) = opened.model.own_inner() {
        configure(inner, out)?;
    }
    let description = Description {
        auxiliaries: BTreeMap::new(),
        ..opened.description.clone()
    };
    describe(&description, out)?;
    let mut all = tensors(&opened.model);
    all.retain(|(name, _)| !name.starts_with("auxiliary."));
    Tensor::write_safetensors(&all, out.join("model.safetensors"))?;
    Ok(Tensor::save_multi(&all, out.join("rust_model.ot"))?)
}

/// Writes all weights of a model.
pub fn weights(model: &Model, path: &Path) -> Result<(), TrainError> {
    Ok(Tensor::write_safetensors(&tensors(model), path)?)
}

/// Adds the inner width of the vector's own layer to a `config.json`.
fn configure(inner: i64, folder: &Path) -> Result<(), TrainError> {
    let path = folder.join("config.json");
    let text = std::fs::read_to_string(&path).map_err(TrainError::file(&path))?;
    let mut config: Map<String, Value> =
        serde_json::from_str(&text).map_err(TrainError::content(&path))?;
    config.insert("vector_intermediate_size".to_owned(), inner.into());
    write_json(&config, &path)
}

/// Writes `tasks.json`.
pub(crate) fn describe(description: &Description, folder: &Path) -> Result<(), TrainError> {
    write_json(description, &folder.join("tasks.json"))
}

fn write_json(value: &impl Serialize, path: &Path) -> Result<(), TrainError> {
    let mut text = serde_json::to_string_pretty(value).map_err(TrainError::content(path))?;
    text.push('\n');
    std::fs::write(path, text).map_err(TrainError::file(path))
}

fn tensors(model: &Model) -> Vec<(String, Tensor)> {
    let of = |parameter: crate::model::Parameter| {
        (parameter.name, parameter.weights.detach().contiguous())
    };
    model.parameters().into_iter().map(of).collect()
}
