//! Tables of a million quotes: how long they take to write, and how much memory.
//!
//! `cargo bench --bench tables -- REPORT.json PASSAGES csv|xlsx` writes that many
//! made-up passages, with the codes that the findings of the report have, and tells
//! the most memory that the process has held.
#![expect(clippy::print_stdout, reason = "printing is what a benchmark is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails should stop")]

#[path = "support/memory.rs"]
mod memory;

use std::fs::File;
use std::io::BufWriter;
use std::time::Instant;

use serde_json::json;
use throughline_core::{ContentHash, Moment, PassageId, Sentiment, SourceKind, Span, Touchpoint};
use throughline_report::{Code, CodedPassage, PassageTable, QuotesCsv, Report, Workbook};

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let [report, passages, format] = words.as_slice() else {
        println!("cargo bench --bench tables -- REPORT.json PASSAGES csv|xlsx");
        return;
    };
    let report: Report = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let codes = codes(&report);
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("table");
    let out = BufWriter::new(File::create(&place).unwrap());
    let mut table: Box<dyn PassageTable> = match format.as_str() {
        "csv" => Box::new(QuotesCsv::new(&codes, out).unwrap()),
        _ => Box::new(Workbook::new(&report, &codes, out).unwrap()),
    };
    let start = Instant::now();
    let passages: usize = passages.parse().unwrap();
    for number in 0..passages {
        table.push(&passage(number, codes.len())).unwrap();
    }
    table.finish().unwrap();
    println!(
        "{}",
        json!({
            "format": format,
            "passages": passages,
            "codes": codes.len(),
            "seconds": start.elapsed().as_secs_f64(),
            "peak_mb": memory::mb("VmHWM:"),
            "file_mb": std::fs::metadata(&place).unwrap().len() / 1_000_000,
        })
    );
}

fn codes(report: &Report) -> Vec<Code> {
    let findings = report.stages.iter().flat_map(|stage| &stage.findings);
    let codes = findings.map(|finding| Code {
        id: format!("theme:{}", finding.id),
        name: finding.label.text.clone(),
    });
    codes.collect()
}

/// One of ten sentences of a review of ten.
fn passage(number: usize, codes: usize) -> CodedPassage {
    let document = format!("reviews.csv#{:07}", number / 10);
    let text = format!(
        "It came {number} days late, the box was open, and nobody at the shop could tell me why."
    );
    let start = number % 10 * 100;
    let span = Span {
        start,
        end: start + text.len(),
    };
    let hash = ContentHash::of(document.as_bytes());
    CodedPassage {
        passage: PassageId::of(&document, hash, span),
        document_sha256: hash,
        kind: SourceKind::Review,
        start: span.start,
        end: span.end,
        text,
        speaker: Some(format!("writer {}", number / 50)),
        participant: Some(format!("reviews.csv@writer {}", number / 50)),
        document: document.into(),
        start_ms: None,
        end_ms: None,
        date: None,
        rating: Some((number % 5) as f64),
        moment: Moment::Use,
        unclear: false,
        stage: Ok("use".to_owned()),
        sentiment: Sentiment::Negative,
        valence: -0.5,
        severity: None,
        prompting: None,
        touchpoint: Touchpoint::App,
        codes: vec![number % codes.max(1)],
    }
}
