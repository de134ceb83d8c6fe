//! What holds of any text.
#![expect(clippy::unwrap_used, reason = "a test that fails should stop")]

use std::time::{Duration, Instant};

use proptest::prelude::*;
use throughline_core::{Document, DocumentBuilder, Role, Segment, SourceKind, Span};
use throughline_privacy::{Key, Pseudonyms, Roster, find};

/// A document of `words`, each of which is a passage, every other of them a
/// turn; byte for byte its source from byte 10 on.
fn document(words: &[String]) -> Document {
    let text = words.join(" ");
    let mut builder = DocumentBuilder::new("t.txt", SourceKind::Interview, text.clone());
    builder.segments(vec![Segment {
        canonical: Span {
            start: 0,
            end: text.len(),
        },
        source: Span {
            start: 10,
            end: 10 + text.len(),
        },
        part: None,
        exact: true,
    }]);
    let mut at = 0;
    for pair in words.chunks(2) {
        let whole = pair.join(" ");
        let mut turn = builder.turn(at..at + whole.len(), Some("Zofka"), Role::Participant);
        for word in pair {
            turn.passage(at..at + word.len()).unwrap();
            at += word.len() + 1;
        }
    }
    builder.build().unwrap()
}

fn word() -> impl Strategy<Value = String> {
    let known = [
        "Zofka",
        "Dana",
        "Kovacs,",
        "a@b.example",
        "+44 20 7946 0018.",
        "my",
        "name",
        "is",
        "May",
        "12",
        "High",
        "Street",
        "👩‍👩‍👧",
        "é\u{301}",
        "order",
        "no.",
        "PW-2209",
        "https://x.example/u/7",
    ];
    prop_oneof![
        proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        "\\PC{1,8}".prop_map(|word| word.replace(char::is_whitespace, "_")),
    ]
}

proptest! {
    #[test]
    fn places_are_in_order_and_whole_characters(text in "(\\PC|\n){0,200}") {
        let mut end = 0;
        for one in find(&text, &Roster::default()).found {
            prop_assert!(one.span.start >= end && one.span.slice(&text).is_some());
            end = one.span.end;
        }
    }

    #[test]
    fn what_is_left_leads_back_to_the_same_bytes(words in proptest::collection::vec(word(), 1..30)) {
        let old = document(&words);
        let mut pseudonyms = Pseudonyms::new(Key::new([3; 32]));
        pseudonyms.learn(&old);
        pseudonyms.learnt();
        let new = pseudonyms.apply(&old, "t.txt").unwrap();
        prop_assert!(!new.text.contains("Zofka") && !new.text.contains("a@b.example"));
        for segment in &new.segments {
            let source = Span { start: segment.source.start - 10, end: segment.source.end - 10 };
            let before = source.slice(&old.text);
            prop_assert!(before.is_some());
            if segment.exact {
                prop_assert_eq!(before, segment.canonical.slice(&new.text));
            }
        }
        let covered: usize = new.segments.iter().map(|segment| segment.canonical.len()).sum();
        prop_assert_eq!(covered, new.text.len());
        // The same again, under the key as it is written down.
        let text = pseudonyms.key().to_text();
        let mut again = Pseudonyms::new(Key::parse(&text).unwrap());
        prop_assert_eq!(again.apply(&old, "t.txt").unwrap(), new);
    }
}

/// What might make a search go back and forth.
#[test]
fn no_input_takes_more_than_linear_time() {
    let pieces = [
        "1",
        "1 ",
        "1-",
        "(1",
        "+1 ",
        "@",
        "a@",
        "a.",
        "a.a",
        "http://",
        "www.",
        "A",
        "A ",
        "Aa ",
        "1 A ",
        "1 Aa ",
        "my name is ",
        "My ",
        "Mr ",
        "one ",
        "a at ",
        "order ",
        "order number ",
        ":",
        "1.",
        "GB00",
        "rue ",
        "Dana",
        "Dana ",
        "de ",
        "called ",
        "card ending ",
        "\u{301}",
    ];
    for piece in pieces {
        // The best of several: a busy machine makes any one of them wait.
        let time = |bytes: usize| {
            let text = piece.repeat(bytes / piece.len());
            let once = |_| {
                let start = Instant::now();
                let _ = find(&text, &Roster::default());
                start.elapsed()
            };
            (0..4).map(once).min().unwrap()
        };
        let (small, large) = (time(4_000), time(40_000));
        // Ten times the text: a hundred times the time would be a square.
        let limit = small * 40 + Duration::from_secs(4);
        assert!(large < limit, "{piece:?}: {small:?}, then {large:?}");
    }
}
