//! XML as a tree of elements.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::RefiError;

/// Elements within elements that are read: trees of codes are a few deep.
const DEPTH: usize = 200;

/// An element.
#[derive(Debug, Default)]
pub(crate) struct Element {
    /// Its name without a prefix.
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Element>,
    /// The text directly in it.
    pub(crate) text: String,
}

impl Element {
    /// The value of an attribute.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        attributes
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The children of one name.
    pub(crate) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first child of a name.
    pub(crate) fn first<'e>(&'e self, name: &'e str) -> Option<&'e Element> {
        self.all(name).next()
    }

    /// The children of a list within this element.
    pub(crate) fn list<'e>(&'e self, list: &'e str) -> &'e [Element] {
        self.first(list).map_or(&[], |list| &list.children)
    }

    fn of(start: &BytesStart<'_>, position: u64) -> Result<Self, RefiError> {
        let damaged = |error: &dyn std::error::Error| RefiError::Xml {
            position,
            problem: error.to_string(),
        };
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| damaged(&error))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| damaged(&error))?;
            let key = attribute.key.local_name().as_ref().to_owned();
            attributes.push((key, value.into_owned()));
        }
        Ok(Self {
            name: start.local_name().as_ref().to_owned(),
            attributes,
            ..Self::default()
        })
    }
}

/// The root element of `xml`.
pub(crate) fn parse(xml: &str) -> Result<Element, RefiError> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    // A parent of the root stands at the bottom.
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event();
        let position = reader.buffer_position();
        let damaged = |problem: String| RefiError::Xml { position, problem };
        match event.map_err(|error| damaged(error.to_string()))? {
            Event::Start(start) => {
                if open.len() > DEPTH {
                    return Err(RefiError::TooDeep(DEPTH));
                }
                open.push(Element::of(&start, position)?);
            }
            Event::End(_) => {
                if let (Some(closed), Some(parent)) = (open.pop(), open.last_mut()) {
                    parent.children.push(closed);
                }
            }
            Event::Text(text) => push(&mut open, &text.xml10_content()),
            Event::CData(text) => push(&mut open, &text.xml10_content()),
            Event::GeneralRef(entity) => {
                let character = entity.resolve_char_ref();
                match character.map_err(|error| damaged(error.to_string()))? {
                    Some(c) => push(&mut open, c.encode_utf8(&mut [0; 4])),
                    None => match resolve_predefined_entity(&entity) {
                        Some(text) => push(&mut open, text),
                        None => return Err(damaged("an entity of its own".to_owned())),
                    },
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let complete = open.len() == 1;
    let root = open.pop().and_then(|mut bottom| bottom.children.pop());
    root.filter(|_| complete).ok_or_else(|| RefiError::Xml {
        position: reader.buffer_position(),
        problem: "it breaks off".to_owned(),
    })
}

fn push(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_has_what_was_written() {
        let root =
            parse("<?xml version='1.0'?>\n<a:x k='1&#10;2'><y>p &amp; q&#x21;</y><y/></a:x>\n");
        let root = root.unwrap();
        assert_eq!((root.name.as_str(), root.get("k")), ("x", Some("1\n2")));
        let texts: Vec<&str> = root.all("y").map(|y| y.text.as_str()).collect();
        assert_eq!(texts, ["p & q!", ""]);
    }

    #[test]
    fn damage_is_an_error() {
        for xml in [
            "",
            "<a>",
            "<a></b>",
            "<a k=1/>",
            "<a>&unknown;</a>",
            "plain",
        ] {
            assert!(parse(xml).is_err(), "{xml}");
        }
        let deep = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
        assert!(matches!(parse(&deep), Err(RefiError::TooDeep(_))));
    }
}
