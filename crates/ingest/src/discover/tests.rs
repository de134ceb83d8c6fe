use std::fs;

use tempfile::TempDir;

use super::*;

/// A folder with empty files at `paths`.
fn folder(paths: &[&str]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for path in paths {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    root
}

fn names(root: &TempDir, arguments: &[&str]) -> Vec<String> {
    let paths: Vec<_> = arguments
        .iter()
        .map(|path| root.path().join(path))
        .collect();
    let found = discover(&paths).unwrap();
    found.inputs.into_iter().map(|input| input.name).collect()
}

#[test]
fn files_and_folders_are_named_by_what_was_given() {
    let root = folder(&["x/reviews.csv", "talks/b.txt", "talks/sub/a.vtt"]);
    assert_eq!(names(&root, &["x/reviews.csv"]), ["reviews.csv"]);
    assert_eq!(
        names(&root, &["talks/"]),
        ["talks/b.txt", "talks/sub/a.vtt"]
    );
    assert_eq!(
        names(&root, &["talks/sub/.."]),
        ["talks/b.txt", "talks/sub/a.vtt"]
    );
}

#[test]
fn clashing_names_take_on_their_folders_in_any_order() {
    let root = folder(&[
        "a/in/1.txt",
        "b/in/1.txt",
        "b/in/2.txt",
        "c/3.txt",
        "d/1.txt",
    ]);
    let expected = ["3.txt", "a/in/1.txt", "b/in/1.txt", "b/in/2.txt"];
    assert_eq!(names(&root, &["a/in", "b/in", "c/3.txt"]), expected);
    assert_eq!(names(&root, &["c/3.txt", "b/in", "a/in"]), expected);
    assert_eq!(
        names(&root, &["d/1.txt", "a/in/1.txt"]),
        ["d/1.txt", "in/1.txt"]
    );
}

#[test]
fn a_file_is_found_once_under_its_longer_name() {
    let root = folder(&["in/1.txt", "in/2.txt"]);
    let expected = ["in/1.txt", "in/2.txt"];
    assert_eq!(names(&root, &["in/1.txt", "in", "in/../in"]), expected);
    assert_eq!(names(&root, &["in", "in/1.txt"]), expected);
}

#[test]
fn what_is_passed_over_is_listed_with_a_reason() {
    let root = folder(&[
        "in/a.txt",
        "in/.DS_Store",
        "in/.git/config.txt",
        "in/b.pptx",
        "in/c",
        "in/README.md",
    ]);
    let found = discover(&[root.path().join("in")]).unwrap();
    assert_eq!(found.inputs.len(), 1);
    let skipped: Vec<_> = found
        .skipped
        .iter()
        .map(|file| {
            format!(
                "{}: {}",
                file.name,
                file.reason.split([';', ',']).next().unwrap()
            )
        })
        .collect();
    assert_eq!(
        skipped,
        [
            "in/.DS_Store: hidden",
            "in/.git: hidden",
            "in/README.md: about the folder",
            "in/b.pptx: files of the format .pptx are not read",
            "in/c: a name without extension",
        ]
    );
}

#[test]
fn what_another_program_wrote_comes_with_a_remedy() {
    for (name, remedy) in [
        ("a.doc", "save it as DOCX or text"),
        ("a.xls", "save it as CSV"),
        ("a.rar", "unpack it"),
        ("a.mp3", "have it transcribed"),
    ] {
        let root = folder(&[name]);
        let said = discover(&[root.path().join(name)]).unwrap_err().to_string();
        assert!(said.contains(remedy), "{said}");
    }
}

#[test]
fn nothing_to_read_is_an_error_and_a_wrong_path_another() {
    let root = folder(&["in/a.png", "notes"]);
    let of = |path: &str| discover(&[root.path().join(path)]);
    let said = of("in").unwrap_err().to_string();
    assert!(said.contains("in: no file in it can be read"), "{said}");
    assert!(of("elsewhere").unwrap_err().is_not_found());
    assert!(discover(&[]).is_err());
    // Named outright, a file without extension is judged by its content.
    assert_eq!(of("notes").unwrap().inputs.len(), 1);
    let mixed = discover(&[root.path().join("in"), root.path().join("notes")]).unwrap();
    assert_eq!(mixed.skipped.len(), 2);
}

#[test]
fn names_are_composed() {
    let root = folder(&["in/cafe\u{301}.txt"]);
    assert_eq!(names(&root, &["in"]), ["in/caf\u{e9}.txt"]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_not_in_circles() {
    let root = folder(&["in/a.txt", "out/b.txt"]);
    let link = |to: &str, at: &str| {
        std::os::unix::fs::symlink(root.path().join(to), root.path().join(at)).unwrap();
    };
    link("in", "in/again");
    link("out/b.txt", "in/b.txt");
    link("nowhere", "in/c.txt");
    let found = discover(&[root.path().join("in")]).unwrap();
    let names: Vec<_> = found
        .inputs
        .iter()
        .map(|input| input.name.as_str())
        .collect();
    assert_eq!(names, ["in/a.txt", "in/b.txt"]);
    let reasons: Vec<_> = found
        .skipped
        .iter()
        .map(|file| file.reason.as_str())
        .collect();
    assert_eq!(
        reasons,
        [
            "a link that leads back to a folder above it",
            "a link that leads nowhere"
        ]
    );
}

#[test]
fn an_archive_is_a_folder() {
    use std::io::Write;
    let root = folder(&["in/b.txt"]);
    let file = fs::File::create(root.path().join("in/may.zip")).unwrap();
    let mut writer = zip::ZipWriter::new(file);
    for name in [
        "x/a.csv",
        "__MACOSX/x/._a.csv",
        "README.md",
        "p.png",
        "old.zip",
    ] {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(name, options).unwrap();
        writer.write_all(b"x").unwrap();
    }
    writer.finish().unwrap();
    assert_eq!(names(&root, &["in"]), ["in/b.txt", "in/may.zip/x/a.csv"]);
    assert_eq!(names(&root, &["in/may.zip", "in"]).len(), 2);
    let found = discover(&[root.path().join("in/may.zip")]).unwrap();
    assert_eq!(found.inputs[0].name, "may.zip/x/a.csv");
    assert_eq!(found.inputs[0].path, root.path().join("in/may.zip/x/a.csv"));
    assert_eq!(found.skipped.len(), 4);
    assert!(found.skipped[2].reason.contains("archive within"));
}
