use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

const TALE: &str = "We ordered the desk in March and it came in May, with two legs of three and no \
    screws at all. The shop said that the third leg was on its way from the factory, and that the \
    screws were in the box with the leg. Neither is here yet, and I write this on the floor.";

fn by(author: &str) -> Occasion {
    Occasion {
        author: Some(author.to_owned()),
        ..Occasion::default()
    }
}

fn find(documents: &[(&str, &str, Occasion)]) -> Vec<(String, String, bool)> {
    let mut all = Duplicates::default();
    for (name, text, occasion) in documents {
        let mut wording = Wording::default();
        wording.add(text);
        all.add(name, wording, occasion.clone());
    }
    let found = all.find().into_iter();
    found.map(|one| (one.document, one.of, one.exact)).collect()
}

fn is(document: &str, of: &str, exact: bool) -> Vec<(String, String, bool)> {
    vec![(document.to_owned(), of.to_owned(), exact)]
}

#[test]
fn short_words_of_two_people_are_two_mentions() {
    let nobody = Occasion::default();
    assert_eq!(
        find(&[("a", "Good.", nobody.clone()), ("b", "Good.", nobody)]),
        []
    );
    assert_eq!(
        find(&[("a", "Good.", by("Ann")), ("b", "Good.", by("Ben"))]),
        []
    );
    let other = Occasion {
        product: Some("kettle".to_owned()),
        ..by("Ann")
    };
    assert_eq!(
        find(&[("a", "Good.", by("Ann")), ("b", "Good.", other)]),
        []
    );
    assert_eq!(
        find(&[("a", "Good.", by("Ann")), ("b", "good", by("Ann"))]),
        is("b", "a", true)
    );
}

#[test]
fn long_texts_are_repeated_whoever_signs_them() {
    let shouted = TALE.to_uppercase().replace(". ", "!\n\n");
    assert_eq!(
        find(&[("b", &shouted, by("Ann")), ("a", TALE, by("Ben"))]),
        is("b", "a", true)
    );
    let edited = TALE
        .replace("in March", "last March")
        .replace("here yet", "here");
    assert_eq!(
        find(&[("a", TALE, by("Ann")), ("b", &edited, Occasion::default())]),
        is("b", "a", false)
    );
}

#[test]
fn another_tale_in_the_same_manner_is_none() {
    let other = "We ordered the lamp in June and it came in July, with one bulb of two and no \
        switch at all. The shop said that the second bulb was on its way from the factory, and \
        I believed it. It has come since, and the switch as well, so all in all I am content.";
    assert_eq!(find(&[("a", TALE, by("A")), ("b", other, by("B"))]), []);
    let half = &TALE[..TALE.len() / 2];
    assert_eq!(find(&[("a", TALE, by("A")), ("b", half, by("B"))]), []);
    assert_eq!(find(&[("a", "", by("A")), ("b", " …", by("A"))]), []);
}

#[test]
fn a_copy_is_a_copy_of_one_that_counts() {
    let found = find(&[
        ("c", TALE, by("A")),
        ("a", TALE, by("B")),
        ("b", TALE, by("C")),
    ]);
    assert_eq!(found, [is("b", "a", true), is("c", "a", true)].concat());
}

/// A long text of its own, the same for the same number.
fn tale(number: u64, words: usize) -> String {
    let mut state = number;
    let words = (0..words).map(|_| {
        state = mixed(state);
        format!("w{}", state % 5_000)
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn likeness_is_estimated_within_its_error() {
    for words in [60, 100, 200, 2_000, 20_000] {
        let text = tale(7, words);
        let all: Vec<&str> = text.split(' ').collect();
        for (cut, expected) in [(20, true), (2, false)] {
            let edited = all[..all.len() - all.len() / cut].join(" ");
            let found = find(&[("a", &text, by("A")), ("b", &edited, by("B"))]);
            assert_eq!(
                !found.is_empty(),
                expected,
                "{words} words, a {cut}th cut off"
            );
        }
    }
}

#[test]
fn time_grows_with_the_number_of_documents() {
    let boilerplate = tale(1, 30);
    let mut all = Duplicates::default();
    let start = Instant::now();
    for number in 0..20_000 {
        let mut wording = Wording::default();
        wording.add(&boilerplate);
        wording.add(&tale(number + 2, 30));
        all.add(&format!("{number:06}"), wording, by("A"));
        let mut short = Wording::default();
        short.add("Good.");
        all.add(&format!("s{number:06}"), short, by(&number.to_string()));
    }
    let found = all.find();
    assert!(found.is_empty(), "{} found", found.len());
    assert!(
        start.elapsed() < Duration::from_secs(15),
        "{:?}",
        start.elapsed()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_does_not_matter(numbers in prop::collection::vec((0_u64..6, 0_usize..4), 2..14), turn in 0_usize..14) {
        let documents: Vec<_> = numbers
            .iter()
            .enumerate()
            .map(|(index, (number, less))| {
                let text = tale(*number, 60);
                let words: Vec<&str> = text.split(' ').collect();
                (format!("{index:02}"), words[less * 2..].join(" "), by("A"))
            })
            .collect();
        let mut turned: Vec<_> = documents
            .iter()
            .map(|(name, text, occasion)| (name.as_str(), text.as_str(), occasion.clone()))
            .collect();
        let found = find(&turned);
        for (_, of, _) in &found {
            prop_assert!(!found.iter().any(|(document, ..)| document == of));
        }
        let at = turn % turned.len();
        turned.rotate_left(at);
        prop_assert_eq!(find(&turned), found);
    }
}
