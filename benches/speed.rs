//! How fast each room is, on real text.
//!
//! `cargo bench --bench speed -- FILES… [--bare MODEL.onnx]` reads the files,
//! takes their passages, and prints one line of JSON a measure: the median of
//! five runs. Without files it takes the sample study. With `--bare`, a plain
//! int8 export of the same encoder (`models/build/` makes it) is run over the
//! same texts in the same process, in batches of 32 sorted by length, so that
//! tagging can be given as a ratio to it.
#![expect(clippy::print_stdout, reason = "printing is what a benchmark is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails should stop")]

use std::path::PathBuf;
use std::time::Instant;

use rayon::prelude::*;
use rten::{ModelOptions, RunOptions, ThreadPool, ValueView};
use serde_json::json;
use throughline_core::{
    ContentHash, Moment, PassageId, Role, Sentiment, SourceKind, Span, Touchpoint, Vector,
};
use throughline_index::{Index, NoNames, Query, Quote, Sort};
use throughline_nlp::{RtenTagger, TagInput, Tagger};
use throughline_study::plumbing::{PassageRecord, ingest_files};
use throughline_study::{IngestOptions, ThemeParameters};
use throughline_themes::{Item, cluster};
use throughline_vectors::VectorFile;
use tokenizers::Tokenizer;

const RUNS: usize = 5;
/// Passages that are encoded; more would only take longer.
const ENCODED: usize = 2000;
/// Passages that are indexed, made by repeating the texts.
const INDEXED: usize = 50_000;

fn main() {
    let (files, bare) = arguments();
    let mut bytes = 0;
    let mut passages: Vec<PassageRecord> = Vec::new();
    let mut read = || {
        passages.clear();
        let outcome = ingest_files(&files, &IngestOptions::default(), &mut |passage| {
            passages.push(passage.clone());
            Ok(())
        });
        let files = outcome.unwrap().files;
        bytes = files
            .iter()
            .flat_map(|(_, read)| read)
            .map(|summary| summary.bytes)
            .sum();
    };
    let seconds = median(&mut read);
    let first: Vec<&str> = spread(&passages, ENCODED)
        .map(|p| p.text.as_str())
        .collect();
    print(
        "machine",
        json!({ "cores": rayon::current_num_threads(), "processor": processor() }),
    );
    print(
        "texts",
        json!({ "passages": passages.len(), "encoded": first.len(), "words_mean":
            first.iter().map(|text| text.split_whitespace().count()).sum::<usize>() as f64
                / first.len() as f64 }),
    );
    print(
        "ingest",
        json!({ "mb_per_s": bytes as f64 / 1e6 / seconds, "bytes": bytes }),
    );

    let tagger = RtenTagger::embedded().unwrap();
    let vectors = encoding(&tagger, &first, bare);
    searching(&passages, &vectors);
    clustering(&first, &vectors);
}

fn encoding(tagger: &RtenTagger, texts: &[&str], bare: Option<PathBuf>) -> Vec<Vector> {
    let per_s = |seconds: f64| texts.len() as f64 / seconds;
    let tokenizer = tokenizer();
    let tokens = median(&mut || {
        texts
            .par_iter()
            .for_each(|text| drop(tokenizer.encode(*text, true).unwrap()));
    });
    print("tokenise", json!({ "per_s": per_s(tokens) }));

    let alone: Vec<TagInput<'_>> = texts
        .iter()
        .map(|text| TagInput {
            text,
            context: None,
        })
        .collect();
    // A question is asked once and answered in several passages.
    let asked: Vec<TagInput<'_>> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| TagInput {
            text,
            context: texts.get(n / 4).copied(),
        })
        .collect();
    let mut vectors = Vec::new();
    let bare = bare.map(|path| Bare::load(&path, tokenizer.clone()));
    let fast = RtenTagger::open("fast".as_ref()).unwrap();
    // The runs take turns, so that a change of the machine's speed meets all, and
    // ratios are taken between neighbours.
    let mut seconds: [Vec<f64>; 5] = Default::default();
    for _ in 0..RUNS {
        if let Some(bare) = &bare {
            seconds[0].push(timed(&mut || bare.run(texts)));
        }
        seconds[1].push(timed(&mut || vectors = tagger.embed(texts).unwrap()));
        seconds[2].push(timed(&mut || drop(tagger.tag(&alone).unwrap())));
        seconds[3].push(timed(&mut || drop(tagger.tag(&asked).unwrap())));
        seconds[4].push(timed(&mut || drop(fast.tag(&alone).unwrap())));
    }
    let [bare, embed, tag, with_context, fast] = &seconds;
    let ratio = |slow: &[f64], quick: &[f64]| {
        middle(
            slow.iter()
                .zip(quick)
                .map(|(slow, quick)| slow / quick)
                .collect(),
        )
    };
    print(
        "bare loop",
        json!({ "per_s": middle(bare.clone()).map(per_s) }),
    );
    for (name, own) in [
        ("encode", embed),
        ("tag", tag),
        ("tag with context", with_context),
    ] {
        print(
            name,
            json!({ "per_s": middle(own.clone()).map(per_s), "ratio_to_bare_loop": ratio(bare, own) }),
        );
    }
    print(
        "tag, fast model",
        json!({ "per_s": middle(fast.clone()).map(per_s), "ratio_to_default_model": ratio(tag, fast) }),
    );
    vectors
}

/// The encoder without anything of ours around it.
struct Bare {
    model: rten::Model,
    tokenizer: Tokenizer,
}

impl Bare {
    fn load(path: &std::path::Path, tokenizer: Tokenizer) -> Self {
        let model = ModelOptions::default()
            .prepack_weights(true)
            .load_file(path)
            .unwrap();
        Self { model, tokenizer }
    }

    /// Tokenises and encodes: batches of 32 sorted by length, padded to the
    /// longest, one thread a batch.
    fn run(&self, texts: &[&str]) {
        let mut rows: Vec<Vec<i32>> = texts
            .par_iter()
            .map(|text| {
                let ids = self.tokenizer.encode(*text, true).unwrap();
                ids.get_ids()
                    .iter()
                    .take(256)
                    .map(|id| *id as i32)
                    .collect()
            })
            .collect();
        rows.sort_by_key(Vec::len);
        let input = self.model.input_ids()[0];
        let output = self.model.output_ids()[0];
        rows.par_chunks(32).for_each_init(
            || std::sync::Arc::new(ThreadPool::with_num_threads(1)),
            |pool, batch| {
                let length = batch.last().map_or(0, Vec::len);
                let ids: Vec<i32> = batch
                    .iter()
                    .flat_map(|row| {
                        row.iter()
                            .copied()
                            .chain(std::iter::repeat_n(0, length - row.len()))
                    })
                    .collect();
                let view = ValueView::from_shape([batch.len(), length], &ids).unwrap();
                let options = RunOptions::default().with_thread_pool(Some(pool.clone()));
                drop(
                    self.model
                        .run(vec![(input, view.into())], &[output], Some(options))
                        .unwrap(),
                );
            },
        );
    }
}

fn tokenizer() -> Tokenizer {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models/throughline-l6/tokenizer.json");
    let mut tokenizer = Tokenizer::from_file(path).unwrap();
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).unwrap();
    tokenizer
}

fn searching(passages: &[PassageRecord], vectors: &[Vector]) {
    let folder = tempfile::tempdir().unwrap();
    let quotes: Vec<Quote> = (0..INDEXED)
        .map(|n| quote(n, &passages[n % passages.len()]))
        .collect();
    let start = Instant::now();
    let index = Index::create(&folder.path().join("index")).unwrap();
    let mut writer = index
        .writer(64 << 20, rayon::current_num_threads())
        .unwrap();
    for quote in &quotes {
        writer.add(quote).unwrap();
    }
    writer.commit(1).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    print(
        "index",
        json!({ "per_s": INDEXED as f64 / seconds, "passages": INDEXED }),
    );

    let mut times = Vec::new();
    for word in [
        "price",
        "\"customer service\"",
        "room AND clean",
        "pain:true wait*",
        "sentiment:negative app",
    ] {
        let query = Query::parse(word, &NoNames).unwrap();
        for _ in 0..20 {
            times.push(timed(&mut || {
                drop(index.list(&query, Sort::Relevance, 10).unwrap());
            }));
        }
    }
    print(
        "query",
        json!({ "p50_ms": middle(times).map(|s| s * 1e3), "passages": INDEXED }),
    );

    let path = folder.path().join("vectors.tlv");
    let rows = quotes
        .iter()
        .enumerate()
        .map(|(n, q)| (q.id, vectors[n % vectors.len()].clone()));
    VectorFile::write(&path, 1, vectors[0].dimension(), rows).unwrap();
    let file = VectorFile::open(&path).unwrap().unwrap();
    let seconds = median(&mut || drop(file.nearest(&vectors[0], 10, None)));
    print(
        "nearest",
        json!({ "ms": seconds * 1e3, "passages": INDEXED }),
    );
}

fn quote(n: usize, passage: &PassageRecord) -> Quote {
    let hash = ContentHash::of(&n.to_le_bytes());
    Quote {
        id: PassageId::of(
            &passage.doc,
            hash,
            Span {
                start: passage.start,
                end: passage.end,
            },
        ),
        document: format!("{}~{n}", passage.doc),
        kind: SourceKind::Review,
        text: passage.text.clone(),
        speaker: passage.speaker.clone(),
        role: Role::Participant,
        participant: None,
        language: None,
        date: None,
        rating: Some((n % 5 + 1) as f64),
        product: None,
        question: None,
        start: passage.start as u64,
        moment: Moment::ALL[n % Moment::ALL.len()],
        unclear: n.is_multiple_of(17),
        sentiment: Sentiment::ALL[n % Sentiment::ALL.len()],
        pain: n.is_multiple_of(3),
        touchpoint: Touchpoint::ALL[n % Touchpoint::ALL.len()],
    }
}

fn clustering(texts: &[&str], vectors: &[Vector]) {
    let names: Vec<String> = (0..texts.len()).map(|n| n.to_string()).collect();
    let items: Vec<Item<'_>> = texts
        .iter()
        .zip(vectors)
        .zip(&names)
        .map(|((text, vector), name)| {
            let span = Span {
                start: 0,
                end: text.len(),
            };
            let id = PassageId::of(name, ContentHash::of(text.as_bytes()), span);
            Item {
                id,
                text,
                vector,
                document: name,
                participant: None,
            }
        })
        .collect();
    let mut themes = 0;
    let seconds =
        median(&mut || themes = cluster(&items, &ThemeParameters::default()).groups.len());
    print(
        "cluster",
        json!({ "seconds": seconds, "passages": items.len(), "themes": themes }),
    );
}

/// Files named on the command line, and the plain model to compare with.
fn arguments() -> (Vec<PathBuf>, Option<PathBuf>) {
    let mut files = Vec::new();
    let mut bare = None;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--bench" => {}
            "--bare" => bare = words.next().map(PathBuf::from),
            file => files.push(PathBuf::from(file)),
        }
    }
    if files.is_empty() {
        files.push(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpora/peelwick"));
    }
    (files, bare)
}

/// At most `most` passages from all over the texts, always the same.
fn spread(passages: &[PassageRecord], most: usize) -> impl Iterator<Item = &PassageRecord> {
    passages
        .iter()
        .step_by(passages.len().div_ceil(most).max(1))
        .take(most)
}

fn timed(work: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn median(work: &mut dyn FnMut()) -> f64 {
    middle((0..RUNS).map(|_| timed(work)).collect()).unwrap()
}

fn middle(mut seconds: Vec<f64>) -> Option<f64> {
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied()
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = info.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split(": ").nth(1))
        .unwrap_or("unknown")
        .to_owned()
}

fn print(measure: &str, values: serde_json::Value) {
    println!("{}", json!({ "measure": measure, "values": values }));
}
