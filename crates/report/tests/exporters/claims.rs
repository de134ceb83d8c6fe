//! What each format says stands where comes back out of it, hostile words and
//! all, and a changed character with it.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;

use calamine::Reader;
use throughline_core::{
    ContentHash, Moment, NoStage, PassageId, Sentiment, SourceKind, Span, Touchpoint,
};
use throughline_report::{
    Claim, Clips, Code, CodedPassage, DecisionList, Manifest, Named, PassageTable, QuotesCsv,
    Report, Workbook, claims, findings_csv, html, json, manifest_csv, markdown,
};

use crate::docx::docx_of;
use crate::sample::{HOSTILE, LONG, MARKDOWN, RTL, report, through_another};

/// Words that try to be something else in some format.
const WORDS: &[&str] = &[
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "+1 for that",
    "-2, and \"quoted\"",
    "@SUM(A1:A9)",
    "\tcmd|' /C calc'!A0",
    "'apostrophes' first",
    "''twice",
    "a ]]> b <![CDATA[ c",
    "bell \u{7} escape \u{1b}[31m vertical \u{b} end \u{1f}",
    "_x0007_ and _x005F_ and _xD83D_",
    "\u{202e}txt.exe \u{200f}\u{2066}",
    "```\nfence\n```\n~~~",
    "[a](javascript:alert(1)) ![b](c) <https://d.example>",
    "  blanks around  ",
    "\n\nbreaks around\n",
    "line\nline; semicolon, comma \"\" quote",
    "é e\u{301} 👩‍👩‍👧 🏳️‍🌈 ﷽ \u{fffd}",
    "&amp; &#65; &lt;b&gt;",
    "> quoted\n> twice",
    "1. list\n- list\n# heading",
    "\u{feff}mark \u{2028}\u{2029}",
    "NULL",
    "1e5",
    "0123",
    "TRUE",
    HOSTILE,
    MARKDOWN,
    RTL,
    LONG,
];

fn codes() -> Vec<Code> {
    ["stage:a", "=theme:b"]
        .iter()
        .map(|id| Code {
            id: (*id).to_owned(),
            name: format!("={id}"),
        })
        .collect()
}

/// A document of its own for each of `words`.
fn passages(words: &[&str]) -> Vec<CodedPassage> {
    let passage = |(number, text): (usize, &&str)| {
        let name = format!("=notes & <{number}>.txt");
        let hash = ContentHash::of(text.as_bytes());
        let span = Span {
            start: 0,
            end: text.len(),
        };
        CodedPassage {
            passage: PassageId::of(&name, hash, span),
            document: Arc::from(name.as_str()),
            document_sha256: hash,
            kind: SourceKind::Interview,
            start: 0,
            end: text.len(),
            text: (*text).to_owned(),
            speaker: Some("-Dana".to_owned()),
            participant: Some(format!("{name}/-Dana")),
            start_ms: Some(61_040),
            end_ms: (number % 2 == 0).then_some(65_000),
            date: Some("2024-02-29".parse().unwrap()),
            rating: Some(-0.5),
            moment: Moment::Use,
            unclear: number % 3 == 0,
            stage: if number % 3 == 0 {
                Err(NoStage::Unclear)
            } else {
                Ok("a".to_owned())
            },
            sentiment: Sentiment::Negative,
            valence: -0.25,
            severity: None,
            prompting: None,
            touchpoint: Touchpoint::App,
            codes: if number % 3 == 0 { vec![1] } else { vec![0, 1] },
        }
    };
    words.iter().enumerate().map(passage).collect()
}

fn written<T: PassageTable>(mut table: T, passages: &[CodedPassage]) {
    passages
        .iter()
        .for_each(|passage| table.push(passage).unwrap());
    Box::new(table).finish().unwrap();
}

fn quotes_csv(passages: &[CodedPassage]) -> Vec<u8> {
    let mut out = Vec::new();
    written(QuotesCsv::new(&codes(), &mut out).unwrap(), passages);
    out
}

fn clips_csv(passages: &[CodedPassage]) -> Vec<u8> {
    let mut out = Vec::new();
    written(Clips::new(&mut out).unwrap(), passages);
    out
}

fn workbook(passages: &[CodedPassage]) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    written(
        Workbook::new(&report(), &codes(), &mut out).unwrap(),
        passages,
    );
    out.into_inner()
}

/// The formats that show quotes to be read, by their files' names.
fn pages(report: &Report) -> [(&'static str, Vec<u8>); 4] {
    [
        ("report.json", json(report).unwrap().into_bytes()),
        (
            "report.html",
            html(report, &[through_another()]).unwrap().into_bytes(),
        ),
        ("report.md", markdown(report).into_bytes()),
        ("report.docx", docx_of(report)),
    ]
}

fn read(name: &str, bytes: &[u8]) -> Vec<Claim> {
    claims(name, bytes).unwrap().unwrap().claims
}

fn texts(claims: &[Claim]) -> Vec<&str> {
    claims.iter().map(|claim| claim.text.as_str()).collect()
}

#[test]
fn hostile_words_come_back_out_of_every_table() {
    let passages = passages(WORDS);
    for (name, bytes) in [
        ("quotes.csv", quotes_csv(&passages)),
        ("clips.csv", clips_csv(&passages)),
        ("report.xlsx", workbook(&passages)),
    ] {
        let found = read(name, &bytes);
        for passage in &passages {
            let claim = found
                .iter()
                .find(|claim| claim.document == Named::Exactly(passage.document.to_string()));
            let claim = claim.unwrap_or_else(|| panic!("{name}: {}", passage.document));
            assert_eq!(claim.text, passage.text, "{name}");
            assert_eq!((claim.start, claim.end), (passage.start, passage.end));
            assert_eq!(claim.document_sha256, Some(passage.document_sha256));
        }
    }
}

#[test]
fn no_cell_of_a_table_is_a_formula() {
    let passages = passages(WORDS);
    for bytes in [
        quotes_csv(&passages),
        clips_csv(&passages),
        findings(&report()),
    ] {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(&bytes[..]);
        for record in reader.records() {
            for cell in &record.unwrap() {
                let number = cell.parse::<f64>().is_ok();
                assert!(
                    number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                    "{cell}"
                );
            }
        }
    }
}

#[test]
fn the_same_passages_give_the_same_bytes() {
    let passages = passages(WORDS);
    assert_eq!(workbook(&passages), workbook(&passages));
    assert_eq!(quotes_csv(&passages), quotes_csv(&passages));
}

/// Every quote, label and slice of context of the sample report.
fn expected(report: &Report) -> BTreeSet<String> {
    let mut report = report.clone();
    let labels = report.stages.iter().flat_map(|stage| &stage.findings);
    let mut all: BTreeSet<String> = labels.map(|finding| finding.label.text.clone()).collect();
    for quote in report.quotes_mut() {
        all.insert(quote.text.clone());
    }
    all
}

#[test]
fn every_quote_and_label_of_a_report_comes_back() {
    let report = report();
    let expected = expected(&report);
    for (name, bytes) in pages(&report) {
        let found = read(name, &bytes);
        let missing: Vec<_> = expected
            .iter()
            .filter(|words| {
                !found.iter().any(|claim| match claim.on_one_line {
                    true => claim.text == words.replace('\n', " "),
                    false => claim.text == **words,
                })
            })
            .collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
        let is_named = |claim: &Claim| match &claim.document {
            Named::Exactly(name) => name == "interviews/dana.vtt",
            Named::OneOf(names) => names.iter().any(|name| name == "interviews/dana.vtt"),
        };
        assert!(found.iter().any(is_named), "{name}");
    }
}

#[test]
fn hostile_words_come_back_out_of_every_page() {
    let mut report = report();
    let quotes = report.quotes_mut().count();
    for some in WORDS.chunks(quotes) {
        for (number, (quote, words)) in report.quotes_mut().zip(some).enumerate() {
            quote.text = (*words).to_owned();
            quote.document = format!("a · {number} · *b* (c); <d>.txt");
        }
        let stages = report.stages.iter_mut();
        let findings = stages.flat_map(|stage| &mut stage.findings);
        for (number, (finding, words)) in findings.zip(some).enumerate() {
            finding.label.text = words.trim().to_owned();
            finding.label.document = format!("label {number}, bytes 1–2.txt");
        }
        for (name, bytes) in pages(&report) {
            let found = read(name, &bytes);
            let labels = report.stages.iter().flat_map(|stage| &stage.findings);
            for label in labels.map(|finding| &finding.label) {
                let named = Named::Exactly(label.document.clone());
                let says = |claim: &&Claim| match claim.on_one_line {
                    true => claim.text == label.text.replace('\n', " "),
                    false => claim.text == label.text,
                };
                let mut of_document = found.iter().filter(|claim| claim.document == named);
                assert!(
                    of_document.any(|claim| says(&claim)),
                    "{name}: {:?}",
                    label.text
                );
            }
            for (number, words) in some.iter().enumerate() {
                let document = format!("a · {number} · *b* (c); <d>.txt");
                let is_it = |claim: &&Claim| match &claim.document {
                    Named::Exactly(name) => *name == document,
                    Named::OneOf(names) => names.contains(&document),
                };
                let texts: Vec<_> = found
                    .iter()
                    .filter(is_it)
                    .map(|c| c.text.as_str())
                    .collect();
                assert!(texts.contains(words), "{name}: {words:?} in {texts:?}");
            }
        }
    }
}

fn findings(report: &Report) -> Vec<u8> {
    let mut out = Vec::new();
    findings_csv(report, &mut out).unwrap();
    out
}

#[test]
fn a_changed_character_is_read_as_it_stands() {
    let report = report();
    for (name, text) in [
        ("report.json", json(&report).unwrap()),
        ("report.html", html(&report, &[through_another()]).unwrap()),
        ("report.md", markdown(&report)),
        (
            "findings.csv",
            String::from_utf8(findings(&report)).unwrap(),
        ),
    ] {
        let before = read(name, text.as_bytes());
        let changed = text.replace("find the price", "find the prize");
        let after = read(name, changed.as_bytes());
        assert_ne!(texts(&before), texts(&after), "{name}");
        assert!(
            texts(&after)
                .iter()
                .any(|words| words.contains("find the prize")),
            "{name}"
        );
    }
}

#[test]
fn the_manifest_lists_the_inputs() {
    let report = report();
    let mut out = Vec::new();
    manifest_csv(&report, &mut out).unwrap();
    let inputs = &report.manifest.inputs;
    for (name, bytes) in [
        ("manifest.csv", out),
        ("report.xlsx", workbook(&[])),
        ("report.json", json(&report).unwrap().into_bytes()),
    ] {
        let found = claims(name, &bytes).unwrap().unwrap().inputs;
        let listed = inputs
            .iter()
            .map(|input| (input.name.clone(), input.sha256));
        assert_eq!(found, listed.collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn tables_read_as_they_did() {
    let mut edl = Vec::new();
    let some = passages(&["It froze.", "=1+1\nand \u{7} more", "I left."]);
    written(DecisionList::new(&report(), &mut edl).unwrap(), &some);
    let parts = [
        quotes_csv(&some),
        clips_csv(&some),
        findings(&report()),
        edl,
    ];
    let text = parts
        .map(|bytes| String::from_utf8(bytes).unwrap())
        .join("\n----\n");
    insta::assert_snapshot!(text);
}

#[test]
fn the_workbook_reads_as_it_did() {
    let mut book =
        calamine::Xlsx::new(Cursor::new(workbook(&passages(&["It froze.", "=1+1"])))).unwrap();
    let mut lines = Vec::new();
    for name in book.sheet_names() {
        lines.push(format!("== {name}"));
        let range = book.worksheet_range(&name).unwrap();
        lines.extend(range.rows().map(|row| {
            let cells = row.iter().map(|cell| format!("{cell:?}"));
            cells.collect::<Vec<_>>().join(" | ")
        }));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_a_file_holds_less_than_it_counts_can_be_told() {
    let mut report = report();
    let quotes = report.quotes_mut().count() as u64;
    let counts = &mut report.manifest.counts;
    counts.insert(Manifest::QUOTES.to_owned(), quotes);
    for (name, bytes) in pages(&report) {
        let found = claims(name, &bytes).unwrap().unwrap();
        assert_eq!(found.held[Manifest::QUOTES], quotes, "{name}");
        assert_eq!(found.counts[Manifest::QUOTES], quotes, "{name}");
    }
    let long = "long words ".repeat(6000);
    let table = workbook(&passages(&["It froze.", &long, "I left."]));
    let found = claims("report.xlsx", &table).unwrap().unwrap();
    assert_eq!(found.held[Manifest::EVIDENCE], 3);
    let findings_held: usize = report.stages.iter().map(|stage| stage.findings.len()).sum();
    assert_eq!(found.held[Manifest::FINDINGS], findings_held as u64);
}

#[test]
fn what_is_no_report_is_passed_over_or_refused() {
    assert_eq!(claims("notes.txt", b"x").unwrap(), None);
    assert!(claims("report.json", b"{").is_err());
    assert!(claims("report.xlsx", b"PK").is_err());
    assert!(claims("report.docx", b"PK").is_err());
    assert!(claims("report.md", &[0xff]).is_err());
    assert!(
        claims("other.csv", b"a,b\n1,2\n")
            .unwrap()
            .unwrap()
            .claims
            .is_empty()
    );
    assert!(read("mine.md", b"> a quote of my own\n").is_empty());
}
