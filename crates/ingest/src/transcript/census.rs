//! Which of the possible labels of a file are its speakers.

use std::collections::{BTreeMap, BTreeSet};

use throughline_core::Role;

use super::label::Style;
use super::names::{Shape, is_no_speech};

/// A possible label on one line of a file.
#[derive(Debug, Clone)]
pub(super) struct Candidate<'t> {
    pub(super) name: &'t str,
    pub(super) style: Style,
    pub(super) shape: Shape,
    /// True at the start of a paragraph, or right below another candidate.
    pub(super) opens: bool,
    /// True if words follow on the line.
    pub(super) has_words: bool,
    /// True if its time has hours, or a colon follows it.
    pub(super) sure_time: bool,
}

/// The labels that are speakers, each in the styles it is a speaker in.
#[derive(Debug, Default)]
pub(super) struct Speakers<'t> {
    accepted: BTreeSet<(&'t str, Style)>,
}

#[derive(Default)]
struct Count {
    lines: usize,
    opening: usize,
    with_words: usize,
    sure_times: usize,
    shape: Option<Shape>,
}

impl Speakers<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.accepted.is_empty()
    }

    /// True if `name` in this style is a speaker. A speaker of one of the styles
    /// with a colon or a time is one in all of them.
    pub(super) fn has(&self, name: &str, style: Style) -> bool {
        const ALIKE: [Style; 3] = [Style::Colon, Style::Bold, Style::Timed];
        self.accepted.contains(&(name, style))
            || (ALIKE.contains(&style)
                && ALIKE
                    .iter()
                    .any(|other| self.accepted.contains(&(name, *other))))
    }
}

/// The speakers among `candidates` of a file of so many paragraphs (or lines,
/// where it has no blank ones).
pub(super) fn speakers<'t>(
    candidates: &[Candidate<'t>],
    paragraphs: usize,
    given: &BTreeMap<String, Role>,
) -> Speakers<'t> {
    let mut counts: BTreeMap<(&str, Style), Count> = BTreeMap::new();
    for candidate in candidates {
        let count = counts.entry((candidate.name, candidate.style)).or_default();
        count.lines += 1;
        count.opening += usize::from(candidate.opens);
        count.with_words += usize::from(candidate.has_words);
        count.sure_times += usize::from(candidate.sure_time);
        count.shape = Some(candidate.shape);
    }
    counts.retain(|(name, _), _| !is_no_speech(name));
    let mut lines_of: BTreeMap<Style, usize> = BTreeMap::new();
    let mut opening: BTreeMap<Style, [usize; 4]> = BTreeMap::new();
    for ((_, style), count) in &counts {
        *lines_of.entry(*style).or_default() += count.lines;
        let opened = opening.entry(*style).or_default();
        for (least, sum) in opened.iter_mut().enumerate() {
            *sum += if count.lines >= least {
                count.opening
            } else {
                0
            };
        }
    }
    let census = Census {
        counts,
        lines_of,
        opening,
        paragraphs,
    };
    let mut accepted: BTreeSet<(&str, Style)> = census
        .counts
        .iter()
        .filter(|((name, style), count)| given.contains_key(*name) || census.recurs(*style, count))
        .map(|(key, _)| *key)
        .collect();
    let once: Vec<_> = census.once(&accepted);
    accepted.extend(once);
    Speakers { accepted }
}

struct Census<'t> {
    counts: BTreeMap<(&'t str, Style), Count>,
    /// Lines with a label of each style.
    lines_of: BTreeMap<Style, usize>,
    /// Paragraphs opened by labels of each style that stand on at least 0, 1, 2
    /// or 3 lines.
    opening: BTreeMap<Style, [usize; 4]>,
    paragraphs: usize,
}

impl<'t> Census<'t> {
    /// Share of the paragraphs that open with a label of this style that stands
    /// on at least so many lines, at most three.
    fn coverage(&self, style: Style, least: usize) -> f64 {
        let opened = self.opening.get(&style).and_then(|sums| sums.get(least));
        opened.copied().unwrap_or(0) as f64 / self.paragraphs.max(1) as f64
    }

    /// True for what is a speaker by itself, by its style and by coming back.
    fn recurs(&self, style: Style, count: &Count) -> bool {
        let (lines, shape) = (count.lines, count.shape);
        let again = lines >= 2;
        let role = shape == Some(Shape::Role);
        let name = role || shape == Some(Shape::Name);
        match style {
            Style::Voice => true,
            Style::Bold => again && (name || lines >= 3),
            // Words follow on the line, or every paragraph is headed like this.
            Style::Colon if role || name => {
                let words = count.with_words + 1 >= lines.div_ceil(4);
                again && (words || self.coverage(style, 2) >= 0.5)
            }
            Style::Colon => lines >= 3 && self.coverage(style, 3) >= 0.5,
            Style::Timed => {
                let all = self.lines_of.get(&style).copied().unwrap_or(0);
                (name && (all >= 2 || count.sure_times > 0)) || lines >= 3
            }
            Style::Dash => {
                (role && again) || (name && lines >= 3 && self.coverage(style, 3) >= 0.5)
            }
            Style::Bracket => again && name && (role || self.coverage(style, 2) >= 0.5),
            Style::Heading | Style::BoldLine => role || (name && again),
        }
    }

    /// Labels that stand only once but beside others, or that together open
    /// nearly every paragraph of a short file.
    fn once(&self, accepted: &BTreeSet<(&'t str, Style)>) -> Vec<(&'t str, Style)> {
        let known = || accepted.iter().filter_map(|key| self.counts.get(key));
        let covered: usize = known().map(|count| count.lines).sum();
        let names = known().any(|count| count.shape == Some(Shape::Name));
        let beside = names || (covered > 0 && covered < 4);
        let singles: Vec<_> = self
            .counts
            .iter()
            .filter(|(key, count)| is_single(key.0, key.1, count))
            .collect();
        let opening = covered + singles.len();
        // A list within a long turn looks the same, but has paragraphs around it
        // that nobody's name opens.
        let share = if covered == 0 { 75 } else { 90 };
        let fills = opening * 100 >= self.paragraphs * share;
        singles
            .into_iter()
            .filter(|((name, style), count)| {
                let words = name.split_whitespace().count();
                let sure = *style == Style::Bold || words > 1;
                is_role(name, count) || fills || (beside && sure && count.with_words > 0)
            })
            .map(|(key, _)| *key)
            .collect()
    }
}

/// True if a label that stands once states a role and nothing else can be meant.
fn is_role(name: &str, count: &Count) -> bool {
    const WEAK: [&str; 5] = ["answer", "question", "rep", "subject", "support"];
    count.shape == Some(Shape::Role)
        && name.split_whitespace().count() == 1
        && !WEAK.contains(&name.to_lowercase().as_str())
}

/// True for a label that stands once, in front of a paragraph, and can be a name.
fn is_single(name: &str, style: Style, count: &Count) -> bool {
    let numbered = name.ends_with(|c: char| c.is_ascii_digit())
        && !is_role(name, count)
        && !name.to_lowercase().starts_with("speaker");
    matches!(style, Style::Colon | Style::Bold)
        && matches!(count.shape, Some(Shape::Name | Shape::Role))
        && !numbered
        && count.lines == 1
        && count.opening == 1
}
