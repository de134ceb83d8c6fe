//! The gallery: what the program makes of the sample study, kept in the repository.
//!
//! `UPDATE_GALLERY=1 cargo test -p throughline --test suite -- gallery` makes it anew.

use std::path::PathBuf;

use crate::support::{analysed, expect_code, root, run, stdout};

/// The files of the gallery that come out of the program.
const FILES: [&str; 3] = ["report.html", "report.md", "map.svg"];

fn gallery() -> PathBuf {
    root().join("gallery")
}

/// A file of the gallery, and what the program makes of the sample study now.
fn kept_and_made(name: &str) -> (String, String) {
    let made = std::fs::read_to_string(analysed().join("report").join(name)).unwrap();
    let kept = gallery().join(name);
    if std::env::var_os("UPDATE_GALLERY").is_some() {
        std::fs::write(&kept, &made).unwrap();
    }
    (std::fs::read_to_string(kept).unwrap_or_default(), made)
}

/// What every page has, whatever the study says: its style, and its script.
fn fixed_parts(page: &str) -> Vec<&str> {
    let parts = ["style", "script"].into_iter().filter_map(|name| {
        let (_, rest) = page.split_once(&format!("<{name}>"))?;
        Some(rest.split_once(&format!("</{name}>"))?.0)
    });
    parts.collect()
}

#[test]
fn the_gallery_is_what_the_program_makes() {
    // Another kind of processor may round a confidence to another percentage, so that
    // byte for byte is asked where CHECK_GALLERY says that it is the same kind.
    let exact = std::env::var_os("CHECK_GALLERY").is_some();
    for name in FILES {
        let (kept, made) = kept_and_made(name);
        let again = "UPDATE_GALLERY=1 cargo test -p throughline --test suite -- gallery";
        assert_eq!(
            fixed_parts(&kept),
            fixed_parts(&made),
            "{name} is old: {again}"
        );
        assert!(!exact || kept == made, "{name} is old: {again}");
    }
}

#[test]
fn every_quote_of_the_gallery_is_where_it_says() {
    let study = analysed().join("report.study");
    let gallery = gallery();
    let arguments = [gallery.as_os_str(), "--study".as_ref(), study.as_os_str()];
    let output = run(root(), &[&["verify".as_ref()], &arguments[..]].concat());
    expect_code(&output, 0);
    let text = stdout(&output);
    for name in ["report.html", "report.md"] {
        let line = text.lines().find(|line| line.contains(name));
        let line = line.unwrap_or_else(|| panic!("{name} in {text}"));
        assert!(!line.ends_with(": 0 quotes and labels"), "{line}");
    }
}
