//! Search at the scale of a million passages: how long queries, opening and
//! indexing take, how large index and vectors are, and what is missed.
//!
//! `cargo bench --bench search -- [--passages N] [--encoded N] [--keep FOLDER] FILE…`
//! takes the passages of the files (the sample study without any), encodes some of
//! them with the model, and makes a study of as many as are asked for: texts with
//! words exchanged, vectors of the real passages with noise, tags by chance, all by
//! seed. It then indexes the study, opens it, and searches it by words and meaning
//! under two conditions. With `--keep` the vectors and the study stay for the next
//! time; with `--indexed` besides, so do index and vectors. Each measure is a line of
//! JSON.
#![expect(clippy::print_stdout, reason = "printing is what a benchmark is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails should stop")]

#[path = "support/memory.rs"]
mod memory;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use serde_json::json;
use throughline_core::{
    ContentHash, Moment, PassageId, PlaceSet, Scored, Sentiment, Tagged, Tags, Touchpoint, Vector,
};
use throughline_nlp::{Distributions, ModelInfo, NlpError, RtenTagger, TagInput, Tagger};
use throughline_stats::SplitMix64;
use throughline_study::plumbing::ingest_files;
use throughline_study::{IngestOptions, Inputs, PageRequest, Silent, Sort, Start, Study};
use throughline_vectors::VectorFile;

const SEED: u64 = 20_261_122;
/// Queries that are timed, and those that come before to warm up.
const QUERIES: usize = 400;
const WARMING: usize = 40;
/// Noise beside each component, as a share of their root mean square: a passage's
/// cosine to the one it was made from is then about .86.
const NOISE: f32 = 0.6;
/// Products that are named.
const PRODUCTS: usize = 200;

struct Arguments {
    files: Vec<PathBuf>,
    passages: usize,
    encoded: usize,
    keep: Option<PathBuf>,
    indexed: bool,
}

fn main() {
    let arguments = arguments();
    let temporary = tempfile::tempdir().unwrap();
    let keep = arguments.keep.as_deref().unwrap_or(temporary.path());
    let tagger = RtenTagger::embedded().unwrap();
    let texts = texts(&arguments.files);
    let vectors = real_vectors(&texts, arguments.encoded, &tagger, &keep.join("real.tlv"));
    recall("real passages", &vectors);
    let tagger = StandIn { tagger, vectors };
    let folder = keep.join(format!("study-{}", arguments.passages));
    if !folder.exists() {
        make_study(&folder, &texts, arguments.passages, &tagger);
    }
    if !(arguments.indexed && folder.join("index").exists()) {
        print("bytes", indexing(&folder, &tagger));
    }
    let study = opening(&folder, &tagger, &texts);
    let vectors = folder.join("vectors/vectors.tlv");
    recall(
        "vectors with noise",
        &VectorFile::open(&vectors).unwrap().unwrap(),
    );
    for conditions in [2, 0] {
        searching(&study, &tagger, &texts, conditions);
    }
}

fn arguments() -> Arguments {
    let mut arguments = Arguments {
        files: Vec::new(),
        passages: 1_000_000,
        encoded: 4_000,
        keep: None,
        indexed: false,
    };
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap();
        match word.as_str() {
            "--passages" => arguments.passages = value().parse().unwrap(),
            "--encoded" => arguments.encoded = value().parse().unwrap(),
            "--indexed" => arguments.indexed = true,
            "--keep" => arguments.keep = Some(PathBuf::from(value())),
            file => arguments.files.push(PathBuf::from(file)),
        }
    }
    if arguments.files.is_empty() {
        let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpora/peelwick");
        arguments.files.push(sample);
    }
    arguments
}

/// The passages of the files, each text once.
fn texts(files: &[PathBuf]) -> Vec<String> {
    let mut texts = Vec::new();
    let outcome = ingest_files(files, &IngestOptions::default(), &mut |passage| {
        texts.push(passage.text.clone());
        Ok(())
    });
    outcome.unwrap();
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// Vectors of at most `most` of the texts, from all over them: those in the file, or
/// else made and kept there.
fn real_vectors(texts: &[String], most: usize, tagger: &RtenTagger, path: &Path) -> VectorFile {
    if let Ok(Some(kept)) = VectorFile::open(path) {
        return kept;
    }
    let step = texts.len().div_ceil(most).max(1);
    let some: Vec<&str> = texts.iter().step_by(step).map(String::as_str).collect();
    let start = Instant::now();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let ids = (0_u128..).map(|n| PassageId::from_bytes(n.to_be_bytes()));
    let vectors = ids.zip(tagger.embed(&some).unwrap());
    VectorFile::write(path, 1, tagger.model().dimension, vectors).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    print(
        "encoding",
        json!({ "passages": some.len(), "seconds": seconds }),
    );
    VectorFile::open(path).unwrap().unwrap()
}

/// Tags by chance and vectors of real passages with noise, both by the text's hash;
/// what is searched for is encoded by the model.
struct StandIn {
    tagger: RtenTagger,
    vectors: VectorFile,
}

impl Tagger for StandIn {
    fn model(&self) -> &ModelInfo {
        self.tagger.model()
    }

    fn tag(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Tagged>, NlpError> {
        Ok(inputs
            .par_iter()
            .map(|input| self.drawn(input.text))
            .collect())
    }

    fn distributions(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Distributions>, NlpError> {
        let tags = |input: &TagInput<'_>| Distributions::of(&self.drawn(input.text).tags);
        Ok(inputs.par_iter().map(tags).collect())
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, NlpError> {
        self.tagger.embed(texts)
    }
}

impl StandIn {
    fn drawn(&self, text: &str) -> Tagged {
        let hash = ContentHash::of(text.as_bytes());
        let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
        let mut chance = SplitMix64::new(u64::from_le_bytes([a, b, c, d, e, f, g, h]));
        let row = self.vectors.row(chance.below(self.vectors.len())).unwrap();
        let squares: f32 = row.iter().map(|c| f32::from(*c).powi(2)).sum();
        // A byte by chance is some 74 away from the middle.
        let noise = NOISE * (squares / row.len() as f32).sqrt() / 74.0;
        let mut bytes = std::iter::from_fn(|| Some(chance.next_u64().to_le_bytes())).flatten();
        let components = row.iter().map(|component| {
            let byte = bytes.next().unwrap();
            f32::from(*component) + noise * (f32::from(byte) - 127.5)
        });
        let vector = Vector::quantise(&components.collect::<Vec<_>>());
        let mut below = |bound: u8| usize::from(bytes.next().unwrap() % bound);
        Tagged {
            tags: Tags {
                moment: scored(Moment::ALL[below(11)]),
                unclear: below(10) == 0,
                sentiment: scored(Sentiment::ALL[below(4)]),
                valence: 0.0,
                pain: scored(below(3) == 0),
                touchpoint: scored(Touchpoint::ALL[below(13)]),
            },
            vector,
        }
    }
}

fn scored<L>(label: L) -> Scored<L> {
    Scored {
        label,
        confidence: 0.8,
    }
}

/// A study of one table with as many rows, each made of one of `texts` with a third
/// of its words exchanged for others.
fn make_study(folder: &Path, texts: &[String], passages: usize, tagger: &StandIn) {
    let start = Instant::now();
    let mut chance = SplitMix64::new(SEED);
    let words: Vec<Vec<&str>> = texts
        .iter()
        .map(|t| t.split_whitespace().collect())
        .collect();
    let mut table = String::from("id,date,rating,product,text\n");
    for n in 0..passages {
        let (day, month, year) = (chance.below(28) + 1, chance.below(12) + 1, chance.below(3));
        let (rating, product) = (chance.below(5) + 1, chance.below(PRODUCTS));
        let _ = write!(
            table,
            "{n},{}-{month:02}-{day:02},{rating},Model {product},\"",
            2023 + year
        );
        for word in &words[chance.below(words.len())] {
            let other = &words[chance.below(words.len())];
            let exchanged = chance.below(3) == 0 && !other.is_empty();
            let word = if exchanged {
                other[chance.below(other.len())]
            } else {
                word
            };
            let _ = write!(table, "{} ", word.replace('"', ""));
        }
        table.push_str("\"\n");
    }
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    fs::write(file.path(), &table).unwrap();
    let mut study = Study::create(folder).unwrap();
    let options = study.ingest_options(&[]).unwrap();
    let inputs = Inputs {
        arguments: &[file.path().to_owned()],
        except: &[],
    };
    study.add(inputs, &options, &Silent).unwrap();
    study.tag(tagger, &Silent).unwrap();
    study.close().unwrap();
    print(
        "making the study",
        json!({ "seconds": start.elapsed().as_secs_f64() }),
    );
}

/// Builds index and vectors anew; gives what they take.
fn indexing(folder: &Path, tagger: &StandIn) -> serde_json::Value {
    for cache in ["index", "vectors"] {
        let _ = fs::remove_dir_all(folder.join(cache));
    }
    let study = Study::open(folder).unwrap();
    let passages = study.store().counts().unwrap().passages;
    forget_peak();
    let before = memory::mb("VmRSS:");
    let mut times = Times::default();
    times.take(|| study.prepare_search(tagger, &Silent).unwrap());
    let seconds = times.clock[0] / 1e3;
    let mut text = 0_u64;
    let all = study.store().each_passage(None, &mut |row| {
        text += row.text.len() as u64;
        ControlFlow::Continue(())
    });
    all.unwrap();
    print(
        "indexing",
        json!({
            "passages": passages,
            "seconds": seconds,
            "seconds_at_work": times.work.first().map(|ms| ms / 1e3),
            "per_s": passages as f64 / seconds,
            "mb_before": before,
            "mb_peak": memory::mb("VmHWM:"),
            "setting_mb": study.config().index.bytes() / 1_000_000,
        }),
    );
    let (index, vectors) = (bytes(&folder.join("index")), bytes(&folder.join("vectors")));
    json!({
        "text": text,
        "index": index,
        "index_to_text": index as f64 / text as f64,
        "vectors": vectors,
        "by_ending": by_ending(&folder.join("index")),
    })
}

fn bytes(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).unwrap();
    files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum()
}

fn by_ending(folder: &Path) -> BTreeMap<String, u64> {
    let mut sizes = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        let ending = file
            .path()
            .extension()
            .map(|e| e.to_string_lossy().into_owned());
        *sizes.entry(ending.unwrap_or_default()).or_default() += file.metadata().unwrap().len();
    }
    sizes
}

/// Opens the study as a new process does, and searches once.
fn opening(folder: &Path, tagger: &StandIn, texts: &[String]) -> Study {
    let (mut open, mut first) = (Times::default(), Times::default());
    let mut study = None;
    for query in queries(texts, 2, 5) {
        drop(study.take());
        let opened = open.take(|| {
            let opened = Study::open_read(folder).unwrap();
            opened.prepare_search(tagger, &Silent).unwrap();
            opened
        });
        first.take(|| search(&opened, tagger, &query));
        study = Some(opened);
    }
    print(
        "opening",
        json!({ "open": open.shares(), "first_search": first.shares() }),
    );
    study.unwrap()
}

fn searching(study: &Study, tagger: &StandIn, texts: &[String], conditions: usize) {
    let queries = queries(texts, conditions, WARMING + QUERIES);
    let mut found = 0;
    let (mut all, mut encoding) = (Times::default(), Times::default());
    for (n, query) in queries.iter().enumerate() {
        if n < WARMING {
            search(study, tagger, query);
            continue;
        }
        found += all.take(|| search(study, tagger, query));
        encoding.take(|| tagger.embed(&[query.as_str()]).unwrap());
    }
    print(
        "searching",
        json!({
            "conditions": conditions,
            "queries": QUERIES,
            "found_mean": found / QUERIES as u64,
            "search": all.shares(),
            "of_it_encoding_the_query": encoding.shares(),
            "cores": rayon::current_num_threads(),
        }),
    );
}

/// The first page, as a user gets it.
fn search(study: &Study, tagger: &StandIn, query: &str) -> u64 {
    let framework = study.framework(None).unwrap();
    let search = study.search(query, tagger, framework).unwrap();
    let page = search.page(&PageRequest {
        limit: 10,
        start: Start::Offset(0),
        sort: Sort::Relevance,
        context: None,
    });
    page.unwrap().total
}

/// Two to five words in a row of a passage, under so many conditions.
fn queries(texts: &[String], conditions: usize, many: usize) -> Vec<String> {
    let mut chance = SplitMix64::new(SEED + 1);
    let mut queries = Vec::new();
    while queries.len() < many {
        let text = &texts[chance.below(texts.len())];
        let words: Vec<&str> = text.split_whitespace().collect();
        let length = 2 + chance.below(4);
        if words.len() < length {
            continue;
        }
        let from = chance.below(words.len() - length + 1);
        let is_word = |c: char| c.is_alphabetic() || c.is_whitespace();
        let said: String = words[from..from + length].join(" ");
        let said: String = said
            .to_lowercase()
            .chars()
            .filter(|c| is_word(*c))
            .collect();
        if said.split_whitespace().count() < length {
            continue;
        }
        let month = 1 + chance.below(12);
        let mut all = [
            format!("sentiment:{}", Sentiment::ALL[chance.below(4)]),
            format!("rating:<={}", 1 + chance.below(4)),
            format!("pain:{}", ["yes", "no"][chance.below(2)]),
            format!("moment:{}", Moment::ALL[chance.below(11)]),
            format!("date:>=2024-{month:02}"),
            format!("touchpoint:{}", Touchpoint::ALL[chance.below(13)]),
        ];
        chance.shuffle(&mut all);
        let conditions = all[..conditions].join(" ");
        queries.push(format!("{said} {conditions}").trim().to_owned());
    }
    queries
}

/// Of the ten nearest by comparing all, how many a search finds: among all, and
/// among two thirds and a fifth of them by chance.
fn recall(what: &str, file: &VectorFile) {
    if file.len() <= VectorFile::COMPARED_EXACTLY {
        return;
    }
    let mut chance = SplitMix64::new(SEED + 2);
    let asked: Vec<Vector> = (0..200)
        .map(|_| Vector::from_components(file.row(chance.below(file.len())).unwrap().into()))
        .collect();
    for (name, share) in [("all", 1.0), ("two thirds", 2.0 / 3.0), ("a fifth", 0.2)] {
        let mut within = PlaceSet::new(file.len());
        for position in 0..file.len() {
            if (chance.next_u64() as f64) < share * u64::MAX as f64 {
                within.insert(position);
            }
        }
        let mut found = 0;
        let mut times = Times::default();
        for query in &asked {
            let cosines = file.cosines(query);
            let mut exact: Vec<usize> = within.within(0..file.len()).collect();
            let nearer = |a: &usize, b: &usize| cosines[*b].total_cmp(&cosines[*a]).then(a.cmp(b));
            exact.select_nth_unstable_by(10, nearer);
            let near = times.take(|| file.nearest(query, 10, Some(&within)));
            found += near
                .iter()
                .filter(|near| exact[..10].contains(&near.position))
                .count();
        }
        print(
            "recall at 10",
            json!({
                "vectors": what, "among": name, "passages": within.len(),
                "recall": found as f64 / (asked.len() * 10) as f64,
                "nearest": times.shares(),
            }),
        );
    }
}

/// Milliseconds by the clock, and those that all threads have been at work for,
/// where the system says so: on a machine that does other work as well, the second
/// is what a search costs.
#[derive(Default)]
struct Times {
    clock: Vec<f64>,
    work: Vec<f64>,
}

impl Times {
    fn take<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let (start, before) = (Instant::now(), at_work());
        let done = work();
        self.clock.push(start.elapsed().as_secs_f64() * 1e3);
        self.work
            .extend(before.zip(at_work()).map(|(before, after)| after - before));
        done
    }

    fn shares(&mut self) -> serde_json::Value {
        let of = |values: &mut Vec<f64>| {
            values.sort_by(f64::total_cmp);
            let at = |share: usize| values.get(values.len().saturating_sub(1) * share / 100);
            json!({ "p50": at(50), "p90": at(90), "p99": at(99), "most": at(100) })
        };
        json!({ "ms": of(&mut self.clock), "ms_at_work": of(&mut self.work) })
    }
}

/// Milliseconds that the threads of this process have been at work.
fn at_work() -> Option<f64> {
    let threads = fs::read_dir("/proc/self/task").ok()?;
    let of_thread = |thread: std::io::Result<fs::DirEntry>| {
        let times = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        times.split(' ').next()?.parse::<f64>().ok()
    };
    threads
        .map(of_thread)
        .sum::<Option<f64>>()
        .map(|ns| ns / 1e6)
}

/// Begins to look for the most memory anew, where the system can.
fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

fn print(measure: &str, values: serde_json::Value) {
    println!("{}", json!({ "measure": measure, "values": values }));
}
