//! Whatever a file holds: no panic, no lost words, no quadratic time.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use throughline_core::Document;

use super::{TranscriptFormat, TranscriptOptions, read_transcript};
use crate::container::Markup;
use crate::stopwatch::Stopwatch;

const FORMATS: [TranscriptFormat; 9] = [
    TranscriptFormat::Plain,
    TranscriptFormat::Markdown,
    TranscriptFormat::WebVtt,
    TranscriptFormat::Srt,
    TranscriptFormat::Sbv,
    TranscriptFormat::Lrc,
    TranscriptFormat::Json,
    TranscriptFormat::Markup(Markup::Html),
    TranscriptFormat::Markup(Markup::Rtf),
];
/// Those in which every character of the text stands in the source.
const WITHOUT_MARKS: usize = 7;

fn read(bytes: &[u8], format: TranscriptFormat) -> Option<Document> {
    let roles = BTreeMap::new();
    let options = TranscriptOptions {
        roles: &roles,
        labels_apart: false,
    };
    let read = read_transcript("x", bytes, format, &options).ok()?;
    Some(read.document)
}

#[test]
fn time_is_linear_in_hostile_text() {
    let numbered: String = (0..2_000)
        .map(|i| format!("Name{i} 1:05\nDana{i}: Hi\n[X{i}] a - b\n"))
        .collect();
    let units = [
        "word ",
        "Dana: ",
        "Dana: hi\n",
        "**",
        "[",
        "#",
        "<v ",
        "&amp;. - A",
        "00:01 --> 00:02\n",
        "00:01.000 --> 00:02.000\n- Hi.\n\n",
        "1:05 a\n",
        "<i>",
        "{\\",
        "---\n",
        "Key: value\n\n",
        "\r",
        "> ",
    ];
    let texts = units.iter().map(|unit| unit.repeat(50_000 / unit.len()));
    for text in texts.chain([numbered]) {
        for format in FORMATS {
            let watch = Stopwatch::start();
            read(text.as_bytes(), format);
            let took = watch.elapsed();
            let begin: String = text.chars().take(20).collect();
            assert!(
                took < Duration::from_secs(3),
                "{begin:?} {format:?} took {took:?}"
            );
        }
    }
}

fn transcript() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        Just("Interviewer: "),
        Just("Dana: "),
        Just("**Ann:** "),
        Just("## Dana\n"),
        Just("[00:01:02] "),
        Just("00:01 "),
        Just("\n"),
        Just("\n\n"),
        Just("---\n"),
        Just("WEBVTT\n\n"),
        Just("12\n"),
        Just("00:01.000 --> 00:02.000\n"),
        Just("00:00:03,000 --> bad\n"),
        Just("<v Dana>"),
        Just("</v>"),
        Just("&amp;"),
        Just("- "),
        Just("I left. "),
        Just("Why? "),
        Just("Ça va 🙂 "),
        Just("田中："),
        Just("#00:01:02-3#"),
        Just("Date: 2025-03-01\n"),
        Just("\r\n"),
        Just("<"),
        Just("Dana  1:05\n"),
        Just("\u{a0}"),
        Just("NOTE x\n"),
        Just("\\[01:44\\]"),
        Just("# "),
        Just(":"),
    ];
    prop::collection::vec(parts, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn turns_and_passages_are_stretches_of_the_source(text in transcript(), format in 0..FORMATS.len()) {
        let bytes = text.as_bytes();
        let Some(document) = read(bytes, FORMATS[format]) else { return Ok(()); };
        for segment in &document.segments {
            let words = segment.canonical.slice(&document.text).unwrap();
            let source = &bytes[segment.source.range()];
            prop_assert!(!segment.exact || source == words.as_bytes());
        }
        if format >= WITHOUT_MARKS { return Ok(()); }
        let mut mapped = document.segments.iter().map(|segment| segment.canonical).peekable();
        for (at, c) in document.text.char_indices().filter(|(_, c)| !c.is_whitespace() && *c != ':') {
            while mapped.next_if(|span| span.end <= at).is_some() {}
            prop_assert!(mapped.peek().is_some_and(|span| span.start <= at), "{c:?} at {at} stands nowhere");
        }
        for passage in &document.passages {
            let words = document.slice(passage.span);
            prop_assert_eq!(words, words.trim());
            prop_assert!(!words.is_empty());
        }
    }
}
