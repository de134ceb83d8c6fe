//! Exchanges that one row holds whole: a support ticket with its comments, a
//! chat with its parts.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value};
use throughline_core::{ParticipantId, Role};

use super::aliases::normalised;
use super::canvas::Canvas;
use super::json_walk::{Fields, elements};
use super::row::{Cell, Charset, Row};
use crate::speakers;

/// The keys of a part's words, the better first.
const WORDS: &[&str] = &[
    "plainbody",
    "body",
    "text",
    "content",
    "message",
    "utterance",
    "value",
    "htmlbody",
];

/// The keys that say what part somebody has.
const KINDS: &[&str] = &[
    "authortype",
    "authorrole",
    "sendertype",
    "senderrole",
    "role",
    "usertype",
    "from",
    "sender",
    "speaker",
    "author",
    "user",
];

/// The keys that name somebody.
const NAMES: &[&str] = &[
    "authorname",
    "sendername",
    "username",
    "author",
    "sender",
    "speaker",
];

/// The keys of the number that somebody has.
const IDS: &[&str] = &["authorid", "senderid", "userid", "authoremail"];

/// One part of an exchange.
pub(super) struct Part {
    /// The words, if there are any.
    pub(super) words: Option<Cell>,
    /// What kind of part it is, in the export's own word.
    pub(super) kind: String,
    /// Who wrote it.
    pub(super) voice: Voice,
}

/// Who wrote a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Voice {
    /// What the part is signed with.
    pub(super) label: Option<String>,
    /// The writer's part in the exchange.
    pub(super) role: Role,
    /// What tells the writer from others.
    id: Option<String>,
}

impl Voice {
    /// Whoever began the exchange, who has the `kind` that the export gives.
    pub(super) fn opener(author: Option<&str>, kind: Option<&str>) -> Self {
        Self {
            label: author.or(kind).map(str::to_owned),
            role: kind.and_then(role_of).unwrap_or(Role::Participant),
            id: author.map(str::to_owned),
        }
    }

    /// Who that is, for the evidence that they give. Whoever has neither name
    /// nor number is somebody else in every document.
    pub(super) fn participant(&self, file: &str, document: &str) -> Option<ParticipantId> {
        if self.role != Role::Participant {
            return None;
        }
        match &self.id {
            Some(id) => Some(ParticipantId::author(file, id)),
            None => {
                let label = self.label.as_deref()?;
                Some(ParticipantId::speaker(document, label))
            }
        }
    }
}

/// True if most `cells` are lists of parts: objects with words, and with
/// somebody who wrote them.
pub(super) fn is_thread<'c>(cells: impl Iterator<Item = &'c str>) -> bool {
    const LOOKED_AT: usize = 50;
    let (mut all, mut threads) = (0_usize, 0_usize);
    for cell in cells.take(LOOKED_AT) {
        all += 1;
        if !cell.starts_with('[') {
            continue;
        }
        let parts: Vec<Map<String, Value>> = serde_json::from_str(cell).unwrap_or_default();
        let is_part = |part: &Map<String, Value>| {
            let has = |keys: &[&str]| {
                part.iter().any(|(key, value)| {
                    let whole = normalised(key);
                    let begins = |key: &&str| key.starts_with(&whole) && value.is_object();
                    keys.contains(&whole.as_str()) || keys.iter().any(begins)
                })
            };
            has(WORDS) && (has(KINDS) || has(IDS))
        };
        threads += usize::from(!parts.is_empty() && parts.iter().all(is_part));
    }
    threads > 0 && threads * 2 >= all
}

/// The parts that `cell` of `row` lists. Who began the exchange is `opener`;
/// whoever says nothing of their part and is somebody else answers for the firm.
pub(super) fn parts(row: &Row, cell: &Cell, charset: Charset, opener: Option<&str>) -> Vec<Part> {
    elements(&row.bytes, cell.range.clone())
        .into_iter()
        .map(|fields| part(row, cell.column, fields, charset, opener))
        .collect()
}

fn part(row: &Row, column: usize, fields: Fields, charset: Charset, opener: Option<&str>) -> Part {
    let by_name: BTreeMap<String, Cell> = fields
        .into_iter()
        .rev()
        .map(|(name, range, writing)| {
            let cell = Cell {
                column,
                range,
                writing,
            };
            (normalised(&name), cell)
        })
        .collect();
    let value = |keys: &[&str]| {
        keys.iter()
            .find_map(|key| by_name.get(*key).and_then(|cell| text(row, cell, charset)))
    };
    let words = WORDS.iter().find_map(|key| {
        let cell = by_name.get(*key)?;
        text(row, cell, charset).map(|_| cell.clone())
    });
    let kind = value(KINDS);
    let id = value(IDS);
    let stated = kind.as_deref().and_then(role_of);
    let role = stated.unwrap_or(match (opener, id.as_deref()) {
        (Some(opener), Some(id)) if opener == id => Role::Participant,
        (Some(_), Some(_)) => Role::Agent,
        _ => Role::Unknown,
    });
    let name = value(NAMES).filter(|name| role_of(name).is_none());
    let mut label = name.clone().or_else(|| kind.clone()).or_else(|| id.clone());
    if value(&["public"]).as_deref() == Some("false") {
        label = Some(format!(
            "{} (internal)",
            label.as_deref().unwrap_or("agent")
        ));
    }
    Part {
        words,
        kind: value(&["parttype", "type", "messagetype"]).unwrap_or_else(|| "part".to_owned()),
        voice: Voice {
            label,
            role,
            id: id.or(name),
        },
    }
}

fn text(row: &Row, cell: &Cell, charset: Charset) -> Option<String> {
    let mut canvas = Canvas::default();
    let range: Range<usize> = canvas.write(row, cell, charset);
    canvas
        .text
        .get(range)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// The part that a word of an export states.
fn role_of(kind: &str) -> Option<Role> {
    match normalised(kind).as_str() {
        "user" | "lead" | "contact" | "visitor" | "enduser" | "customer" | "requester"
        | "human" | "client" | "guest" | "member" => Some(Role::Participant),
        "admin" | "agent" | "team" | "teammate" | "staff" | "operator" | "support" | "bot"
        | "assistant" | "ai" | "gpt" | "system" | "chatbot" | "workflow" => Some(Role::Agent),
        _ => speakers::stated(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan::Writing;
    use super::super::window::Width;
    use super::*;

    fn read(json: &str, opener: Option<&str>) -> Vec<(Option<String>, Role, bool)> {
        let row = Row {
            bytes: json.as_bytes().to_vec(),
            ..Row::default()
        };
        let cell = Cell {
            column: 0,
            range: 0..json.len(),
            writing: Writing::Plain,
        };
        let charset = Charset {
            encoding: encoding_rs::UTF_8,
            width: Width::Same,
        };
        parts(&row, &cell, charset, opener)
            .into_iter()
            .map(|part| (part.voice.label, part.voice.role, part.words.is_some()))
            .collect()
    }

    #[test]
    fn parts_say_who_wrote_them() {
        let json = r#"[{"body":"Hi","author":{"type":"user","name":"Dana"}},
            {"body":"","author":{"type":"admin"}},{"body":"Yes","author":{"type":"bot","id":"1"}}]"#;
        assert!(is_thread([json].into_iter()));
        assert_eq!(
            read(json, None),
            [
                (Some("Dana".to_owned()), Role::Participant, true),
                (Some("admin".to_owned()), Role::Agent, false),
                (Some("bot".to_owned()), Role::Agent, true),
            ]
        );
    }

    #[test]
    fn whoever_did_not_begin_the_exchange_answers() {
        let json = r#"[{"author_id":7,"body":"a"},{"author_id":8,"body":"b","public":false}]"#;
        assert!(is_thread([json].into_iter()));
        assert_eq!(
            read(json, Some("7")),
            [
                (Some("7".to_owned()), Role::Participant, true),
                (Some("8 (internal)".to_owned()), Role::Agent, true),
            ]
        );
    }

    #[test]
    fn other_lists_are_no_exchange() {
        for cell in [
            "[1,2]",
            "[{\"url\":\"x\"}]",
            "[]",
            "text",
            "[{\"text\":\"x\"}]",
        ] {
            assert!(!is_thread([cell].into_iter()), "{cell}");
        }
    }
}
