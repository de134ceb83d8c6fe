//! Running heads, running feet and page numbers: what stands at the edge of
//! pages and is nothing that was said.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{Line, Page};
use super::text::PARAGRAPH;
use crate::transcript::may_begin_a_turn;

/// So many lines at each edge of a page may be running heads and feet.
const EDGE: usize = 2;
/// So many numbers of a line may be the page's.
const MOST_NUMBERS: usize = 8;

/// Takes running lines out of `pages`; gives how many these were.
///
/// A line runs if it stands at the same edge of half of the pages, at least of
/// two, with the same words, or with words in which a number goes up with the
/// pages. One that may be the label of a speaker has to stand apart as well, as
/// a page may well begin with one. `usual` is the distance of lines.
pub(super) fn take_out(pages: &mut [Page], usual: f64) -> u64 {
    let edges: Vec<Vec<Edge>> = pages
        .iter()
        .zip(1..)
        .map(|(page, n)| edges(page, n))
        .collect();
    let mut counts: BTreeMap<(bool, &str), usize> = BTreeMap::new();
    for edges in &edges {
        let keys = edges
            .iter()
            .flat_map(|edge| edge.keys.iter().map(|key| (edge.top, key.as_str())));
        for key in keys.collect::<BTreeSet<_>>() {
            *counts.entry(key).or_default() += 1;
        }
    }
    let half = pages.len().div_ceil(2).max(2);
    let mut taken = 0;
    for (page, edges) in pages.iter_mut().zip(&edges) {
        let running: BTreeSet<usize> = edges
            .iter()
            .filter(|edge| {
                let count = |key: &String| counts.get(&(edge.top, key)).copied().unwrap_or(0);
                let runs = edge.keys.iter().map(count).max().unwrap_or(0) >= half;
                let apart = edge.gap > PARAGRAPH * usual;
                (runs && (apart || !edge.may_be_a_label)) || (edge.is_page_number && apart)
            })
            .map(|edge| edge.line)
            .collect();
        taken += running.len() as u64;
        let mut at = 0;
        page.lines.retain(|_| {
            at += 1;
            !running.contains(&(at - 1))
        });
    }
    taken
}

/// A line at the edge of a page.
struct Edge {
    line: usize,
    top: bool,
    /// Its words, and these with each number in turn counted from the page's.
    keys: Vec<String>,
    /// How far the rest of the page is from it, in font sizes.
    gap: f64,
    may_be_a_label: bool,
    is_page_number: bool,
}

fn edges(page: &Page, number: u64) -> Vec<Edge> {
    let mut order: Vec<usize> = (0..page.lines.len()).collect();
    let y = |line: &usize| page.lines.get(*line).map_or(0.0, |line| line.start.y);
    order.sort_by(|a, b| y(a).total_cmp(&y(b)));
    let top = order.iter().copied().enumerate().take(EDGE);
    let foot = order.iter().copied().enumerate().rev().take(EDGE);
    let top = top.map(|(at, line)| (true, line, order.get(at + 1)));
    let foot = foot.map(|(at, line)| (false, line, at.checked_sub(1).and_then(|at| order.get(at))));
    let edge = |(top, at, next): (bool, usize, Option<&usize>)| {
        let line = page.lines.get(at)?;
        let words = page.words(line);
        let distance =
            |next: &Line| (next.start.y - line.start.y).abs() / line.size.max(f64::MIN_POSITIVE);
        Some(Edge {
            line: at,
            top,
            gap: next
                .and_then(|at| page.lines.get(*at))
                .map_or(f64::MAX, distance),
            may_be_a_label: may_begin_a_turn(&words),
            is_page_number: is_page_number(&words, number),
            keys: keys(&words, number),
        })
    };
    top.chain(foot).filter_map(edge).collect()
}

/// The numbers in `words`: where they stand, and what they are.
fn numbers(words: &str) -> impl Iterator<Item = (usize, &str)> {
    let digits = words.split(|c: char| !c.is_ascii_digit());
    let mut at = 0;
    digits
        .map(move |digits| {
            let start = at;
            at += digits.len()
                + words
                    .get(start + digits.len()..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(0, char::len_utf8);
            (start, digits)
        })
        .filter(|(_, digits)| !digits.is_empty())
}

fn keys(words: &str, page: u64) -> Vec<String> {
    let mut keys = vec![words.to_owned()];
    for (at, digits) in numbers(words).take(MOST_NUMBERS) {
        let (Ok(number), Some(before), Some(after)) = (
            digits.parse::<i64>(),
            words.get(..at),
            words.get(at + digits.len()..),
        ) else {
            continue;
        };
        let Ok(page) = i64::try_from(page) else {
            continue;
        };
        // No text has this character, so that no key is like another's words.
        keys.push(format!(
            "{before}\u{0}{}{after}",
            number.saturating_sub(page)
        ));
    }
    keys
}

/// `3`, `- 3 -`, `Page 3 of 12`, on the page of that number.
fn is_page_number(words: &str, page: u64) -> bool {
    let first = numbers(words)
        .next()
        .and_then(|(_, digits)| digits.parse().ok());
    let mut names = words
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty());
    first == Some(page)
        && names.all(|word| matches!(word.to_lowercase().as_str(), "page" | "p" | "of"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_go_up_with_the_pages_are_page_numbers() {
        let same = |a: &str, b: &str| {
            let first = keys(a, 1);
            keys(b, 2).iter().any(|key| first.contains(key))
        };
        assert!(same("Interview 7", "Interview 7"));
        assert!(same("Page 1 of 12", "Page 2 of 12"));
        assert!(same("P7, 14", "P7, 15"));
        assert!(!same("Speaker 1 (00:01:23)", "Speaker 1 (00:05:41)"));
        assert!(!same("1", "1 kettle"));
        assert!(is_page_number("– 3 –", 3) && is_page_number("Page 3 of 9", 3));
        assert!(!is_page_number("3", 4) && !is_page_number("3 kettles", 3));
        assert_eq!(numbers("é1–22").collect::<Vec<_>>(), [(2, "1"), (6, "22")]);
    }
}
