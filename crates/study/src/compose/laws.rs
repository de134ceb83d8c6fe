//! Laws that hold for the findings of any study.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use throughline_nlp::RtenTagger;
use throughline_report::{Named, Report, claims, json};

use crate::{Inputs, Silent, Study};

/// Pains and praise of a few kinds, each in several wordings.
const SAID: [&str; 20] = [
    "I could not find the price anywhere on the page.",
    "The price was nowhere to be found, which put me off.",
    "You have to click five times before the price is shown.",
    "The parcel came two weeks late and nobody told me.",
    "My order arrived ten days after the promised date.",
    "Delivery took so long that I had to buy another one.",
    "The app crashes whenever I open the settings.",
    "Since the update the app closes by itself all the time.",
    "It keeps crashing on my phone, I gave up on it.",
    "Support never answered my three emails.",
    "I waited forty minutes on the phone for the help desk.",
    "Nobody at the call centre knew what to do with my case.",
    "The lid leaks all over my bag, no matter how I close it.",
    "Water runs out of the lid when the bottle lies down.",
    "I was charged twice and the refund took a month.",
    "They took the money for two orders, though I made one.",
    "The colours are lovely and it feels solid in the hand.",
    "Setting it up was easy, it took me five minutes.",
    "I would recommend it to any friend of mine.",
    "I wish there was a smaller one for the children.",
];

/// What is said in each of some interviews and reviews.
fn files() -> impl Strategy<Value = Vec<Vec<usize>>> {
    prop::collection::vec(prop::collection::vec(0..SAID.len(), 2..9), 4..9)
}

/// Writes each as a file: interviews, and one with reviews.
fn written(folder: &Path, files: &[Vec<usize>]) -> Vec<PathBuf> {
    let write = |(number, said): (usize, &Vec<usize>)| {
        let said = said.iter().map(|line| SAID[*line]);
        let (name, text) = if number == 0 {
            let rows = said.map(|text| format!("\"{text}\"\n"));
            (
                "reviews.csv".to_owned(),
                format!("text\n{}", rows.collect::<String>()),
            )
        } else {
            let turns =
                said.map(|text| format!("Interviewer: And then?\n\nPeer {number}: {text}\n\n"));
            (format!("talk {number}.txt"), turns.collect())
        };
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    files.iter().enumerate().map(write).collect()
}

/// A study of some files, added and grouped in steps, and its report.
pub(super) fn studied(folder: &Path, steps: &[&[PathBuf]], tagger: &RtenTagger) -> (Study, Report) {
    let mut study = Study::create(folder).unwrap();
    let framework = study.framework(None).unwrap().clone();
    for files in steps.iter().filter(|files| !files.is_empty()) {
        let inputs = Inputs {
            arguments: files,
            except: &[],
        };
        let options = study.ingest_options(&[]).unwrap();
        study.add(inputs, &options, &Silent).unwrap();
        study.tag(tagger, &Silent).unwrap();
        study.group(tagger, &framework, &Silent).unwrap();
    }
    let report = study.compose(tagger, &framework, &[], &Silent).unwrap();
    (study, report)
}

/// The report as it is written, its themes without their ids: a theme keeps
/// that of an earlier run, which is all that may tell of earlier runs.
fn without_ids(report: &Report) -> String {
    let mut text = json(report).unwrap();
    let findings = report.stages.iter().flat_map(|stage| &stage.findings);
    for id in findings.map(|finding| &finding.id) {
        text = text.replace(id, "");
    }
    text
}

/// Every quote and label is the slice of its document that the report says.
fn slices(study: &Study, report: &Report) -> Result<(), TestCaseError> {
    let said = claims("report.json", json(report).unwrap().as_bytes());
    for claim in said.unwrap().unwrap().claims {
        let Named::Exactly(name) = &claim.document else {
            return Err(TestCaseError::fail(format!("{:?}", claim.document)));
        };
        let text = study.store.document_text(name).unwrap().unwrap();
        prop_assert_eq!(
            text.get(claim.start..claim.end),
            Some(&*claim.text),
            "{}",
            claim.at
        );
    }
    Ok(())
}

/// Each pain passage is in one theme or in Other.
fn counted_once(report: &Report) -> Result<(), TestCaseError> {
    for stage in &report.stages {
        let primary: usize = stage.findings.iter().map(|one| one.counts.passages).sum();
        prop_assert_eq!(primary + stage.other.passages, stage.pain_passages);
        for finding in &stage.findings {
            let parts = finding.parts.iter().map(|part| part.counts.passages);
            prop_assert!(parts.sum::<usize>() <= finding.counts.passages);
        }
    }
    Ok(())
}

#[test]
fn what_is_said_has_themes() {
    let folder = tempfile::tempdir().unwrap();
    let tagger = RtenTagger::open(Path::new("fast")).unwrap();
    let all: Vec<usize> = (0..SAID.len()).collect();
    let paths = written(folder.path(), &[all.clone(), all]);
    let (_, report) = studied(&folder.path().join("study"), &[&paths], &tagger);
    let findings = report.stages.iter().map(|stage| stage.findings.len());
    assert!(findings.sum::<usize>() > 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 16, ..Default::default() })]

    #[test]
    fn neither_the_order_of_files_nor_the_steps_change_findings(
        (files, order) in files().prop_flat_map(|files| {
            let order = Just((0..files.len()).collect::<Vec<_>>()).prop_shuffle();
            (Just(files), order)
        }),
        first in 0_usize..9,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let tagger = RtenTagger::open(Path::new("fast")).unwrap();
        let paths = written(folder.path(), &files);
        let shuffled: Vec<PathBuf> = order.iter().map(|at| paths[*at].clone()).collect();
        let (first, rest) = shuffled.split_at(first.min(shuffled.len()));
        let once = studied(&folder.path().join("once"), &[&paths], &tagger);
        let steps = studied(&folder.path().join("steps"), &[first, rest], &tagger);
        prop_assert_eq!(without_ids(&once.1), without_ids(&steps.1));
        slices(&once.0, &once.1)?;
        slices(&steps.0, &steps.1)?;
        counted_once(&once.1)?;
    }
}
