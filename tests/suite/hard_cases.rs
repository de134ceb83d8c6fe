//! Passages that are easy to misread, under the name of what makes them so, and
//! the share of them that the model that ships reads right.
//!
//! `tests/hard-cases/README.md` says what the phenomena and the two halves are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use throughline_core::{Moment, Sentiment, Tags, Touchpoint};
use throughline_nlp::{RtenTagger, TagInput, Tagger};

use crate::support::root;

/// How far the open half may fall under the kept share, in points.
const TOLERANCE: f64 = 1.0;

/// Fewer cases than this are no suite.
const FEWEST: usize = 250;

/// The two halves, by the names of their folders.
const HALVES: [&str; 2] = ["open", "sealed"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    text: String,
    context: Option<String>,
    expect: Expected,
}

/// The tags that a case is about; the others may be anything.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    moment: Option<Moment>,
    sentiment: Option<Sentiment>,
    pain: Option<bool>,
    touchpoint: Option<Touchpoint>,
}

impl Expected {
    /// Each tag that is expected, and whether it is there.
    fn held_against(&self, tags: &Tags) -> impl Iterator<Item = (&'static str, bool)> + use<> {
        [
            ("moment", self.moment.map(|it| it == tags.moment.label)),
            (
                "sentiment",
                self.sentiment.map(|it| it == tags.sentiment.label),
            ),
            ("pain", self.pain.map(|it| it == tags.pain.label)),
            (
                "touchpoint",
                self.touchpoint.map(|it| it == tags.touchpoint.label),
            ),
        ]
        .into_iter()
        .filter_map(|(tag, right)| Some((tag, right?)))
    }
}

/// How many of some expected tags are right.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Share {
    right: u32,
    of: u32,
}

impl Share {
    fn count(&mut self, right: bool) {
        self.right += u32::from(right);
        self.of += 1;
    }

    fn points(self) -> f64 {
        100.0 * f64::from(self.right) / f64::from(self.of.max(1))
    }
}

/// What a model does with one half.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Half {
    overall: Share,
    tags: BTreeMap<String, Share>,
    phenomena: BTreeMap<String, BTreeMap<String, Share>>,
}

/// What is kept of the model that ships.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Baseline {
    model: String,
    halves: BTreeMap<String, Half>,
}

fn folder() -> PathBuf {
    root().join("tests/hard-cases")
}

/// The cases of a half, by phenomenon.
fn cases(half: &str) -> BTreeMap<String, Vec<Case>> {
    let mut phenomena = BTreeMap::new();
    for entry in std::fs::read_dir(folder().join(half)).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(path.extension().unwrap(), "jsonl", "{}", path.display());
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let lines = std::fs::read_to_string(&path).unwrap();
        let rows = lines.lines().enumerate().map(|(number, line)| {
            serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{}:{}: {error}", path.display(), number + 1))
        });
        phenomena.insert(name, rows.collect());
    }
    phenomena
}

/// Tags the cases of both halves in one go.
fn measured(tagger: &RtenTagger) -> BTreeMap<String, Half> {
    let halves = HALVES.map(|half| (half.to_owned(), cases(half)));
    let rows = halves.iter().flat_map(|(_, phenomena)| phenomena.values());
    let inputs: Vec<TagInput<'_>> = rows
        .flatten()
        .map(|case| TagInput {
            text: &case.text,
            context: case.context.as_deref(),
        })
        .collect();
    let mut tagged = tagger.tag(&inputs).unwrap().into_iter();
    let mut measured: BTreeMap<String, Half> = BTreeMap::new();
    for (name, phenomena) in &halves {
        let half = measured.entry(name.clone()).or_default();
        for (phenomenon, rows) in phenomena {
            let shares = half.phenomena.entry(phenomenon.clone()).or_default();
            for case in rows {
                let tags = tagged.next().unwrap().tags;
                for (tag, right) in case.expect.held_against(&tags) {
                    half.overall.count(right);
                    half.tags.entry(tag.into()).or_default().count(right);
                    shares.entry(tag.into()).or_default().count(right);
                }
            }
        }
    }
    measured
}

/// A line for each phenomenon: the share that is right and, for the columns
/// asked for, the counts of a tag.
fn table(half: &Half, columns: &[&str]) -> String {
    let everything = "everything".to_owned();
    let rows = half.phenomena.iter().chain([(&everything, &half.tags)]);
    let lines = rows.map(|(name, shares)| {
        let mut all = Share::default();
        for share in shares.values() {
            all.right += share.right;
            all.of += share.of;
        }
        let counts = columns.iter().map(|tag| match shares.get(*tag) {
            Some(share) => format!("   {tag} {}/{}", share.right, share.of),
            None => String::new(),
        });
        let counts: String = counts.collect();
        format!("  {name:<24}{:>6.1} %{counts}\n", all.points())
    });
    lines.collect()
}

#[test]
fn they_are_well_formed_and_in_two_halves() {
    let [open, sealed] = HALVES.map(cases);
    assert!(open.keys().eq(sealed.keys()), "a phenomenon has two halves");
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let (mut ids, mut inputs) = (BTreeSet::new(), BTreeSet::new());
    for (phenomenon, rows) in open.iter().chain(&sealed) {
        assert!(
            readme.contains(&format!("| `{phenomenon}` |")),
            "{phenomenon} is not in the table of phenomena"
        );
        for case in rows {
            let id = &case.id;
            assert!(id.starts_with(phenomenon), "{id} is not of {phenomenon}");
            assert!(ids.insert(id), "{id} is there twice");
            let expect = &case.expect;
            let about = [
                expect.moment.is_some(),
                expect.sentiment.is_some(),
                expect.pain.is_some(),
                expect.touchpoint.is_some(),
            ];
            assert!(about.contains(&true), "{id} expects nothing");
            assert!(!case.text.trim().is_empty(), "{id} has no text");
            assert!(inputs.insert((&case.text, &case.context)), "{id} repeats");
        }
    }
    assert!(ids.len() >= FEWEST, "{} cases", ids.len());
    for half in [&open, &sealed] {
        let rows: usize = half.values().map(Vec::len).sum();
        assert!(3 * rows >= ids.len(), "the halves are not halves");
    }
}

/// The sealed half is kept and printed as shares, and never fails: what cannot
/// be looked at cannot be mended.
#[test]
fn the_model_reads_the_open_half_as_well_as_it_did() {
    let tagger = RtenTagger::embedded().unwrap();
    let model = tagger.model();
    let now = Baseline {
        model: format!("{} {}", model.name, model.version),
        halves: measured(&tagger),
    };
    let file = folder().join("baseline.json");
    if std::env::var_os("UPDATE_HARD_CASES").is_some() {
        let text = serde_json::to_string_pretty(&now).unwrap();
        std::fs::write(&file, text + "\n").unwrap();
    }
    let kept: Baseline = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    for (name, half) in &now.halves {
        let points = half.overall.points();
        let before = kept.halves[name].overall.points();
        let columns: &[&str] = match name.as_str() {
            "open" => &["moment", "sentiment", "pain", "touchpoint"],
            _ => &[],
        };
        let table = table(half, columns);
        eprintln!("{name}: {points:.1} % right, kept {before:.1} %\n{table}");
    }
    let points = now.halves["open"].overall.points();
    let before = kept.halves["open"].overall.points();
    assert!(
        points >= before - TOLERANCE,
        "{points:.1} % of the open half are right, {before:.1} % were with {}",
        kept.model
    );
}
