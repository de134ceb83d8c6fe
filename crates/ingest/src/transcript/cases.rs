//! Every folder of `tests/transcripts` is a case: `input.*` and the turns that
//! must come out of it. `UPDATE_CASES=1` writes `expected.jsonl` anew.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use serde_json::json;
use throughline_core::Document;

use super::{Transcript, TranscriptOptions, read_transcript};
use crate::format::Format;
use crate::text::decode;

fn input_of(case: &Path) -> PathBuf {
    let mut files: Vec<_> = fs::read_dir(case)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_stem().is_some_and(|stem| stem == "input"))
        .collect();
    assert_eq!(files.len(), 1, "{}: one input.*", case.display());
    files.remove(0)
}

fn read(input: &Path) -> String {
    let name = input.file_name().unwrap().to_str().unwrap();
    let bytes = fs::read(input).unwrap();
    let start = decode(&bytes).text;
    let format = match Format::container(name, &bytes) {
        Some(container) => Format::Transcript(container),
        None => Format::sniff(Format::of_name(name), &start),
    };
    let Format::Transcript(format) = format else {
        panic!("{name} is no transcript");
    };
    let roles = BTreeMap::new();
    let options = TranscriptOptions {
        roles: &roles,
        labels_apart: false,
    };
    let mut out = Vec::new();
    match read_transcript(name, &bytes, format, &options) {
        Ok(Transcript {
            document,
            skipped: skips,
            ..
        }) => {
            let meta = &document.meta;
            if meta.title.is_some() || meta.date.is_some() || !meta.attributes.is_empty() {
                out.push(json!({
                    "title": meta.title, "date": meta.date, "attributes": meta.attributes,
                }));
            }
            for turn in &document.turns {
                out.push(json!({
                    "speaker": turn.speaker, "role": turn.role, "start_ms": turn.start_ms,
                    "end_ms": turn.end_ms, "text": document.slice(turn.span),
                }));
            }
            for skip in skips {
                out.push(json!({"skip": skip.reason, "line": skip.line, "count": skip.count}));
            }
            check_segments(&document, &bytes, name);
        }
        Err(error) => out.push(json!({"error": error.to_string()})),
    }
    out.iter().map(|line| format!("{line}\n")).collect()
}

/// Every exact segment is the same bytes in its file, or in the part it names.
fn check_segments(document: &Document, bytes: &[u8], name: &str) {
    let mut parts: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for segment in document.segments.iter().filter(|segment| segment.exact) {
        let words = segment.canonical.slice(&document.text).unwrap();
        let source = match segment.part.as_deref() {
            None => bytes,
            // A page of a PDF is a part that only the reader can unpack.
            Some(page) if page.starts_with("page ") => continue,
            Some(part) => parts.entry(part).or_insert_with(|| {
                let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
                let mut unpacked = Vec::new();
                let mut file = archive.by_name(part).unwrap();
                file.read_to_end(&mut unpacked).unwrap();
                unpacked
            }),
        };
        assert_eq!(words.as_bytes(), &source[segment.source.range()], "{name}");
    }
}

#[test]
fn every_case_reads_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut cases: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() >= 70, "only {} cases", cases.len());
    let update = std::env::var_os("UPDATE_CASES").is_some();
    let mut wrong = Vec::new();
    for case in cases {
        let got = read(&input_of(&case));
        let file = case.join("expected.jsonl");
        if update {
            fs::write(&file, &got).unwrap();
        }
        let want = fs::read_to_string(&file).unwrap_or_default();
        if got != want {
            wrong.push(format!(
                "{}\n--- expected\n{want}--- got\n{got}",
                case.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
