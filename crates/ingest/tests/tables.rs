//! Tables of all kinds, one a folder under `tests/tables`: `input.*`, what is
//! expected of it in `expected.jsonl`, and `options.json` where something is
//! said beforehand. `UPDATE_EXPECTED=1 cargo test` writes what is read instead
//! of comparing it; read the difference before it is kept.

#![cfg(test)]

use std::fs;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use throughline_core::Document;
use throughline_ingest::{FileSummary, Input, Options, read_file};

#[test]
fn every_table_is_read_as_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables");
    let mut cases: Vec<PathBuf> = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 102, "only {} cases were found", cases.len());
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut wrong = Vec::new();
    for case in cases {
        let read = read_case(&case);
        let expected = case.join("expected.jsonl");
        if update {
            fs::write(&expected, &read).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != read {
            wrong.push(format!("{}:\n{read}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn read_case(case: &Path) -> String {
    let path = fs::read_dir(case)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("input")
        })
        .unwrap();
    let input = Input {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        path,
    };
    let source = source_bytes(&input.path);
    let mut lines = Vec::new();
    let read = read_file(&input, &options(case), &mut |document| {
        leads_back(&document, &source);
        lines.push(shown(&document));
        ControlFlow::Continue(())
    });
    lines.push(match read {
        Ok(summary) => summary_shown(&summary),
        Err(error) => {
            let error = error.to_string();
            let folder = format!("{}/", case.display());
            json!({ "error": error.replace(&folder, "") })
        }
    });
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn options(case: &Path) -> Options {
    let mut options = Options::default();
    let Ok(said) = fs::read_to_string(case.join("options.json")) else {
        return options;
    };
    let said: Value = serde_json::from_str(&said).unwrap();
    for pair in said["columns"].as_array().into_iter().flatten() {
        let (key, column) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
        options.columns.set(key, column).unwrap();
    }
    for (label, role) in said["roles"].as_object().into_iter().flatten() {
        let role = serde_json::from_value(role.clone()).unwrap();
        options.roles.insert(label.clone(), role);
    }
    options
}

fn source_bytes(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    if path.extension().is_some_and(|extension| extension == "gz") {
        let mut plain = Vec::new();
        // What a damaged file holds is read as far as it goes.
        let _ = flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain);
        return plain;
    }
    if path.extension().is_some_and(|extension| extension == "zst") {
        return unpacked_frames(&bytes);
    }
    bytes
}

/// What Zstandard frames hold, of the kinds that the cases have: frames of one
/// block that is stored as it is, and frames to be skipped.
fn unpacked_frames(mut bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    while let [0x28, 0xB5, 0x2F, 0xFD, 0x20, length, _, _, _, rest @ ..] = bytes {
        let length = usize::from(*length).min(rest.len());
        plain.extend(&rest[..length]);
        bytes = &rest[length..];
        if bytes.starts_with(&[0x50, 0x2A, 0x4D, 0x18]) {
            bytes = &bytes[8 + usize::from(bytes[4])..];
        }
    }
    plain
}

/// Every segment lies within the source, in order, and an exact one is its
/// bytes; in a workbook, it is as many characters of its cell.
fn leads_back(document: &Document, source: &[u8]) {
    for segment in &document.segments {
        if let Some(part) = &segment.part {
            let text = segment.canonical.slice(&document.text).unwrap();
            assert!(part.contains('!') && !text.is_empty(), "{part}");
            if segment.exact {
                assert_eq!(segment.source.len(), text.chars().count(), "{part}");
            }
            continue;
        }
        let from = &source[segment.source.range()];
        let text = segment.canonical.slice(&document.text).unwrap();
        assert!(!from.is_empty() && !text.is_empty());
        if segment.exact {
            assert_eq!(from, text.as_bytes(), "{}", document.name);
        }
    }
    assert!(!document.text.contains('\r') && !document.text.starts_with('\u{FEFF}'));
}

fn shown(document: &Document) -> Value {
    let turns: Vec<Value> = document
        .turns
        .iter()
        .map(|turn| {
            let mut shown = Map::new();
            put(&mut shown, "speaker", json!(turn.speaker));
            shown.insert("role".to_owned(), json!(turn.role));
            put(&mut shown, "participant", json!(turn.participant));
            put(&mut shown, "start_ms", json!(turn.start_ms));
            put(&mut shown, "end_ms", json!(turn.end_ms));
            shown.insert("text".to_owned(), json!(document.slice(turn.span)));
            Value::Object(shown)
        })
        .collect();
    let exact = document
        .segments
        .iter()
        .filter(|segment| segment.exact)
        .count();
    let mut meta = Map::new();
    for (key, value) in serde_json::to_value(&document.meta)
        .unwrap()
        .as_object()
        .unwrap()
    {
        put(&mut meta, key, value.clone());
    }
    json!({
        "name": document.name,
        "kind": document.kind,
        "turns": turns,
        "segments": [exact, document.segments.len() - exact],
        "meta": meta,
    })
}

fn put(into: &mut Map<String, Value>, key: &str, value: Value) {
    let empty = value.as_object().is_some_and(Map::is_empty);
    if !value.is_null() && !empty {
        into.insert(key.to_owned(), value);
    }
}

fn summary_shown(summary: &FileSummary) -> Value {
    json!({
        "format": summary.format,
        "charset": summary.charset,
        "documents": summary.documents,
        "skipped": summary.skipped,
        "notes": summary.notes,
    })
}
