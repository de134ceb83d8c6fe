use std::io::{Cursor, Read, Write};

use proptest::prelude::*;
use throughline_core::Span;
use throughline_refi::{
    Case, Code, Convention, Guid, Project, Selection, TextSource, User, Variable, read_codebook,
    read_project, write_codebook, write_project,
};
use zip::{ZipArchive, ZipWriter};

fn archive(project: &Project) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    write_project(project, &mut out).unwrap();
    out.into_inner()
}

/// A project about `text`, with a selection for each of `spans`.
fn project(text: &str, spans: &[Span]) -> Project {
    let dana = Guid::of("participant", "dana");
    let codes = vec![
        Code {
            codable: false,
            children: vec![Code {
                colour: Some("#cc0000".to_owned()),
                description: Some("What it \"costs\" <and>\nwhen & why.".to_owned()),
                ..Code::new(Guid::of("code", "price"), "Price: \u{1b}hidden ]]> _x001B_")
            }],
            ..Code::new(Guid::of("code", "pain"), "Pain")
        },
        Code::new(dana, "Participant: dana"),
    ];
    let user = User {
        guid: Guid::of("user", "engine"),
        name: "the engine".to_owned(),
    };
    let selections = spans.iter().enumerate().map(|(number, span)| Selection {
        guid: Guid::of("selection", &number.to_string()),
        span: *span,
        words: span.slice(text).map(str::to_owned),
        description: (number % 2 == 0).then(|| "why \u{202e} & so".to_owned()),
        user: Some(user.guid),
        created: Some("2026-02-03T00:00:00Z".to_owned()),
        codes: vec![Guid::of("code", "price"), dana],
    });
    Project {
        name: "demo".to_owned(),
        origin: "throughline 0.1.0".to_owned(),
        created: "2026-01-02T00:00:00Z".to_owned(),
        description: Some("A manifest.".to_owned()),
        variables: vec![Variable {
            guid: Guid::of("variable", "segment"),
            name: "segment".to_owned(),
        }],
        cases: vec![Case {
            guid: dana,
            name: "a.txt/dana".to_owned(),
            values: vec![(Guid::of("variable", "segment"), "new & old".to_owned())],
            sources: vec![Guid::of("source", "a.txt")],
        }],
        sources: vec![TextSource {
            guid: Guid::of("source", "a.txt"),
            name: "a.txt".to_owned(),
            text: text.to_owned(),
            created: Some("2026-02-03T00:00:00Z".to_owned()),
            selections: selections.collect(),
        }],
        users: vec![user],
        codes,
    }
}

const TEXT: &str =
    "Int: Why?\n\nDana 🙂: The café, 👩‍👩‍👧 and e\u{301}, =1+1 ]]> \u{1}.\nDana: I left.\n";

fn words(text: &str) -> Vec<Span> {
    let span = |(start, word): (usize, &str)| Span {
        start,
        end: start + word.len(),
    };
    ["Why?", "🙂", "👩‍👩‍👧 and e\u{301}", "]]> \u{1}", "I left.\n"]
        .iter()
        .map(|word| span((text.find(word).unwrap(), word)))
        .collect()
}

#[test]
fn what_goes_out_comes_in_again() {
    let project = project(TEXT, &words(TEXT));
    let bytes = archive(&project);
    assert_eq!(
        bytes,
        archive(&project),
        "the same project gives the same bytes"
    );
    let read = read_project(Cursor::new(bytes)).unwrap();
    assert_eq!(read.project, project);
    assert_eq!(read.convention, Convention::default());
    assert!(read.left_out.is_empty());
}

#[test]
fn places_are_counted_in_code_points() {
    let bytes = archive(&project(TEXT, &words(TEXT)));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut xml = String::new();
    archive
        .by_name("project.qde")
        .unwrap()
        .read_to_string(&mut xml)
        .unwrap();
    // "Int: Why?\n\nDana " is 16 code points, and the emoji is one.
    assert!(
        xml.contains("startPosition=\"16\" endPosition=\"17\""),
        "{xml}"
    );
    let inside: Vec<_> = archive.file_names().flatten().collect();
    assert!(
        inside
            .iter()
            .all(|name| name == "project.qde" || name.starts_with("sources/"))
    );
}

/// The archive of `project` with its text replaced as another tool writes it.
fn rewritten(
    project: &Project,
    xml: impl Fn(&str) -> String,
    text: impl Fn(&str) -> String,
) -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(archive(project))).unwrap();
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..from.len() {
        let mut file = from.by_index(number).unwrap();
        let mut content = String::new();
        file.read_to_string(&mut content).unwrap();
        let options = zip::write::SimpleFileOptions::default();
        let name = file.name().unwrap().replace("sources/", "Sources/");
        to.start_file(&name, options).unwrap();
        let content = match name.ends_with(".qde") {
            true => xml(&content),
            false => text(&content),
        };
        to.write_all(content.as_bytes()).unwrap();
    }
    to.finish().unwrap().into_inner()
}

#[test]
fn a_file_with_a_mark_and_other_line_ends_is_read_as_its_tool_counts() {
    let project = project(TEXT, &words(TEXT));
    // Counted in the text with LF, as QualCoder does, and saved with CR LF and a mark.
    let bytes = rewritten(&project, str::to_owned, |text| {
        format!("\u{feff}{}", text.replace('\n', "\r\n"))
    });
    let read = read_project(Cursor::new(bytes)).unwrap();
    assert_eq!(read.project.sources, project.sources);
    assert!(read.convention.joined_line_ends);
}

#[test]
fn what_cannot_be_read_is_listed_and_the_rest_is_read() {
    let project = project(TEXT, &words(TEXT));
    let picture = |xml: &str| {
        let more =
            "<Sources><PictureSource guid=\"00000000-0000-0000-0000-000000000001\" name=\"p\"/>";
        xml.replace("<Sources>", more)
            .replace("endPosition=\"17\"", "endPosition=\"9999\"")
    };
    let read = read_project(Cursor::new(rewritten(&project, picture, str::to_owned))).unwrap();
    assert_eq!(read.left_out.len(), 2, "{:?}", read.left_out);
    let selections = &read.project.sources[0].selections;
    assert_eq!(selections.len(), words(TEXT).len() - 1);
}

#[test]
fn no_project_is_an_error() {
    assert!(read_project(Cursor::new(b"no archive".to_vec())).is_err());
    let project = project(TEXT, &[]);
    for broken in [
        "<Project",
        "<CodeBook xmlns=\"urn:QDA-XML:project:1.0\"/>",
        "",
    ] {
        let bytes = rewritten(&project, |_| broken.to_owned(), str::to_owned);
        assert!(read_project(Cursor::new(bytes)).is_err(), "{broken}");
    }
}

#[test]
fn a_codebook_comes_back() {
    let codes = project(TEXT, &[]).codes;
    let mut out = Vec::new();
    write_codebook(&codes, "throughline 0.1.0", &mut out).unwrap();
    assert_eq!(read_codebook(out).unwrap(), codes);
    assert!(read_codebook(b"<Project/>".to_vec()).is_err());
}

#[test]
fn projects_and_codebooks_are_written_as_they_were() {
    let project = project(TEXT, &words(TEXT));
    let mut files = ZipArchive::new(Cursor::new(archive(&project))).unwrap();
    let mut out = String::new();
    for number in 0..files.len() {
        let mut file = files.by_index(number).unwrap();
        out.push_str(&format!("== {}\n", file.name().unwrap()));
        file.read_to_string(&mut out).unwrap();
        out.push('\n');
    }
    let mut book = Vec::new();
    write_codebook(&project.codes, "throughline 0.1.0", &mut book).unwrap();
    insta::assert_snapshot!(out + "== codebook.qdc\n" + &String::from_utf8(book).unwrap());
}

#[test]
fn a_selection_that_cuts_a_character_is_refused() {
    let cut = Span { start: 16, end: 18 };
    let error = write_project(&project(TEXT, &[cut]), Cursor::new(Vec::new())).unwrap_err();
    assert!(error.to_string().contains("a.txt"), "{error}");
}

proptest! {
    #[test]
    fn every_span_comes_back(
        text in "[a-zé🙂\u{301}\u{200d}\n &<>\"'\u{1}\u{b}_x0]{1,60}",
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..8),
    ) {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let spans: Vec<Span> = cuts
            .iter()
            .map(|(a, b)| (*a.get(&places), *b.get(&places)))
            .filter(|(a, b)| a != b)
            .map(|(a, b)| Span { start: a.min(b), end: a.max(b) })
            .collect();
        let project = project(&text, &spans);
        let read = read_project(Cursor::new(archive(&project))).unwrap();
        prop_assert_eq!(read.project, project);
    }
}
