//! Names of people in names of files.

use crate::lists::{FILE_WORDS, GIVEN, ROLES, is_ordinary};
use crate::roster::Roster;
use crate::tokens::{Shape, Tokens, bare};
use crate::{Key, Kind};

/// Words after a given name that are taken for the rest of the name.
const REST: usize = 2;

impl Key {
    /// The name that a file has in the study: its own, with pseudonyms where it
    /// names somebody. Each file keeps its name, and no two have the same.
    pub(crate) fn file_name(&mut self, real: &str, roster: &Roster) -> String {
        if let Some(known) = self.known_file(real) {
            return known;
        }
        let parts: Vec<String> = real
            .split('/')
            .map(|part| self.part(part, roster))
            .collect();
        let name = parts.join("/");
        let mut free = name.clone();
        let mut number = 2;
        while self.is_file_name(&free) {
            free = numbered(&name, number);
            number += 1;
        }
        free
    }

    /// One folder's name, or a file's.
    fn part(&mut self, part: &str, roster: &Roster) -> String {
        let (stem, extension) = match part.split_once('.') {
            Some((stem, _)) if !stem.is_empty() => part.split_at(stem.len()),
            _ => (part, ""),
        };
        // One byte each, so that places stay what they are.
        let spaced = stem.replace(['_', '-', '+'], " ");
        let mut named = String::new();
        let mut end = 0;
        for (from, to, kind) in people_in(&spaced, roster) {
            named.push_str(stem.get(end..from).unwrap_or_default());
            let value = spaced.get(from..to).unwrap_or_default();
            named.push_str(&self.pseudonym(kind, value));
            end = to;
        }
        named.push_str(stem.get(end..).unwrap_or_default());
        named + extension
    }
}

/// Where a name of a file, with blanks between its words, names somebody.
fn people_in(spaced: &str, roster: &Roster) -> Vec<(usize, usize, Kind)> {
    let mut found: Vec<_> = crate::find::find(spaced, roster)
        .found
        .into_iter()
        .map(|found| (found.span.start, found.span.end, found.kind))
        .collect();
    let tokens = Tokens::of(spaced);
    let mut at = 0;
    while at < tokens.list.len() {
        let end = person_at(&tokens, at, roster);
        if let Some(end) = end {
            let (from, to) = (tokens.list[at].start, tokens.list[end - 1].end);
            found.push((from, to, Kind::Person));
        }
        at = end.unwrap_or(at + 1);
    }
    found.sort_by_key(|(from, to, _)| (*from, std::cmp::Reverse(*to)));
    let mut end = 0;
    found.retain(|(from, to, _)| {
        let free = *from >= end;
        end = end.max(*to);
        free
    });
    found
}

/// The token after a name that begins at token `at`: a word of somebody who is
/// known, or a given name, with words after it that are not usual in the names
/// of files.
fn person_at(tokens: &Tokens<'_>, at: usize, roster: &Roster) -> Option<usize> {
    let unusual = |at: usize| {
        let word = bare(tokens.said(at));
        tokens
            .list
            .get(at)
            .is_some_and(|token| token.shape == Shape::Word)
            && word.chars().count() >= 2
            && !FILE_WORDS.contains(word)
            && !ROLES.contains(word)
            && !is_ordinary(word)
    };
    let known = |at: usize| unusual(at) && roster.knows(tokens.said(at));
    let beside_interview = |at: usize| {
        let is = |said: &str| {
            matches!(
                said,
                "interview" | "transcript" | "with" | "call" | "mit" | "avec" | "con"
            )
        };
        tokens.is_capital(at)
            && (is(tokens.said(at + 1))
                || at
                    .checked_sub(1)
                    .is_some_and(|before| is(tokens.said(before))))
    };
    let given = |at: usize| GIVEN.contains(bare(tokens.said(at)));
    if !known(at) && !(unusual(at) && (given(at) || beside_interview(at))) {
        return None;
    }
    let mut end = at + 1;
    // Of somebody who is known the whole name is, too.
    let goes_on = |end: usize| if known(at) { known(end) } else { unusual(end) };
    while end <= at + REST && goes_on(end) {
        end += 1;
    }
    Some(end)
}

/// `name` with a number before its extension.
fn numbered(name: &str, number: u32) -> String {
    let file = name.rfind('/').map_or(0, |slash| slash + 1);
    match name[file..].find('.') {
        Some(dot) if dot > 0 => {
            let (stem, extension) = name.split_at(file + dot);
            format!("{stem} ({number}){extension}")
        }
        _ => format!("{name} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_leave_the_names_of_files_and_nothing_else_does() {
        let mut key = Key::new([1; 32]);
        let mut roster = Roster::default();
        roster.add_label("Zofka Brzhn");
        roster.add_label("May");
        let mut name = |real: &str| {
            let name = key.file_name(real, &roster);
            key.put_file(real, &name, real);
            name
        };
        assert_eq!(
            name("interviews/zofka_brzhn-final.vtt"),
            "interviews/Person 1-final.vtt"
        );
        assert_eq!(
            name("interviews/ZOFKA.txt.gz"),
            "interviews/Person 1.txt.gz"
        );
        assert_eq!(
            name("Sarah Whitlow 2024-05-03.txt"),
            "Person 2 2024-05-03.txt"
        );
        assert_eq!(name("whitlow sarah/p03.txt"), "whitlow Person 2/p03.txt");
        assert_eq!(name("Interview Oxbrane.docx"), "Interview Person 3.docx");
        for usual in [
            "reviews-de.csv",
            "P03_transcript_v2.txt",
            "wave2/export (3).jsonl",
            "Checkout study.csv",
        ] {
            assert_eq!(name(usual), usual);
        }
        assert_eq!(name("zofka.txt"), "Person 1.txt");
        assert_eq!(name("brzhn.txt"), "Person 1 (2).txt");
        assert_eq!(name("zofka.txt"), "Person 1.txt");
    }
}
