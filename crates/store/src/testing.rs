//! Documents for tests, made from a few words. Also a module of the tests
//! outside this crate, so it names core's types only.

use proptest::prelude::*;
use throughline_core::{Document, DocumentBuilder, ParticipantId, Role, Segment, SourceKind, Span};

/// A transcript with one line a turn, `INT` for the interviewer; each turn is
/// one passage, or two if a sentence ends within it.
pub(crate) fn document(name: &str, turns: &[(String, String)]) -> Document {
    let mut text = String::new();
    let mut lines = Vec::new();
    for (label, words) in turns {
        let line = text.len();
        text.push_str(label);
        text.push_str(": ");
        let start = text.len();
        text.push_str(words);
        lines.push((label, words, line, start..text.len()));
        text.push('\n');
    }
    let mut builder = DocumentBuilder::new(name, SourceKind::Interview, text.clone());
    let segment = |line: usize, end: usize| {
        let span = Span { start: line, end };
        Segment {
            canonical: span,
            source: span,
            part: None,
            exact: line.is_multiple_of(2),
        }
    };
    builder.segments(
        lines
            .iter()
            .map(|(_, _, line, range)| segment(*line, range.end))
            .collect(),
    );
    for (label, words, _, range) in lines {
        let asks = label == "INT";
        let role = if asks {
            Role::Interviewer
        } else {
            Role::Participant
        };
        let mut turn = builder.turn(range.clone(), Some(label), role);
        turn.times(Some(range.start as u64 * 100), None);
        if !asks {
            turn.participant(ParticipantId::speaker(name, label));
        }
        match words.find(". ") {
            Some(end) => {
                let middle = range.start + end;
                turn.passage(range.start..middle + 1).unwrap();
                turn.passage(middle + 2..range.end).unwrap();
            }
            None => {
                turn.passage(range).unwrap();
            }
        }
    }
    builder.build().unwrap()
}

/// Turns of an interviewer and up to three participants.
pub(crate) fn conversation() -> impl Strategy<Value = Vec<(String, String)>> {
    let label = prop::sample::select(vec!["INT", "P1", "P2", "P3"]).prop_map(str::to_owned);
    prop::collection::vec((label, "[a-zé🙂, ]{1,9}([.] [a-zé🙂,]{1,9})?"), 1..8)
}
