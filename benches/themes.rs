//! How well themes agree with known topics.
//!
//! `cargo bench --bench themes -- FILE.jsonl…` reads texts with a `text` and a
//! `label` a line (`oos`: belongs to no topic), groups each file whole and in
//! seeded draws of 60 to 300 rows with 5 to 15 topics of Zipf sizes, and prints
//! one line of JSON each: adjusted mutual information (rows in no theme count as
//! one more theme), the error of the number of themes, the share of rows in a
//! theme, and the share of out-of-scope rows in none.
//!
//! Vectors are the built-in model's, or those of `--vectors FOLDER`:
//! `FOLDER/NAME.bin` beside `NAME.jsonl`, signed bytes, one row a text.
//! `--draws N` and `--seed N` say how many draws and which.
#![expect(clippy::print_stdout, reason = "printing is what a benchmark is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails should stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use serde_json::{Value, json};
use throughline_core::{ContentHash, PassageId, Span, Vector};
use throughline_nlp::{RtenTagger, Tagger};
use throughline_stats::SplitMix64;
use throughline_themes::{Item, Parameters, cluster};

/// The label of rows that belong to no topic.
const OUT_OF_SCOPE: &str = "oos";
/// A topic is drawn from only if it has so many rows.
const LEAST_ROWS: usize = 10;

fn main() {
    let arguments = Arguments::read();
    if arguments.files.is_empty() {
        println!("name a file: cargo bench --bench themes -- FILE.jsonl");
    }
    for file in &arguments.files {
        let set = Set::read(file, arguments.vectors.as_deref());
        let all: Vec<usize> = (0..set.texts.len()).collect();
        let start = Instant::now();
        let found = set.score(&all);
        let name = file.file_stem().unwrap().to_string_lossy();
        println!(
            "{}",
            json!({ "set": name, "rows": all.len(), "seconds": start.elapsed().as_secs_f64(),
                "ami": found.ami, "in_theme": found.in_theme, "themes": found.themes,
                "topics": found.topics, "oos_in_none": found.oos_in_none })
        );
        let draws: Vec<Score> = (0..arguments.draws)
            .into_par_iter()
            .map(|number| set.score(&set.draw(arguments.seed * 1000 + number)))
            .collect();
        let mean = |of: &dyn Fn(&Score) -> f64| {
            draws.iter().map(of).sum::<f64>() / draws.len().max(1) as f64
        };
        println!(
            "{}",
            json!({ "set": name, "draws": draws.len(), "seed": arguments.seed,
                "ami": mean(&|s| s.ami), "in_theme": mean(&|s| s.in_theme),
                "error_of_number": mean(&|s| (s.themes as f64 - s.topics as f64).abs()) })
        );
    }
}

struct Arguments {
    files: Vec<PathBuf>,
    vectors: Option<PathBuf>,
    draws: u64,
    seed: u64,
}

impl Arguments {
    fn read() -> Self {
        let mut read = Self {
            files: Vec::new(),
            vectors: None,
            draws: 34,
            seed: 1,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--bench" => {}
                "--vectors" => read.vectors = words.next().map(PathBuf::from),
                "--draws" => read.draws = words.next().unwrap().parse().unwrap(),
                "--seed" => read.seed = words.next().unwrap().parse().unwrap(),
                _ => read.files.push(PathBuf::from(word)),
            }
        }
        read
    }
}

/// Texts with their topics.
struct Set {
    texts: Vec<String>,
    ids: Vec<PassageId>,
    vectors: Vec<Vector>,
    /// Number of each row's topic.
    topics: Vec<usize>,
    out_of_scope: Option<usize>,
}

/// How well some rows were grouped.
struct Score {
    ami: f64,
    in_theme: f64,
    themes: usize,
    topics: usize,
    oos_in_none: Option<f64>,
}

impl Set {
    fn read(file: &Path, vectors: Option<&Path>) -> Self {
        let lines = std::fs::read_to_string(file).unwrap();
        let rows: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let field = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        let texts: Vec<String> = rows.iter().map(|row| field(row, "text")).collect();
        let labels: Vec<String> = rows.iter().map(|row| field(row, "label")).collect();
        let names: BTreeSet<&String> = labels.iter().collect();
        let numbers: BTreeMap<&String, usize> = names.into_iter().zip(0..).collect();
        let id = |(number, text): (usize, &String)| {
            let span = Span::new(0, text.len()).unwrap();
            PassageId::of(&number.to_string(), ContentHash::of(text.as_bytes()), span)
        };
        let given = vectors.map(|folder| {
            let file = folder.join(file.file_stem().unwrap());
            let bytes = std::fs::read(file.with_extension("bin")).unwrap();
            let rows = bytes.chunks(bytes.len() / texts.len());
            let vector = |row: &[u8]| row.iter().map(|byte| *byte as i8).collect();
            rows.map(|row| Vector::from_components(vector(row)))
                .collect()
        });
        Self {
            ids: texts.iter().enumerate().map(id).collect(),
            vectors: given.unwrap_or_else(|| {
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                RtenTagger::embedded().unwrap().embed(&texts).unwrap()
            }),
            topics: labels.iter().map(|label| numbers[label]).collect(),
            out_of_scope: numbers.get(&OUT_OF_SCOPE.to_owned()).copied(),
            texts,
        }
    }

    fn score(&self, rows: &[usize]) -> Score {
        let items: Vec<Item<'_>> = rows
            .iter()
            .map(|row| Item {
                id: self.ids[*row],
                text: &self.texts[*row],
                vector: &self.vectors[*row],
                document: "",
                participant: None,
            })
            .collect();
        let clustering = cluster(&items, &Parameters::default());
        let mut themes = vec![0; rows.len()];
        for (group, number) in clustering.groups.iter().zip(1..) {
            group
                .members
                .iter()
                .for_each(|member| themes[*member] = number);
        }
        let topic = |place: usize| self.topics[rows[place]];
        let (outside, inside): (Vec<usize>, Vec<usize>) =
            (0..rows.len()).partition(|place| Some(topic(*place)) == self.out_of_scope);
        let found: Vec<usize> = inside.iter().map(|place| themes[*place]).collect();
        let known: Vec<usize> = inside.iter().map(|place| topic(*place)).collect();
        let count = |list: &[usize], of: &dyn Fn(&usize) -> bool| {
            list.iter().filter(|one| of(one)).count() as f64 / list.len() as f64
        };
        let distinct = |list: &[usize]| list.iter().collect::<BTreeSet<_>>().len();
        Score {
            ami: adjusted_mutual_information(&found, &known),
            in_theme: count(&found, &|theme| *theme > 0),
            themes: distinct(&found) - usize::from(found.contains(&0)),
            topics: distinct(&known),
            oos_in_none: (!outside.is_empty())
                .then(|| count(&outside, &|place| themes[*place] == 0)),
        }
    }

    /// Rows of some topics, whose sizes fall as 1, 1/2, 1/3, ….
    fn draw(&self, seed: u64) -> Vec<usize> {
        let mut random = SplitMix64::new(seed);
        let mut by_topic: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (row, topic) in self.topics.iter().enumerate() {
            if Some(*topic) != self.out_of_scope {
                by_topic.entry(*topic).or_default().push(row);
            }
        }
        let mut pools: Vec<Vec<usize>> = by_topic.into_values().collect();
        pools.retain(|rows| rows.len() >= LEAST_ROWS);
        let rows = 60 + random.below(241);
        let topics = (5 + random.below(11)).min(pools.len());
        bring_forward(&mut random, &mut pools, topics);
        let whole: f64 = (1..=topics).map(|rank| 1.0 / rank as f64).sum();
        let mut drawn = Vec::new();
        for (pool, rank) in pools.iter_mut().take(topics).zip(1..) {
            let share = rows as f64 / whole / f64::from(rank);
            let count = (share.round() as usize).clamp(3, pool.len());
            bring_forward(&mut random, pool, count);
            drawn.extend_from_slice(&pool[..count]);
        }
        drawn
    }
}

/// Brings `count` of a list to its front, drawn without return.
fn bring_forward<T>(random: &mut SplitMix64, list: &mut [T], count: usize) {
    for place in 0..count {
        let other = place + random.below(list.len() - place);
        list.swap(place, other);
    }
}

/// Mutual information, corrected for what two groupings of such sizes share by
/// chance and divided by its largest value (arithmetic mean of the entropies).
///
/// Source: N. X. Vinh, J. Epps and J. Bailey, Journal of Machine Learning
/// Research 11 (2010) 2837–2854.
fn adjusted_mutual_information(one: &[usize], other: &[usize]) -> f64 {
    let n = one.len();
    let total = n as f64;
    let sizes = |list: &[usize]| {
        let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
        list.iter()
            .for_each(|group| *sizes.entry(*group).or_default() += 1);
        sizes
    };
    let (a, b) = (sizes(one), sizes(other));
    let mut both: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for pair in one.iter().copied().zip(other.iter().copied()) {
        *both.entry(pair).or_default() += 1;
    }
    let entropy = |sizes: &BTreeMap<usize, usize>| -> f64 {
        let shares = sizes.values().map(|size| *size as f64 / total);
        -shares.map(|share| share * share.ln()).sum::<f64>()
    };
    let term = |cell: usize, x: usize, y: usize| {
        let cell = cell as f64;
        cell / total * (total * cell / (x as f64 * y as f64)).ln()
    };
    let mutual: f64 = both
        .iter()
        .map(|((x, y), cell)| term(*cell, a[x], b[y]))
        .sum();
    let mut logs = vec![0.0; n + 1];
    for k in 1..=n {
        logs[k] = logs[k - 1] + (k as f64).ln();
    }
    // Groups of equal size expect the same.
    let kinds = |sizes: &BTreeMap<usize, usize>| {
        let mut kinds: BTreeMap<usize, usize> = BTreeMap::new();
        sizes
            .values()
            .for_each(|size| *kinds.entry(*size).or_default() += 1);
        kinds
    };
    let (kinds_a, kinds_b) = (kinds(&a), kinds(&b));
    let mut expected = 0.0;
    for (x, x_times) in &kinds_a {
        for (y, y_times) in &kinds_b {
            let cells = (x + y).saturating_sub(n).max(1)..=*x.min(y);
            let sum: f64 = cells
                .map(|cell| {
                    let chance = logs[*x] + logs[*y] + logs[n - x] + logs[n - y]
                        - logs[n]
                        - logs[cell]
                        - logs[x - cell]
                        - logs[y - cell]
                        - logs[n + cell - x - y];
                    term(cell, *x, *y) * chance.exp()
                })
                .sum();
            expected += sum * (x_times * y_times) as f64;
        }
    }
    let largest = f64::midpoint(entropy(&a), entropy(&b));
    (mutual - expected) / (largest - expected)
}
