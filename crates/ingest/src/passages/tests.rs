use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::stopwatch::Stopwatch;

fn cut(text: &str) -> Vec<&str> {
    passages(text)
        .into_iter()
        .map(|range| &text[range])
        .collect()
}

/// Sentences alone, each as its own passage would begin.
fn sentences_of(text: &str) -> Vec<&str> {
    sentences::sentences(text, 0..text.len())
        .into_iter()
        .map(|sentence| &text[sentence.range])
        .collect()
}

#[test]
fn a_few_sentences_make_a_passage() {
    let text = "The checkout froze twice while I was paying for the order. I tried again with \
                another card and it worked on the third attempt, at last. Then the confirmation \
                never came and I had to call. They were kind.";
    let got = cut(text);
    assert_eq!(got.len(), 2, "{got:?}");
    assert!(got[1].ends_with("They were kind."));
}

#[test]
fn fragments_go_with_a_neighbour() {
    assert_eq!(
        cut("Yes. I did. The app asked for my card again and again."),
        ["Yes. I did. The app asked for my card again and again."]
    );
    let long = "We waited for the parcel at the door for four hours on a working day, and nobody \
                came, and nobody called us either. Twice!";
    assert_eq!(cut(long), [long]);
    assert_eq!(cut("Sounds good"), ["Sounds good"]);
    assert_eq!(cut("No. No. Nothing."), ["No. No. Nothing."]);
}

#[test]
fn a_contrast_stays_together() {
    let text = "The room was large and clean and the view over the harbour was a joy every single \
                morning. But the price was far beyond what we had been told.";
    assert_eq!(cut(text), [text]);
}

#[test]
fn paragraphs_are_never_crossed() {
    assert_eq!(
        cut("One thing.\n\nAnother.\n \t\nA third"),
        ["One thing.", "Another.", "A third"]
    );
    assert_eq!(cut(" \n\n \n"), Vec::<&str>::new());
    let wrapped = "This line is hard wrapped at some column by an\neditor and goes on.";
    assert_eq!(sentences_of(wrapped), [wrapped]);
    assert_eq!(
        sentences_of("Pros: cheap\nCons: slow"),
        ["Pros: cheap", "Cons: slow"]
    );
    assert_eq!(
        sentences_of("I need:\n- a cart\n- a till"),
        ["I need:", "- a cart", "- a till"]
    );
}

#[test]
fn abbreviations_numbers_and_addresses_end_no_sentence() {
    for one in [
        "Dr. Smith and Mrs. Jones paid 3.50 at St. Pancras.",
        "See https://shop.example/?q=Red.Shoes&x=1 for it, e.g. Reds.",
        "Ask J. Smith about No. 5 and vs. Others.",
        "I was... well, not sure.",
        "We used booking.Com and Node.js for it.",
        "It costs approx. 300 on example.com, i.e. Too much.",
    ] {
        assert_eq!(sentences_of(one), [one]);
    }
    assert_eq!(
        sentences_of("1. Open the app. 2. Pay."),
        ["1. Open the app.", "2. Pay."]
    );
    assert_eq!(
        sentences_of("It was I. They left."),
        ["It was I.", "They left."]
    );
    assert_eq!(
        sentences_of("We liked the room.The bed was hard."),
        ["We liked the room.", "The bed was hard."]
    );
    assert_eq!(
        sentences_of("it broke. i sent it back etc. and left"),
        ["it broke.", "i sent it back etc. and left"]
    );
    assert_eq!(
        sentences_of("Great! 😀 I loved it :) Bye."),
        ["Great! 😀", "I loved it :)", "Bye."]
    );
    assert_eq!(
        sentences_of("「高いです。」安くない。はい"),
        ["「高いです。」", "安くない。", "はい"]
    );
}

#[test]
fn a_run_on_is_cut_at_its_clauses() {
    let clause = "and then I went back to the page, ";
    let text = format!("So I opened the app {}", clause.repeat(20));
    let got = cut(&text);
    assert!(got.len() >= 3, "{got:?}");
    for passage in &got {
        let words = passage.split_whitespace().count();
        assert!((10..=MOST).contains(&words), "{words}: {passage}");
        assert!(passage.ends_with("page,"), "{passage}");
    }
}

#[test]
fn text_without_spaces_is_capped() {
    for text in [
        "漢字".repeat(3_000),
        "x".repeat(9_000),
        "ก".repeat(3_000),
        "👩‍👩‍👧".repeat(500),
    ] {
        let got = cut(&text);
        assert!(got.len() > 2 && got.iter().all(|passage| passage.len() <= MOST_BYTES));
    }
}

#[test]
fn time_is_linear_in_hostile_text() {
    let size = 200_000;
    for unit in [
        "word ", "a", ". ", ".", " .\u{a0}", "). ", "1. ", "x\n", "\n-", "😀", "é,", "漢", "Mr. A",
        "a.B", "aa!Ai1", "aaa.Baaa",
    ] {
        let text = unit.repeat(size / unit.len());
        let watch = Stopwatch::start();
        let count = passages(&text).len();
        let took = watch.elapsed();
        assert!(took < Duration::from_secs(5), "{unit:?} took {took:?}");
        assert!(count > 0, "{unit:?}");
    }
    let gap = format!("End.{}Start", " ".repeat(size));
    assert_eq!(passages(&gap).len(), 2);
}

#[test]
fn a_row_of_symbols_is_found_as_if_every_character_were_looked_at() {
    let by_character = |text: &str| {
        let mut symbols = 0;
        let mut rows = text.char_indices().filter(|(_, c)| {
            symbols = if c.is_alphanumeric() { 0 } else { symbols + 1 };
            symbols > 32
        });
        rows.next().map(|(at, c)| at + c.len_utf8())
    };
    for length in [0, 15, 16, 31, 32, 33, 40] {
        for around in ["{}", "ab{}b", "é{}x y", "a b {}.{}", "{}a{}"] {
            for unit in ["-", "—", "é", " ", "漢", "1"] {
                let text = around.replace("{}", &unit.repeat(length));
                assert_eq!(
                    sentences::after_symbols(&text),
                    by_character(&text),
                    "{text:?}"
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn every_character_but_white_space_is_in_one_passage(
        parts in prop::collection::vec(prop_oneof![
            "\\PC{0,12}",
            "[A-Za-z]{1,9}[.!?…]{0,3}",
            Just("\n".to_owned()),
            Just("\n\n".to_owned()),
            Just(" ".to_owned()),
            Just("。」 😀 ".to_owned()),
            "[a-z ,]{0,400}",
        ], 0..30)
    ) {
        let text = parts.concat();
        let mut at = 0;
        for range in passages(&text) {
            prop_assert!(range.start >= at && range.start < range.end);
            prop_assert!(text[at..range.start].trim().is_empty());
            let passage = &text[range.clone()];
            prop_assert_eq!(passage, passage.trim());
            prop_assert!(!passage.lines().any(|line| line.trim().is_empty()));
            prop_assert!(passage.len() <= MOST_BYTES * 2);
            at = range.end;
        }
        prop_assert!(text[at..].trim().is_empty());
    }
}
