//! Names: what of a label can be one.

use crate::speakers;

/// Longer names are no labels.
pub(super) const LONGEST: usize = 63;
/// Nor are names of more words.
const WORDS: usize = 6;

/// What a name looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// It states a role, as "Interviewer" and "P1" do.
    Role,
    /// Written as names are.
    Name,
    /// Could be one, if it comes back again and again.
    Word,
}

/// Heads of notes, lists and letters: never speakers.
const NEVER: &[&str] = &[
    "action",
    "actions",
    "address",
    "advice",
    "also",
    "attention",
    "background",
    "benefits",
    "best",
    "bonus",
    "bottom line",
    "caution",
    "chapter",
    "citation",
    "conclusion",
    "cons",
    "context",
    "correction",
    "cost",
    "date",
    "day",
    "description",
    "details",
    "disclaimer",
    "edit",
    "email",
    "error",
    "example",
    "examples",
    "fact",
    "figure",
    "file",
    "first",
    "footnote",
    "from",
    "fyi",
    "goal",
    "hint",
    "http",
    "https",
    "idea",
    "important",
    "info",
    "introduction",
    "issue",
    "item",
    "link",
    "location",
    "mailto",
    "main point",
    "method",
    "monday",
    "name",
    "nb",
    "negative",
    "negatives",
    "next",
    "note",
    "notes",
    "number",
    "objective",
    "option",
    "overall",
    "overview",
    "page",
    "part",
    "phase",
    "place",
    "point",
    "positive",
    "positives",
    "price",
    "problem",
    "project",
    "pros",
    "ps",
    "purpose",
    "quote",
    "rating",
    "re",
    "reason",
    "recommendation",
    "reference",
    "remember",
    "result",
    "results",
    "scenario",
    "second",
    "section",
    "similarly",
    "situation",
    "solution",
    "source",
    "spoiler",
    "step",
    "subject line",
    "summary",
    "task",
    "tel",
    "test",
    "then",
    "third",
    "time",
    "tip",
    "title",
    "tl",
    "tldr",
    "to",
    "todo",
    "topic",
    "total",
    "update",
    "url",
    "verdict",
    "version",
    "warning",
    "website",
    "week",
    "year",
];

/// What a transcriber writes where nobody speaks.
const NO_SPEECH: &[&str] = &[
    "ad",
    "ad break",
    "advertisement",
    "applause",
    "break",
    "crosstalk",
    "end of recording",
    "inaudible",
    "indistinct",
    "intro",
    "jingle",
    "laughs",
    "laughter",
    "music",
    "noise",
    "outro",
    "overlapping",
    "pause",
    "silence",
    "sound sample",
    "sponsor",
    "unintelligible",
];

/// True for "Break", "Music" and the like.
pub(super) fn is_no_speech(name: &str) -> bool {
    NO_SPEECH.contains(&name.trim().to_lowercase().as_str())
}

/// What `name` looks like; `None` if it can be no label.
pub(crate) fn shape(name: &str) -> Option<Shape> {
    if name.is_empty() || name.chars().count() > LONGEST || !name.chars().any(char::is_alphabetic) {
        return None;
    }
    let words: Vec<&str> = name.split_whitespace().collect();
    let odd = |c: char| {
        matches!(
            c,
            ',' | ';'
                | '!'
                | '?'
                | '"'
                | '“'
                | '”'
                | '='
                | '<'
                | '>'
                | '|'
                | '\\'
                | '*'
                | '`'
                | '…'
                | '。'
                | '、'
        )
    };
    let sentence = words.iter().any(|word| {
        word.ends_with('.') && (word.len() > 5 || word.starts_with(char::is_lowercase))
    });
    if words.len() > WORDS || name.contains(odd) || sentence || name.contains("--") {
        return None;
    }
    if !name.starts_with(char::is_alphabetic) {
        return None;
    }
    let head = name
        .to_lowercase()
        .trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace() || c == '#')
        .to_owned();
    if NEVER.binary_search(&head.as_str()).is_ok() {
        return None;
    }
    if speakers::stated(name).is_some() && words.len() <= 4 {
        return Some(Shape::Role);
    }
    let proper = words.iter().all(|word| {
        is_particle(word)
            || word
                .chars()
                .find(|c| c.is_alphanumeric())
                .is_none_or(|c| !c.is_lowercase())
    });
    let capital = words
        .first()
        .is_some_and(|word| !is_particle(word) || words.len() > 1);
    let short = words.len() <= 4;
    Some(if proper && capital && short {
        Shape::Name
    } else {
        Shape::Word
    })
}

fn is_particle(word: &str) -> bool {
    matches!(
        word,
        "al" | "and"
            | "bin"
            | "da"
            | "de"
            | "del"
            | "den"
            | "der"
            | "di"
            | "dos"
            | "du"
            | "el"
            | "la"
            | "le"
            | "of"
            | "the"
            | "ten"
            | "ter"
            | "van"
            | "von"
            | "y"
            | "zu"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_what_is_none() {
        for (name, want) in [
            ("P1", Some(Shape::Role)),
            ("Dana", Some(Shape::Name)),
            ("Dr. Ana de la Cruz", Some(Shape::Word)),
            ("Ludwig van Beethoven", Some(Shape::Name)),
            ("田中", Some(Shape::Name)),
            ("what i mean", Some(Shape::Word)),
            ("Note", None),
            ("Step 3", None),
            ("- Topics", None),
            ("It broke. Then", None),
            ("", None),
        ] {
            assert_eq!(shape(name), want, "{name}");
        }
        assert!(is_no_speech("Music") && !is_no_speech("Dana"));
    }

    #[test]
    fn the_list_is_sorted_as_its_search_needs() {
        assert!(NEVER.is_sorted());
    }
}
