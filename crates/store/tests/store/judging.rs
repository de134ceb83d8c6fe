//! A person's judgements outlive every run.

use throughline_core::{Anchor, Document, DocumentBuilder, Moment, Role, SourceKind, Span};
use throughline_store::{Attachment, Judgement, Store, StoreError, kind};

use crate::common::{model, passages, read, store, tag_all, turns};
use crate::testing::document;

fn judgement(id: &str, on: &Document, words: &str) -> Judgement {
    let start = on.text.find(words).unwrap();
    let span = Span {
        start,
        end: start + words.len(),
    };
    Judgement {
        id: id.to_owned(),
        anchor: Anchor::on(&on.name, &on.text, span).unwrap(),
        kind: "moment".to_owned(),
        value: "purchase".to_owned(),
        author: "Lee".to_owned(),
        time: format!("2025-01-0{id}T00:00:00Z"),
        reason: Some("it is about paying".to_owned()),
    }
}

#[test]
fn a_judgement_is_kept_as_it_was_made() {
    let (folder, mut store) = store();
    let talk = document("a.txt", &turns(&[("P1", "The café was dear. We left")]));
    read(&mut store, "a.txt", std::slice::from_ref(&talk));
    let one = judgement("1", &talk, "café was dear");
    store.put_judgements(std::slice::from_ref(&one)).unwrap();
    store.put_judgements(std::slice::from_ref(&one)).unwrap();
    let other = Judgement {
        value: "use".to_owned(),
        ..one.clone()
    };
    assert!(matches!(
        store.put_judgements(&[other]),
        Err(StoreError::JudgementExists(_))
    ));
    store.close().unwrap();
    let store = throughline_store::Store::open_read(folder.path()).unwrap();
    let span = one.anchor.span;
    let attachment = Attachment::Exact {
        span,
        passages: vec![talk.passages[0].id],
    };
    assert_eq!(store.judgements().unwrap(), [(one, attachment)]);
}

#[test]
fn judgements_are_kept_together_or_not_at_all_and_can_be_taken_out() {
    let (_folder, mut store) = store();
    let talk = document("a.txt", &turns(&[("P1", "The café was dear. We left")]));
    read(&mut store, "a.txt", std::slice::from_ref(&talk));
    let (one, two) = (
        judgement("1", &talk, "café"),
        judgement("2", &talk, "We left"),
    );
    let clash = Judgement {
        value: "use".to_owned(),
        ..one.clone()
    };
    assert!(
        store
            .put_judgements(&[one.clone(), two.clone(), clash])
            .is_err()
    );
    assert!(store.judgements().unwrap().is_empty());
    store.put_judgements(&[one.clone(), two.clone()]).unwrap();
    let ids = [one.id, "none".to_owned()];
    assert_eq!(store.remove_judgements(&ids).unwrap(), 1);
    let left: Vec<_> = store
        .judgements()
        .unwrap()
        .into_iter()
        .map(|(j, _)| j)
        .collect();
    assert_eq!(left, [two]);
}

#[test]
fn passages_are_found_by_the_beginning_of_their_ids() {
    let (_folder, mut store) = store();
    let said: Vec<_> = (0..40).map(|n| format!("Answer number {n}")).collect();
    let said: Vec<_> = said.iter().map(|words| ("P1", words.as_str())).collect();
    let talk = document("a.txt", &turns(&said));
    read(&mut store, "a.txt", std::slice::from_ref(&talk));
    let mut ids: Vec<_> = talk.passages.iter().map(|passage| passage.id).collect();
    ids.sort_unstable();
    assert_eq!(store.passages_beginning("", 2).unwrap(), ids[..2]);
    for digits in [32, 9, 1, 0] {
        let start = ids[7].to_string()[..digits].to_owned();
        let begins = |id: &&_| format!("{id}").starts_with(&start);
        let expected: Vec<_> = ids.iter().filter(begins).copied().collect();
        assert_eq!(store.passages_beginning(&start, 99).unwrap(), expected);
    }
    for nothing in ["g", "caf\u{e9}", &"0".repeat(33)] {
        assert!(store.passages_beginning(nothing, 9).unwrap().is_empty());
    }
}

#[test]
fn judgements_follow_their_words_through_an_edit_and_wait_when_they_are_gone() {
    let (_folder, mut store) = store();
    let before = document(
        "a.txt",
        &turns(&[
            ("P1", "The price was hidden"),
            ("P1", "Delivery took three long weeks"),
            ("P1", "Nobody answered the phone"),
        ]),
    );
    read(&mut store, "a.txt", std::slice::from_ref(&before));
    let words = [
        "The price was hidden",
        "Delivery took three long weeks",
        "Nobody answered the phone",
    ];
    let all: Vec<_> = ["1", "2", "3"]
        .iter()
        .zip(words)
        .map(|(id, words)| judgement(id, &before, words))
        .collect();
    for one in &all {
        store.put_judgements(std::slice::from_ref(one)).unwrap();
    }
    let after = document(
        "a.txt",
        &turns(&[
            ("P1", "Hello again"),
            ("P1", "Delivery took three weeks"),
            ("P1", "The price was hidden"),
        ]),
    );
    read(&mut store, "a.txt", std::slice::from_ref(&after));
    let now = store.judgements().unwrap();
    let kept: Vec<_> = now.iter().map(|(judgement, _)| judgement.clone()).collect();
    assert_eq!(kept, all);
    let held: Vec<_> = now.into_iter().map(|(_, attachment)| attachment).collect();
    let [first, second, third] = held.try_into().unwrap();
    assert!(matches!(first, Attachment::Exact { span, .. } if after.slice(span) == words[0]));
    assert_eq!(
        second,
        Attachment::Overlap {
            passages: vec![after.passages[1].id]
        }
    );
    assert_eq!(third, Attachment::Unresolved);

    // The file goes and comes back as it was: every one of them holds again.
    store.remove_source("a.txt").unwrap();
    let waiting = store.judgements().unwrap();
    assert!(
        waiting
            .iter()
            .all(|(_, attachment)| *attachment == Attachment::Unresolved)
    );
    read(&mut store, "a.txt", &[before]);
    let back = store.judgements().unwrap();
    assert!(
        back.iter()
            .all(|(_, held)| matches!(held, Attachment::Exact { .. }))
    );
}

/// The words of each range as a passage of one turn.
fn cut(text: &str, ranges: &[std::ops::Range<usize>]) -> Document {
    let mut builder = DocumentBuilder::new("a.txt", SourceKind::Interview, text);
    let mut turn = builder.turn(0..text.len(), Some("P1"), Role::Participant);
    for range in ranges {
        turn.passage(range.clone()).unwrap();
    }
    builder.build().unwrap()
}

#[test]
fn another_segmentation_loses_no_judgement() {
    let text = "The price was hidden. I gave up… Then I rang them, and nobody answered.";
    let (first, second) = (text.find("I gave").unwrap(), text.find("Then").unwrap());
    let two = cut(text, &[0..second - 1, second..text.len()]);
    let three = cut(text, &[0..first - 1, first..second - 1, second..text.len()]);
    let (_folder, mut store) = store();
    read(&mut store, "a.txt", std::slice::from_ref(&two));
    let words = [
        "The price was hidden. I gave up…",
        "gave up… Then I rang",
        "nobody answered",
    ];
    for (id, words) in ["1", "2", "3"].iter().zip(words) {
        store.put_judgements(&[judgement(id, &two, words)]).unwrap();
    }
    // Cut more finely, and then as before: every judgement holds on its words, and
    // on all the passages that have them.
    let held = |store: &throughline_store::Store, on: &Document| -> Vec<Vec<usize>> {
        let place = |id| {
            on.passages
                .iter()
                .position(|passage| passage.id == id)
                .unwrap()
        };
        let judgements = store.judgements().unwrap().into_iter();
        judgements
            .map(|(judgement, attachment)| match attachment {
                Attachment::Exact { span, passages } => {
                    assert_eq!(on.slice(span), judgement.anchor.exact);
                    passages.into_iter().map(place).collect()
                }
                other => panic!("{}: {other:?}", judgement.id),
            })
            .collect()
    };
    read(&mut store, "a.txt", std::slice::from_ref(&three));
    assert_eq!(held(&store, &three), [vec![0, 1], vec![1, 2], vec![2]]);
    read(&mut store, "a.txt", std::slice::from_ref(&two));
    assert_eq!(held(&store, &two), [vec![0], vec![0, 1], vec![1]]);
}

/// A judgement of a whole passage, as the act `id`.
fn of_passage(id: &str, talk: &Document, place: usize, (kind, value): (&str, &str)) -> Judgement {
    let span = talk.passages[place].span;
    Judgement {
        id: id.to_owned(),
        anchor: Anchor::on(&talk.name, &talk.text, span).unwrap(),
        kind: kind.to_owned(),
        value: value.to_owned(),
        author: "Lee".to_owned(),
        time: "2025-01-01T00:00:00Z".to_owned(),
        reason: None,
    }
}

#[test]
fn what_people_decide_counts_in_place_of_what_the_model_says() {
    let (_folder, mut store) = store();
    let talk = document(
        "a.txt",
        &turns(&[("P1", "The café was dear"), ("P1", "We left")]),
    );
    read(&mut store, "a.txt", std::slice::from_ref(&talk));
    let model = model("m");
    tag_all(&mut store, &model, 10);
    let said = passages(&store, Some(&model));
    let generation = store.generation().unwrap();
    store
        .put_judgements(&[
            of_passage("1.1", &talk, 0, (kind::MOMENT, "support")),
            of_passage("1.2", &talk, 0, (kind::PAIN, "no")),
            of_passage("1.3", &talk, 1, (kind::CODE, "dear")),
            of_passage("1.4", &talk, 1, (kind::MOMENT, "nonsense")),
        ])
        .unwrap();
    assert!(store.generation().unwrap() > generation);
    let now = passages(&store, Some(&model));
    let tags = now[0].tags.unwrap();
    assert_eq!(tags.moment.label, Moment::Support);
    assert!(!tags.unclear && !tags.pain.label && tags.pain.confidence == 1.0);
    assert_eq!(tags.sentiment, said[0].tags.unwrap().sentiment);
    assert_eq!(now[0].machine_tags, said[0].tags);
    assert_eq!(now[1], said[1]);
    let one = store.passage(Some(&model), now[0].id).unwrap().unwrap();
    assert_eq!(one.tags, now[0].tags);

    // Later decisions replace earlier ones; taken back, the earlier count again.
    store
        .put_judgements(&[of_passage("10.1", &talk, 0, (kind::MOMENT, "use"))])
        .unwrap();
    let moment = |store: &Store| passages(store, Some(&model))[0].tags.unwrap().moment.label;
    assert_eq!(moment(&store), Moment::Use);
    store
        .put_judgements(&[of_passage("11.1", &talk, 0, (kind::UNDO, "10.1"))])
        .unwrap();
    assert_eq!(moment(&store), Moment::Support);
    store
        .put_judgements(&[of_passage("12.1", &talk, 0, (kind::UNDO, "11.1"))])
        .unwrap();
    assert_eq!(moment(&store), Moment::Use);
}

#[test]
fn passages_are_found_by_the_beginning_of_their_id() {
    let (_folder, mut store) = store();
    let talk = document("a.txt", &turns(&[("P1", "One"), ("P1", "Two")]));
    read(&mut store, "a.txt", std::slice::from_ref(&talk));
    let id = talk.passages[0].id;
    let text = id.to_string();
    assert_eq!(store.passages_beginning(&text, 9).unwrap(), [id]);
    assert_eq!(store.passages_beginning(&text[..9], 9).unwrap(), [id]);
    assert_eq!(store.passages_beginning("", 9).unwrap().len(), 2);
    for none in ["x", "é", &format!("{text}0")] {
        assert!(store.passages_beginning(none, 9).unwrap().is_empty());
    }
}
