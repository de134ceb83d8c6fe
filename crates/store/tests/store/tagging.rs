//! Tags and vectors.

use std::ops::ControlFlow;

use throughline_core::{PassageId, input_hash};
use throughline_store::{Reading, StoreError};

use crate::common::{model, passages, read, reading_of, store, tag_all, tagged, turns, words};
use crate::testing::document;

/// What a model that was shown some words says of others.
fn made_of(passage: PassageId, shown: &str, of: &str) -> Reading {
    Reading {
        passage,
        input: input_hash(shown, None),
        tagged: tagged(of, None),
        adapted: None,
    }
}

#[test]
fn what_a_model_said_comes_back_with_its_passage() {
    let (_folder, mut store) = store();
    let said = turns(&[("INT", "What happened"), ("P1", "The price. The queue")]);
    read(&mut store, "a.txt", &[document("a.txt", &said)]);
    let m = model("m");
    assert_eq!(store.untagged_count(&m).unwrap(), 3);
    assert_eq!(tag_all(&mut store, &m, 2), 3);
    assert_eq!(store.untagged_count(&m).unwrap(), 0);
    let mut readings = Vec::new();
    store
        .each_reading(&m, &mut |id, tagged| {
            readings.push((id, tagged));
            ControlFlow::Continue(())
        })
        .unwrap();
    let rows = passages(&store, Some(&m));
    assert_eq!(rows.len(), readings.len());
    for (row, (id, said)) in rows.iter().zip(&readings) {
        let expected = tagged(&row.text, row.context.as_deref());
        assert_eq!((row.id, row.tags), (*id, Some(expected.tags)));
        assert_eq!(*said, expected);
        assert_eq!(store.passage(Some(&m), row.id).unwrap().as_ref(), Some(row));
    }
    assert_eq!(rows[1].context.as_deref(), Some("What happened"));
}

#[test]
fn two_models_do_not_know_of_each_other() {
    let (_folder, mut store) = store();
    read(
        &mut store,
        "a.txt",
        &[document("a.txt", &turns(&[("P1", "One. Two")]))],
    );
    let (one, two) = (model("one"), model("two"));
    tag_all(&mut store, &one, 10);
    assert_eq!(store.untagged_count(&two).unwrap(), 2);
    assert!(
        passages(&store, Some(&two))
            .iter()
            .all(|row| row.tags.is_none())
    );
    let ids: Vec<_> = passages(&store, None).iter().map(|row| row.id).collect();
    assert_eq!(store.vectors(&two, &ids).unwrap(), [None, None]);
    assert_eq!(tag_all(&mut store, &two, 1), 2);
    assert_eq!(tag_all(&mut store, &one, 1), 0);
}

#[test]
fn an_edited_document_keeps_the_tags_of_what_stayed_the_same() {
    let (_folder, mut store) = store();
    let m = model("m");
    let before = [
        ("INT", "Why"),
        ("P1", "Price. Queue"),
        ("INT", "So"),
        ("P1", "Staff"),
    ];
    read(&mut store, "a.txt", &[document("a.txt", &turns(&before))]);
    tag_all(&mut store, &m, 10);
    // One sentence changes, and so does the question before the last answer.
    let after = [
        ("INT", "Why"),
        ("P1", "Price. Staff"),
        ("INT", "And"),
        ("P1", "Staff"),
    ];
    let (counts, _) = read(&mut store, "a.txt", &[document("a.txt", &turns(&after))]);
    assert_eq!(counts.changed, 1);
    let tagged_now: Vec<_> = passages(&store, Some(&m))
        .iter()
        .map(|row| row.tags.is_some())
        .collect();
    assert_eq!(tagged_now, [true, true, false, false, false]);
    assert_eq!(store.untagged_count(&m).unwrap(), 3);
    tag_all(&mut store, &m, 10);
    for row in passages(&store, Some(&m)) {
        assert_eq!(
            row.tags,
            Some(tagged(&row.text, row.context.as_deref()).tags)
        );
    }
}

#[test]
fn tagging_raises_the_generation_once_and_saying_it_again_does_not() {
    let (_folder, mut store) = store();
    read(
        &mut store,
        "a.txt",
        &[document("a.txt", &turns(&[("P1", "One")]))],
    );
    let m = model("m");
    let id = passages(&store, None)[0].id;
    let reading = [made_of(id, "One", "One")];
    let before = store.generation().unwrap();
    assert_eq!(store.put_tagged(&m, &reading).unwrap(), 1);
    assert_eq!(store.generation().unwrap(), before + 1);
    let other = [made_of(id, "One", "Another")];
    assert_eq!(store.put_tagged(&m, &other).unwrap(), 0);
    assert_eq!(store.generation().unwrap(), before + 1);
    assert_eq!(
        passages(&store, Some(&m))[0].tags,
        Some(tagged("One", None).tags)
    );
}

#[test]
fn a_reading_of_other_words_is_refused_and_one_of_a_passage_that_went_is_passed_over() {
    let (_folder, mut store) = store();
    read(
        &mut store,
        "a.txt",
        &[document("a.txt", &turns(&[("P1", "One")]))],
    );
    let m = model("m");
    let id = passages(&store, None)[0].id;
    let other = [made_of(id, "Two", "Two")];
    assert!(matches!(
        store.put_tagged(&m, &other),
        Err(StoreError::OtherInput(_))
    ));
    assert_eq!(store.untagged_count(&m).unwrap(), 1);

    let reading = [made_of(id, "One", "One")];
    store.remove_source("a.txt").unwrap();
    assert_eq!(store.put_tagged(&m, &reading).unwrap(), 0);
}

#[test]
fn pending_goes_on_where_it_was_and_finds_what_came_later() {
    let (folder, mut store) = store();
    let m = model("m");
    for n in 0..20 {
        let name = format!("{n:02}.txt");
        read(
            &mut store,
            &name,
            &[document(&name, &turns(&[("P1", &name)]))],
        );
    }
    let first = store.pending(&m, 5).unwrap();
    assert_eq!(first, store.pending(&m, 5).unwrap());
    // Read in another order than they come in: none is left out.
    for place in [4, 0, 2] {
        let one = &first[place];
        let reading = reading_of(one);
        store.put_tagged(&m, &[reading]).unwrap();
    }
    let texts = |some: &[throughline_store::Pending]| -> Vec<_> {
        some.iter().map(|one| one.text.clone()).collect()
    };
    assert_eq!(
        texts(&store.pending(&m, 3).unwrap()),
        ["01.txt", "03.txt", "05.txt"]
    );
    assert_eq!(tag_all(&mut store, &m, 4), 17);
    read(
        &mut store,
        "00.txt",
        &[document("00.txt", &turns(&[("P1", "Changed")]))],
    );
    read(
        &mut store,
        "20.txt",
        &[document("20.txt", &turns(&[("P1", "Later")]))],
    );
    assert_eq!(texts(&store.pending(&m, 10).unwrap()), ["Changed", "Later"]);
    drop(store);
    let mut store = throughline_store::Store::open(folder.path()).unwrap();
    assert_eq!(tag_all(&mut store, &m, 1), 2);
    assert_eq!(words(&store).len(), 21);
}
