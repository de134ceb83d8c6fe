use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// A word and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its bytes in the text.
    pub(crate) range: Range<usize>,
    /// Lower case, with a straight apostrophe.
    pub(crate) folded: String,
    content: bool,
}

/// A list of words kept as a data file beside the code.
pub(crate) struct Lexicon(LazyLock<HashSet<&'static str>>);

impl Lexicon {
    pub(crate) fn has(&self, word: &Word) -> bool {
        self.0.contains(word.folded.as_str())
    }
}

macro_rules! lexicons {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)+) => {$(
        $(#[$doc])*
        pub(crate) static $name: Lexicon = Lexicon(LazyLock::new(|| {
            include_str!(concat!("../data/", $file))
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
                .collect()
        }));
    )+};
}

lexicons! {
    /// Function words: no topic in them.
    STOPWORDS = "stopwords.txt";
    /// Words that begin a new clause.
    BOUNDARIES = "boundaries.txt";
    /// Words a label does not begin with.
    HEDGES = "hedges.txt";
    /// Words a label does not end with.
    WEAK_ENDS = "weak_ends.txt";
    /// Words by which a clause hangs on another one.
    SUBORDINATORS = "subordinators.txt";
    /// Words that can begin the subject of a clause.
    SUBJECTS = "subjects.txt";
    /// Words by which something is said of something.
    PREDICATES = "predicates.txt";
    /// Words that lean on the next one.
    LEADS = "leads.txt";
    /// Words that point at something said elsewhere.
    VAGUE = "vague.txt";
    NEGATORS = "negators.txt";
    MODALS = "modals.txt";
}

impl Word {
    /// True if it turns a claim round or says that it failed.
    pub(crate) fn negates(&self) -> bool {
        NEGATORS.has(self) || self.folded.ends_with("n't")
    }

    /// True if it says that a claim is wished, possible, needed or doubted;
    /// `next` is the word after it, for "had to".
    pub(crate) fn bends(&self, next: Option<&Self>) -> bool {
        let must = matches!(self.folded.as_str(), "have" | "has" | "had" | "having");
        MODALS.has(self) || must && next.is_some_and(|next| next.folded == "to")
    }

    /// True if it is a number, an amount or begins as one.
    pub(crate) fn is_number(&self) -> bool {
        self.folded.starts_with(|c: char| c.is_ascii_digit())
    }

    /// True if it carries a topic.
    pub(crate) fn is_content(&self) -> bool {
        self.content
    }

    /// The word without its English plural or possessive ending, so that "fees"
    /// and "fee" are one.
    pub(crate) fn stem(&self) -> &str {
        let word = self.folded.strip_suffix("'s").unwrap_or(&self.folded);
        let keeps = word.len() < 4 || ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
        match word.strip_suffix('s') {
            Some(singular) if !keeps => singular,
            _ => word,
        }
    }
}

/// The clauses of a text, each as its words. A clause ends at punctuation, at a
/// line break and before a word that begins another one.
pub(crate) fn clauses(text: &str) -> Vec<Vec<Word>> {
    let mut clauses = vec![Vec::new()];
    let mut end_of_last = 0;
    for word in words(text) {
        let gap = text.get(end_of_last..word.range.start).unwrap_or_default();
        end_of_last = word.range.end;
        let before = clauses.last().and_then(|clause: &Vec<Word>| clause.last());
        let breaks = gap.chars().any(ends_clause)
            || BOUNDARIES.has(&word)
            || before.is_some_and(|before| begins_sentence(text, before, &word));
        // "@shop" speaks to somebody; it is no part of what is said.
        let address = gap.ends_with('@');
        if breaks || address {
            clauses.push(Vec::new());
        }
        match clauses.last_mut() {
            Some(clause) if !address => clause.push(word),
            _ => clauses.push(Vec::new()),
        }
    }
    clauses.retain(|clause| !clause.is_empty());
    clauses.into_iter().flat_map(split_run_on).collect()
}

/// Parts a clause from the one that hangs on it where the comma between them is
/// missing: "when the app updates | my schedule is gone". The second begins at
/// the last word that can begin a subject of its own and has a verb after it.
fn split_run_on(mut clause: Vec<Word>) -> Vec<Vec<Word>> {
    let hangs = |word: &Word| SUBORDINATORS.has(word);
    let Some(head) = clause.iter().take(2).position(hangs) else {
        return vec![clause];
    };
    // The first subject belongs to the subordinate clause, and its object, if it
    // has one, may begin in the same way.
    let from = head + 3;
    let verb = |word: &Word| word.negates() || PREDICATES.has(word);
    let last_verb = clause.iter().rposition(verb).unwrap_or(0);
    let begins = |at: &usize| {
        let word = clause.get(*at);
        let before = at.checked_sub(1).and_then(|before| clause.get(before));
        word.is_some_and(|word| SUBJECTS.has(word))
            && before.is_some_and(|before| !LEADS.has(before) && !SUBJECTS.has(before))
    };
    match (from..last_verb).rev().find(begins) {
        Some(at) => {
            let rest = clause.split_off(at);
            vec![clause, rest]
        }
        None => vec![clause],
    }
}

/// True if a full stop is missing: a function word with a capital after a word
/// without ("not free After three levels").
fn begins_sentence(text: &str, before: &Word, word: &Word) -> bool {
    let capital = |word: &Word| {
        let first = text.get(word.range.clone()).and_then(|w| w.chars().next());
        first.is_some_and(char::is_uppercase)
    };
    word.folded.len() > 1
        && !word.folded.starts_with("i'")
        && STOPWORDS.has(word)
        && capital(word)
        && !capital(before)
}

/// Anything between two words but spaces, apostrophes, and the signs that
/// belong to an amount or a name.
fn ends_clause(c: char) -> bool {
    let within = matches!(
        c,
        '\'' | '’' | '$' | '€' | '£' | '%' | '#' | '@' | '&' | '+'
    );
    !within && (!c.is_whitespace() || c == '\n' || c == '\r')
}

/// The words of a text: letters and digits, with the apostrophes, hyphens, dots
/// and commas that stand between two of them ("don't", "check-in", "9.50").
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    let mut characters = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map_or(' ', |(_, next)| *next);
        let joins = match c {
            '\'' | '’' | '-' => before.is_alphanumeric() && next.is_alphanumeric(),
            '.' | ',' => before.is_ascii_digit() && next.is_ascii_digit(),
            _ => false,
        };
        if c.is_alphanumeric() || joins {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            words.push(word(text, from..at));
        }
        before = c;
    }
    if let Some(from) = start {
        words.push(word(text, from..text.len()));
    }
    words
}

fn word(text: &str, range: Range<usize>) -> Word {
    let folded = text
        .get(range.clone())
        .unwrap_or_default()
        .replace('’', "'")
        .to_lowercase();
    // Asked again and again, of every stretch that the word is in.
    let content = folded.chars().nth(1).is_some()
        && folded.chars().any(char::is_alphabetic)
        && !STOPWORDS.0.contains(folded.as_str())
        && !folded.ends_with("n't");
    Word {
        range,
        folded,
        content,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn apostrophes_hyphens_and_amounts_stay_in_one_word() {
        assert_eq!(
            folded("I didn’t pay $9.50, 'they' did — at check-in."),
            [
                "i", "didn't", "pay", "9.50", "they", "did", "at", "check-in"
            ]
        );
    }

    #[test]
    fn clauses_end_at_punctuation_and_before_conjunctions() {
        let text = "I called twice, but nobody answered because they were shut";
        let starts: Vec<_> = clauses(text).iter().map(|c| c[0].folded.clone()).collect();
        assert_eq!(starts, ["i", "but", "because"]);
    }

    #[test]
    fn plurals_fold_and_other_endings_do_not() {
        let stems: Vec<_> = words("fees fee's bus class gas apps")
            .iter()
            .map(|word| word.stem().to_owned())
            .collect();
        assert_eq!(stems, ["fee", "fee", "bus", "class", "gas", "app"]);
    }

    proptest! {
        #[test]
        fn words_are_slices_in_order(text in "\\PC{0,40}") {
            let mut end = 0;
            for word in words(&text) {
                prop_assert!(word.range.start >= end && text.get(word.range.clone()).is_some());
                end = word.range.end;
            }
        }
    }
}
