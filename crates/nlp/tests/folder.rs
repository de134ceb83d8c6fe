//! Model folders: what is opened is what was described, or an error says why not.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use throughline_core::ContentHash;
use throughline_nlp::{NlpError, RtenTagger, TagInput, Tagger};

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/throughline-l6")
}

/// A copy of the shipped folder that a test may damage.
fn copy() -> TempDir {
    let dir = TempDir::new().unwrap();
    for file in ["model.json", "model.onnx", "tokenizer.json"] {
        fs::copy(shipped().join(file), dir.path().join(file)).unwrap();
    }
    dir
}

fn error(dir: &Path) -> NlpError {
    match RtenTagger::open(dir) {
        Ok(_) => panic!("a damaged folder was opened"),
        Err(error) => error,
    }
}

/// Changes one value of the manifest.
fn amend(dir: &Path, pointer: &str, value: serde_json::Value) {
    let path = dir.join("model.json");
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    *manifest.pointer_mut(pointer).unwrap() = value;
    fs::write(path, manifest.to_string()).unwrap();
}

#[test]
fn the_folder_and_the_program_hold_the_same_model() {
    let opened = RtenTagger::open(&shipped()).unwrap();
    let embedded = RtenTagger::embedded().unwrap();
    assert_eq!(opened.model(), embedded.model());
    assert_eq!(opened.model().dimension, 384);
    let input = [TagInput {
        text: "The invoice was wrong again.",
        context: None,
    }];
    assert_eq!(opened.tag(&input).unwrap(), embedded.tag(&input).unwrap());
}

#[test]
fn a_missing_or_changed_file_is_named() {
    let dir = copy();
    fs::write(dir.path().join("tokenizer.json"), "{}").unwrap();
    let changed = error(dir.path());
    assert!(
        matches!(&changed, NlpError::WrongHash { path, .. } if path.ends_with("tokenizer.json"))
    );
    fs::remove_file(dir.path().join("model.onnx")).unwrap();
    fs::copy(
        shipped().join("tokenizer.json"),
        dir.path().join("tokenizer.json"),
    )
    .unwrap();
    let missing = error(dir.path());
    assert!(matches!(&missing, NlpError::Unreadable { path, .. } if path.ends_with("model.onnx")));
    fs::remove_file(dir.path().join("model.json")).unwrap();
    let none = error(dir.path()).to_string();
    assert!(none.contains("model.json"), "{none}");
}

#[test]
fn parts_that_do_not_fit_are_refused_before_anything_is_read() {
    let dir = copy();
    amend(dir.path(), "/encoder/dimension", serde_json::json!(385));
    let width = error(dir.path()).to_string();
    assert!(width.contains("384") && width.contains("385"), "{width}");

    let dir = copy();
    let labels = serde_json::json!(["need", "use"]);
    amend(dir.path(), "/heads/moment/labels", labels);
    let labels = error(dir.path()).to_string();
    assert!(labels.contains("logits"), "{labels}");

    let dir = copy();
    fs::write(dir.path().join("tokenizer.json"), "{}").unwrap();
    let hash = ContentHash::of(b"{}").to_string();
    amend(dir.path(), "/files/tokenizer/sha256", hash.into());
    assert!(matches!(error(dir.path()), NlpError::Misfit { file, .. } if file == "tokenizer.json"));

    let dir = copy();
    fs::write(dir.path().join("model.onnx"), "not a graph").unwrap();
    let hash = ContentHash::of(b"not a graph").to_string();
    amend(dir.path(), "/files/encoder/sha256", hash.into());
    assert!(matches!(error(dir.path()), NlpError::Misfit { file, .. } if file == "model.onnx"));
}
