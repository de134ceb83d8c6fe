//! XML as a sequence of what matters in a document.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// What comes next.
pub(super) enum Piece<'e> {
    Open(&'e Tag<'e>),
    Close,
    /// Words as they stand there.
    Text(Range<usize>),
    /// Characters that an entity stands for.
    Entity(&'e str, Range<usize>),
}

/// An element that opens.
pub(super) struct Tag<'e> {
    start: &'e BytesStart<'e>,
}

impl Tag<'_> {
    /// Its name without a prefix.
    pub(super) fn name(&self) -> &str {
        local(self.start.name().0)
    }

    /// The value of the attribute with this local name.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let mut attributes = self.start.attributes();
        attributes
            .with_checks(false)
            .flatten()
            .filter(|attribute| local(attribute.key.0) == name)
            .find_map(|attribute| {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                value.ok().map(Cow::into_owned)
            })
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Hands every piece of `xml` to `visit`. No entity of a document's own is
/// expanded, and nothing here calls itself, however deep elements lie.
///
/// # Errors
/// What is wrong with the XML, in words.
pub(super) fn walk(xml: &str, visit: &mut dyn FnMut(Piece<'_>)) -> Result<(), String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().allow_dangling_amp = true;
    loop {
        let from = place(&reader);
        let event = reader
            .read_event()
            .map_err(|error| format!("its XML is broken at byte {from}: {error}"))?;
        let range = from..place(&reader);
        match event {
            Event::Start(start) => visit(Piece::Open(&Tag { start: &start })),
            Event::Empty(start) => {
                visit(Piece::Open(&Tag { start: &start }));
                visit(Piece::Close);
            }
            Event::End(_) => visit(Piece::Close),
            Event::Text(_) => visit(Piece::Text(range)),
            Event::CData(_) => {
                let (start, end) = (range.start + "<![CDATA[".len(), range.end - "]]>".len());
                visit(Piece::Text(start..end.max(start)));
            }
            Event::GeneralRef(name) => {
                let code = name.resolve_char_ref().ok().flatten();
                let code = code.map(|c| Cow::Owned(c.to_string()));
                let known = || resolve_html5_entity(&name).map(Cow::Borrowed);
                match code.or_else(known) {
                    Some(words) => visit(Piece::Entity(&words, range)),
                    None => visit(Piece::Text(range)),
                }
            }
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// The elements that are open, as readers of documents keep them.
pub(super) struct Nesting {
    /// Elements that mean something; the others have the name "".
    known: &'static [&'static str],
    names: Vec<&'static str>,
    /// How deep the element lies whose content is no part of the text.
    passed_over: Option<usize>,
}

impl Nesting {
    pub(super) fn new(known: &'static [&'static str]) -> Self {
        Self {
            known,
            names: Vec::new(),
            passed_over: None,
        }
    }

    /// The name by which `tag` is known. [`Self::open`] makes it the innermost.
    pub(super) fn name_of(&self, tag: &Tag<'_>) -> &'static str {
        let known = self.known.iter().find(|known| **known == tag.name());
        known.copied().unwrap_or("")
    }

    pub(super) fn open(&mut self, name: &'static str) {
        self.names.push(name);
    }

    /// Closes the innermost element: its name, if it is part of the text.
    pub(super) fn close(&mut self) -> Option<&'static str> {
        let name = self.names.pop().unwrap_or("");
        if self.passed_over == Some(self.names.len()) {
            self.passed_over = None;
            return None;
        }
        self.counts().then_some(name)
    }

    /// Leaves out the element that is about to be opened, with all its content.
    pub(super) fn pass_over(&mut self) {
        self.passed_over = Some(self.names.len());
    }

    /// True where what stands here is part of the text.
    pub(super) fn counts(&self) -> bool {
        self.passed_over.is_none()
    }

    /// The innermost element, or the one so many levels around it.
    pub(super) fn around(&self, levels: usize) -> &'static str {
        self.names.iter().rev().nth(levels).copied().unwrap_or("")
    }
}

fn place(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}
