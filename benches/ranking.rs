//! How good the order of search results is, on collections with judgements.
//!
//! `cargo bench --bench ranking -- FOLDER… [--keep STUDIES]`: each folder holds
//! `data.jsonl` (`id`, `text`), `queries.jsonl` (`id`, `text`) and `qrels.tsv`
//! (query, document, grade; a grade of 0 or less is not relevant). For words,
//! meaning and both it prints nDCG@10 (gain = grade, discount = log₂(rank + 1))
//! over the queries that have a relevant document, and for both how much that is
//! above each single order, with a bootstrap interval over queries. Then it chooses
//! the weight of the words again by cross-validation: on four fifths of the queries
//! of all collections, for the fifth that is left. With `--keep` the tagged studies
//! stay in that folder for the next time.
#![expect(clippy::print_stdout, reason = "printing is what a benchmark is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails should stop")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::json;
use throughline_nlp::RtenTagger;
use throughline_stats::{Bootstrap, clustered_mean};
use throughline_study::{BatchRecord, Inputs, Ranking, Silent, Study};

/// How far down a list its order counts.
const DEPTH: usize = 10;
/// Parts of the queries, each of which is left out once.
const FOLDS: usize = 5;
/// Weights of the words, in hundredths, that are tried.
const WEIGHTS: std::ops::RangeInclusive<usize> = 30..=80;
const STEP: usize = 5;

#[derive(Deserialize)]
struct Question {
    id: String,
    text: String,
}

/// Query → document → grade.
type Judgements = BTreeMap<String, BTreeMap<String, f64>>;

/// Query → nDCG.
type Scores = BTreeMap<String, f64>;

/// What was measured on one collection.
struct Measured {
    name: String,
    hybrid: Scores,
    words: Scores,
    meaning: Scores,
    /// For each of the weights that are tried.
    weighted: Vec<Scores>,
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|word| word != "--bench");
    let temporary = tempfile::tempdir().unwrap();
    let (mut folders, mut keep) = (Vec::new(), temporary.path().to_owned());
    while let Some(word) = arguments.next() {
        match word.as_str() {
            "--keep" => keep = PathBuf::from(arguments.next().unwrap()),
            _ => folders.push(PathBuf::from(word)),
        }
    }
    if folders.is_empty() {
        println!("name a collection: cargo bench --bench ranking -- FOLDER");
    }
    let measured = folders.iter().map(|folder| {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let measured = measure(&name, folder, &keep.join(&name));
        let mut line = json!({ "collection": name });
        compare(&mut line, "hybrid", &measured.hybrid, &measured);
        println!("{line}");
        measured
    });
    let measured: Vec<Measured> = measured.collect();
    if !measured.is_empty() {
        cross_validate(&measured);
    }
}

fn measure(name: &str, folder: &Path, study: &Path) -> Measured {
    let tagger = RtenTagger::embedded().unwrap();
    let mut study = Study::open_or_create(study).unwrap();
    let options = study.ingest_options(&[]).unwrap();
    let inputs = Inputs {
        arguments: &[folder.join("data.jsonl")],
        except: &[],
    };
    study.add(inputs, &options, &Silent).unwrap();
    study.tag(&tagger, &Silent).unwrap();
    study.prepare_search(&tagger, &Silent).unwrap();

    let judgements = judgements(&folder.join("qrels.tsv"));
    let queries = fs::read_to_string(folder.join("queries.jsonl")).unwrap();
    let mut lines = String::new();
    for line in queries.lines().filter(|line| !line.trim().is_empty()) {
        let question: Question = serde_json::from_str(line).unwrap();
        if judgements.contains_key(&question.id) {
            let line = json!({ "id": question.id, "query": question.text });
            lines.push_str(&format!("{line}\n"));
        }
    }
    let score = |ranking| {
        let mut answers = Vec::new();
        study
            .search_batch(
                &tagger,
                study.framework(None).unwrap(),
                (ranking, DEPTH),
                &mut lines.as_bytes(),
                &mut answers,
            )
            .unwrap();
        scores(&String::from_utf8(answers).unwrap(), &judgements)
    };
    let weights = WEIGHTS.step_by(STEP);
    Measured {
        name: name.to_owned(),
        hybrid: score(Ranking::HYBRID),
        words: score(Ranking::WORDS),
        meaning: score(Ranking::MEANING),
        weighted: weights
            .map(|hundredths| score(Ranking::weighted(hundredths as f32 / 100.0)))
            .collect(),
    }
}

/// Adds to `line` what some scores come to, and what they are above others.
fn compare(line: &mut serde_json::Value, name: &str, scores: &Scores, measured: &Measured) {
    line["queries"] = json!(scores.len());
    line[name] = json!(mean(scores));
    let others = [
        ("hybrid", &measured.hybrid),
        ("words", &measured.words),
        ("meaning", &measured.meaning),
    ];
    for (other, single) in others.into_iter().filter(|(other, _)| *other != name) {
        let gains: Vec<(&str, f64)> = scores
            .iter()
            .map(|(query, score)| (query.as_str(), score - single[query]))
            .collect();
        let gain = clustered_mean(&gains, Bootstrap::default()).unwrap();
        line[other] = json!(mean(single));
        line[format!("{name} − {other}")] = json!(gain.value);
        line[format!("{name} − {other}, 95 %")] = json!(gain.interval.map(|i| [i.low, i.high]));
    }
}

/// Chooses the weight on the queries outside each fold, by the mean of the
/// collections' means, and looks at what it does within.
fn cross_validate(all: &[Measured]) {
    let weights: Vec<usize> = WEIGHTS.step_by(STEP).collect();
    let in_fold = |number: usize, fold: usize| number % FOLDS == fold;
    let mut left_out: Vec<Scores> = vec![Scores::new(); all.len()];
    let mut chosen = Vec::new();
    for fold in 0..FOLDS {
        let of_weight = |weight: usize| {
            let means = all.iter().map(|one| {
                let numbered = one.weighted[weight].values().enumerate();
                let others = numbered.filter(|(number, _)| !in_fold(*number, fold));
                let (sum, queries) = others.fold((0.0, 0), |(s, n), (_, score)| (s + score, n + 1));
                sum / f64::from(queries)
            });
            means.sum::<f64>()
        };
        // Of equals the least.
        let best = (0..weights.len()).rev();
        let best = best.max_by(|a, b| of_weight(*a).total_cmp(&of_weight(*b)));
        let best = best.unwrap();
        chosen.push(weights[best]);
        for (one, left_out) in all.iter().zip(&mut left_out) {
            let numbered = one.weighted[best].iter().enumerate();
            let within = numbered.filter(|(number, _)| in_fold(*number, fold));
            left_out.extend(within.map(|(_, (query, score))| (query.clone(), *score)));
        }
    }
    println!(
        "{}",
        json!({ "weight of the words, in hundredths, by fold": chosen })
    );
    for (one, scores) in all.iter().zip(&left_out) {
        let by_weight = weights.iter().zip(&one.weighted);
        let by_weight: BTreeMap<String, f64> = by_weight
            .map(|(weight, scores)| (weight.to_string(), mean(scores)))
            .collect();
        let mut line = json!({ "collection": one.name, "by weight": by_weight });
        compare(&mut line, "left out", scores, one);
        println!("{line}");
    }
}

fn judgements(path: &Path) -> Judgements {
    let mut judgements = Judgements::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [query, document, grade] = words.as_slice() else {
            continue;
        };
        let grade: f64 = grade.parse().unwrap();
        if grade > 0.0 {
            let of_query = judgements.entry((*query).to_owned()).or_default();
            of_query.insert((*document).to_owned(), grade);
        }
    }
    judgements
}

/// nDCG of each query.
fn scores(answers: &str, judgements: &Judgements) -> Scores {
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in answers.lines() {
        let record: BatchRecord = serde_json::from_str(line).unwrap();
        let row = record.doc.split_once('#').map_or("", |(_, row)| row);
        let query = record.query_id.as_str().unwrap().to_owned();
        lists.entry(query).or_default().push(row.to_owned());
    }
    let of_query = judgements.iter().map(|(query, grades)| {
        let list = lists.get(query).map(Vec::as_slice).unwrap_or_default();
        let found = list
            .iter()
            .map(|row| grades.get(row).copied().unwrap_or(0.0));
        let mut best: Vec<f64> = grades.values().copied().collect();
        best.sort_by(|a, b| b.total_cmp(a));
        (query.clone(), gain(found) / gain(best.into_iter()))
    });
    of_query.collect()
}

fn gain(grades: impl Iterator<Item = f64>) -> f64 {
    let ranked = (2..).zip(grades.take(DEPTH));
    ranked
        .map(|(next, grade)| grade / f64::from(next).log2())
        .sum()
}

fn mean(scores: &Scores) -> f64 {
    scores.values().sum::<f64>() / scores.len() as f64
}
