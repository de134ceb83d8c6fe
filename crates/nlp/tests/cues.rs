//! How well wishes, and what a question brought up, are told by their cues: on
//! sentences that were frozen before the cues were written (`cues/README.md`).
#![expect(clippy::unwrap_used, reason = "a test that fails should stop")]
#![expect(
    clippy::print_stdout,
    reason = "the figures are for whoever runs it with --nocapture"
)]

use std::collections::BTreeMap;

use throughline_nlp::{Before, prompting, states_wish};

/// Of one label: sentences that have it, those that were given it, and both.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    labelled: usize,
    given: usize,
    right: usize,
}

impl Score {
    fn precision(self) -> f64 {
        self.right as f64 / self.given.max(1) as f64
    }

    fn recall(self) -> f64 {
        self.right as f64 / self.labelled.max(1) as f64
    }
}

/// Scores each label of a file whose rows hold a label first, and prints the
/// scores; where `tell` says so, also what was misread.
fn scores(
    (name, file, tell): (&str, &str, bool),
    read: impl Fn(&[&str]) -> String,
) -> BTreeMap<String, Score> {
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    for row in file.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = row.split('\t').collect();
        let (label, rest) = fields.split_first().unwrap();
        let given = read(rest);
        scores.entry((*label).to_owned()).or_default().labelled += 1;
        scores.entry(given.clone()).or_default().given += 1;
        if *label == given {
            scores.entry(given).or_default().right += 1;
        } else if tell {
            println!("{label} read as {given}: {}", rest.join(" / "));
        }
    }
    for (label, score) in &scores {
        println!(
            "{name}, {label}: precision {:.2} ({} of {}), recall {:.2} ({} of {})",
            score.precision(),
            score.right,
            score.given,
            score.recall(),
            score.right,
            score.labelled
        );
    }
    scores
}

#[test]
fn wishes_are_told_from_what_only_sounds_like_one() {
    for (half, file, tell) in [
        ("open", include_str!("cues/wishes-open.tsv"), true),
        ("sealed", include_str!("cues/wishes-sealed.tsv"), false),
    ] {
        let name = format!("wishes, {half} half");
        let found = scores((&name, file, tell), |fields| {
            let wish = states_wish(fields[0]);
            if wish { "wish" } else { "none" }.to_owned()
        });
        let wish = found["wish"];
        assert!(wish.precision() >= 0.9, "{name}: {wish:?}");
        assert!(wish.recall() >= 0.75, "{name}: {wish:?}");
    }
}

#[test]
fn what_a_question_brought_up_is_told_from_what_the_speaker_did() {
    for (half, file, tell) in [
        ("open", include_str!("cues/prompting-open.tsv"), true),
        ("sealed", include_str!("cues/prompting-sealed.tsv"), false),
    ] {
        let name = format!("prompting, {half} half");
        let found = scores((&name, file, tell), |fields| {
            let before = match fields[0] {
                "-" => Before::Nothing,
                question => Before::Question {
                    question,
                    directly: true,
                },
            };
            prompting(fields[1], before).to_string()
        });
        for (label, score) in found {
            assert!(score.precision() >= 0.7, "{name}, {label}: {score:?}");
            assert!(score.recall() >= 0.65, "{name}, {label}: {score:?}");
        }
    }
}
