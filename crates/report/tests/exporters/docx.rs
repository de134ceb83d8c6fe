//! The Word document: whole, well-formed, and the same every time.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;
use throughline_report::{Report, docx};

use crate::sample::report;

pub(crate) fn docx_of(report: &Report) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    docx(report, &mut out).unwrap();
    out.into_inner()
}

/// The parts of the document by name.
fn parts(report: &Report) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(docx_of(report))).unwrap();
    let mut parts = BTreeMap::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        parts.insert(part.name().unwrap().into_owned(), text);
    }
    parts
}

/// The values of an attribute over a part, which must be well-formed.
fn values(xml: &str, attribute: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    let mut found = Vec::new();
    let mut depth = 0;
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
        if let Event::Start(start) | Event::Empty(start) = &event {
            let all = start.attributes().map(Result::unwrap);
            let named = all.filter(|one| one.key.as_ref() == attribute);
            found.extend(named.map(|one| one.value.to_string()));
        }
    }
    assert_eq!(depth, 0);
    found
}

#[test]
fn every_part_is_well_formed_and_what_it_names_is_there() {
    let parts = parts(&report());
    for (name, xml) in &parts {
        assert!(xml.starts_with("<?xml "), "{name}");
        values(xml, "none");
    }
    let styles: BTreeSet<String> = values(&parts["word/styles.xml"], "w:styleId")
        .into_iter()
        .collect();
    let document = &parts["word/document.xml"];
    let used = document.split("<w:pStyle w:val=\"").skip(1);
    for style in used.map(|rest| rest.split('"').next().unwrap()) {
        assert!(styles.contains(style), "{style}");
    }
    let marks = values(document, "w:name");
    let distinct: BTreeSet<&String> = marks.iter().collect();
    assert_eq!(distinct.len(), marks.len());
    for anchor in values(document, "w:anchor") {
        assert!(distinct.contains(&anchor), "{anchor}");
    }
    for part in values(&parts["[Content_Types].xml"], "PartName") {
        assert!(parts.contains_key(part.trim_start_matches('/')), "{part}");
    }
    for target in values(&parts["word/_rels/document.xml.rels"], "Target") {
        assert!(parts.contains_key(&format!("word/{target}")), "{target}");
    }
}

#[test]
fn the_same_report_gives_the_same_bytes_and_bears_its_own_day() {
    let mut report = report();
    assert_eq!(docx_of(&report), docx_of(&report));
    let dated = report.manifest.dated.take().unwrap();
    let day = report.corpus.days.unwrap().last.to_string();
    assert!(parts(&report)["docProps/core.xml"].contains(&day));
    report.manifest.dated = Some(dated.clone());
    assert!(parts(&report)["docProps/core.xml"].contains(&dated));
}

#[test]
fn the_document_reads_as_it_did() {
    let parts = parts(&report());
    let (_, words) = parts["word/document.xml"]
        .split_once("</mc:AlternateContent>")
        .unwrap();
    // A line a paragraph, with its style.
    let paragraphs = words.split("<w:p>").skip(1).map(|paragraph| {
        let style = paragraph
            .split("<w:pStyle w:val=\"")
            .nth(1)
            .unwrap_or_default();
        let style = style.split('"').next().unwrap();
        let pieces = paragraph.split("<w:t xml:space=\"preserve\">").skip(1);
        let pieces = pieces.map(|piece| piece.split("</w:t>").next().unwrap());
        format!("{style}: {}", pieces.collect::<Vec<_>>().join("⏎"))
    });
    insta::assert_snapshot!(paragraphs.collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_map_is_drawn_as_it_was() {
    let parts = parts(&report());
    let (map, _) = parts["word/document.xml"]
        .split_once("</mc:AlternateContent>")
        .unwrap();
    // A line a shape: its place and size, how it is filled and outlined, its words.
    let shapes = map.split("<wps:wsp>").skip(1).map(|shape| {
        let (place, rest) = shape.split_once("</a:xfrm>").unwrap();
        let numbers = place.split('"').skip(1).step_by(2);
        let numbers = numbers.filter(|number| number.parse::<i64>().is_ok());
        let place = numbers.collect::<Vec<_>>().join(" ");
        let after = |mark: &'static str| rest.split(mark).skip(1);
        let kind = after("prst=\"")
            .next()
            .unwrap_or("path\"")
            .split('"')
            .next()
            .unwrap();
        let colours = after("<a:srgbClr val=\"").map(|rest| &rest[..6]);
        let colours = colours.collect::<Vec<_>>().join("/");
        let words = after("preserve\">").map(|rest| rest.split("</w:t>").next().unwrap());
        format!("{place} {kind} {colours} {}", words.collect::<String>())
    });
    insta::assert_snapshot!(shapes.collect::<Vec<_>>().join("\n"));
}
