//! Whatever a Word or OpenDocument file holds: no panic, no quadratic time, and
//! every quote stands in the part that it names.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::time::Duration;

use proptest::prelude::*;
use throughline_core::Document;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::Container;
use crate::stopwatch::Stopwatch;
use crate::transcript::{TranscriptFormat, TranscriptOptions, read_transcript};

const BOTH: [Container; 2] = [Container::Docx, Container::Odt];

fn main_part(container: Container) -> &'static str {
    match container {
        Container::Odt => "content.xml",
        _ => "word/document.xml",
    }
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in parts {
        writer.start_file(*name, stored).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn read(bytes: &[u8], container: Container) -> Option<Document> {
    let roles = BTreeMap::new();
    let options = TranscriptOptions {
        roles: &roles,
        labels_apart: false,
    };
    let format = TranscriptFormat::Container(container);
    let read = read_transcript("x", bytes, format, &options).ok()?;
    Some(read.document)
}

fn read_part(xml: &str, container: Container) -> Option<Document> {
    read(
        &zipped(&[(main_part(container), xml.as_bytes())]),
        container,
    )
}

fn paragraph(words: &str, container: Container) -> String {
    match container {
        Container::Odt => format!("<text:p>{words}</text:p>"),
        _ => format!("<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"),
    }
}

#[test]
fn time_is_linear_in_hostile_xml() {
    let bold = "<w:r><w:rPr><w:b/></w:rPr><w:t>b</w:t></w:r>";
    let tabs = format!(
        "<w:p><w:r>{}<w:t>a</w:t></w:r>{}</w:p>",
        "<w:tab/>".repeat(60_000),
        bold.repeat(20_000)
    );
    let deep = format!(
        "{}<w:p><w:r><w:t>Hi</w:t></w:r></w:p>{}",
        "<a>".repeat(200_000),
        "</a>".repeat(200_000)
    );
    let units = [
        "<w:p><w:r><w:t>Dana: hi</w:t></w:r></w:p>",
        "<text:p>Dana: hi</text:p>",
        "<w:tbl><w:tr><w:tc>",
        "<table:table><table:table-row><table:table-cell>",
        "<w:tr><w:tc><w:p><w:r><w:t>Dana</w:t>",
        "<w:p>",
        "<text:p>a<text:span>",
        "<text:s text:c=\"99999999\"/>a",
        bold,
        "<w:r><w:br/></w:r>",
        "<text:line-break/>",
        "<w:del>",
        "<text:note>",
        "</w:p>",
        "&amp;",
        "&a",
        "<",
        "<![CDATA[",
        "<!--",
        "<!DOCTYPE a [",
        "<p a=\"1\" b=\"2\" style-name=\"c\">",
        "<p a a=a ",
    ];
    let opening = "<w:p><w:r><w:t><text:p>";
    let texts = units
        .iter()
        .flat_map(|unit| {
            let text = unit.repeat(300_000 / unit.len());
            [format!("{opening}{text}"), text]
        })
        .chain([tabs, deep]);
    for text in texts {
        for container in BOTH {
            let watch = Stopwatch::start();
            read_part(&text, container);
            let took = watch.elapsed();
            let begin: String = text.chars().take(60).collect();
            assert!(
                took < Duration::from_secs(5),
                "{begin:?} {container:?} took {took:?}"
            );
        }
    }
}

#[test]
fn a_line_of_five_megabytes_is_read_whole() {
    let words = "So I went back. ".repeat((5 << 20) / 16);
    for container in BOTH {
        let watch = Stopwatch::start();
        let document = read_part(&paragraph(&words, container), container).unwrap();
        let took = watch.elapsed();
        assert!(
            took < Duration::from_secs(15),
            "{container:?} took {took:?}"
        );
        assert_eq!(document.text.trim(), words.trim());
    }
}

#[test]
fn a_file_cut_off_anywhere_is_refused_and_a_wrong_byte_is_survived() {
    for container in BOTH {
        let whole = zipped(&[
            ("mimetype", b"application/x"),
            (
                main_part(container),
                paragraph("Dana: I left.", container).as_bytes(),
            ),
        ]);
        let text = read(&whole, container).unwrap().text;
        assert_eq!(text.trim(), "Dana: I left.");
        for cut in 0..whole.len() {
            let begin = &whole[..cut];
            assert!(read(begin, container).is_none(), "{container:?} at {cut}");
        }
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 0xFF;
            read(&broken, container);
        }
    }
}

fn xml() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        Just("<w:p>"),
        Just("</w:p>"),
        Just("<w:p><w:r><w:t>Dana: I left.</w:t></w:r></w:p>"),
        Just("<w:r><w:t xml:space=\"preserve\">"),
        Just("</w:t></w:r>"),
        Just("<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>Dana</w:t></w:r></w:p>"),
        Just("<w:r><w:rPr><w:b/></w:rPr><w:t>Ann</w:t></w:r>"),
        Just("<w:r><w:tab/></w:r>"),
        Just("<w:br/>"),
        Just("<w:tbl><w:tr><w:tc>"),
        Just("</w:tc><w:tc>"),
        Just("</w:tc></w:tr><w:tr><w:tc>"),
        Just("</w:tc></w:tr></w:tbl>"),
        Just("<w:del>"),
        Just("</w:del>"),
        Just("<text:p>"),
        Just("</text:p>"),
        Just("<text:p>Ann: Why?</text:p>"),
        Just("<text:h text:outline-level=\"99\">"),
        Just("</text:h>"),
        Just("<text:span>"),
        Just("</text:span>"),
        Just("<text:s text:c=\"3\"/>"),
        Just("<text:note>"),
        Just("</text:note>"),
        Just("<table:table><table:table-row><table:table-cell>"),
        Just("</table:table-cell></table:table-row></table:table>"),
        Just("00:01:02 "),
        Just("Ça va 🙂\n "),
        Just("田中："),
        Just("&amp;"),
        Just("&#x1F642;"),
        Just("&#0;"),
        Just("&bogus;"),
        Just("& "),
        Just("<![CDATA[a < b]]>"),
        Just("<!-- no -->"),
        Just("\r\n"),
        Just("\u{a0}"),
        Just("<"),
        Just(">"),
    ];
    prop::collection::vec(parts, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn quotes_stand_in_the_part_that_they_name(xml in xml(), odt in any::<bool>()) {
        let container = BOTH[usize::from(odt)];
        let Some(document) = read_part(&xml, container) else { return Ok(()); };
        for segment in &document.segments {
            prop_assert_eq!(segment.part.as_deref(), Some(main_part(container)));
            let words = segment.canonical.slice(&document.text).unwrap();
            let source = xml.as_bytes().get(segment.source.range());
            prop_assert!(source.is_some());
            prop_assert!(!segment.exact || source == Some(words.as_bytes()), "{words:?}");
        }
        for passage in &document.passages {
            let words = document.slice(passage.span);
            prop_assert_eq!(words, words.trim());
            prop_assert!(!words.is_empty());
        }
    }

    #[test]
    fn parts_may_hold_any_bytes(
        main in prop::collection::vec(any::<u8>(), 0..200),
        other in prop::collection::vec(any::<u8>(), 0..200),
        xml in xml(),
        odt in any::<bool>(),
    ) {
        let container = BOTH[usize::from(odt)];
        let name = main_part(container);
        let mixed = [xml.as_bytes(), &main, xml.as_bytes()].concat();
        read(&main, container);
        read(&zipped(&[(name, &main)]), container);
        read(&zipped(&[(name, &mixed)]), container);
        read(&zipped(&[("_rels/.rels", &other), (name, &mixed)]), container);
        read(&zipped(&[("word/styles.xml", &other), (name, &mixed)]), container);
    }
}
