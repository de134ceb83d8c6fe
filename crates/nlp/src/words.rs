//! A text as folded words, for the rules that read cues instead of vectors.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use unicode_segmentation::UnicodeSegmentation;

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// Lower case, with straight apostrophes; contractions are written out, so
    /// that "didn't" is the two words "did" and "not".
    pub(crate) word: String,
    /// Number of the sentence that it stands in.
    pub(crate) sentence: usize,
    /// Number of the clause that it stands in; commas and brackets end one.
    pub(crate) clause: usize,
}

/// Contractions spelt without their apostrophe, and others that no rule covers.
static FORMS: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    rows(include_str!("words/forms.tsv"))
        .filter_map(|row| row.split_once('\t'))
        .collect()
});

/// Endings that are words of their own.
const CONTRACTED: [(&str, &str); 6] = [
    ("'m", "am"),
    ("'re", "are"),
    ("'ve", "have"),
    ("'ll", "will"),
    ("'d", "would"),
    // A possessive becomes "is" too: no cue needs the difference.
    ("'s", "is"),
];

/// The rows of a data file that say something: neither blank nor a comment.
pub(crate) fn rows(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The words of a text by Unicode's word boundaries, in order.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut sentence, mut clause, mut end_of_last) = (0, 0, 0);
    for (start, raw) in text.unicode_word_indices() {
        let between = text.get(end_of_last..start).unwrap_or_default();
        sentence += usize::from(between.contains(['.', '!', '?', ';', '…', '。']));
        clause += usize::from(ends_clause(between));
        end_of_last = start + raw.len();
        for (place, part) in parts(raw).into_iter().enumerate() {
            sentence += usize::from(place > 0);
            clause += usize::from(place > 0);
            write_out(part, |word| {
                tokens.push(Token {
                    word: word.to_owned(),
                    sentence,
                    clause,
                });
            });
        }
    }
    tokens
}

/// What a full stop without a space after it has joined: "rude.Overall" is two
/// words, "3.5" and "U.S" are one.
fn parts(raw: &str) -> Vec<&str> {
    let parts: Vec<_> = raw.split('.').collect();
    let joined = |part: &&str| {
        part.chars().nth(1).is_some() && part.chars().all(|c| c.is_alphabetic() || c == '\'')
    };
    if parts.iter().all(joined) {
        parts
    } else {
        vec![raw]
    }
}

/// Folds a word and gives it, or the words that it contracts, to `push`.
fn write_out(raw: &str, mut push: impl FnMut(&str)) {
    let folded = raw.to_lowercase().replace(['’', '‘', 'ʼ'], "'");
    if let Some(written_out) = FORMS.get(folded.as_str()) {
        written_out.split(' ').for_each(push);
    } else if let Some(stem) = folded.strip_suffix("n't") {
        push(stem);
        push("not");
    } else if let Some((stem, ending)) = CONTRACTED
        .iter()
        .find_map(|(short, long)| Some((folded.strip_suffix(short)?, long)))
    {
        push(stem);
        push(ending);
    } else {
        push(&folded);
    }
}

/// True for what stands between two clauses; a hyphen between two letters does
/// not part them.
pub(crate) fn ends_clause(between: &str) -> bool {
    between != "-"
        && between
            .chars()
            .any(|c| !c.is_whitespace() && !matches!(c, '\'' | '’' | '"' | '$' | '€' | '£' | '%'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn contractions_are_written_out_whatever_the_apostrophe() {
        let straight = words("I didn't; it CAN'T, we'd");
        assert_eq!(
            straight,
            ["i", "did", "not", "it", "can", "not", "we", "would"]
        );
        assert_eq!(words("I didn’t; it CAN’T, we’d"), straight);
        assert_eq!(
            words("dont won't cannot"),
            ["do", "not", "will", "not", "can", "not"]
        );
    }

    #[test]
    fn full_stops_part_sentences_and_commas_clauses() {
        let places: Vec<_> = tokens("No, the check-in failed. Again")
            .iter()
            .map(|token| (token.sentence, token.clause))
            .collect();
        assert_eq!(places, [(0, 0), (0, 1), (0, 1), (0, 1), (0, 1), (1, 2)]);
        assert_eq!(
            words("rude.Overall 3.5 U.S."),
            ["rude", "overall", "3.5", "u.s"]
        );
        assert_eq!(
            tokens("rude.Overall").last().map(|last| last.sentence),
            Some(1)
        );
    }

    #[test]
    fn every_form_is_a_pair() {
        let file = include_str!("words/forms.tsv");
        assert_eq!(rows(file).count(), FORMS.len());
    }
}
