//! Reports against their sources, through the program.

use std::path::{Path, PathBuf};

use crate::support::{analysed, expect_code, run, sample, stderr, stdout, unpacked};

/// The files of the sample's report that quote.
const FILES: [&str; 8] = [
    "report.json",
    "report.html",
    "report.md",
    "report.docx",
    "quotes.csv",
    "findings.csv",
    "report.xlsx",
    "report.qdpx",
];

fn verify(report: &Path, more: &[&str]) -> std::process::Output {
    let study = analysed().join("report.study");
    let mut arguments = vec!["verify", report.to_str().unwrap(), "--study"];
    arguments.push(study.to_str().unwrap());
    arguments.extend(more);
    run(analysed(), &arguments)
}

#[test]
fn every_quote_of_the_sample_is_where_the_report_says() {
    let output = run(analysed(), &["verify", "report"]);
    expect_code(&output, 0);
    let text = stdout(&output);
    for file in FILES {
        let line = text.lines().find(|line| line.contains(file));
        let line = line.unwrap_or_else(|| panic!("{file} in {text}"));
        assert!(!line.ends_with(": 0 quotes and labels"), "{line}");
    }
}

/// A copy of a file of the report, changed.
fn changed(folder: &Path, name: &str, change: impl Fn(String) -> String) -> PathBuf {
    let text = std::fs::read_to_string(analysed().join("report").join(name)).unwrap();
    let new = change(text.clone());
    assert_ne!(text, new, "{name}");
    let path = folder.join(name);
    std::fs::write(&path, new).unwrap();
    path
}

/// The words of the first quote in the CSV: plain ones, in every format.
fn words() -> String {
    let json = std::fs::read_to_string(analysed().join("report/report.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let stages = json["stages"].as_array().unwrap();
    let findings = stages
        .iter()
        .flat_map(|stage| stage["findings"].as_array().unwrap());
    let quotes = findings.flat_map(|finding| finding["quotes"].as_array().unwrap());
    let mut words = quotes.flat_map(|quote| quote["text"].as_str().unwrap().split(' '));
    let plain = |word: &&str| word.len() > 8 && word.bytes().all(|b| b.is_ascii_lowercase());
    words.find(plain).unwrap().to_owned()
}

#[test]
fn one_changed_character_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let word = words();
    let other = format!("x{}", &word[1..]);
    for name in ["report.json", "report.html", "report.md", "quotes.csv"] {
        let file = changed(folder.path(), name, |text| text.replace(&word, &other));
        let output = verify(&file, &[]);
        expect_code(&output, 5);
        assert!(
            stdout(&output).contains(&other),
            "{name}: {}",
            stdout(&output)
        );
        assert!(
            stdout(&output).contains(&word),
            "{name}: {}",
            stdout(&output)
        );
    }
    // In archives, by what they hold.
    for (name, part) in [
        ("report.xlsx", "xl/worksheets/sheet3.xml"),
        ("report.qdpx", "project.qde"),
        ("report.docx", "word/document.xml"),
    ] {
        let bytes = std::fs::read(analysed().join("report").join(name)).unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, repacked(&bytes, part, &word, &other)).unwrap();
        let output = verify(&path, &[]);
        expect_code(&output, 5);
        assert!(
            stdout(&output).contains(&other),
            "{name}: {}",
            stdout(&output)
        );
    }
}

#[test]
fn a_quote_that_was_taken_out_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let without = |name: &str, from: &str, to: &str| {
        changed(folder.path(), name, |text| {
            let start = text.find(from).unwrap();
            let end = start + from.len() + text[start + from.len()..].find(to).unwrap();
            format!("{}{}", &text[..start], &text[end..])
        })
    };
    for file in [
        without("report.md", "\n> ", "\n\n"),
        without("report.html", "<blockquote", "</blockquote>"),
    ] {
        let output = verify(&file, &[]);
        expect_code(&output, 5);
        assert!(
            stdout(&output).contains("and its manifest counts"),
            "{}",
            stdout(&output)
        );
    }
    // A table without a manifest of its own has that of the folder.
    let manifest = folder.path().join("manifest.csv");
    std::fs::copy(analysed().join("report/manifest.csv"), manifest).unwrap();
    std::fs::remove_file(folder.path().join("report.md")).unwrap();
    std::fs::remove_file(folder.path().join("report.html")).unwrap();
    changed(folder.path(), "findings.csv", |text| {
        let (rest, _) = text.trim_end().rsplit_once('\n').unwrap();
        format!("{rest}\n")
    });
    let output = verify(folder.path(), &[]);
    expect_code(&output, 5);
    assert!(
        stdout(&output).contains("findings, and its manifest counts"),
        "{}",
        stdout(&output)
    );
}

/// An archive in which one word of one part is another.
fn repacked(bytes: &[u8], part: &str, word: &str, other: &str) -> Vec<u8> {
    use std::io::{Cursor, Write};
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, mut content) in unpacked(bytes) {
        if name == part {
            let text = String::from_utf8(content).unwrap();
            assert!(text.contains(word), "{part}");
            content = text.replace(word, other).into_bytes();
        }
        let options = zip::write::SimpleFileOptions::default();
        to.start_file(name, options).unwrap();
        to.write_all(&content).unwrap();
    }
    to.finish().unwrap().into_inner()
}

#[test]
fn a_missing_or_changed_source_is_named_and_a_moved_one_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("in");
    std::fs::create_dir(&from).unwrap();
    let interview = std::fs::read_dir(sample().join("interviews"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let name = interview.file_name();
    std::fs::copy(interview.path(), from.join(&name)).unwrap();
    expect_code(
        &run(
            folder.path(),
            &["analyze", "in", "-o", "report", "--format", "json,csv"],
        ),
        0,
    );
    expect_code(&run(folder.path(), &["verify", "report"]), 0);

    let moved = folder.path().join("elsewhere");
    std::fs::create_dir(&moved).unwrap();
    std::fs::rename(from.join(&name), moved.join("other-name.txt")).unwrap();
    let missing = run(folder.path(), &["verify", "report"]);
    expect_code(&missing, 5);
    assert!(stdout(&missing).contains("missing"), "{}", stdout(&missing));
    let found = run(
        folder.path(),
        &["verify", "report", "--sources", "elsewhere"],
    );
    expect_code(&found, 0);
    assert!(stderr(&found).contains("1 source"), "{}", stderr(&found));

    std::fs::write(from.join(&name), "Dana: Something else.\n").unwrap();
    let changed = run(folder.path(), &["verify", "report"]);
    expect_code(&changed, 5);
    assert!(
        stdout(&changed).contains("has changed"),
        "{}",
        stdout(&changed)
    );
}

#[test]
fn a_pseudonymised_study_is_verified_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Interviewer: How did it go?\n\nDana Kovacs: I could not find the price anywhere. \
                Ring me on 020 7946 0018, says Dana.\n";
    std::fs::write(folder.path().join("dana.txt"), text).unwrap();
    expect_code(&run(folder.path(), &["new", "s"]), 0);
    std::fs::write(
        folder.path().join("s/throughline.toml"),
        "privacy = \"pseudonymise\"\n",
    )
    .unwrap();
    expect_code(&run(folder.path(), &["add", "dana.txt", "--study", "s"]), 0);
    expect_code(&run(folder.path(), &["tag", "--study", "s"]), 0);
    expect_code(&run(folder.path(), &["report", "--study", "s"]), 0);
    let report = "s/reports/customer";
    expect_code(&run(folder.path(), &["verify", report]), 0);
    let quotes = std::fs::read_to_string(folder.path().join(report).join("quotes.csv")).unwrap();
    assert!(
        quotes.contains("Person 1") && !quotes.contains("Kovacs"),
        "{quotes}"
    );
}

#[test]
fn what_is_no_report_is_a_question_of_usage() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "x").unwrap();
    expect_code(&run(folder.path(), &["verify", "notes.txt"]), 2);
}
