//! The people who are known before a text is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::lexicon::Sorts;
use crate::secret::Erased;
use crate::tokens::{Shape, Token, Tokens, bare, fold};

/// Tokens of the longest name that is looked for.
const LONGEST: usize = 6;

/// Names that are looked for wherever they occur: those of speakers, and those
/// that other texts have introduced.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    /// Whole names, token by token; with the exact spelling where the words are
    /// ordinary ones and only the spelling tells.
    whole: BTreeMap<String, Option<String>>,
    /// First tokens of whole names: where none of them stands, none is tried.
    starts: BTreeSet<String>,
    /// Single words of names.
    parts: BTreeSet<String>,
    /// People who were withdrawn: their names are known by hashes alone.
    pub(crate) erased: Erased,
}

impl Roster {
    /// True if nobody is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.parts.is_empty() && self.erased.is_empty()
    }

    /// Adds a speaker by their label. What in it names a part in the
    /// conversation ("Interviewer (Ann)") is no name.
    pub fn add_label(&mut self, label: &str) {
        for name in names_in_label(label) {
            self.add_name(name);
        }
    }

    /// Adds a person by their name.
    pub fn add_name(&mut self, name: &str) {
        let tokens = Tokens::of(name);
        if tokens.list.is_empty() || tokens.list.len() > LONGEST * 2 {
            return;
        }
        let usual = tokens
            .list
            .iter()
            .filter(|token| token.shape == Shape::Word)
            .all(|token| token.sorts.any(Sorts::ORDINARY | Sorts::ROLE));
        self.starts.insert(fold(tokens.said(0)));
        let exact = usual.then(|| name.trim().to_owned());
        self.whole
            .insert(joined(&tokens, 0..tokens.list.len()), exact);
        for (at, token) in tokens.list.iter().enumerate() {
            let word = bare(tokens.said(at));
            if token.shape == Shape::Word && can_stand_alone(word, token) {
                self.parts.insert(word.to_owned());
            }
        }
    }

    /// Every person who is in `other` is here too.
    pub fn add_all(&mut self, other: &Self) {
        for (name, exact) in &other.whole {
            self.whole
                .entry(name.clone())
                .or_insert_with(|| exact.clone());
        }
        self.starts.extend(other.starts.iter().cloned());
        self.parts.extend(other.parts.iter().cloned());
    }

    /// True if this very name is looked for.
    pub(crate) fn has(&self, name: &str) -> bool {
        let tokens = Tokens::of(name);
        let key = joined(&tokens, 0..tokens.list.len());
        self.whole.contains_key(&key) || self.erased.holds(&key)
    }

    /// True if `word`, in lower case, is somebody's name or a part of one.
    pub(crate) fn knows(&self, word: &str) -> bool {
        let word = bare(word);
        self.whole.contains_key(word) || self.parts.contains(word) || self.erased.holds(word)
    }

    /// The token after the name that begins at token `at`, if one does.
    pub(crate) fn name_at(&self, tokens: &Tokens<'_>, at: usize) -> Option<usize> {
        if self.is_empty() {
            return None;
        }
        let last = tokens.list.len().min(at + LONGEST);
        let erased = !self.erased.is_empty() && tokens.is_capital(at);
        let tried = erased || self.starts.contains(tokens.said(at));
        for end in (at + 2..=last).rev().filter(|_| tried) {
            if self.is_whole(tokens, at, end) {
                return Some(end);
            }
        }
        self.is_part(tokens, at).then_some(at + 1)
    }

    fn is_whole(&self, tokens: &Tokens<'_>, at: usize, end: usize) -> bool {
        let key = joined(tokens, at..end);
        match self.whole.get(&key) {
            Some(None) => true,
            Some(Some(exact)) => {
                let (first, last) = (&tokens.list[at], &tokens.list[end - 1]);
                bare(&tokens.text[first.start..last.end]) == exact
            }
            None => self.erased.holds(&key),
        }
    }

    fn is_part(&self, tokens: &Tokens<'_>, at: usize) -> bool {
        let Some(token) = tokens
            .list
            .get(at)
            .filter(|token| token.shape == Shape::Word)
        else {
            return false;
        };
        let word = bare(tokens.said(at));
        let whole = self.whole.contains_key(word);
        if whole && tokens.begins_line(at) && tokens.said(at + 1) == ":" {
            return true;
        }
        let erased = || token.capital && self.erased.holds(word);
        if !(whole || self.parts.contains(word) || erased()) {
            return false;
        }
        let usual = Sorts::ORDINARY | Sorts::AMBIGUOUS | Sorts::ROLE;
        if !token.bare.any(usual) {
            token.capital || word.chars().count() >= 4
        } else {
            whole && token.capital && !is_month_or_start(tokens, at)
        }
    }
}

/// True where an ordinary word that is somebody's name is more likely the word.
fn is_month_or_start(tokens: &Tokens<'_>, at: usize) -> bool {
    let before = at.checked_sub(1).map_or("", |before| tokens.said(before));
    let addressed = matches!(tokens.said(at + 1), "," | ":" | "said" | "says");
    let dated = matches!(
        before,
        "in" | "by"
            | "since"
            | "until"
            | "till"
            | "last"
            | "next"
            | "early"
            | "late"
            | "mid"
            | "during"
            | "of"
            | "from"
            | "between"
            | "on"
    ) || before.starts_with(|c: char| c.is_ascii_digit())
        || tokens
            .said(at + 1)
            .starts_with(|c: char| c.is_ascii_digit());
    dated || (tokens.begins_sentence(at) && !addressed)
}

/// True if a word of a name is looked for without the rest of the name.
fn can_stand_alone(word: &str, token: &Token) -> bool {
    let latin = word.is_ascii();
    let long = word.chars().count() >= if latin { 3 } else { 2 };
    // A part in small letters is a particle ("van", "de") or a nickname.
    let particle = !token.capital && word.chars().count() <= 3;
    long && !particle
        && !token
            .bare
            .any(Sorts::ORDINARY | Sorts::AMBIGUOUS | Sorts::ROLE | Sorts::TITLE)
}

/// Names in a speaker's label: what is left of it without parts of the
/// conversation.
pub(crate) fn names_in_label(label: &str) -> impl Iterator<Item = &str> {
    label
        .split(['(', ')', '[', ']', ',', '/', '|', '–', '—'])
        .map(|part| part.trim_matches(|c: char| c.is_whitespace() || "*:_#-.".contains(c)))
        .filter(|part| !part.is_empty() && !names_nobody(part))
        .map(without_role)
}

/// "Participant Dana" and "Dana Kovacs - Interviewer": the name in them.
fn without_role(part: &str) -> &str {
    let tokens = Tokens::of(part);
    let role = |at: usize| {
        tokens.list.get(at).is_some_and(|token| match token.shape {
            Shape::Word => token.sorts.any(Sorts::ROLE) && tokens.said(at).chars().count() > 1,
            Shape::Number => false,
            Shape::Mark => true,
        })
    };
    let (mut from, mut to) = (0, tokens.list.len());
    while from < to && role(from) {
        from += 1;
    }
    while from < to && role(to - 1) {
        to -= 1;
    }
    match (
        tokens.list.get(from),
        to.checked_sub(1).and_then(|to| tokens.list.get(to)),
    ) {
        (Some(first), Some(last)) if from < to => &part[first.start..last.end],
        _ => part,
    }
}

/// True if a label, or a part of one, says what somebody does and not who they
/// are.
pub(crate) fn names_nobody(part: &str) -> bool {
    let tokens = Tokens::of(part);
    tokens.list.iter().all(|token| match token.shape {
        Shape::Word => token.sorts.any(Sorts::ROLE),
        _ => true,
    })
}

/// What names are compared by: their tokens in lower case, without titles.
pub(crate) fn key_of(name: &str) -> String {
    let tokens = Tokens::of(name);
    joined(&tokens, untitled(&tokens)..tokens.list.len())
}

/// A name as it is written, without titles.
pub(crate) fn key_as_written(name: &str) -> String {
    let tokens = Tokens::of(name);
    let first = tokens.list.get(untitled(&tokens));
    first.map_or(name, |first| &name[first.start..]).to_owned()
}

fn untitled(tokens: &Tokens<'_>) -> usize {
    let mut from = 0;
    while from + 1 < tokens.list.len()
        && (crate::cues::is_title(tokens.said(from))
            || matches!(tokens.said(from), "." | "and" | "@"))
    {
        from += 1;
    }
    from
}

fn joined(tokens: &Tokens<'_>, range: std::ops::Range<usize>) -> String {
    let last = range.end.saturating_sub(1);
    let mut key = String::new();
    for at in range {
        if !key.is_empty() {
            key.push(' ');
        }
        let said = tokens.said(at);
        key.push_str(if at == last { bare(said) } else { said });
    }
    fold(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'t>(roster: &Roster, text: &'t str) -> Vec<&'t str> {
        let tokens = Tokens::of(text);
        let mut found = Vec::new();
        let mut at = 0;
        while at < tokens.list.len() {
            match roster.name_at(&tokens, at) {
                Some(end) => {
                    found.push(&text[tokens.list[at].start..tokens.list[end - 1].end]);
                    at = end;
                }
                None => at += 1,
            }
        }
        found
    }

    #[test]
    fn labels_name_people_and_parts_do_not() {
        let names = |label| names_in_label(label).collect::<Vec<_>>();
        assert_eq!(names("Interviewer (Ann)"), ["Ann"]);
        assert_eq!(names("Participant Dana"), ["Dana"]);
        assert_eq!(names("Zofka Brzhn, UX Researcher"), ["Zofka Brzhn"]);
        assert_eq!(names("tamsin_k"), ["tamsin_k"]);
        for nobody in ["Speaker 2", "P1", "INT", "Q", "Support Agent", "", "User_1"] {
            assert!(names(nobody).is_empty(), "{nobody}");
        }
    }

    #[test]
    fn words_that_are_also_names_need_more_than_a_capital() {
        let mut roster = Roster::default();
        roster.add_label("May");
        roster.add_label("Dana Kovacs");
        assert_eq!(
            found(
                &roster,
                "May: In May I met DANA. Thanks, May. May I? kovacs's"
            ),
            ["May", "DANA", "May", "kovacs's"]
        );
    }
}
