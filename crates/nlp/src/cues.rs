//! The little language in which cues are written, and its matching.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::words::{Token, rows};

/// The cues of one file, each of one kind.
#[derive(Debug)]
pub(crate) struct Cues<K> {
    classes: BTreeMap<&'static str, Vec<Form>>,
    patterns: Vec<Pattern<K>>,
    /// Which patterns can begin with a word that has this first letter.
    by_letter: BTreeMap<char, Vec<usize>>,
}

/// A row of the file: words in order, and what they are a cue of.
#[derive(Debug)]
struct Pattern<K> {
    /// `None`: the word that it begins with is no cue here.
    kind: Option<K>,
    elements: Vec<Element>,
    /// It fits only where a sentence begins.
    opens: bool,
    /// It says "not" itself, so that a "not" before it turns nothing round.
    negates: bool,
}

#[derive(Debug)]
enum Element {
    Word {
        forms: Vec<Form>,
        optional: bool,
    },
    /// At most so many words of any kind.
    Gap(usize),
    /// The end of the sentence.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Exact(&'static str),
    Prefix(&'static str),
    Suffix(&'static str),
    Number,
}

/// The longest gap and the most gaps a pattern may have. They bound the work at
/// each word, so that reading is linear in the text.
const LONGEST_GAP: usize = 9;
const MOST_GAPS: usize = 2;

/// How many words before a cue can turn it round.
const REACH: usize = 3;

impl<K: Copy + FromStr> Cues<K> {
    /// Reads a file of cues. Rows that cannot be read are left out and counted
    /// by the second value, which a test holds at zero.
    pub(crate) fn read(file: &'static str) -> (Self, usize) {
        let mut cues = Self {
            classes: BTreeMap::new(),
            patterns: Vec::new(),
            by_letter: BTreeMap::new(),
        };
        let unread = rows(file).filter(|row| cues.add(row).is_none()).count();
        (cues, unread)
    }

    fn add(&mut self, row: &'static str) -> Option<()> {
        let (kind, rest) = row.split_once('\t')?;
        if let Some(class) = kind.strip_prefix('@') {
            let forms = self.forms(rest)?;
            self.classes.entry(class).or_default().extend(forms);
            return Some(());
        }
        let kind = match kind {
            "void" => None,
            word => Some(word.parse().ok()?),
        };
        let opening = rest.strip_prefix("^ ");
        let elements: Vec<_> = opening
            .unwrap_or(rest)
            .split(' ')
            .map(|element| self.element(element))
            .collect::<Option<_>>()?;
        let gaps = elements.iter().filter(|e| matches!(e, Element::Gap(_)));
        if gaps.count() > MOST_GAPS {
            return None;
        }
        let at = self.patterns.len();
        for letter in first_letters(elements.first()?)? {
            let starting = self.by_letter.entry(letter).or_default();
            if starting.last() != Some(&at) {
                starting.push(at);
            }
        }
        let negates = elements.iter().any(|element| match element {
            Element::Word { forms, .. } => forms.iter().any(|form| match form {
                Form::Exact(word) => self.has("negator", word),
                _ => false,
            }),
            Element::Gap(_) | Element::End => false,
        });
        self.patterns.push(Pattern {
            kind,
            elements,
            opens: opening.is_some(),
            negates,
        });
        Some(())
    }

    fn element(&self, element: &'static str) -> Option<Element> {
        if element == "$" {
            return Some(Element::End);
        }
        if let Some(most) = element.strip_prefix('~') {
            let most = most.parse().ok().filter(|most| *most <= LONGEST_GAP)?;
            return Some(Element::Gap(most));
        }
        let word = element.strip_suffix('?');
        Some(Element::Word {
            forms: self.forms(word.unwrap_or(element))?,
            optional: word.is_some(),
        })
    }

    fn forms(&self, alternatives: &'static str) -> Option<Vec<Form>> {
        let mut forms = Vec::new();
        for word in alternatives.split('|') {
            if word.is_empty() {
                return None;
            } else if word == "#" {
                forms.push(Form::Number);
            } else if let Some(class) = word.strip_prefix('@') {
                forms.extend(self.classes.get(class)?);
            } else if let Some(start) = word.strip_suffix('*') {
                forms.push(Form::Prefix(start));
            } else if let Some(end) = word.strip_prefix('*') {
                forms.push(Form::Suffix(end));
            } else {
                forms.push(Form::Exact(word));
            }
        }
        Some(forms)
    }

    /// The kinds of the cues that begin at each word of a sentence, with the
    /// word's place. A cue that the words before turn round is none.
    pub(crate) fn found(&self, sentence: &[Token]) -> Vec<(usize, K)> {
        let at = |at| self.at(sentence, at).map(move |kind| (at, kind));
        (0..sentence.len()).flat_map(at).collect()
    }

    fn at(&self, sentence: &[Token], at: usize) -> impl Iterator<Item = K> {
        let found = sentence
            .split_at_checked(at)
            .and_then(|(before, from)| self.kinds(before, from));
        found.unwrap_or_default().into_iter()
    }

    /// `None` where no pattern that begins with this word counts.
    fn kinds(&self, before: &[Token], from: &[Token]) -> Option<Vec<K>> {
        let starting = self.by_letter.get(&letter(&from.first()?.word)?)?;
        let mut kinds = Vec::new();
        for pattern in starting.iter().filter_map(|p| self.patterns.get(*p)) {
            let in_place = !pattern.opens || self.opens(before);
            if !in_place || !fits(&pattern.elements, from) {
                continue;
            }
            let kind = pattern.kind?;
            if pattern.negates || !self.turned_round(before, from) {
                kinds.push(kind);
            }
        }
        Some(kinds)
    }

    /// True if one of the last words before place `at`, of the same clause, is of
    /// this class.
    pub(crate) fn is_near(&self, sentence: &[Token], at: usize, class: &str) -> bool {
        let around = sentence.split_at_checked(at);
        around.is_some_and(|(before, from)| self.is_before(before, from, class))
    }

    /// True if a sentence still begins after these words.
    fn opens(&self, before: &[Token]) -> bool {
        before.iter().all(|token| self.has("opener", &token.word))
    }

    /// True if the words before say that it was not so.
    fn turned_round(&self, before: &[Token], from: &[Token]) -> bool {
        self.is_before(before, from, "negator") && !self.is_before(before, from, "weakener")
    }

    fn is_before(&self, before: &[Token], from: &[Token], class: &str) -> bool {
        let clause = from.first().map(|token| token.clause);
        before
            .iter()
            .rev()
            .take(REACH)
            .take_while(|token| Some(token.clause) == clause)
            .take_while(|token| !self.has("connective", &token.word))
            .any(|token| self.has(class, &token.word))
    }

    fn has(&self, class: &str, word: &str) -> bool {
        self.classes
            .get(class)
            .is_some_and(|forms| forms.iter().any(|form| form.fits(word)))
    }
}

impl Form {
    fn fits(self, word: &str) -> bool {
        match self {
            Self::Exact(exact) => word == exact,
            Self::Prefix(start) => word.starts_with(start),
            Self::Suffix(end) => word.ends_with(end),
            Self::Number => word.starts_with(|c: char| c.is_ascii_digit()),
        }
    }
}

fn fits(elements: &[Element], tokens: &[Token]) -> bool {
    let Some((element, rest)) = elements.split_first() else {
        return true;
    };
    match element {
        Element::Gap(most) => (0..=*most)
            .map_while(|skipped| tokens.get(skipped..))
            .any(|tokens| fits(rest, tokens)),
        Element::End => tokens.is_empty() && fits(rest, tokens),
        Element::Word { forms, optional } => {
            let taken = tokens.split_first().is_some_and(|(token, after)| {
                forms.iter().any(|form| form.fits(&token.word)) && fits(rest, after)
            });
            taken || (*optional && fits(rest, tokens))
        }
    }
}

fn letter(word: &str) -> Option<char> {
    // Numbers share a letter, as a cue asks for any of them.
    let first = word.chars().next()?;
    Some(if first.is_ascii_digit() { '0' } else { first })
}

/// The letters that a pattern can begin with; `None` if it could begin with any.
fn first_letters(element: &Element) -> Option<Vec<char>> {
    match element {
        Element::Word {
            forms,
            optional: false,
        } => forms
            .iter()
            .map(|form| match form {
                Form::Exact(word) | Form::Prefix(word) => letter(word),
                Form::Number => Some('0'),
                Form::Suffix(_) => None,
            })
            .collect(),
        _ => None,
    }
}
