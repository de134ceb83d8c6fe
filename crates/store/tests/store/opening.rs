//! Making, opening and closing; who may write; a full disk.

use std::fs;

use throughline_store::{Store, StoreError};

use crate::common::{model, read, source, store, tag_all, turns, words};
use crate::testing::document;

#[test]
fn a_study_is_made_once() {
    let (folder, store) = store();
    assert!(matches!(
        Store::create(folder.path()),
        Err(StoreError::Exists(_))
    ));
    store.close().unwrap();
    let error = Store::create(folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::Exists(_)) && error.is_usage());
    assert!(Store::exists(folder.path()));
}

#[test]
fn a_making_that_was_cut_short_is_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("study.db.new"), b"half of something").unwrap();
    assert!(!Store::exists(folder.path()));
    Store::create(folder.path()).unwrap().close().unwrap();
    Store::open(folder.path()).unwrap();
    assert!(!folder.path().join("study.db.new").exists());
}

#[test]
fn a_folder_without_a_record_is_no_study_and_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |error: StoreError| {
        assert!(matches!(error, StoreError::NotAStudy(_)), "{error}");
        assert!(error.is_usage());
    };
    refused(Store::open(folder.path()).unwrap_err());
    refused(Store::open_read(&folder.path().join("nowhere")).unwrap_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    let record = folder.path().join("study.db");
    for foreign in [b"".as_slice(), b"not a database at all", &[0; 5000]] {
        fs::write(&record, foreign).unwrap();
        refused(Store::open(folder.path()).unwrap_err());
        refused(Store::open_read(folder.path()).unwrap_err());
        assert_eq!(fs::read(&record).unwrap(), foreign);
    }
    fs::remove_file(&record).unwrap();
    let other = rusqlite::Connection::open(&record).unwrap();
    other
        .execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
        .unwrap();
    drop(other);
    refused(Store::open(folder.path()).unwrap_err());
}

#[test]
fn a_damaged_record_is_said_to_be_damaged() {
    let (folder, mut store) = store();
    let said = turns(&[("P1", &"A long answer about the price. ".repeat(2000))]);
    read(&mut store, "a.txt", &[document("a.txt", &said)]);
    store.close().unwrap();
    let record = folder.path().join("study.db");
    let mut bytes = fs::read(&record).unwrap();
    let from = 4096;
    bytes[from..].fill(0x5a);
    fs::write(&record, &bytes).unwrap();
    let result = Store::open(folder.path()).and_then(|store| store.document("a.txt"));
    let error = result.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
}

#[test]
fn a_record_of_a_later_version_is_refused() {
    let (folder, store) = store();
    store.close().unwrap();
    let record = rusqlite::Connection::open(folder.path().join("study.db")).unwrap();
    record.pragma_update(None, "user_version", 99).unwrap();
    drop(record);
    for refused in [Store::open(folder.path()), Store::open_read(folder.path())] {
        let error = refused.unwrap_err();
        assert!(
            matches!(error, StoreError::TooNew { found: 99, .. }),
            "{error}"
        );
        assert!(error.to_string().contains("99"));
    }
}

#[test]
fn a_reader_brings_an_older_record_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let record = rusqlite::Connection::open(folder.path().join("study.db")).unwrap();
    // 'ThrL' and nothing else: version 0, before the first table.
    record
        .pragma_update(None, "application_id", 0x5468_724c)
        .unwrap();
    drop(record);
    let store = Store::open_read(folder.path()).unwrap();
    assert_eq!(store.counts().unwrap().documents, 0);
}

#[test]
fn there_is_one_writer_and_any_number_of_readers() {
    let (folder, mut store) = store();
    read(
        &mut store,
        "a.txt",
        &[document("a.txt", &turns(&[("P1", "One")]))],
    );
    let error = Store::open(folder.path()).unwrap_err();
    assert!(error.is_busy() && !error.is_disk(), "{error}");

    let (one, two) = (
        Store::open_read(folder.path()).unwrap(),
        Store::open_read(folder.path()).unwrap(),
    );
    assert_eq!(words(&one), ["One"]);
    read(
        &mut store,
        "b.txt",
        &[document("b.txt", &turns(&[("P1", "Two")]))],
    );
    assert_eq!(words(&one), ["One", "Two"]);
    assert_eq!(two.generation().unwrap(), store.generation().unwrap());
    store.close().unwrap();
    assert_eq!(words(&two), ["One", "Two"]);
    Store::open(folder.path()).unwrap();
}

#[test]
fn a_reader_cannot_write() {
    let (folder, store) = store();
    store.close().unwrap();
    let mut reader = Store::open_read(folder.path()).unwrap();
    let error = reader.begin_source(&source("a.txt")).unwrap_err();
    assert!(error.is_disk(), "{error:?}");
    assert!(reader.put_setting("key", "value").is_err());
    assert!(reader.sources().unwrap().is_empty());
}

#[test]
fn a_reader_in_the_middle_of_a_walk_sees_nothing_of_what_is_written_meanwhile() {
    let (folder, mut store) = store();
    let names = ["a.txt", "b.txt", "c.txt"];
    for name in names {
        read(
            &mut store,
            name,
            &[document(name, &turns(&[("P1", "Before")]))],
        );
    }
    let reader = Store::open_read(folder.path()).unwrap();
    let mut seen = Vec::new();
    reader
        .each_passage(None, &mut |row| {
            if seen.is_empty() {
                for name in names {
                    read(
                        &mut store,
                        name,
                        &[document(name, &turns(&[("P1", "After")]))],
                    );
                }
            }
            seen.push(row.text);
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen, ["Before"; 3]);
    assert_eq!(words(&reader), ["After"; 3]);
}

#[test]
fn a_closed_study_is_one_file_and_its_lock() {
    let (folder, mut store) = store();
    read(
        &mut store,
        "a.txt",
        &[document("a.txt", &turns(&[("P1", "One")]))],
    );
    store.close().unwrap();
    drop(Store::open_read(folder.path()).unwrap());
    drop(Store::open(folder.path()).unwrap());
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["study.db", "study.lock"]);
}

#[test]
fn a_full_disk_is_said_and_leaves_the_study_as_it_was() {
    let (folder, mut store) = store();
    read(
        &mut store,
        "a.txt",
        &[document("a.txt", &turns(&[("P1", "One")]))],
    );
    let generation = store.generation().unwrap();
    store.limit_pages(40).unwrap();
    store.begin_source(&source("b.txt")).unwrap();
    let long = turns(&[("P1", &"Words upon words ".repeat(20_000))]);
    let error = store
        .put_documents("b.txt", &[document("b.txt", &long)])
        .unwrap_err();
    assert!(
        matches!(error, StoreError::NoSpace) && error.is_disk(),
        "{error:?}"
    );
    assert!(error.to_string().contains("free some space"));
    assert_eq!(store.generation().unwrap(), generation);
    assert_eq!(words(&store), ["One"]);

    // With space again the same reading goes on.
    store.limit_pages(1_000_000).unwrap();
    let counts = store
        .put_documents("b.txt", &[document("b.txt", &long)])
        .unwrap();
    assert_eq!(counts.added, 1);
    store
        .finish_source("b.txt", &throughline_store::SourceSummary::default())
        .unwrap();
    store.close().unwrap();

    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(tag_all(&mut store, &model("m"), 100), 2);
}

#[test]
fn small_facts_are_kept() {
    let (folder, mut store) = store();
    assert_eq!(store.setting("report").unwrap(), None);
    store.put_setting("report", "abc").unwrap();
    store.put_setting("report", "déf").unwrap();
    // A setting is not one of the record's own facts.
    store.put_setting("generation", "many").unwrap();
    store.close().unwrap();
    let store = Store::open_read(folder.path()).unwrap();
    assert_eq!(store.setting("report").unwrap().as_deref(), Some("déf"));
    assert_eq!(store.generation().unwrap(), 0);
}
