//! How well sentences are told apart, on texts that were cut by hand before:
//! `tests/boundaries/README.md` says how they are written.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{MOST, paragraphs, sentences};

/// Where a sentence ends.
const END: char = '¦';
/// Where a cut is neither wanted nor wrong, or wanted in a text too long.
const MAYBE: char = '⁞';
/// The least F1 on either half.
const LEAST: f64 = 0.95;

/// A text with its places, each the number of characters before it that are no
/// white space.
struct Case {
    name: String,
    text: String,
    ends: BTreeSet<usize>,
    maybe: BTreeSet<usize>,
}

fn cases(half: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/boundaries");
    let mut files: Vec<_> = fs::read_dir(folder.join(half))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let content = fs::read_to_string(&file).unwrap();
        for part in content.split("=== ").skip(1) {
            let (name, marked) = part.split_once('\n').unwrap();
            cases.push(case(name, marked));
        }
    }
    cases
}

fn case(name: &str, marked: &str) -> Case {
    let mut case = Case {
        name: name.to_owned(),
        text: String::new(),
        ends: BTreeSet::new(),
        maybe: BTreeSet::new(),
    };
    let mut at = 0;
    for c in marked.trim_end().chars() {
        match c {
            END => _ = case.ends.insert(at),
            MAYBE => _ = case.maybe.insert(at),
            _ => {
                at += usize::from(!c.is_whitespace());
                case.text.push(c);
            }
        }
    }
    case
}

fn place(text: &str, byte: usize) -> usize {
    text[..byte].chars().filter(|c| !c.is_whitespace()).count()
}

#[derive(Default)]
struct Score {
    right: usize,
    wrong: usize,
    missed: usize,
    errors: Vec<String>,
}

impl Score {
    fn f1(&self) -> f64 {
        2.0 * self.right as f64 / (2 * self.right + self.wrong + self.missed) as f64
    }

    fn add(&mut self, case: &Case) {
        let text = &case.text;
        let mut found: Vec<usize> = paragraphs(text)
            .into_iter()
            .flat_map(|paragraph| sentences::sentences(text, paragraph))
            .map(|sentence| sentence.range.end)
            .collect();
        let last = found.pop();
        let cuts: BTreeSet<usize> = found.iter().map(|byte| place(text, *byte)).collect();
        let long = self.long_stretches(case, &cuts);
        for byte in &found {
            let cut = place(text, *byte);
            let run_on = long.iter().any(|range| range.contains(&cut));
            if case.ends.contains(&cut) || (case.maybe.contains(&cut) && run_on) {
                self.right += 1;
            } else if !case.maybe.contains(&cut) {
                self.wrong += 1;
                self.note("wrong", case, *byte);
            }
        }
        assert!(last.is_some(), "{}: no sentence at all", case.name);
        for end in case.ends.difference(&cuts) {
            self.missed += 1;
            let byte = text
                .char_indices()
                .map(|(byte, c)| byte + c.len_utf8())
                .find(|byte| place(text, *byte) == *end);
            self.note("missed", case, byte.unwrap_or_default());
        }
    }

    /// The stretches without a sentence's end that are too long; each that
    /// nothing cuts counts as missed.
    fn long_stretches(
        &mut self,
        case: &Case,
        cuts: &BTreeSet<usize>,
    ) -> Vec<std::ops::Range<usize>> {
        let all = place(&case.text, case.text.len());
        let ends: Vec<usize> = [0]
            .into_iter()
            .chain(case.ends.iter().copied())
            .chain([all])
            .collect();
        let mut long = Vec::new();
        for pair in ends.windows(2) {
            let mut at = 0;
            let words = case.text.split_whitespace().filter(|word| {
                at += word.chars().count();
                at > pair[0] && at <= pair[1]
            });
            if words.count() > MOST {
                long.push(pair[0] + 1..pair[1]);
                if cuts.range(pair[0] + 1..pair[1]).next().is_none() {
                    self.missed += 1;
                    self.note("uncut", case, 0);
                }
            }
        }
        long
    }

    fn note(&mut self, what: &str, case: &Case, byte: usize) {
        let (before, after) = case.text.split_at(byte);
        let from = before.char_indices().rev().nth(24).map_or(0, |(at, _)| at);
        let after: String = after.chars().take(24).collect();
        self.errors.push(format!(
            "{what} {}: {:?}",
            case.name,
            format!("{}{END}{after}", &before[from..])
        ));
    }
}

fn score(half: &str) -> Score {
    let cases = cases(half);
    assert_eq!(
        cases.iter().map(|case| case.ends.len()).sum::<usize>(),
        150,
        "the halves are frozen"
    );
    let mut score = Score::default();
    for case in &cases {
        score.add(case);
    }
    println!(
        "{half}: {} right, {} wrong, {} missed, F1 {:.4}",
        score.right,
        score.wrong,
        score.missed,
        score.f1()
    );
    score
}

#[test]
fn boundaries_of_the_open_half() {
    let score = score("open");
    for error in &score.errors {
        println!("{error}");
    }
    assert!(score.f1() >= LEAST, "{:#?}", score.errors);
}

/// Nobody reads its errors: only the total is said.
#[test]
fn boundaries_of_the_sealed_half() {
    let score = score("sealed");
    assert!(score.f1() >= LEAST, "F1 {:.4}", score.f1());
}
