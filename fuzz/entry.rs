//! What every reader of files is held to, whatever bytes it is given. The fuzz
//! targets and the tests that replay their corpora share it.

use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use throughline_ingest::{Input, Options, ParticipantTable, read_file};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Reads `data`: its first line is the ending of a file's name, and the rest the
/// file. `docx.xml`, `odt.xml` and `ods.xml` are packed as the main part of such
/// a document first; `participants` is a table of participants.
///
/// # Panics
/// If a reader panics, or gives documents other than it says.
pub(crate) fn read(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n');
    let (ending, bytes) = data.split_at(end.unwrap_or(data.len()));
    let bytes = bytes.get(1..).unwrap_or_default();
    let letters = ending
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric() || **byte == b'.');
    let ending: String = letters.take(24).map(|byte| char::from(*byte)).collect();
    let (ending, bytes) = match ending.as_str() {
        "docx.xml" => ("docx", packed("word/document.xml", bytes)),
        "odt.xml" => ("odt", packed("content.xml", bytes)),
        "ods.xml" => ("ods", packed("content.xml", bytes)),
        other => (other, bytes.to_vec()),
    };
    let mut file = tempfile::Builder::new()
        .suffix(&format!(".{ending}"))
        .tempfile()
        .unwrap();
    file.write_all(&bytes).unwrap();
    if ending == "participants" {
        let _ = ParticipantTable::read(file.path());
        return;
    }
    let input = Input {
        path: file.path().to_owned(),
        name: format!("input.{ending}"),
    };
    let mut documents = 0;
    let read = read_file(&input, &Options::default(), &mut |document| {
        documents += 1;
        for passage in &document.passages {
            assert!(!document.slice(passage.span).trim().is_empty());
        }
        let segments = document.segments.windows(2);
        for pair in segments {
            assert!(pair[0].canonical.end <= pair[1].canonical.start);
        }
        ControlFlow::Continue(())
    });
    match read {
        Ok(summary) => assert_eq!(summary.documents, documents),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn packed(part: &str, bytes: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    writer.start_file(part, stored).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap().into_inner()
}
