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
        let (new, places) = pseudonyms.apply_with_places(&old, "t.txt").unwrap();
        for (at, _) in old.text.char_indices() {
            let end = old.text[at..].find(' ').map_or(old.text.len(), |end| at + end);
            let (span, words) = places.of(at, &old.text[at..end]);
            prop_assert_eq!(span.slice(&new.text), Some(words.as_str()));
        }
        let whole = places.of(0, &old.text);
        prop_assert_eq!(whole.1.as_str(), new.text.as_str());
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
const PIECES: &[&str] = &[
    "1",
    "1 ",
    "1-",
    "1.",
    "(1",
    "+1 ",
    "@",
    "a@",
    "@a ",
    "a.",
    "a.a",
    "http://",
    "www.",
    "/",
    "a/",
    "A",
    "A ",
    "Aa ",
    "1 A ",
    "1 Aa ",
    "1 Aa St ",
    "1 Aa Aa Aa Aa St, Aa Aa ",
    "Street ",
    "Aa Road",
    "Flat 1, 1 ",
    "Aweg 1 ",
    "weg 1 ",
    "1 rue ",
    "rue ",
    "12 rue de ",
    "Calle ",
    "Calle Aa Aa 1 ",
    "PO Box ",
    "A1 1AA ",
    "NY 12345 ",
    "my name is ",
    "is ",
    "um ",
    "My ",
    "Mr ",
    "one ",
    "one-",
    "a at ",
    "a dot ",
    "a at a dot ",
    "order ",
    "order number ",
    "order a-",
    "order A1-A",
    "pre-",
    "a-",
    ":",
    "a:",
    "1:",
    "GB00",
    "GB00 ",
    "GB00A A ",
    "AB1",
    "AB 11 11 11 ",
    "111-",
    "1Z",
    "Dana",
    "Dana ",
    "Dana Aa de ",
    "de ",
    "called ",
    "man called ",
    "card ending ",
    "card ending 1234 ",
    "\u{301}",
    "É",
    "’",
];

/// The time of a search; the best of several where it is over `limit`: a busy
/// machine makes any one of them wait.
fn time(piece: &str, bytes: usize, limit: Duration) -> Duration {
    let text = piece.repeat(bytes / piece.len());
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        let _ = find(&text, &Roster::default());
        best = best.min(start.elapsed());
        if best < limit {
            break;
        }
    }
    best
}

/// Ten times the text takes about ten times the time: twenty are allowed, and
/// what a busy machine does beside it. A hundred times would be a square.
#[test]
fn no_input_takes_more_than_linear_time() {
    let allowance = Duration::from_millis(400);
    // What is compiled on first use is no time of any piece.
    let _ = find("1 Aa St. GB00 card ending 1 dot", &Roster::default());
    for piece in PIECES {
        let mut last: Option<Duration> = None;
        for bytes in [4_000, 40_000, 400_000] {
            let limit = last.map_or(allowance, |last| last * 20 + allowance);
            let limit = if bytes < 400_000 { allowance } else { limit };
            let took = time(piece, bytes, limit);
            assert!(
                took < limit,
                "{piece:?}, {bytes} bytes: {last:?}, then {took:?}"
            );
            println!("{piece:?}, {bytes} bytes: {took:?}");
            last = Some(took);
        }
    }
}
