//! How long themes take by the number of passages: found, named by what the
//! model reads, and in how much memory.
//!
//! `cargo bench --bench grouping -- FILE.jsonl…` takes real passages (`text` a
//! line) and makes as many as are asked for out of them, by seed: the vector is
//! a real passage's with noise on it, the words are its own with some exchanged
//! for those of others. It groups and names 10,000, 30,000, 100,000 and 300,000
//! of them, as those of one stage are, and prints one line of JSON each: seconds
//! of each step, the themes, the labels that the model read, and the most memory
//! held so far. Beside them stands the processor time of all threads, where the
//! system tells it: that is the figure to compare on a machine with other work.
//!
//! `--sizes N,N` gives other numbers, `--seed N` another seed.
#![expect(clippy::print_stdout, reason = "printing is what a benchmark is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails should stop")]

#[path = "support/memory.rs"]
mod memory;

use std::path::PathBuf;
use std::time::Instant;

use serde_json::{Value, json};
use throughline_core::{ContentHash, PassageId, Span, Vector};
use throughline_nlp::{RtenTagger, TagInput, Tagger};
use throughline_stats::SplitMix64;
use throughline_themes::{Claim, Item, Parameters, Proposals, Taken, cluster};

/// Length of the noise on a vector, where the vector's own is 1: two passages
/// made of one then have a cosine of about 0.6, as two of one topic have.
const NOISE: f32 = 0.8;
/// One word in so many is exchanged.
const EXCHANGED: usize = 4;

fn main() {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut sizes = vec![10_000, 30_000, 100_000, 300_000];
    let mut seed = 1;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--bench" => {}
            "--sizes" => {
                let given = words.next().unwrap();
                sizes = given.split(',').map(|size| size.parse().unwrap()).collect();
            }
            "--seed" => seed = words.next().unwrap().parse().unwrap(),
            file => files.push(PathBuf::from(file)),
        }
    }
    if files.is_empty() {
        println!("name a file: cargo bench --bench grouping -- FILE.jsonl");
        return;
    }
    let tagger = RtenTagger::embedded().unwrap();
    let real = Real::read(&files, &tagger);
    for size in sizes {
        let line = measured(&real.made(size, seed), &tagger);
        println!("{line}");
    }
}

/// Real passages, which others are made of.
struct Real {
    texts: Vec<String>,
    vectors: Vec<Vector>,
}

/// A passage that was made.
struct Made {
    id: PassageId,
    text: String,
    vector: Vector,
}

impl Real {
    fn read(files: &[PathBuf], tagger: &RtenTagger) -> Self {
        let mut texts = Vec::new();
        for file in files {
            let lines = std::fs::read_to_string(file).unwrap();
            let row = |line| serde_json::from_str::<Value>(line).unwrap();
            let text = |line| row(line)["text"].as_str().unwrap().to_owned();
            texts.extend(lines.lines().map(text));
        }
        let read: Vec<&str> = texts.iter().map(String::as_str).collect();
        let vectors = tagger.embed(&read).unwrap();
        Self { texts, vectors }
    }

    fn made(&self, size: usize, seed: u64) -> Vec<Made> {
        let mut random = SplitMix64::new(seed);
        let made = (0..size).map(|number| {
            let of = random.below(self.texts.len());
            let text = self.reworded(of, &mut random);
            let span = Span::new(0, text.len()).unwrap();
            let hash = ContentHash::of(text.as_bytes());
            Made {
                id: PassageId::of(&number.to_string(), hash, span),
                vector: noisy(&self.vectors[of], &mut random),
                text,
            }
        });
        made.collect()
    }

    /// The words of a passage, some exchanged for those of others.
    fn reworded(&self, of: usize, random: &mut SplitMix64) -> String {
        let mut words: Vec<&str> = self.texts[of].split_whitespace().collect();
        for word in &mut words {
            if random.below(EXCHANGED) == 0 {
                let other = &self.texts[random.below(self.texts.len())];
                let others: Vec<&str> = other.split_whitespace().collect();
                *word = others.get(random.below(others.len())).unwrap_or(word);
            }
        }
        words.join(" ")
    }
}

/// A vector with noise of length [`NOISE`] on it.
fn noisy(vector: &Vector, random: &mut SplitMix64) -> Vector {
    let own = vector.components();
    let length = (Vector::dot(own, own) as f32).sqrt().max(1.0);
    // A component between −1 and 1, all equally likely, has a variance of 1/3.
    let noise = NOISE * (3.0 / own.len() as f32).sqrt();
    let part = |component: &i8| {
        let drawn = (random.next_u64() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0;
        f32::from(*component) / length + noise * drawn
    };
    Vector::quantise(&own.iter().map(part).collect::<Vec<_>>())
}

fn measured(made: &[Made], tagger: &RtenTagger) -> Value {
    let items: Vec<Item<'_>> = made
        .iter()
        .map(|made| Item {
            id: made.id,
            text: &made.text,
            vector: &made.vector,
            document: "",
            participant: None,
        })
        .collect();
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let found = cluster(&items, &Parameters::default());
    let clustered = start.elapsed().as_secs_f64();
    let proposals = Proposals::of(&items, &found);
    let texts = proposals.texts();
    let proposed = start.elapsed().as_secs_f64();
    let context = None;
    let inputs: Vec<TagInput<'_>> = texts
        .iter()
        .map(|text| TagInput { text, context })
        .collect();
    let read = tagger.tag(&inputs).unwrap();
    let reading = start.elapsed().as_secs_f64();
    let names = proposals.choose(&read, Claim::Pain, &mut Taken::default());
    let whole = start.elapsed().as_secs_f64();
    let parts = names.iter().map(|names| names.parts.len());
    json!({
        "passages": made.len(),
        "seconds": whole,
        "clustering": clustered,
        "proposing": proposed - clustered,
        "reading": reading - proposed,
        "choosing": whole - reading,
        "cpu_seconds": cpu_seconds().zip(cpu).map(|(after, before)| after - before),
        "themes": names.len(),
        "sub_themes": parts.sum::<usize>(),
        "labels_read": inputs.len(),
        "in_theme": 1.0 - found.other.len() as f64 / made.len() as f64,
        "peak_mb": memory::mb("VmHWM:"),
    })
}

/// Processor time that this process has used, on all its threads.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in brackets, may hold blanks; time in user mode and in the kernel
    // are the 12th and 13th fields after it, in hundredths of a second.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11);
    let mut time = || times.next()?.parse::<f64>().ok();
    Some((time()? + time()?) / 100.0)
}
