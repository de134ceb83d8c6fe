//! Claims of the Word document: each paragraph in the style of quotes with the
//! one below it, and each finding's heading with the place of its words.

use std::io::{BufReader, Cursor, Read};

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use throughline_core::restored_from_xml;
use zip::ZipArchive;

use super::{Claim, Claims, below, damaged};
use crate::ReportError;
use crate::docx::{DOCUMENT, FACT, FACT_NAME, FINDING, PLACE, QUOTE, SOURCE};
use crate::view::HEADING_WORDS;

/// What is unpacked of a document, in bytes, at most.
const LARGEST: u64 = 1 << 30;

pub(super) fn claims(bytes: &[u8]) -> Result<Claims, ReportError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let part = archive.by_name(DOCUMENT)?.take(LARGEST);
    let mut paragraphs = Paragraphs::of(BufReader::new(part));
    let mut found = Claims::default();
    let (mut heading, mut name, mut quoted) = (String::new(), String::new(), None);
    while let Some(Paragraph { style, text }) = paragraphs.next()? {
        let at = format!("paragraph {}", paragraphs.number);
        let quote = quoted.take();
        match style.as_str() {
            FINDING => heading = text,
            FACT_NAME => name = text,
            FACT => found.manifest_row(&name, &text),
            QUOTE => quoted = Some((text, at)),
            SOURCE => {
                if let Some((words, at)) = quote {
                    found.claims.extend(below::quote(words, &text, at)?);
                }
            }
            PLACE => {
                if let Some(place) = text.strip_prefix(HEADING_WORDS) {
                    let label = below::label(&heading, place.trim_start(), at)?;
                    found.claims.push(Claim {
                        on_one_line: false,
                        ..label
                    });
                }
            }
            _ => {}
        }
    }
    found.hold_quotes();
    Ok(found)
}

/// A paragraph: the id of its style, and its words.
#[derive(Default)]
struct Paragraph {
    style: String,
    text: String,
}

/// The paragraphs of a document, those in drawings among them.
struct Paragraphs<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    /// The paragraphs that are open: a drawing within one holds others.
    open: Vec<Paragraph>,
    /// True within an element that holds words.
    words: bool,
    /// The number of the last, from 1.
    number: usize,
}

impl<R: std::io::BufRead> Paragraphs<R> {
    fn of(part: R) -> Self {
        let mut reader = Reader::from_reader(part);
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            open: Vec::new(),
            words: false,
            number: 0,
        }
    }

    fn next(&mut self) -> Result<Option<Paragraph>, ReportError> {
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            let position = self.reader.buffer_position();
            let broken = |why: String| damaged(format!("byte {position} of its words: {why}"));
            let event = event.map_err(|error| broken(error.to_string()))?;
            let Some(last) = self.open.last_mut() else {
                match event {
                    Event::Start(start) if start.local_name().as_ref() == "p" => {
                        self.open.push(Paragraph::default());
                    }
                    Event::Eof => return Ok(None),
                    _ => {}
                }
                continue;
            };
            match event {
                Event::Start(start) => match start.local_name().as_ref() {
                    "p" => self.open.push(Paragraph::default()),
                    "pStyle" => last.style = value(&start).unwrap_or_default(),
                    "br" | "cr" => last.text.push('\n'),
                    // One with a value is no tab but says where tabs go to.
                    "tab" if value(&start).is_none() => last.text.push('\t'),
                    "t" => self.words = true,
                    _ => {}
                },
                Event::End(end) => match end.local_name().as_ref() {
                    "t" => self.words = false,
                    "p" => {
                        self.number += 1;
                        return Ok(self.open.pop().map(|paragraph| Paragraph {
                            text: restored_from_xml(&paragraph.text).into_owned(),
                            ..paragraph
                        }));
                    }
                    _ => {}
                },
                Event::Text(text) if self.words => last.text.push_str(&text.xml10_content()),
                Event::CData(text) if self.words => last.text.push_str(&text.xml10_content()),
                Event::GeneralRef(entity) if self.words => {
                    let character = entity.resolve_char_ref();
                    match character.map_err(|error| broken(error.to_string()))? {
                        Some(c) => last.text.push(c),
                        None => match resolve_predefined_entity(&entity) {
                            Some(text) => last.text.push_str(text),
                            None => return Err(broken("an entity of its own".to_owned())),
                        },
                    }
                }
                Event::Eof => return Err(broken("it breaks off".to_owned())),
                _ => {}
            }
        }
    }
}

/// The value of the attribute `val`.
fn value(start: &BytesStart<'_>) -> Option<String> {
    let mut attributes = start.attributes().flatten();
    let found = attributes.find(|one| one.key.local_name().as_ref() == "val")?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.into_owned())
}
