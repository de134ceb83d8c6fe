//! Reading whole files: hashes, counts, breaking off, and files that are no
//! good.

#![cfg(test)]

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use tempfile::TempDir;
use throughline_core::{ContentHash, Document};
use throughline_ingest::{
    FileSummary, IngestError, Input, Options, discover, hash_file, read_file,
};

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> Input {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    Input {
        path,
        name: name.to_owned(),
    }
}

fn read(input: &Input) -> Result<(Vec<Document>, FileSummary), IngestError> {
    let mut documents = Vec::new();
    let summary = read_file(input, &Options::default(), &mut |document| {
        documents.push(document);
        ControlFlow::Continue(())
    })?;
    Ok((documents, summary))
}

fn table(rows: usize) -> String {
    let mut text = String::from("id,text\n");
    for row in 0..rows {
        text.push_str(&format!(
            "r{row},Row {row} says something. It goes on for a while.\n"
        ));
    }
    text
}

#[test]
fn the_hash_is_of_the_file_as_it_lies_there_even_if_reading_breaks_off() {
    let folder = tempfile::tempdir().unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(table(30_000).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let input = write(&folder, "t.csv.gz", &packed);
    let expected = (ContentHash::of(&packed), packed.len() as u64);
    assert_eq!(hash_file(&input.path).unwrap(), expected);
    let mut seen = 0_u64;
    let summary = read_file(&input, &Options::default(), &mut |_| {
        seen += 1;
        if seen == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .unwrap();
    assert_eq!((summary.sha256, summary.bytes), expected);
    assert_eq!((summary.documents, seen), (3, 3));
    let (documents, summary) = read(&input).unwrap();
    assert_eq!(documents.len(), 30_000);
    assert_eq!(summary.turns, 30_000);
    assert_eq!((summary.sha256, summary.bytes), expected);
    let last = documents.last().unwrap();
    assert_eq!(last.name, "t.csv.gz#r29999");
    let source = &table(30_000).into_bytes()[last.segments[0].source.range()];
    assert_eq!(source, last.text.as_bytes());
}

#[test]
fn what_is_no_good_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let failed = |name: &str, bytes: &[u8]| read(&write(&folder, name, bytes)).unwrap_err();
    assert!(matches!(failed("a.txt", b""), IngestError::Empty { .. }));
    assert!(matches!(
        failed("a.csv", b"\xEF\xBB\xBF"),
        IngestError::Empty { .. }
    ));
    let binary: Vec<u8> = (0..=255).cycle().take(9_000).collect();
    assert!(matches!(
        failed("b.txt", &binary),
        IngestError::Binary { .. }
    ));
    let missing = Input {
        path: folder.path().join("none.csv"),
        name: "none.csv".to_owned(),
    };
    assert!(read(&missing).unwrap_err().is_not_found());
    let directory = Input {
        path: folder.path().to_path_buf(),
        name: "dir".to_owned(),
    };
    assert!(matches!(read(&directory), Err(IngestError::Io { .. })));
}

#[test]
fn a_stray_quote_that_swallows_a_large_table_is_named_by_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = table(30_000);
    text.insert(text.find("r7,").unwrap() + 3, '"');
    let Err(error) = read(&write(&folder, "t.csv", text.as_bytes())) else {
        panic!("the table was read");
    };
    let said = error.to_string();
    assert!(said.starts_with("t.csv:9: a quote opens"), "{said}");
}

#[test]
fn a_line_of_megabytes_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let sentence = "It never stops and it never ends. ".repeat(30_000);
    let line =
        format!("{{\"id\":\"long\",\"text\":\"{sentence}\"}}\n{{\"id\":\"b\",\"text\":\"x\"}}\n");
    let (documents, _) = read(&write(&folder, "t.jsonl", line.as_bytes())).unwrap();
    assert_eq!(documents.len(), 2);
    assert_eq!(documents[0].turns[0].span.len(), sentence.trim().len());
}

#[test]
fn a_table_may_change_its_shape_after_the_first_megabyte() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = table(25_000);
    text.push_str("late,\"A late \"\"quote\"\", caf\u{e9}\",and more\n");
    let (documents, summary) = read(&write(&folder, "t.csv", text.as_bytes())).unwrap();
    let last = documents.last().unwrap();
    assert_eq!(last.text, "A late \"quote\", caf\u{e9}");
    assert_eq!(last.meta.attributes["column 3"], "and more");
    assert_eq!(summary.skipped.len(), 1);
}

#[test]
fn a_file_without_extension_is_told_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let input = write(
        &folder,
        "export",
        b"{\"text\":\"One.\"}\n{\"text\":\"Two.\"}\n",
    );
    let found = discover(std::slice::from_ref(&input.path)).unwrap();
    assert_eq!(found.inputs, [input]);
    let (documents, summary) = read(&found.inputs[0]).unwrap();
    assert_eq!((documents.len(), summary.format), (2, "jsonl"));
}

#[test]
fn reading_twice_gives_the_same() {
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables");
    let found = discover(&[tables]).unwrap();
    assert!(found.inputs.len() > 40);
    for input in &found.inputs {
        match (read(input), read(input)) {
            (Ok(one), Ok(other)) => assert_eq!(one, other),
            (Err(one), Err(other)) => assert_eq!(one.to_string(), other.to_string()),
            _ => panic!("{} was read only once", input.name),
        }
    }
}

#[test]
fn a_pdf_is_known_whatever_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let input = write(
        &folder,
        "talk.txt",
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\n",
    );
    let said = read(&input).unwrap_err().to_string();
    assert_eq!(
        said,
        "talk.txt: not readable as pdf: it is damaged or no PDF; copy it again"
    );
}
