//! Every folder of `tests/transcripts` is a case: `input.*` and the turns that
//! must come out of it. `UPDATE_CASES=1` writes `expected.jsonl` anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{TranscriptFormat, TranscriptOptions, read_transcript};
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
    let format = match input.extension().unwrap().to_str().unwrap() {
        "txt" => TranscriptFormat::Plain,
        "md" => TranscriptFormat::Markdown,
        "vtt" => TranscriptFormat::WebVtt,
        "srt" => TranscriptFormat::Srt,
        other => panic!("no such format: {other}"),
    };
    let name = input.file_name().unwrap().to_str().unwrap();
    let bytes = fs::read(input).unwrap();
    let roles = BTreeMap::new();
    let options = TranscriptOptions { roles: &roles };
    let mut out = Vec::new();
    match read_transcript(name, decode(&bytes), format, &options) {
        Ok((document, skips)) => {
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
            for segment in document.segments.iter().filter(|segment| segment.exact) {
                let words = segment.canonical.slice(&document.text).unwrap();
                assert_eq!(words.as_bytes(), &bytes[segment.source.range()], "{name}");
            }
        }
        Err(error) => out.push(json!({"error": error.to_string()})),
    }
    out.iter().map(|line| format!("{line}\n")).collect()
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
    assert!(cases.len() >= 25, "only {} cases", cases.len());
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
