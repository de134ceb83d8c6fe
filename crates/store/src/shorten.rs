//! A document without some people's words.
//!
//! What is left is a document of its own: its text is the old one with their
//! turns cut out, its hash and its passages' ids are new, and every quote from
//! it is a slice of the new text. What stood between a turn that went and its
//! neighbours (labels, time stamps, lines that belong to no turn) goes with it,
//! because it may be theirs.

use std::collections::BTreeSet;

use throughline_core::{
    ContentHash, Document, DocumentMeta, ParticipantId, Passage, PassageId, Segment, Span, Turn,
};

/// A shortened document, and what of the old text it was made from.
#[derive(Debug)]
pub(crate) struct Shortened {
    /// The document that is left.
    pub document: Document,
    pieces: Vec<Piece>,
}

/// What is left of a document.
#[derive(Debug)]
pub(crate) enum Left {
    /// All of it: those people do not speak in it.
    All,
    /// The rest.
    Rest(Box<Shortened>),
    /// Nothing that anybody who could be evidence said.
    Nothing,
}

/// A stretch of the old text and where it now begins.
#[derive(Debug, Clone, Copy)]
struct Piece {
    old: Span,
    start: usize,
}

impl Piece {
    /// Where a part of the stretch now stands.
    fn moved(&self, part: Span) -> Span {
        let start = self.start + (part.start - self.old.start);
        Span {
            start,
            end: start + part.len(),
        }
    }
}

impl Shortened {
    /// Where a range of the old text now stands, if all of it was kept.
    pub(crate) fn place_of(&self, old: Span) -> Option<Span> {
        let piece = self.pieces.iter().find(|piece| piece.old.contains(old))?;
        Some(piece.moved(old))
    }
}

/// What is left of `document` without the people for whom `gone` is true.
pub(crate) fn without(document: &Document, gone: &dyn Fn(&ParticipantId) -> bool) -> Left {
    let theirs = |turn: &Turn| turn.participant.as_ref().is_some_and(gone);
    let labels: BTreeSet<&str> = labels_of(document, gone);
    // Turns of theirs that could not be evidence carry the same label.
    let goes = |turn: &Turn| {
        let labelled = turn
            .speaker
            .as_deref()
            .is_some_and(|label| labels.contains(label));
        theirs(turn) || (turn.participant.is_none() && labelled)
    };
    if !document.turns.iter().any(goes) {
        return Left::All;
    }
    if !document
        .turns
        .iter()
        .any(|turn| turn.participant.is_some() && !goes(turn))
    {
        return Left::Nothing;
    }
    let kept: Vec<bool> = document.turns.iter().map(|turn| !goes(turn)).collect();
    Left::Rest(Box::new(rebuild(document, &kept, &labels)))
}

/// The labels under which some people speak in a document.
pub(crate) fn labels_of<'d>(
    document: &'d Document,
    gone: &dyn Fn(&ParticipantId) -> bool,
) -> BTreeSet<&'d str> {
    let theirs = |turn: &&Turn| turn.participant.as_ref().is_some_and(gone);
    document
        .turns
        .iter()
        .filter(theirs)
        .filter_map(|turn| turn.speaker.as_deref())
        .collect()
}

/// True if one of `labels` stands in `text` as a word of its own.
pub(crate) fn names_any(labels: &BTreeSet<&str>, text: &str) -> bool {
    labels.iter().any(|label| {
        !label.is_empty()
            && text.match_indices(label).any(|(at, found)| {
                let before = text[..at].chars().next_back();
                let after = text[at + found.len()..].chars().next();
                !before.is_some_and(char::is_alphanumeric)
                    && !after.is_some_and(char::is_alphanumeric)
            })
    })
}

fn rebuild(old: &Document, kept: &[bool], labels: &BTreeSet<&str>) -> Shortened {
    let (text, pieces) = cut(old, kept, labels);
    let hash = ContentHash::of(text.as_bytes());
    let shell = Document {
        text,
        hash,
        turns: Vec::new(),
        passages: Vec::new(),
        ..old.clone()
    };
    let mut new = Shortened {
        document: shell,
        pieces,
    };
    let mut numbers = Vec::with_capacity(old.turns.len());
    for (turn, keep) in old.turns.iter().zip(kept) {
        let place = keep.then(|| new.place_of(turn.span)).flatten();
        numbers.push(place.map(|_| new.document.turns.len()));
        if let Some(span) = place {
            new.document.turns.push(Turn {
                span,
                ..turn.clone()
            });
        }
    }
    for passage in &old.passages {
        let turn = numbers.get(passage.turn).copied().flatten();
        if let (Some(turn), Some(span)) = (turn, new.place_of(passage.span)) {
            let id = PassageId::of(&old.name, hash, span);
            new.document.passages.push(Passage { id, turn, span });
        }
    }
    new.document.segments = segments_of(old, &new.pieces);
    new.document.meta = without_names(&old.meta, labels);
    new
}

/// The text that is left, and which stretches of the old one it is made of.
fn cut(old: &Document, kept: &[bool], labels: &BTreeSet<&str>) -> (String, Vec<Piece>) {
    let mut text = String::with_capacity(old.text.len());
    let mut pieces: Vec<Piece> = Vec::new();
    let mut take = |span: Span, text: &mut String| {
        let start = text.len();
        text.push_str(old.slice(span));
        match pieces.last_mut() {
            Some(last) if last.old.end == span.start && last.start + last.old.len() == start => {
                last.old.end = span.end;
            }
            _ => pieces.push(Piece { old: span, start }),
        }
    };
    // The text before the first turn and after the last has one neighbour only.
    let mut end = 0;
    let mut stays = true;
    let after_last = Span {
        start: old.text.len(),
        end: old.text.len(),
    };
    let turns = old
        .turns
        .iter()
        .map(|turn| turn.span)
        .zip(kept.iter().copied());
    for (span, keep) in turns.chain([(after_last, kept.last().copied().unwrap_or(true))]) {
        let gap = Span {
            start: end,
            end: span.start,
        };
        if stays && keep && !names_any(labels, old.slice(gap)) {
            take(gap, &mut text);
        } else if keep && !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        if keep {
            take(span, &mut text);
        }
        (end, stays) = (span.end, keep);
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    (text, pieces)
}

/// The ways back to the source that are left.
fn segments_of(old: &Document, pieces: &[Piece]) -> Vec<Segment> {
    let mut segments = Vec::new();
    for piece in pieces {
        let first = old
            .segments
            .partition_point(|one| one.canonical.end <= piece.old.start);
        let within = old.segments.iter().skip(first);
        for segment in within.take_while(|one| one.canonical.start < piece.old.end) {
            let part = Span {
                start: segment.canonical.start.max(piece.old.start),
                end: segment.canonical.end.min(piece.old.end),
            };
            // What was decoded cannot be cut at a byte of the source: such a
            // part leads back to the whole.
            let source = if segment.exact {
                let start = segment.source.start + (part.start - segment.canonical.start);
                Span {
                    start,
                    end: start + part.len(),
                }
            } else {
                segment.source
            };
            segments.push(Segment {
                canonical: piece.moved(part),
                source,
                ..segment.clone()
            });
        }
    }
    segments
}

fn without_names(meta: &DocumentMeta, labels: &BTreeSet<&str>) -> DocumentMeta {
    let mut meta = meta.clone();
    meta.title = meta.title.filter(|title| !names_any(labels, title));
    meta.attributes.retain(|_, value| !names_any(labels, value));
    let gone = |label: &String| labels.contains(label.as_str());
    meta.speakers
        .retain(|speaker| !speaker.labels.iter().any(gone));
    meta
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use throughline_core::{DocumentBuilder, Role, SourceKind};

    use super::*;
    use crate::testing::{conversation, document};

    const TEXT: &str = "With Dana and Zoë\nINT: Why?\nDana: The price.\nZoë: The queue.\nINT: So?\nDana: Hidden.\n";

    fn group() -> Document {
        let spans = [
            ("INT", 24..28),
            ("Dana", 35..45),
            ("Zoë", 52..62),
            ("INT", 68..71),
            ("Dana", 78..85),
        ];
        let mut builder = DocumentBuilder::new("group.txt", SourceKind::Interview, TEXT);
        builder.meta(DocumentMeta {
            title: Some("Dana, Zoë".to_owned()),
            ..DocumentMeta::default()
        });
        let whole = Span {
            start: 0,
            end: TEXT.len(),
        };
        builder.segments(vec![Segment {
            canonical: whole,
            source: whole,
            part: None,
            exact: true,
        }]);
        for (label, range) in spans {
            let role = if label == "INT" {
                Role::Interviewer
            } else {
                Role::Participant
            };
            let mut turn = builder.turn(range.clone(), Some(label), role);
            if label != "INT" {
                turn.participant(ParticipantId::speaker("group.txt", label));
            }
            turn.passage(range).unwrap();
        }
        builder.build().unwrap()
    }

    fn only(label: &str) -> impl Fn(&ParticipantId) -> bool {
        let id = ParticipantId::speaker("group.txt", label);
        move |one| *one == id
    }

    #[test]
    fn their_turns_go_and_the_rest_is_a_document_of_its_own() {
        let old = group();
        let Left::Rest(new) = without(&old, &only("Dana")) else {
            panic!("Zoë is left")
        };
        let new = new.document;
        assert_eq!(new.text, "Why?\nThe queue.\nINT: So?\n");
        assert_eq!(new.hash, ContentHash::of(new.text.as_bytes()));
        let words: Vec<_> = new.passages.iter().map(|p| new.slice(p.span)).collect();
        assert_eq!(words, ["Why?", "The queue.", "So?"]);
        assert_eq!(
            new.passages[1].id,
            PassageId::of("group.txt", new.hash, new.passages[1].span)
        );
        assert_eq!(new.context_of(&new.passages[1]), Some("Why?"));
        assert_eq!(new.meta.title, None);
        for segment in &new.segments {
            assert_eq!(
                segment.canonical.slice(&new.text),
                segment.source.slice(TEXT)
            );
        }
    }

    #[test]
    fn a_document_in_which_nobody_else_speaks_goes_whole() {
        let old = group();
        assert!(matches!(without(&old, &|_| true), Left::Nothing));
        assert!(matches!(without(&old, &only("Lee")), Left::All));
    }

    #[test]
    fn a_label_is_a_word_of_its_own() {
        let labels = BTreeSet::from(["Dan"]);
        assert!(names_any(&labels, "and Dan, too"));
        assert!(!names_any(&labels, "and Dana"));
        assert!(!names_any(&labels, "Jordan"));
    }

    proptest! {
        #[test]
        fn what_is_left_keeps_every_promise(
            turns in conversation(),
            gone in prop::sample::subsequence(vec!["P1", "P2", "P3"], 0..=2),
        ) {
            let old = document("doc.txt", &turns);
            let ids: BTreeSet<_> =
                gone.iter().map(|label| ParticipantId::speaker("doc.txt", label)).collect();
            if let Left::Rest(new) = without(&old, &|id| ids.contains(id)) {
                let Shortened { document: new, .. } = *new;
                let mut builder = DocumentBuilder::new("doc.txt", old.kind, new.text.clone());
                builder.segments(new.segments.clone());
                for (number, turn) in new.turns.iter().enumerate() {
                    let mut built =
                        builder.turn(turn.span.range(), turn.speaker.as_deref(), turn.role);
                    for passage in new.passages.iter().filter(|p| p.turn == number) {
                        built.passage(passage.span.range()).unwrap();
                    }
                }
                let built = builder.build().unwrap();
                prop_assert_eq!(&built.passages, &new.passages);
                let words = |d: &Document| -> Vec<_> {
                    d.passages
                        .iter()
                        .filter(|p| !gone.contains(&d.turns[p.turn].speaker.as_deref().unwrap()))
                        .map(|p| d.slice(p.span).to_owned())
                        .collect()
                };
                prop_assert_eq!(words(&old), words(&new));
                prop_assert_eq!(words(&new).len(), new.passages.len());
                for segment in new.segments.iter().filter(|segment| segment.exact) {
                    prop_assert_eq!(
                        segment.canonical.slice(&new.text),
                        segment.source.slice(&old.text)
                    );
                }
            }
        }
    }
}
