//! Laws of tables, for any cells: what is written comes back, and every exact
//! segment is the bytes it claims to be.

#![cfg(test)]

use std::ops::ControlFlow;

use proptest::collection::vec;
use proptest::prelude::*;
use throughline_core::Document;
use throughline_ingest::{Input, Options, read_file};

/// Cells with everything that troubles tables.
fn cell() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,9}",
        1 => Just("\"".to_owned()),
        1 => Just("\"\"".to_owned()),
        1 => Just(",".to_owned()),
        1 => Just(";".to_owned()),
        1 => Just("\n".to_owned()),
        1 => Just("\r\n".to_owned()),
        1 => Just("\r".to_owned()),
        1 => Just("\\".to_owned()),
        1 => Just("\t".to_owned()),
        1 => Just("🙂👩‍👩‍👧".to_owned()),
        1 => Just("é漢\u{301}".to_owned()),
        1 => Just(" ".to_owned()),
    ];
    vec(piece, 0..12).prop_map(|pieces| format!("w{}w", pieces.concat()))
}

fn read(name: &str, bytes: &[u8]) -> Vec<Document> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let input = Input {
        path,
        name: name.to_owned(),
    };
    let mut options = Options::default();
    options.columns.set("text", "text").unwrap();
    options.columns.set("id", "id").unwrap();
    let mut documents = Vec::new();
    read_file(&input, &options, &mut |document| {
        documents.push(document);
        ControlFlow::Continue(())
    })
    .unwrap();
    documents
}

fn canonical(cell: &str) -> String {
    cell.replace("\r\n", "\n").replace('\r', "\n")
}

/// Cells come back, and segments lead to them: an exact one to the same bytes,
/// and all of them together to all of the cell.
fn holds(documents: &[Document], cells: &[String], source: &[u8]) -> Result<(), TestCaseError> {
    prop_assert_eq!(documents.len(), cells.len());
    let mut end = 0;
    for (document, cell) in documents.iter().zip(cells) {
        prop_assert_eq!(&document.text, &canonical(cell));
        let mut covered = 0;
        for segment in &document.segments {
            prop_assert!(segment.source.start >= end);
            end = segment.source.end;
            prop_assert_eq!(segment.canonical.start, covered);
            covered = segment.canonical.end;
            let text = segment.canonical.slice(&document.text).unwrap();
            if segment.exact {
                prop_assert_eq!(&source[segment.source.range()], text.as_bytes());
            }
        }
        prop_assert_eq!(covered, document.text.len());
        for passage in &document.passages {
            prop_assert!(!document.slice(passage.span).is_empty());
        }
    }
    Ok(())
}

fn as_csv(cells: &[String]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["id", "text", "note"]).unwrap();
    for (row, cell) in cells.iter().enumerate() {
        let id = format!("r{row}");
        writer.write_record([&id, cell, "n"]).unwrap();
    }
    writer.into_inner().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn separated_values_come_back(cells in vec(cell(), 1..20)) {
        let bytes = as_csv(&cells);
        holds(&read("t.csv", &bytes), &cells, &bytes)?;
    }

    #[test]
    fn json_lines_come_back(cells in vec(cell(), 1..20)) {
        let mut text = String::new();
        for (row, cell) in cells.iter().enumerate() {
            let line = serde_json::json!({ "id": format!("r{row}"), "text": cell });
            text.push_str(&line.to_string());
            text.push('\n');
        }
        holds(&read("t.jsonl", text.as_bytes()), &cells, text.as_bytes())?;
    }

    #[test]
    fn utf16_comes_back(cells in vec(cell(), 1..20)) {
        let text = String::from_utf8(as_csv(&cells)).unwrap();
        let mut bytes = vec![0xFF, 0xFE];
        bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        let documents = read("t.csv", &bytes);
        holds(&documents, &cells, &bytes)?;
        for document in &documents {
            for segment in &document.segments {
                let units: Vec<u16> = bytes[segment.source.range()]
                    .chunks(2)
                    .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                    .collect();
                let from = String::from_utf16(&units).unwrap();
                let text = segment.canonical.slice(&document.text).unwrap();
                prop_assert_eq!(canonical(&from).replace("\"\"", "\""), text);
            }
        }
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in vec(any::<u8>(), 0..400), name in 0..3_usize) {
        let folder = tempfile::tempdir().unwrap();
        let name = ["t.csv", "t.tsv", "t.jsonl"][name];
        let path = folder.path().join(name);
        std::fs::write(&path, &bytes).unwrap();
        let input = Input { path, name: name.to_owned() };
        // Any answer will do; a panic or an endless loop will not.
        let _ = read_file(&input, &Options::default(), &mut |_| ControlFlow::Continue(()));
    }

    #[test]
    fn no_punctuation_is_too_strange(text in "[a-c\"\",;\\\\\n\r{}:\\[\\] é]{0,300}", name in 0..3_usize) {
        let folder = tempfile::tempdir().unwrap();
        let name = ["t.csv", "t.tsv", "t.jsonl"][name];
        let path = folder.path().join(name);
        std::fs::write(&path, text.as_bytes()).unwrap();
        let input = Input { path, name: name.to_owned() };
        let _ = read_file(&input, &Options::default(), &mut |document| {
            for segment in document.segments.iter().filter(|segment| segment.exact) {
                let from = &text.as_bytes()[segment.source.range()];
                assert_eq!(from, segment.canonical.slice(&document.text).unwrap().as_bytes());
            }
            ControlFlow::Continue(())
        });
    }
}
