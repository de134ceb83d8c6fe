//! Everything but the model, at the scale of a large table: how long and how
//! much memory reading, keeping, indexing, grouping and reporting take.
//!
//! `cargo bench --bench scale -- FILE…` runs the main job with a tagger that
//! makes tags and vectors from a hash of the words in no time: texts that share
//! words get vectors that are near each other, so that there are themes to find.
#![expect(clippy::print_stdout, reason = "printing is what a benchmark is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that fails should stop")]

#[path = "support/memory.rs"]
mod memory;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use rayon::prelude::*;
use serde_json::json;
use throughline_core::{ContentHash, Moment, Scored, Sentiment, Tagged, Tags, Touchpoint, Vector};
use throughline_nlp::{Distributions, ModelInfo, NlpError, RtenTagger, TagInput, Tagger};
use throughline_study::{AnalyzeRequest, FORMATS, Progress, Step, analyze};

fn main() {
    let inputs: Vec<PathBuf> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .map(PathBuf::from)
        .collect();
    if inputs.is_empty() {
        println!("name a table: cargo bench --bench scale -- FILE");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let request = AnalyzeRequest {
        languages: Vec::new(),
        keep_duplicates: false,
        inputs,
        output: folder.path().join("report"),
        study: None,
        framework: None,
        columns: Vec::new(),
        formats: FORMATS.to_vec(),
        redact: false,
        source_date: None,
        command: Vec::new(),
    };
    let tagger = Hashed(RtenTagger::embedded().unwrap());
    let steps = Steps::default();
    let start = Instant::now();
    let outcome = analyze(&request, &tagger, &steps).unwrap();
    for (step, seconds) in steps.done.lock().unwrap().iter() {
        println!("{}", json!({ "step": step.name(), "seconds": seconds }));
    }
    let bytes = |path: &str| std::fs::metadata(folder.path().join(path)).unwrap().len();
    println!(
        "{}",
        json!({
            "passages": outcome.tagged,
            "themes": outcome.grouped.themes,
            "seconds": start.elapsed().as_secs_f64(),
            "peak_mb": memory::mb("VmHWM:"),
            "study_db_mb": bytes("report.study/study.db") / 1_000_000,
            "html_mb": bytes("report/report.html") as f64 / 1e6,
            "json_mb": bytes("report/report.json") as f64 / 1e6,
        })
    );
}

/// Times each step.
#[derive(Default)]
struct Steps {
    current: Mutex<Option<(Step, Instant)>>,
    done: Mutex<Vec<(Step, f64)>>,
}

impl Progress for Steps {
    fn begin(&self, step: Step, _: Option<u64>) {
        *self.current.lock().unwrap() = Some((step, Instant::now()));
    }

    fn advance(&self, _: u64) {}

    fn end(&self) {
        if let Some((step, start)) = self.current.lock().unwrap().take() {
            self.done
                .lock()
                .unwrap()
                .push((step, start.elapsed().as_secs_f64()));
        }
    }
}

/// Tags by hash; the model's name and size are the real ones.
struct Hashed(RtenTagger);

impl Tagger for Hashed {
    fn model(&self) -> &ModelInfo {
        self.0.model()
    }

    fn tag(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Tagged>, NlpError> {
        Ok(inputs
            .par_iter()
            .map(|input| self.hashed(input.text))
            .collect())
    }

    fn distributions(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Distributions>, NlpError> {
        let tags = |input: &TagInput<'_>| Distributions::of(&self.hashed(input.text).tags);
        Ok(inputs.par_iter().map(tags).collect())
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, NlpError> {
        Ok(texts.iter().map(|text| self.hashed(text).vector).collect())
    }
}

impl Hashed {
    fn hashed(&self, text: &str) -> Tagged {
        let mut sum = vec![0.0_f32; self.model().dimension];
        for word in text.split_whitespace().filter(|word| word.len() > 4) {
            let hash = ContentHash::of(word.to_lowercase().as_bytes());
            for (place, byte) in hash.as_bytes().iter().enumerate() {
                sum[(place * 12 + usize::from(byte % 12)) % 384] += f32::from(*byte) - 128.0;
            }
        }
        let hash = ContentHash::of(text.as_bytes());
        let byte = |place: usize| usize::from(hash.as_bytes()[place]);
        let sure = |label| Scored {
            label,
            confidence: 0.9,
        };
        Tagged {
            tags: Tags {
                moment: Scored {
                    label: Moment::ALL[byte(0) % 11],
                    confidence: 0.8,
                },
                unclear: byte(1) < 25,
                sentiment: Scored {
                    label: Sentiment::ALL[byte(2) % 4],
                    confidence: 0.8,
                },
                valence: byte(3) as f32 / 128.0 - 1.0,
                pain: sure(byte(4) < 80),
                touchpoint: Scored {
                    label: Touchpoint::ALL[byte(5) % 13],
                    confidence: 0.8,
                },
            },
            vector: Vector::quantise(&sum),
        }
    }
}
