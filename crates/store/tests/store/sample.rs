//! A study that an earlier version wrote still opens and says the same.

use std::fs;
use std::path::{Path, PathBuf};

use throughline_core::{
    Anchor, ContentHash, Date, DocumentMeta, OtherReason, ParticipantId, Span, Theme, Verbatim,
    input_hash,
};
use throughline_store::{Judgement, SkippedRows, SourceSummary, Store, ThemeRun};

use crate::common::{explanation, model, passages, read, source, tag_all, turns};
use crate::testing::document;

/// Set to write the sample of the present version, for a version that has none.
const WRITE: &str = "THROUGHLINE_WRITE_SAMPLE";
/// The present version.
const PRESENT: u32 = 3;

fn sample(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/samples/v{version}/study.db"))
}

/// A small study with something in every table.
fn fill(store: &mut Store) {
    let mut talk = document(
        "interviews/ana.txt",
        &turns(&[
            ("INT", "How did you find the shop"),
            (
                "P1",
                "A friend told me. I looked for the price and found none",
            ),
            ("P2", "I withdrew"),
            ("INT", "And then"),
            ("P1", "The café next door 🙂 was kinder"),
        ]),
    );
    talk.meta = DocumentMeta {
        title: Some("Ana".to_owned()),
        date: Date::new(2025, 3, 14).ok(),
        rating: Some(3.5),
        question: Some("How was it".to_owned()),
        product: Some("Lamp".to_owned()),
        attributes: [("city".to_owned(), "Porto".to_owned())].into(),
        ..DocumentMeta::default()
    };
    store.begin_source(&source("interviews/ana.txt")).unwrap();
    store
        .put_documents("interviews/ana.txt", std::slice::from_ref(&talk))
        .unwrap();
    let summary = SourceSummary {
        format: "txt".to_owned(),
        charset: "UTF-8".to_owned(),
        documents: 1,
        turns: 5,
        passages: 6,
        skipped: vec![SkippedRows {
            line: Some(2),
            count: 1,
            reason: "an empty turn".to_owned(),
        }],
        notes: vec!["INT asks the questions".to_owned()],
    };
    store.finish_source("interviews/ana.txt", &summary).unwrap();
    let row = document("reviews.csv#1", &turns(&[("P9", "Late. But kind")]));
    read(store, "reviews.csv", &[row]);
    store
        .remove_participant(&ParticipantId::speaker("interviews/ana.txt", "P2"))
        .unwrap();
    let m = model("sample");
    tag_all(store, &m, 4);

    judge(store);
}

/// What version 2 added.
fn explain(store: &mut Store) {
    let rows = passages(store, None);
    let row = &rows[1];
    let input = input_hash(&row.text, row.context.as_deref());
    let explained = [(row.id, input, explanation(0.25))];
    store
        .put_explanations(&model("sample"), 1, &explained)
        .unwrap();
}

/// The sample's themes, settings and judgements.
fn judge(store: &mut Store) {
    let talk = store.document("interviews/ana.txt").unwrap().unwrap();
    let passage = &talk.passages[2];
    let run = ThemeRun {
        framework: "customer".to_owned(),
        parameters: "{\"smallest\":3}".to_owned(),
        inputs_hash: ContentHash::of(b"inputs"),
    };
    let theme = Theme {
        id: "consideration-1".to_owned(),
        stage: "consideration".to_owned(),
        label: Verbatim {
            passage: passage.id,
            span: passage.span,
        },
        terms: vec!["price".to_owned(), "café".to_owned()],
        members: vec![passage.id],
        also: Vec::new(),
        parts: Vec::new(),
    };
    let other = [(
        talk.passages[1].id,
        "awareness".to_owned(),
        OtherReason::TooFar,
    )];
    store.put_themes(&run, &[theme], &other).unwrap();
    store.put_setting("report", "0123").unwrap();
    let start = talk.text.find("café").unwrap();
    let span = Span {
        start,
        end: start + "café".len(),
    };
    store
        .put_judgements(&[Judgement {
            id: "j1".to_owned(),
            anchor: Anchor::on(&talk.name, &talk.text, span).unwrap(),
            kind: "code".to_owned(),
            value: "competitor".to_owned(),
            author: "Lee".to_owned(),
            time: "2025-03-15T09:00:00Z".to_owned(),
            reason: None,
        }])
        .unwrap();
}

#[test]
fn the_samples_of_every_version_open_and_say_what_they_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut new = Store::create(folder.path()).unwrap();
    fill(&mut new);
    explain(&mut new);
    if std::env::var_os(WRITE).is_some() {
        new.close().unwrap();
        fs::create_dir_all(sample(PRESENT).parent().unwrap()).unwrap();
        fs::copy(folder.path().join("study.db"), sample(PRESENT)).unwrap();
        new = Store::open(folder.path()).unwrap();
    }
    for version in 1..=PRESENT {
        let place = tempfile::tempdir().unwrap();
        fs::copy(sample(version), place.path().join("study.db")).unwrap();
        let mut old = Store::open(place.path()).unwrap();
        if version == 1 {
            explain(&mut old);
        }
        says_the_same(&mut old, &new);
        old.close().unwrap();
    }
}

fn says_the_same(old: &mut Store, new: &Store) {
    let m = model("sample");
    assert_eq!(passages(old, Some(&m)), passages(new, Some(&m)));
    assert!(passages(old, Some(&m)).iter().all(|row| row.tags.is_some()));
    for name in ["interviews/ana.txt", "reviews.csv#1"] {
        assert_eq!(old.document(name).unwrap(), new.document(name).unwrap());
    }
    let ids: Vec<_> = passages(old, None).iter().map(|row| row.id).collect();
    assert_eq!(
        old.vectors(&m, &ids).unwrap(),
        new.vectors(&m, &ids).unwrap()
    );
    let why = old.explanations(&m, 1, &ids).unwrap();
    assert_eq!(why, new.explanations(&m, 1, &ids).unwrap());
    assert_eq!(why.iter().flatten().count(), 1);
    assert_eq!(old.sources().unwrap(), new.sources().unwrap());
    assert_eq!(
        old.themes("customer").unwrap(),
        new.themes("customer").unwrap()
    );
    assert_eq!(old.judgements().unwrap(), new.judgements().unwrap());
    assert_eq!(old.counts().unwrap(), new.counts().unwrap());
    assert_eq!(old.generation().unwrap(), new.generation().unwrap());
    assert_eq!(old.setting("report").unwrap().as_deref(), Some("0123"));
    // Who withdrew stays withdrawn, and the record can be written to.
    let back = document("interviews/ana.txt", &turns(&[("P2", "I withdrew")]));
    assert_eq!(read(old, "interviews/ana.txt", &[back]).0.withdrawn, 1);
}
