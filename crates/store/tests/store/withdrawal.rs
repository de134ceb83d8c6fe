//! Withdrawn words are gone, and do not come back.

use std::fs;
use std::path::Path;

use throughline_core::{Anchor, ContentHash, ParticipantId, Span, Theme, Verbatim};
use throughline_store::{Attachment, Judgement, SkippedRows, SourceSummary, Store, ThemeRun};

use crate::common::{model, passages, read, source, store, tag_all, tagged, turns, words};
use crate::testing::document;

/// True if the bytes of `words` lie in any file of the study.
fn lies_in(folder: &Path, words: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        bytes
            .windows(words.len())
            .any(|window| window == words.as_bytes())
    })
}

fn judgement(id: &str, document: &throughline_core::Document, words: &str) -> Judgement {
    let start = document.text.find(words).unwrap();
    let span = Span {
        start,
        end: start + words.len(),
    };
    Judgement {
        id: id.to_owned(),
        anchor: Anchor::on(&document.name, &document.text, span).unwrap(),
        kind: "memo".to_owned(),
        value: format!("about {id}"),
        author: "Lee".to_owned(),
        time: "2025-01-01T00:00:00Z".to_owned(),
        reason: None,
    }
}

fn group() -> Vec<(String, String)> {
    turns(&[
        ("INT", "What went wrong"),
        ("P1", "The zanzibar price. It was zanzibar hidden"),
        ("P2", "The queue was long. It was slow"),
        ("INT", "Anything else"),
        ("P1", "More zanzibar troubles"),
        ("INT", "And you"),
        ("P2", "No more"),
    ])
}

/// A group of two with tags, a theme and judgements.
fn full(store: &mut Store) -> throughline_core::Document {
    let talk = document("group.txt", &group());
    store.begin_source(&source("group.txt")).unwrap();
    store
        .put_documents("group.txt", std::slice::from_ref(&talk))
        .unwrap();
    let summary = SourceSummary {
        notes: vec![
            "P1 was taken for a participant".to_owned(),
            "read as UTF-8".to_owned(),
        ],
        skipped: vec![SkippedRows {
            line: None,
            count: 1,
            reason: "P1 said nothing".to_owned(),
        }],
        ..SourceSummary::default()
    };
    store.finish_source("group.txt", &summary).unwrap();
    tag_all(store, &model("m"), 100);
    let first = talk.passages[1].id;
    let run = ThemeRun {
        framework: "customer".to_owned(),
        parameters: String::new(),
        inputs_hash: ContentHash::of(b""),
    };
    let theme = Theme {
        id: "t".to_owned(),
        stage: "purchase".to_owned(),
        label: Verbatim {
            passage: first,
            span: talk.passages[1].span,
        },
        terms: vec!["zanzibar".to_owned()],
        members: vec![first],
        also: Vec::new(),
        parts: Vec::new(),
    };
    store.put_themes(&run, &[theme], &[]).unwrap();
    store
        .put_judgements(&[judgement("theirs", &talk, "zanzibar hidden")])
        .unwrap();
    store
        .put_judgements(&[judgement("other", &talk, "The queue was long")])
        .unwrap();
    talk
}

#[test]
fn no_byte_of_a_withdrawn_document_is_left() {
    let (folder, mut store) = store();
    full(&mut store);
    read(
        &mut store,
        "b.txt",
        &[document("b.txt", &turns(&[("P1", "I stay")]))],
    );
    assert!(lies_in(folder.path(), "zanzibar"));
    let generation = store.generation().unwrap();
    let removed = store.remove_document("group.txt").unwrap();
    assert_eq!(
        (removed.documents, removed.passages, removed.judgements),
        (1, 9, 2)
    );
    assert!(removed.erased);
    assert!(store.generation().unwrap() > generation);
    assert!(!lies_in(folder.path(), "zanzibar"));
    assert!(!lies_in(folder.path(), "queue"));
    assert!(lies_in(folder.path(), "I stay"));
    assert_eq!(store.themes("customer").unwrap(), None);
    assert!(
        store
            .source("group.txt")
            .unwrap()
            .unwrap()
            .summary
            .unwrap()
            .notes
            .is_empty()
    );
    let counts = store.counts().unwrap();
    assert_eq!(
        (counts.documents, counts.passages, counts.withdrawn),
        (1, 1, 1)
    );

    let (put, _) = read(&mut store, "group.txt", &[document("group.txt", &group())]);
    assert_eq!((put.withdrawn, put.added), (1, 0));
    store.close().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let (put, _) = read(&mut store, "group.txt", &[document("group.txt", &group())]);
    assert_eq!((put.withdrawn, put.added), (1, 0));
    assert_eq!(words(&store), ["I stay"]);
}

#[test]
fn no_byte_of_what_a_withdrawn_participant_said_is_left_and_the_others_stay() {
    let (folder, mut store) = store();
    full(&mut store);
    let id = ParticipantId::speaker("group.txt", "P1");
    let removed = store.remove_participant(&id).unwrap();
    assert_eq!(
        (removed.documents, removed.shortened, removed.passages),
        (0, 1, 3)
    );
    assert_eq!((removed.judgements, removed.erased), (1, true));
    assert!(!lies_in(folder.path(), "zanzibar"));
    assert!(!lies_in(folder.path(), "P1"));

    let said = [
        "What went wrong",
        "The queue was long.",
        "It was slow",
        "Anything else",
        "And you",
        "No more",
    ];
    assert_eq!(words(&store), said);
    let document = store.document("group.txt").unwrap().unwrap();
    assert_eq!(document.hash, ContentHash::of(document.text.as_bytes()));
    let notes = store.source("group.txt").unwrap().unwrap().summary.unwrap();
    assert_eq!(
        (notes.notes, notes.skipped),
        (vec!["read as UTF-8".to_owned()], vec![])
    );

    // Only what P1 had been the context of is to be read again.
    let m = model("m");
    let missing: Vec<_> = passages(&store, Some(&m))
        .into_iter()
        .filter(|row| row.tags.is_none())
        .map(|row| row.text)
        .collect();
    assert_eq!(missing, ["The queue was long.", "It was slow", "And you"]);
    tag_all(&mut store, &m, 10);
    for row in passages(&store, Some(&m)) {
        assert_eq!(
            row.tags,
            Some(tagged(&row.text, row.context.as_deref()).tags)
        );
    }

    // The judgement of the other's words holds on to the new text.
    let judged = store.judgements().unwrap();
    assert_eq!(judged.len(), 1);
    let (judgement, attachment) = &judged[0];
    assert_eq!(
        judgement.anchor.span.slice(&document.text),
        Some("The queue was long")
    );
    let anew = Anchor::on("group.txt", &document.text, judgement.anchor.span);
    assert_eq!(Some(&judgement.anchor), anew.as_ref());
    assert!(matches!(attachment, Attachment::Exact { passages, .. } if passages.len() == 1));
}

#[test]
fn a_withdrawn_participant_does_not_come_back_with_the_file() {
    let (folder, mut store) = store();
    let talk = full(&mut store);
    store
        .remove_participant(&ParticipantId::speaker("group.txt", "P1"))
        .unwrap();
    let kept = store.document("group.txt").unwrap().unwrap();
    assert_eq!(store.kept_of(&talk).as_deref(), Some(&kept));
    let generation = store.generation().unwrap();
    let (put, gone) = read(&mut store, "group.txt", std::slice::from_ref(&talk));
    assert_eq!((put.unchanged, put.changed, gone), (1, 0, 0));
    assert_eq!(store.generation().unwrap(), generation);
    store.close().unwrap();
    assert!(!lies_in(folder.path(), "zanzibar"));

    let mut store = Store::open(folder.path()).unwrap();
    let removed = store
        .remove_participant(&ParticipantId::speaker("group.txt", "P2"))
        .unwrap();
    assert_eq!((removed.documents, removed.shortened), (1, 0));
    assert_eq!(store.kept_of(&talk), None);
    let (put, _) = read(&mut store, "group.txt", &[talk]);
    assert_eq!(put.withdrawn, 1);
    assert_eq!(store.counts().unwrap().passages, 0);
}

#[test]
fn an_author_is_withdrawn_from_every_row_of_a_table() {
    let (folder, mut store) = store();
    let author = ParticipantId::author("t.csv", "a17");
    let rows: Vec<_> = (0..40)
        .map(|n| {
            let words = if n % 2 == 0 {
                "Quagmire service"
            } else {
                "Fine service"
            };
            let mut row = document(&format!("t.csv#{n}"), &turns(&[("P1", words)]));
            let of = if n % 2 == 0 {
                author.clone()
            } else {
                ParticipantId::author("t.csv", "b")
            };
            row.turns[0].participant = Some(of);
            row
        })
        .collect();
    read(&mut store, "t.csv", &rows);
    let removed = store.remove_participant(&author).unwrap();
    assert_eq!((removed.documents, removed.passages), (20, 20));
    assert!(!lies_in(folder.path(), "Quagmire"));
    assert_eq!(words(&store).len(), 20);
    let (put, _) = read(&mut store, "t.csv", &rows);
    assert_eq!((put.withdrawn, put.unchanged), (20, 20));
}

#[test]
fn nobody_of_that_name_is_nothing_removed() {
    let (_folder, mut store) = store();
    full(&mut store);
    let generation = store.generation().unwrap();
    let nobody = ParticipantId::speaker("group.txt", "P9");
    assert_eq!(store.remove_participant(&nobody).unwrap().passages, 0);
    assert_eq!(store.remove_document("b.txt").unwrap().documents, 0);
    assert_eq!(store.generation().unwrap(), generation);
    assert_eq!(store.counts().unwrap().withdrawn, 0);
}

#[test]
fn what_a_reader_held_back_is_erased_when_the_study_is_next_opened() {
    let (folder, mut store) = store();
    full(&mut store);
    let reader = Store::open_read(folder.path()).unwrap();
    let mut removed = None;
    reader
        .each_passage(None, &mut |_| {
            removed = Some(store.remove_document("group.txt").unwrap());
            std::ops::ControlFlow::Break(())
        })
        .unwrap();
    let removed = removed.unwrap();
    assert_eq!((removed.documents, removed.erased), (1, false));
    assert!(words(&reader).is_empty());
    drop(store);
    drop(reader);
    drop(Store::open(folder.path()).unwrap());
    assert!(!lies_in(folder.path(), "zanzibar"));
}

#[test]
fn a_file_that_is_taken_out_is_erased_when_the_study_is_closed() {
    let (folder, mut store) = store();
    full(&mut store);
    store.remove_source("group.txt").unwrap();
    store.close().unwrap();
    // Judgements wait for the file: they hold their own words, and no others.
    assert!(!lies_in(folder.path(), "More zanzibar troubles"));
    assert!(!lies_in(folder.path(), "No more"));
}
