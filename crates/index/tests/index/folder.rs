//! Folders that hold no index, a damaged one, or one that is being written.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{found, index_of, parse, quote};
use throughline_index::{Index, IndexError};

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    files
}

fn needs_rebuild(folder: &Path) -> bool {
    match Index::open(folder) {
        Err(IndexError::NeedsRebuild { .. }) => true,
        Err(error) => panic!("{error}"),
        Ok(_) => false,
    }
}

#[test]
fn an_index_opens_again_with_its_generation() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    assert!(Index::open(&path).unwrap().is_none());
    fs::create_dir(&path).unwrap();
    assert!(Index::open(&path).unwrap().is_none());

    let index = Index::create(&path).unwrap();
    assert_eq!(index.generation().unwrap(), 0);
    let mut writer = index.writer(15_000_000, 1).unwrap();
    writer.add(&quote(1, "a", "price")).unwrap();
    writer.commit(41).unwrap();

    let again = Index::open(&path).unwrap().unwrap();
    assert_eq!(again.generation().unwrap(), 41);
    assert_eq!(found(&again, "price"), [1]);
    again.verify().unwrap();

    // A commit of the first is seen by the second once it looks.
    crate::common::add(&index, &[quote(2, "a", "price")]);
    assert_eq!(found(&again, "price"), [1]);
    again.refresh().unwrap();
    assert_eq!(found(&again, "price").len(), 2);
}

#[test]
fn an_uncommitted_batch_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_of(folder.path(), &[quote(1, "a", "price")]);
    let mut writer = index.writer(15_000_000, 1).unwrap();
    writer.clear().unwrap();
    writer.add(&quote(2, "b", "price")).unwrap();
    drop(writer);
    assert_eq!(found(&index, "price"), [1]);
    let again = Index::open(folder.path()).unwrap().unwrap();
    assert_eq!(found(&again, "price"), [1]);
}

#[test]
fn a_second_writer_is_told_to_wait() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::create(folder.path()).unwrap();
    let first = index.writer(15_000_000, 1).unwrap();
    let other = Index::open(folder.path()).unwrap().unwrap();
    let error = other.writer(15_000_000, 1).unwrap_err();
    assert!(matches!(error, IndexError::Busy { .. }), "{error}");
    let error = Index::create(folder.path()).unwrap_err();
    assert!(matches!(error, IndexError::Busy { .. }), "{error}");
    drop(first);
    other.writer(15_000_000, 1).unwrap();
}

#[test]
fn a_damaged_index_asks_for_a_rebuild_and_gets_one() {
    let folder = tempfile::tempdir().unwrap();
    drop(index_of(folder.path(), &[quote(1, "a", "price")]));
    let names = files(folder.path());
    assert!(names.len() >= 6, "{names:?}");
    for path in &names {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        // The engine makes its list of files anew, and locks hold nothing.
        if name.ends_with(".lock") {
            continue;
        }
        let whole = fs::read(path).unwrap();
        for damage in ["gone", "empty", "short", "noise"] {
            match damage {
                "gone" => fs::remove_file(path).unwrap(),
                "empty" => fs::write(path, b"").unwrap(),
                "short" => fs::write(path, &whole[..whole.len() / 2]).unwrap(),
                _ => fs::write(path, vec![b'x'; whole.len()]).unwrap(),
            }
            if name != ".managed.json" {
                assert!(needs_rebuild(folder.path()), "{name} {damage}");
            }
            fs::write(path, &whole).unwrap();
        }
    }
    // One wrong byte is not seen on opening, and is by the check of everything.
    let store = names
        .iter()
        .find(|path| path.extension().is_some_and(|e| e == "store"));
    let store = store.unwrap();
    let mut bytes = fs::read(store).unwrap();
    bytes[3] ^= 1;
    fs::write(store, bytes).unwrap();
    let index = Index::open(folder.path()).unwrap().unwrap();
    let error = index.verify().unwrap_err();
    assert!(error.to_string().contains(".store"), "{error}");

    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    let index = Index::create(folder.path()).unwrap();
    crate::common::add(&index, &[quote(1, "a", "price")]);
    assert_eq!(found(&index, "price"), [1]);
    let notes = fs::read_to_string(folder.path().join("notes.txt")).unwrap();
    assert_eq!(notes, "mine");
}

#[test]
fn a_foreign_folder_or_commit_asks_for_a_rebuild() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    assert!(needs_rebuild(folder.path()));

    let meta = folder.path().join("meta.json");
    drop(index_of(folder.path(), &[quote(1, "a", "price")]));
    let ours = fs::read_to_string(&meta).unwrap();
    fs::write(&meta, ours.replace("throughline 3 ", "throughline 999 ")).unwrap();
    let error = Index::open(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("of version 999") && error.contains("rebuild"),
        "{error}"
    );
    fs::write(&meta, ours.replace("\"touchpoint\"", "\"touch\"")).unwrap();
    assert!(needs_rebuild(folder.path()));
    fs::write(&meta, ours).unwrap();
    assert!(!needs_rebuild(folder.path()));
}

#[test]
fn a_folder_that_vanishes_while_writing_is_an_error_with_a_cause() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let index = Index::create(&path).unwrap();
    let mut writer = index.writer(15_000_000, 1).unwrap();
    fs::remove_dir_all(&path).unwrap();
    let text = "price ".repeat(2_000);
    let added = (0..200_u8).try_for_each(|n| writer.add(&quote(n, "a", &text)));
    let error = added.and_then(|()| writer.commit(1)).unwrap_err();
    assert!(error.to_string().contains("index"), "{error}");
    assert!(!matches!(error, IndexError::Busy { .. }), "{error}");
}

#[test]
fn a_passage_of_any_size_can_be_indexed() {
    let folder = tempfile::tempdir().unwrap();
    let long = "price \u{e9}\u{1f642} ".repeat(100_000);
    let unbroken = "x".repeat(2_000_000);
    let index = index_of(
        folder.path(),
        &[
            quote(1, "a", &long),
            quote(2, "a", &unbroken),
            quote(3, "\u{0}\"(", "price\u{0}"),
        ],
    );
    assert_eq!(found(&index, "price").len(), 2);
    assert_eq!(index.count(&parse("*")).unwrap(), 3);
}
