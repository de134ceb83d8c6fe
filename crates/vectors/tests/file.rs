//! Writing, opening and refusing vector files.

#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use std::fs;
use std::path::Path;

use throughline_core::{PassageId, Vector};
use throughline_vectors::{VectorError, VectorFile, VectorWriter};

fn id(n: u8) -> PassageId {
    PassageId::from_bytes([n; 16])
}

fn vector(components: &[i8]) -> Vector {
    Vector::from_components(components.into())
}

fn three() -> Vec<(PassageId, Vector)> {
    let components: [[i8; 2]; 3] = [[127, -128], [0, 3], [-1, 0]];
    (1..=3)
        .zip(components)
        .map(|(n, c)| (id(n), vector(&c)))
        .collect()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_bytes_do_not_depend_on_the_order_of_writing() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    VectorFile::write(&a, 5, 2, three()).unwrap();
    VectorFile::write(&b, 5, 2, three().into_iter().rev()).unwrap();
    assert_eq!(fs::read(&a).unwrap(), fs::read(&b).unwrap());
    assert_eq!(names(folder.path()), ["a", "b"]);

    let file = VectorFile::open(&b).unwrap().unwrap();
    assert_eq!((file.generation(), file.len(), file.dimension()), (5, 3, 2));
    for (id, vector) in three() {
        assert_eq!(file.get(&id), Some(vector.components()));
    }
    assert_eq!(file.get(&id(9)), None);
    assert_eq!(
        [0, 1, 3, 4].map(|n| file.position(&id(n))),
        [None, Some(0), Some(2), None]
    );
    assert_eq!((file.id(2), file.id(3)), (Some(id(3)), None));
}

#[test]
fn an_empty_file_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    assert!(VectorFile::open(&path).unwrap().is_none());
    VectorFile::write(&path, 0, 384, []).unwrap();
    let file = VectorFile::open(&path).unwrap().unwrap();
    assert!(file.is_empty());
    assert!(file.nearest(&vector(&[1; 384]), 5, None).is_empty());
}

#[test]
fn a_failed_write_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    VectorFile::write(&path, 1, 2, three()).unwrap();
    let before = fs::read(&path).unwrap();

    let twice = [(id(1), vector(&[1, 2])), (id(1), vector(&[3, 4]))];
    let error = VectorFile::write(&path, 2, 2, twice).unwrap_err();
    assert!(matches!(error, VectorError::Duplicate(_)), "{error}");
    let error = VectorFile::write(&path, 2, 2, [(id(1), vector(&[1]))]).unwrap_err();
    assert!(error.to_string().contains("tag again"), "{error}");
    assert!(matches!(
        VectorFile::write(&path, 2, 0, []),
        Err(VectorError::BadDimension(0))
    ));
    // A writer that is dropped, as in a run that fails elsewhere.
    let mut writer = VectorWriter::create(&path, 2, 2).unwrap();
    writer.add(id(1), &vector(&[1, 2])).unwrap();
    drop(writer);

    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(names(folder.path()), ["v"]);
    let missing = folder.path().join("none").join("v");
    assert!(matches!(
        VectorFile::write(&missing, 1, 2, three()),
        Err(VectorError::Io { .. })
    ));
}

#[test]
fn damaged_files_ask_for_a_rebuild() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    VectorFile::write(&path, 1, 2, three()).unwrap();
    let whole = fs::read(&path).unwrap();
    let mut other_version = whole.clone();
    other_version[8] = 99;
    let mut endless = whole.clone();
    endless[24..32].fill(255);
    let longer = [whole.as_slice(), b"x"].concat();
    let damaged: [&[u8]; 7] = [
        b"",
        b"something else",
        &[0; 200],
        &whole[..whole.len() - 1],
        &longer,
        &other_version,
        &endless,
    ];
    for bytes in damaged {
        fs::write(&path, bytes).unwrap();
        let error = VectorFile::open(&path).unwrap_err();
        assert!(matches!(error, VectorError::NeedsRebuild { .. }), "{error}");
    }
}
