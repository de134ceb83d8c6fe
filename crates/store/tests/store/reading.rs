//! Sources and documents.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use proptest::prelude::*;
use throughline_core::{
    Date, Document, DocumentBuilder, DocumentMeta, Role, RoleBasis, Segment, SourceKind, SourceRef,
    Span, Speaker,
};
use throughline_store::{SkippedRows, SourceState, SourceSummary, Store, StoreError};

use crate::common::{model, passages, read, source, store, tag_all, turns, words};
use crate::testing::{conversation, document};

/// A row of a table, with everything that a document can have.
fn review() -> Document {
    let text = "Grand hôtel 🙂. Too dear.";
    let mut builder = DocumentBuilder::new("r.csv#7", SourceKind::Review, text);
    builder.source(SourceRef {
        file: "all.zip/r.csv".to_owned(),
        row: Some("7".to_owned()),
        format: "csv".to_owned(),
    });
    builder.segments(vec![Segment {
        canonical: Span {
            start: 0,
            end: text.len(),
        },
        source: Span {
            start: 100,
            end: 190,
        },
        part: Some("sheet 2".to_owned()),
        exact: false,
    }]);
    builder.meta(DocumentMeta {
        title: Some("Dear".to_owned()),
        date: Some(Date::new(2024, 2, 29).unwrap()),
        rating: Some(0.1 + 0.2),
        question: Some("How was it?".to_owned()),
        product: Some("Hôtel".to_owned()),
        attributes: BTreeMap::from([("trip".to_owned(), "with \"friends\"".to_owned())]),
        language: Some("en".to_owned()),
        speakers: vec![Speaker {
            labels: vec!["Lee Ng".to_owned(), "LEE".to_owned()],
            role: Role::Participant,
            confidence: 0.8,
            basis: RoleBasis::Others,
            attributes: BTreeMap::from([("age".to_owned(), "34".to_owned())]),
        }],
    });
    let mut turn = builder.turn(0..text.len(), None, Role::Participant);
    turn.passage(0..18)
        .unwrap()
        .passage(19..text.len())
        .unwrap();
    builder.build().unwrap()
}

#[test]
fn a_document_comes_back_with_everything_it_has() {
    let (_folder, mut store) = store();
    let review = review();
    let (counts, gone) = read(&mut store, "r.csv", std::slice::from_ref(&review));
    assert_eq!((counts.added, gone), (1, 0));
    assert_eq!(store.document("r.csv#7").unwrap().as_ref(), Some(&review));
    assert_eq!(
        store.document_text("r.csv#7").unwrap().as_ref(),
        Some(&review.text)
    );
    assert_eq!(store.document("r.csv#8").unwrap(), None);

    let row = store.passage(None, review.passages[1].id).unwrap().unwrap();
    assert_eq!(
        (&*row.document, row.text.as_str()),
        ("r.csv#7", "Too dear.")
    );
    assert_eq!(row.context.as_deref(), Some("How was it?"));
    assert_eq!(
        (row.date, row.rating),
        (review.meta.date, review.meta.rating)
    );
    assert_eq!((row.product.as_deref(), row.tags), (Some("Hôtel"), None));

    let mut rows = Vec::new();
    store
        .documents(&mut |row| {
            rows.push(row);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].turns, rows[0].passages, rows[0].shortened),
        (1, 2, false)
    );
    assert_eq!(
        (&rows[0].source, &rows[0].meta),
        (&review.source, &review.meta)
    );
    assert_eq!(rows[0].hash, review.hash);
}

#[test]
fn every_field_of_a_document_decides_whether_it_has_changed() {
    let (_folder, mut store) = store();
    read(&mut store, "r.csv", &[review()]);
    let changes: [fn(&mut Document); 11] = [
        |d| d.kind = SourceKind::Survey,
        |d| d.source.row = Some("8".to_owned()),
        |d| d.meta.title = None,
        |d| d.meta.date = Date::new(2024, 3, 1).ok(),
        |d| d.meta.rating = Some(0.3),
        |d| d.meta.attributes.clear(),
        |d| d.meta.language = None,
        |d| d.meta.speakers[0].confidence = 0.9,
        |d| d.turns[0].speaker = Some("Lee".to_owned()),
        |d| d.segments[0].exact = true,
        |d| d.passages.truncate(1),
    ];
    for change in changes {
        let mut other = review();
        change(&mut other);
        let generation = store.generation().unwrap();
        let (counts, _) = read(&mut store, "r.csv", std::slice::from_ref(&other));
        assert!(store.generation().unwrap() > generation);
        assert_eq!((counts.changed, counts.unchanged), (1, 0));
        assert_eq!(store.document("r.csv#7").unwrap(), Some(other));
        read(&mut store, "r.csv", &[review()]);
    }
}

#[test]
fn reading_the_same_again_changes_nothing() {
    let (_folder, mut store) = store();
    let documents = [
        document("a.txt", &turns(&[("INT", "Why"), ("P1", "Price. Queue")])),
        review(),
    ];
    read(&mut store, "a.txt", &documents);
    let (generation, before) = (store.generation().unwrap(), passages(&store, None));
    let (counts, gone) = read(&mut store, "a.txt", &documents);
    assert_eq!(
        (counts.added, counts.changed, counts.unchanged, gone),
        (0, 0, 2, 0)
    );
    assert_eq!(store.generation().unwrap(), generation);
    assert_eq!(passages(&store, None), before);
}

#[test]
fn what_a_file_no_longer_holds_goes_when_its_reading_ends() {
    let (_folder, mut store) = store();
    let all: Vec<_> = ["t#1", "t#2", "t#3"]
        .iter()
        .map(|name| document(name, &turns(&[("P1", name)])))
        .collect();
    read(&mut store, "t", &all);
    read(
        &mut store,
        "u",
        &[document("u", &turns(&[("P1", "other")]))],
    );
    let generation = store.generation().unwrap();
    let (counts, gone) = read(&mut store, "t", &all[..1]);
    assert_eq!((counts.unchanged, gone), (1, 2));
    assert!(store.generation().unwrap() > generation);
    assert_eq!(words(&store), ["t#1", "other"]);
    assert_eq!(store.counts().unwrap().participants, 2);
}

#[test]
fn a_reading_that_was_cut_short_is_begun_again_and_loses_nothing() {
    let (folder, mut store) = store();
    let all: Vec<_> = (1..=3)
        .map(|n| document(&format!("t#{n}"), &turns(&[("P1", "Words")])))
        .collect();
    store.begin_source(&source("t")).unwrap();
    store.put_documents("t", &all[..2]).unwrap();
    drop(store);

    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(
        store.source("t").unwrap().unwrap().state,
        SourceState::Reading
    );
    assert_eq!(store.counts().unwrap().documents, 2);
    // Ending a reading that this store did not begin would take everything out.
    let ended = store.finish_source("t", &SourceSummary::default());
    assert!(matches!(ended, Err(StoreError::NotReading(_))));
    let (counts, gone) = read(&mut store, "t", &all);
    assert_eq!((counts.added, counts.unchanged, gone), (1, 2, 0));
    assert_eq!(store.source("t").unwrap().unwrap().state, SourceState::Done);
}

#[test]
fn a_source_keeps_what_was_found_in_it() {
    let (_folder, mut store) = store();
    let summary = SourceSummary {
        format: "csv".to_owned(),
        charset: "UTF-8".to_owned(),
        documents: 3,
        turns: 4,
        passages: 5,
        skipped: vec![SkippedRows {
            line: Some(9),
            count: 2,
            reason: "no text".to_owned(),
        }],
        notes: vec!["columns were guessed".to_owned()],
    };
    let given = source("t");
    store.begin_source(&given).unwrap();
    assert_eq!(store.source("t").unwrap().unwrap().summary, None);
    store.finish_source("t", &summary).unwrap();
    store.begin_source(&source("a")).unwrap();
    let names: Vec<_> = store
        .sources()
        .unwrap()
        .into_iter()
        .map(|one| one.name)
        .collect();
    assert_eq!(names, ["a", "t"]);
    let kept = store.source("t").unwrap().unwrap();
    assert_eq!(kept.summary, Some(summary));
    assert_eq!(
        (kept.path, kept.sha256, kept.bytes),
        (given.path, given.sha256, given.bytes)
    );
    assert_eq!(kept.settings_hash, given.settings_hash);
    assert_eq!(store.source("b").unwrap(), None);
}

#[test]
fn documents_of_one_name_are_refused_and_not_silently_one() {
    let (_folder, mut store) = store();
    let one = document("t#1", &turns(&[("P1", "One")]));
    let other = document("t#1", &turns(&[("P1", "Other")]));
    store.begin_source(&source("t")).unwrap();
    let error = store
        .put_documents("t", &[one.clone(), other.clone()])
        .unwrap_err();
    assert!(
        matches!(&error, StoreError::SameName(name) if name == "t#1"),
        "{error}"
    );
    assert_eq!(store.counts().unwrap().documents, 0);
    store
        .put_documents("t", std::slice::from_ref(&one))
        .unwrap();
    assert!(matches!(
        store.put_documents("t", &[one]),
        Err(StoreError::SameName(_))
    ));
    store.begin_source(&source("u")).unwrap();
    assert!(matches!(
        store.put_documents("u", &[other]),
        Err(StoreError::SameName(_))
    ));
    let unknown = store.put_documents("v", &[]);
    assert!(matches!(unknown, Err(StoreError::NotReading(_))));
}

#[test]
fn a_document_that_breaks_a_promise_is_refused() {
    let (_folder, mut store) = store();
    store.begin_source(&source("r.csv")).unwrap();
    let breaks: [fn(&mut Document); 5] = [
        |d| d.passages[0].span.end = 500,
        |d| d.passages.swap(0, 1),
        |d| d.passages[1].turn = 3,
        |d| d.passages[0].span.end = 0,
        |d| d.segments[0].source = Span { start: 5, end: 4 },
    ];
    for spoil in breaks {
        let mut bad = review();
        spoil(&mut bad);
        let error = store.put_documents("r.csv", &[bad]).unwrap_err();
        assert!(matches!(error, StoreError::BadDocument { .. }), "{error:?}");
    }
}

#[test]
fn taking_a_file_out_is_no_withdrawal() {
    let (_folder, mut store) = store();
    let documents = [
        document("t#1", &turns(&[("P1", "One")])),
        document("t#2", &turns(&[("P2", "Two")])),
    ];
    read(&mut store, "t", &documents);
    let removed = store.remove_source("t").unwrap();
    assert_eq!((removed.documents, removed.passages), (2, 2));
    assert_eq!(store.sources().unwrap(), []);
    assert_eq!(
        store.counts().unwrap(),
        throughline_store::Counts::default()
    );
    assert_eq!(
        store.remove_source("t").unwrap(),
        throughline_store::Removed::default()
    );
    let (counts, _) = read(&mut store, "t", &documents);
    assert_eq!(counts.added, 2);
}

#[test]
fn a_thousand_small_documents_are_put_quickly() {
    let (_folder, mut store) = store();
    let documents: Vec<_> = (0..1000)
        .map(|n| {
            document(
                &format!("t#{n}"),
                &turns(&[("P1", &format!("Row {n}. It is small"))]),
            )
        })
        .collect();
    store.begin_source(&source("t")).unwrap();
    let begin = std::time::Instant::now();
    store.put_documents("t", &documents).unwrap();
    // Far above what it takes, and far below what a transaction a row would.
    assert!(begin.elapsed().as_millis() < 1500, "{:?}", begin.elapsed());
    assert_eq!(store.counts().unwrap().passages, 2000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn documents_come_back_and_the_order_of_adding_does_not_matter(
        talks in prop::collection::vec(conversation(), 1..5),
        order in any::<prop::sample::Index>(),
        step in 1..4_usize,
    ) {
        let documents: Vec<_> = talks
            .iter()
            .enumerate()
            .map(|(n, talk)| document(&format!("doc {n}.txt"), talk))
            .collect();
        let m = model("m");
        let (_one, mut straight) = store();
        for document in &documents {
            read(&mut straight, &document.name, std::slice::from_ref(document));
        }
        tag_all(&mut straight, &m, 1000);
        let (_two, mut turned) = store();
        let first = order.index(documents.len());
        for document in documents[first..].iter().chain(&documents[..first]).rev() {
            read(&mut turned, &document.name, std::slice::from_ref(document));
            tag_all(&mut turned, &m, step);
        }
        prop_assert_eq!(passages(&straight, Some(&m)), passages(&turned, Some(&m)));
        for document in &documents {
            let back = turned.document(&document.name).unwrap();
            prop_assert_eq!(back.as_ref(), Some(document));
        }
        let ids: Vec<_> = passages(&straight, None).iter().map(|row| row.id).collect();
        let vectors = straight.vectors(&m, &ids).unwrap();
        prop_assert!(vectors.iter().all(Option::is_some));
        prop_assert_eq!(vectors, turned.vectors(&m, &ids).unwrap());
    }
}
