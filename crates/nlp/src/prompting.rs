//! Who brought a topic up: the interviewer or survey, or the participant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use throughline_core::Prompting;

use crate::words::{Token, rows, tokens};

/// Whether a word carries a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Says yes, no or the like.
    Assent,
    /// Carries no content.
    Function,
    /// Carries content but names no topic: "problem", "find".
    Generic,
    Topic,
}

/// English words that are no topics, with their kind.
static KINDS: LazyLock<BTreeMap<&'static str, Kind>> = LazyLock::new(|| {
    rows(include_str!("prompting/words.tsv"))
        .filter_map(|row| row.split_once('\t'))
        .filter_map(|(kind, words)| Some((kind_named(kind)?, words)))
        .flat_map(|(kind, words)| words.split(' ').map(move |word| (word, kind)))
        .collect()
});

fn kind_named(name: &str) -> Option<Kind> {
    match name {
        "assent" => Some(Kind::Assent),
        "function" => Some(Kind::Function),
        "generic" => Some(Kind::Generic),
        _ => None,
    }
}

/// What came before a passage, from somebody who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before<'a> {
    /// It is not known who spoke before, or who speaks.
    Unknown,
    /// Nobody asked: the passage begins a text, or answers another participant.
    Nothing,
    /// The interviewer's previous turn, or the survey's question.
    Question {
        /// Its words.
        question: &'a str,
        /// True if nothing stands between the two, so that a pronoun of the
        /// passage means what was asked about.
        directly: bool,
    },
}

/// Whether what a passage speaks of was brought up before it, by the question.
/// The first that fits decides:
///
/// 1. it is not known who asked: [`Prompting::Unknown`];
/// 2. a bare yes or no, or an answer whose every word of content the question
///    already had: [`Prompting::Assent`];
/// 3. a topic of the passage was in the question, or the passage follows a
///    question that names a topic and speaks of "it" or "them" in its first
///    clause: [`Prompting::Prompted`];
/// 4. else, and without a question: [`Prompting::Unprompted`].
///
/// Topics are English words of content under a light stemming ("billed" and
/// "billing" are one). Synonyms are not seen: "the parcel was late", after a
/// question about the delivery, counts as unprompted. Time is linear in the text
/// and the question, but for a sort of their words.
#[must_use]
pub fn prompting(text: &str, before: Before<'_>) -> Prompting {
    if before == Before::Unknown {
        return Prompting::Unknown;
    }
    let answer = Content::of(text);
    if answer.says_yes_or_no && answer.words.is_empty() {
        return Prompting::Assent;
    }
    let Before::Question { question, directly } = before else {
        return Prompting::Unprompted;
    };
    let question = Content::of(question);
    if question.is_empty {
        Prompting::Unprompted
    } else if !answer.is_empty && answer.words.is_subset(&question.words) {
        Prompting::Assent
    } else if !answer.topics.is_disjoint(&question.topics)
        || (directly && answer.points_back && !question.topics.is_empty())
    {
        Prompting::Prompted
    } else {
        Prompting::Unprompted
    }
}

/// What a text speaks of, as stems.
struct Content {
    /// Has not one word.
    is_empty: bool,
    says_yes_or_no: bool,
    /// Speaks in its first clause of what is not named there.
    points_back: bool,
    words: BTreeSet<String>,
    /// Those of `words` that name a topic.
    topics: BTreeSet<String>,
}

impl Content {
    fn of(text: &str) -> Self {
        let tokens = tokens(text);
        let mut content = Self {
            is_empty: true,
            says_yes_or_no: false,
            points_back: points_back(&tokens),
            words: BTreeSet::new(),
            topics: BTreeSet::new(),
        };
        for token in tokens {
            content.is_empty = false;
            let kind = kind(&token.word);
            match kind {
                Kind::Assent => content.says_yes_or_no = true,
                Kind::Function => {}
                Kind::Generic | Kind::Topic => {
                    let stem = stem(&token.word);
                    if kind == Kind::Topic {
                        content.topics.insert(stem.to_owned());
                    }
                    content.words.insert(stem.to_owned());
                }
            }
        }
        content
    }
}

/// True if the first clause with content speaks of "it" or "them" before it names
/// anything, and no "but" leads on to something else. "That" stands for something
/// at the beginning or the end of the clause alone, as it joins clauses elsewhere.
fn points_back(tokens: &[Token]) -> bool {
    let points = |one: &Token| BACK.contains(&one.word.as_str());
    let says = |one: &&Token| {
        points(one) || matches!(kind(&one.word), Kind::Generic | Kind::Topic) || one.word == "that"
    };
    let Some(first) = tokens.iter().find(says) else {
        return false;
    };
    let clause = || tokens.iter().filter(|one| one.clause == first.clause);
    let ends = [clause().next(), clause().next_back()];
    let that = ends.into_iter().flatten().any(|one| one.word == "that");
    let mut unnamed = clause().take_while(|one| kind(&one.word) != Kind::Topic);
    let leads_on = tokens.iter().any(|one| one.word == "but");
    !leads_on && (that || unnamed.any(points))
}

/// Pronouns that stand for what was named before.
const BACK: [&str; 12] = [
    "it", "its", "they", "them", "their", "theirs", "he", "she", "this", "these", "those", "mine",
];

fn kind(word: &str) -> Kind {
    match KINDS.get(word) {
        Some(kind) => *kind,
        // A number is content, but the same number need not be the same thing.
        None if !word.contains(char::is_alphabetic) => Kind::Generic,
        None if word.len() < 2 => Kind::Function,
        None => Kind::Topic,
    }
}

/// The word without its commonest English endings. Both sides are treated
/// alike, so that it need not be a word, only the same for the same topic.
fn stem(word: &str) -> &str {
    let mut stem = word;
    if let Some(singular) = stem.strip_suffix("ies") {
        return long_enough(singular, 3).unwrap_or(word);
    }
    if !["ss", "us", "is"].iter().any(|end| stem.ends_with(end)) {
        stem = shortened(stem, "s", 3);
    }
    let full = stem;
    for ending in ["ing", "ed", "ment"] {
        if stem == full {
            stem = shortened(stem, ending, 3);
        }
    }
    let mut end = stem.chars().rev();
    let doubled = end.next().filter(|last| Some(*last) == end.next());
    match doubled {
        Some(last) => shortened(stem, last.encode_utf8(&mut [0; 4]), 3),
        None => shortened(shortened(stem, "e", 3), "y", 4),
    }
}

/// The word without this ending, if enough of it is left to be told apart.
fn shortened<'a>(word: &'a str, ending: &str, at_least: usize) -> &'a str {
    word.strip_suffix(ending)
        .and_then(|stem| long_enough(stem, at_least))
        .unwrap_or(word)
}

fn long_enough(stem: &str, at_least: usize) -> Option<&str> {
    (stem.chars().count() >= at_least && stem.contains(['a', 'e', 'i', 'o', 'u', 'y']))
        .then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn after(question: &str) -> Before<'_> {
        let directly = true;
        match question {
            "-" => Before::Nothing,
            question => Before::Question { question, directly },
        }
    }

    /// The exchanges were written before the rules and are in plain sight of
    /// whoever changes the word lists: the share says that the rules keep what
    /// they promise, not how they would do on interviews never seen.
    #[test]
    fn exchanges_written_beforehand_are_read_right() {
        let (mut right, mut total) = (0, 0);
        for row in rows(include_str!("prompting/cases.tsv")) {
            let fields: Vec<_> = row.split('\t').collect();
            let [label, question, passage] = fields[..] else {
                panic!("three fields: {row}");
            };
            let expected: Prompting = label.parse().unwrap();
            let found = prompting(passage, after(question));
            assert_eq!(prompting(passage, Before::Unknown), Prompting::Unknown);
            total += 1;
            right += usize::from(found == expected);
            if found != expected {
                println!("{expected} read as {found}: {question} / {passage}");
            }
        }
        println!("{right} of {total} exchanges read right");
        assert!(right * 100 >= total * 95, "{right} of {total}");
    }

    #[test]
    fn stems_join_the_forms_of_a_word() {
        for forms in [
            "bill bills billed billing",
            "cancel cancels cancelled cancelling canceled",
            "price prices priced pricing",
            "delivery deliveries deliver delivered",
            "log logs logged logging",
            "payment payments pay",
            "plan plans planned",
        ] {
            let stems: BTreeSet<_> = forms.split(' ').map(stem).collect();
            assert_eq!(stems.len(), 1, "{forms}: {stems:?}");
        }
        assert_ne!(stem("box"), stem("boss"));
    }

    #[test]
    fn every_word_of_the_list_has_a_kind_and_one_only() {
        let file = include_str!("prompting/words.tsv");
        let mut seen = BTreeSet::new();
        for row in rows(file) {
            let (kind, words) = row.split_once('\t').unwrap();
            assert!(kind_named(kind).is_some(), "{kind}");
            for word in words.split(' ') {
                assert!(seen.insert(word), "{word} stands twice");
            }
        }
        assert_eq!(seen.len(), KINDS.len());
    }

    #[test]
    fn a_bare_yes_is_assent_even_without_a_question() {
        assert_eq!(prompting("Yes.", Before::Nothing), Prompting::Assent);
        assert_eq!(prompting("…", after("Was it?")), Prompting::Unprompted);
    }

    #[test]
    fn a_pronoun_points_at_the_question_only_from_just_behind_it() {
        let question = "How was the delivery?";
        let read = |text, directly| prompting(text, Before::Question { question, directly });
        assert_eq!(read("It was late.", true), Prompting::Prompted);
        assert_eq!(read("Well, no, I hated it.", true), Prompting::Prompted);
        assert_eq!(read("It was late.", false), Prompting::Unprompted);
        let elsewhere = "The oven broke, and it smelt.";
        assert_eq!(read(elsewhere, true), Prompting::Unprompted);
        assert_eq!(
            read("It was fine, but the oven broke.", true),
            Prompting::Unprompted
        );
        let joined = "I think that the oven broke.";
        assert_eq!(read(joined, true), Prompting::Unprompted);
        assert_eq!(
            prompting("It was late.", after("And then?")),
            Prompting::Unprompted
        );
    }

    proptest! {
        #[test]
        fn no_string_panics(text in any::<String>(), question in any::<String>()) {
            let found = prompting(&text, after(&question));
            prop_assert!(found != Prompting::Unknown);
        }

        #[test]
        fn a_text_after_itself_brings_nothing_new(text in "[a-z' ]{0,40}") {
            let found = prompting(&text, after(&text));
            let expected = if tokens(&text).is_empty() { Prompting::Unprompted } else { Prompting::Assent };
            prop_assert_eq!(found, expected);
        }
    }
}
