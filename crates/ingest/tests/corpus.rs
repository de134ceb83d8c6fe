//! The corpora of the fuzz targets, replayed; and, where the compiler for these
//! is not at hand, a plain fuzzer that runs anywhere:
//!
//! ```text
//! FUZZ_SECONDS=300 cargo test --release -p throughline-ingest --test corpus -- --ignored --nocapture
//! ```
//!
//! It starts from the corpora and from the cases of transcripts and tables. What
//! makes a reader panic is written to the corpus, and so stays a test.

#![cfg(test)]

use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[path = "../../../fuzz/entry.rs"]
mod entry;

const TARGETS: [&str; 3] = ["transcripts", "tables", "containers"];

/// No file of a fuzzer's size may take longer, on a machine that does other
/// things besides.
const LONGEST: Duration = Duration::from_secs(30);

fn corpus(target: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    root.join(target)
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_saved_file_is_read_or_refused() {
    for target in TARGETS {
        let files = files_in(&corpus(target));
        assert!(files.len() >= 5, "{target}: only {} files", files.len());
        for file in files {
            let data = fs::read(&file).unwrap();
            let read = panic::catch_unwind(|| entry::read(&data));
            assert!(read.is_ok(), "{}", file.display());
        }
    }
}

/// Files to begin with, each with the target that it is of.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut seeds = Vec::new();
    for target in TARGETS {
        for file in files_in(&corpus(target)) {
            seeds.push((target, fs::read(file).unwrap()));
        }
    }
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for target in ["transcripts", "tables"] {
        for case in files_in(&tests.join(target)) {
            let files = files_in(&case);
            let input = files.into_iter().find_map(|file| {
                let name = file.file_name()?.to_str()?;
                let ending = name.strip_prefix("input.")?.to_owned();
                Some((ending, fs::read(&file).unwrap()))
            });
            if let Some((ending, bytes)) = input {
                seeds.push((target, [ending.as_bytes(), b"\n", &bytes].concat()));
            }
        }
    }
    seeds
}

/// Numbers that look like chance and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most.max(1) as u64).unwrap()
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = 1 + self.below(64);
        start..(start + self.below(most)).min(length)
    }
}

/// What parsers trip over.
const TOKENS: [&[u8]; 22] = [
    b"\0",
    b"\r",
    b"\n\n",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xf0\x9f",
    b"\"",
    b"\"\"",
    b",",
    b"\t",
    b"<",
    b"</",
    b"&#x110000;",
    b"]]>",
    b"{",
    b"[[[[",
    b"\\u0000",
    b"\\ud800",
    b"-->",
    b"99:99:99.999",
    b"{\\'zz",
    b"-9223372036854775808",
];

fn mutated(seeds: &[(&'static str, Vec<u8>)], dice: &mut Dice) -> (&'static str, Vec<u8>) {
    let (target, mut data) = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(6) {
        let range = dice.range(data.len());
        match dice.below(6) {
            0 if !data.is_empty() => {
                let at = dice.below(data.len());
                data[at] ^= 1 << dice.below(8);
            }
            1 => _ = data.drain(range),
            2 => {
                let copy = data[range.clone()].repeat(1 + dice.below(40));
                data.splice(range.start..range.start, copy);
            }
            3 => {
                let token = TOKENS[dice.below(TOKENS.len())].iter().copied();
                data.splice(range, token);
            }
            4 => {
                let other = &seeds[dice.below(seeds.len())].1;
                let from = dice.range(other.len());
                data.splice(range, other[from].iter().copied());
            }
            _ => data.truncate(dice.below(data.len() + 1).max(8)),
        }
    }
    (target, data)
}

#[test]
#[ignore = "runs for as many seconds as FUZZ_SECONDS says"]
fn changed_files_are_read_or_refused() {
    let seconds = std::env::var("FUZZ_SECONDS").map_or(60, |text| text.parse().unwrap());
    let seed = std::env::var("FUZZ_SEED").map_or(1, |text| text.parse().unwrap());
    let seeds = seeds();
    let mut dice = Dice(seed);
    let (mut runs, mut found, mut slow) = (0_u64, Vec::new(), Vec::new());
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(seconds) {
        let (target, data) = mutated(&seeds, &mut dice);
        let one = Instant::now();
        let read = panic::catch_unwind(|| entry::read(&data));
        runs += 1;
        if read.is_ok() && one.elapsed() < LONGEST {
            continue;
        }
        let file = corpus(target).join(format!("found-{seed}-{runs}"));
        fs::write(&file, &data).unwrap();
        match read {
            Err(_) => found.push(file),
            Ok(()) => slow.push((one.elapsed(), file)),
        }
    }
    println!("{runs} files from {} in {seconds} s", seeds.len());
    assert!(found.is_empty() && slow.is_empty(), "{found:#?} {slow:#?}");
}
