//! The planted identifiers, and how many of them are found.
#![expect(clippy::unwrap_used, reason = "a test that fails should stop")]
#![expect(
    clippy::print_stdout,
    reason = "the figures are for whoever runs it with --nocapture"
)]

use std::collections::BTreeMap;

use throughline_core::Span;
use throughline_privacy::{Found, Roster, find};

struct Case {
    title: String,
    speakers: Vec<String>,
    text: String,
    planted: Vec<(String, Span)>,
}

/// The cases of one half, with the marks taken out of their texts.
fn cases(half: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for part in half.split("### ").skip(1) {
        let (title, mut body) = part.split_once('\n').unwrap();
        let mut speakers = Vec::new();
        if let Some(rest) = body.strip_prefix("speakers: ") {
            let (list, rest) = rest.split_once('\n').unwrap();
            speakers = list.split(", ").map(str::to_owned).collect();
            body = rest;
        }
        let (mut text, mut planted) = (String::new(), Vec::new());
        let mut pieces = body.split("{{");
        text.push_str(pieces.next().unwrap());
        for piece in pieces {
            let (mark, rest) = piece.split_once("}}").unwrap();
            let (kind, words) = mark.split_once('|').unwrap();
            let start = text.len();
            text.push_str(words);
            planted.push((
                kind.to_owned(),
                Span {
                    start,
                    end: text.len(),
                },
            ));
            text.push_str(rest);
        }
        cases.push(Case {
            title: title.to_owned(),
            speakers,
            text,
            planted,
        });
    }
    cases
}

/// Letters and digits of `span` that lie within one of `others`.
fn covered(text: &str, span: Span, others: &[Span]) -> (usize, usize) {
    let (mut all, mut within) = (0, 0);
    for (at, c) in text[span.range()].char_indices() {
        if c.is_alphanumeric() {
            let place = span.start + at;
            all += 1;
            within += usize::from(
                others
                    .iter()
                    .any(|one| one.start <= place && place < one.end),
            );
        }
    }
    (all, within)
}

#[derive(Default, Clone, Copy)]
struct Score {
    planted: usize,
    found: usize,
    finds: usize,
    right: usize,
}

fn score(half: &str, tell: bool) -> (Score, BTreeMap<String, Score>) {
    let (mut sum, mut kinds) = (Score::default(), BTreeMap::<String, Score>::new());
    for case in cases(half) {
        let mut roster = Roster::default();
        for speaker in &case.speakers {
            roster.add_label(speaker);
        }
        let found: Vec<Found> = find(&case.text, &roster).found;
        let finds: Vec<Span> = found.iter().map(|found| found.span).collect();
        let planted: Vec<Span> = case.planted.iter().map(|(_, span)| *span).collect();
        for (kind, span) in &case.planted {
            let (all, within) = covered(&case.text, *span, &finds);
            let of = kinds.entry(kind.clone()).or_default();
            for score in [&mut sum, of] {
                score.planted += 1;
                score.found += usize::from(all == within);
            }
            if tell && all != within {
                println!(
                    "missed in '{}': {kind} {:?}",
                    case.title,
                    &case.text[span.range()]
                );
            }
        }
        for one in found {
            let (all, within) = covered(&case.text, one.span, &planted);
            let right = within * 2 >= all;
            let of = kinds.entry(one.kind.as_str().to_owned()).or_default();
            for score in [&mut sum, of] {
                score.finds += 1;
                score.right += usize::from(right);
            }
            if tell && !right {
                println!(
                    "wrong in '{}': {} {:?}",
                    case.title,
                    one.kind,
                    &case.text[one.span.range()]
                );
            }
        }
    }
    (sum, kinds)
}

fn hold(name: &str, half: &str, tell: bool) {
    let (sum, kinds) = score(half, tell);
    let recall = sum.found as f64 / sum.planted as f64;
    let precision = sum.right as f64 / sum.finds as f64;
    println!(
        "{name}: recall {recall:.3} ({} of {}), precision {precision:.3} ({} of {})",
        sum.found, sum.planted, sum.right, sum.finds
    );
    for (kind, score) in kinds {
        println!(
            "  {kind}: {} of {} found; {} of {} right",
            score.found, score.planted, score.right, score.finds
        );
    }
    assert!(sum.planted >= 100, "{name}: {} planted", sum.planted);
    assert!(recall >= 0.95, "{name}: recall {recall:.3}");
    assert!(precision >= 0.90, "{name}: precision {precision:.3}");
}

#[test]
fn planted_identifiers_are_found_open_half() {
    hold("open", include_str!("planted/open.txt"), true);
}

#[test]
fn planted_identifiers_are_found_sealed_half() {
    hold("sealed", include_str!("planted/sealed.txt"), false);
}
