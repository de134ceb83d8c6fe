//! The sample study: what was planted in it is found, and every quote is where
//! the report says.

use std::collections::BTreeMap;

use crate::support::{
    analysed, expect_code, json_lines, report, root, run, sample, stderr, stdout,
};
use serde::Deserialize;
use serde_json::Value;

/// What was planted, as the corpus lists it. Other keys are for people.
#[derive(Debug, Deserialize)]
struct Planted {
    pain: Vec<PlantedPain>,
}

#[derive(Debug, Deserialize)]
struct PlantedPain {
    id: String,
    stage: String,
    words: Vec<String>,
    mentions: Vec<Mention>,
}

#[derive(Debug, Deserialize)]
struct Mention {
    document: String,
    text: String,
}

impl PlantedPain {
    /// True if a quote shows one of the places where this pain was planted.
    fn is_told_in(&self, quote: &Value) -> bool {
        let (text, document) = (quote["text"].as_str(), quote["document"].as_str());
        let (text, document) = (text.unwrap(), document.unwrap());
        self.mentions.iter().any(|mention| {
            document.contains(&mention.document)
                && (text.contains(&mention.text) || mention.text.contains(text))
        })
    }
}

fn planted() -> Planted {
    let text = std::fs::read_to_string(root().join("corpora/peelwick.planted.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

fn stage<'r>(report: &'r Value, id: &str) -> &'r Value {
    let stages = report["stages"].as_array().unwrap();
    stages
        .iter()
        .find(|stage| stage["id"] == id)
        .unwrap_or_else(|| panic!("no stage {id}"))
}

#[test]
fn planted_pains_are_found_in_their_stage() {
    let report = report();
    let planted = planted();
    let found = |pain: &PlantedPain| {
        let findings = stage(&report, &pain.stage)["findings"].as_array().unwrap();
        findings.iter().any(|finding| {
            let quotes = finding["quotes"].as_array().unwrap();
            let text = |quote: &Value| quote["text"].as_str().unwrap().to_lowercase();
            quotes.iter().any(|quote| {
                pain.is_told_in(quote) && pain.words.iter().any(|word| text(quote).contains(word))
            })
        })
    };
    let missed: Vec<&str> = planted
        .pain
        .iter()
        .filter(|pain| !found(pain))
        .map(|pain| pain.id.as_str())
        .collect();
    assert!(
        missed.is_empty(),
        "of {} planted pains: {missed:?}",
        planted.pain.len()
    );
}

/// Every object of the report that says which bytes of which document it is.
fn slices<'r>(value: &'r Value, document: Option<&'r str>, found: &mut Vec<(&'r str, &'r Value)>) {
    match value {
        Value::Object(map) => {
            let document = map.get("document").and_then(Value::as_str).or(document);
            if let (Some(document), true) = (
                document,
                map.contains_key("start") && map.contains_key("text"),
            ) {
                found.push((document, value));
            }
            map.values()
                .for_each(|value| slices(value, document, found));
        }
        Value::Array(list) => list.iter().for_each(|value| slices(value, document, found)),
        _ => {}
    }
}

#[test]
fn every_quote_and_label_is_an_exact_slice() {
    // The canonical texts, pieced together from what `ingest` gives of the sources.
    let output = run(
        root(),
        &["ingest".as_ref(), sample().as_os_str(), "--json".as_ref()],
    );
    expect_code(&output, 0);
    let mut texts: BTreeMap<String, BTreeMap<u64, String>> = BTreeMap::new();
    for line in json_lines(&output) {
        let document = line["doc"].as_str().unwrap().to_owned();
        let text = line["text"].as_str().unwrap().to_owned();
        texts
            .entry(document)
            .or_default()
            .insert(line["start"].as_u64().unwrap(), text);
    }
    let report = report();
    let mut found = Vec::new();
    slices(&report, None, &mut found);
    assert!(found.len() > 50, "{}", found.len());
    for (document, slice) in found {
        let (start, end) = (
            slice["start"].as_u64().unwrap(),
            slice["end"].as_u64().unwrap(),
        );
        let text = slice["text"].as_str().unwrap();
        assert_eq!(text.len() as u64, end - start, "{text}");
        let passages = &texts[document];
        let (at, passage) = passages.range(..=start).next_back().unwrap();
        let within = passage.get((start - at) as usize..).unwrap_or_default();
        // A slice of context may run over several passages.
        assert!(
            within.starts_with(text) || text.starts_with(within),
            "{document}: {text}"
        );
    }
}

#[test]
fn interviewers_are_never_evidence_and_counts_add_up() {
    let report = report();
    let mut participants = 0;
    for stage in report["stages"].as_array().unwrap() {
        let mut primary = 0;
        for finding in stage["findings"].as_array().unwrap() {
            let mentions = finding["counts"]["passages"].as_u64().unwrap();
            primary += mentions;
            let parts = finding["parts"].as_array().into_iter().flatten();
            let in_parts = parts.map(|part| part["counts"]["passages"].as_u64().unwrap());
            assert!(in_parts.sum::<u64>() <= mentions, "{finding}");
            for quote in finding["quotes"].as_array().unwrap() {
                assert_eq!(quote["role"], "participant", "{quote}");
                participants += 1;
            }
        }
        let other = stage["other"]["passages"].as_u64().unwrap();
        assert_eq!(primary + other, stage["pain_passages"].as_u64().unwrap());
    }
    assert!(participants > 30);
}

#[test]
fn the_study_can_be_searched() {
    let study = analysed().join("report.study");
    let output = run(&study, &["search", "stage:onboarding pain:true", "--json"]);
    expect_code(&output, 0);
    for line in json_lines(&output) {
        assert_eq!(line["stage"], "onboarding");
        assert_eq!(line["pain"], true);
    }
    expect_code(&run(&study, &["search", "zzzyxwv"]), 1);
    let wrong = run(&study, &["search", "stage:purchase AND ("]);
    expect_code(&wrong, 2);
    assert!(
        crate::support::stderr(&wrong).contains("column"),
        "{}",
        crate::support::stderr(&wrong)
    );
}

#[test]
fn the_program_alone_in_an_empty_folder_works() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("throughline");
    std::fs::copy(env!("CARGO_BIN_EXE_throughline"), &program).unwrap();
    std::fs::write(
        folder.path().join("a.txt"),
        "Interviewer: Well?\n\nDana: The app crashed twice.\n",
    )
    .unwrap();
    let output = std::process::Command::new(&program)
        .args(["analyze", "a.txt", "-o", "report"])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    expect_code(&output, 0);
    assert!(folder.path().join("report/report.html").is_file());
}

#[test]
fn themes_are_listed_with_their_parts_and_those_of_all_passages_are_not_kept() {
    let study = analysed().join("report.study");
    let mentions = |lines: &[Value]| -> u64 {
        let each = lines.iter().map(|line| line["mentions"].as_u64().unwrap());
        each.sum()
    };
    let of_pains = run(&study, &["themes", "--json"]);
    expect_code(&of_pains, 0);
    let of_pains = json_lines(&of_pains);
    let parts = of_pains.iter().filter_map(|theme| {
        let parts = theme.get("parts")?.as_array().unwrap();
        assert!(
            mentions(parts) <= theme["mentions"].as_u64().unwrap(),
            "{theme}"
        );
        Some(parts.len())
    });
    assert!(parts.sum::<usize>() > 1);

    let of_all = run(&study, &["themes", "--all", "--json"]);
    expect_code(&of_all, 0);
    let said = stderr(&of_all);
    let of_all = json_lines(&of_all);
    assert!(of_all.iter().all(|theme| theme["stage"] == "all"));
    assert!(mentions(&of_all) > 2 * mentions(&of_pains));
    let counted = format!("{} passages in them", mentions(&of_all));
    assert!(said.contains(&counted), "{said}");

    let again = run(&study, &["themes"]);
    let said = stderr(&again);
    assert!(said.contains("Nothing has changed"), "{said}");
    let rows = stdout(&again).matches('“').count();
    let parts = of_pains
        .iter()
        .filter_map(|theme| theme["parts"].as_array());
    assert_eq!(rows, of_pains.len() + parts.map(Vec::len).sum::<usize>());
}
