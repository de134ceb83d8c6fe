//! Model folders: what is opened is what was described, or an error says why not.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use throughline_core::ContentHash;
use throughline_nlp::{NlpError, RtenTagger, TagInput, Tagger, describe, verify_model};

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/throughline-l6")
}

/// A copy of the shipped folder that a test may damage.
fn copy() -> TempDir {
    let dir = TempDir::new().unwrap();
    for file in fs::read_dir(shipped()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), dir.path().join(file.file_name())).unwrap();
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
    let described = serde_json::json!({"file": "model.onnx", "sha256": hash});
    amend(dir.path(), "/files/encoder", described);
    assert!(matches!(error(dir.path()), NlpError::Misfit { file, .. } if file == "model.onnx"));
}

/// A copy of the shipped folder whose tokenizer is the outcome of a change: the shipped
/// one with a line end more.
fn changed() -> TempDir {
    let dir = copy();
    let before = fs::read(dir.path().join("tokenizer.json")).unwrap();
    let after = [&before[..], b"\n"].concat();
    // As bsdiff has it: so many differences, so many new bytes, no step; then both.
    let said = [before.len() as u64, 1, 0].map(u64::to_le_bytes).concat();
    let patch = [said, vec![0; before.len()], b"\n".to_vec()].concat();
    let change = zstd::encode_all(patch.as_slice(), 3).unwrap();
    fs::write(dir.path().join("line-end.zst"), &change).unwrap();
    let hash = |bytes: &[u8]| ContentHash::of(bytes).to_string();
    let described = serde_json::json!({
        "file": "tokenizer.json", "sha256": hash(&before),
        "changes": [{"file": "line-end.zst", "sha256": hash(&change), "gives": hash(&after)}],
    });
    amend(dir.path(), "/files/tokenizer", described);
    dir
}

#[test]
fn a_changed_file_is_what_its_change_makes_of_it() {
    let dir = changed();
    RtenTagger::open(dir.path()).unwrap();
    let verified = verify_model(dir.path()).unwrap();
    assert!(verified.is_sound());
    let names: Vec<_> = verified
        .files
        .iter()
        .map(|file| file.file.as_str())
        .collect();
    assert!(
        names.ends_with(&["tokenizer.json", "line-end.zst"]),
        "{names:?}"
    );
    let sizes = names.iter().chain(&["model.json"]).map(|file| {
        let path = dir.path().join(file);
        fs::metadata(path).unwrap().len()
    });
    assert_eq!(describe(dir.path()).unwrap().bytes, sizes.sum::<u64>());
}

#[test]
fn a_change_that_does_not_make_what_it_should_is_named() {
    let bad = |dir: &Path| {
        let verified = verify_model(dir).unwrap_err();
        for found in [error(dir), verified] {
            let named = matches!(&found, NlpError::BadChange { path, .. }
                if path.ends_with("line-end.zst"));
            assert!(named, "{found}");
            assert!(
                found.to_string().contains("build the model again"),
                "{found}"
            );
        }
    };
    let dir = changed();
    amend(
        dir.path(),
        "/files/tokenizer/changes/0/gives",
        "0".repeat(64).into(),
    );
    bad(dir.path());

    // Not a change at all, though it is the file that the manifest names.
    let dir = changed();
    fs::write(dir.path().join("line-end.zst"), "no frame").unwrap();
    let hash = ContentHash::of(b"no frame").to_string();
    amend(dir.path(), "/files/tokenizer/changes/0/sha256", hash.into());
    bad(dir.path());

    // One byte is another, and the manifest was written for the one before.
    let path = dir.path().join("line-end.zst");
    fs::write(&path, "no frame.").unwrap();
    assert!(matches!(error(dir.path()), NlpError::WrongHash { path: named, .. } if named == path));
    let verified = verify_model(dir.path()).unwrap();
    let wrong = verified.files.iter().filter(|file| !file.is_sound());
    assert_eq!(
        wrong.map(|file| file.file.as_str()).collect::<Vec<_>>(),
        ["line-end.zst"]
    );
}
