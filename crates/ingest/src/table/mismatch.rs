//! Scores that their own words contradict: five stars over a complaint, one
//! over praise. They are kept and counted, for whoever reads the scores.

use std::borrow::Cow;

/// Words of praise that leave little doubt.
const PRAISE: &[&str] = &[
    "amazing",
    "awesome",
    "best",
    "brilliant",
    "delighted",
    "excellent",
    "fantastic",
    "great",
    "incredible",
    "love",
    "loved",
    "loves",
    "outstanding",
    "perfect",
    "perfectly",
    "recommend",
    "superb",
    "wonderful",
];

/// Words of complaint that leave little doubt.
const COMPLAINT: &[&str] = &[
    "appalling",
    "awful",
    "broken",
    "disappointed",
    "disappointing",
    "disgusting",
    "dreadful",
    "garbage",
    "hate",
    "hated",
    "horrible",
    "horrid",
    "pathetic",
    "rubbish",
    "scam",
    "terrible",
    "unacceptable",
    "unusable",
    "useless",
    "waste",
    "worst",
];

/// Words that turn others round.
const TURNS: &[&str] = &[
    "but", "cannot", "could", "however", "if", "never", "no", "nobody", "none", "not", "nothing",
    "was", "without", "would",
];

/// How much of a long text is looked at, in words.
const WORDS: usize = 200;

/// True if `score`, on a scale up to `best`, is among the highest or lowest and
/// the `words` plainly say the opposite: two words of one kind at least, none of
/// the other, and none that turns them round.
pub(super) fn disagree(score: f64, best: f64, words: &str) -> bool {
    let high = score >= best * 0.9;
    let low = score <= (best * 0.2).max(1.0);
    if !high && !low {
        return false;
    }
    let (mut praise, mut complaint) = (0_usize, 0_usize);
    for word in words
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .take(WORDS)
    {
        let word = match word.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(word.to_ascii_lowercase()),
            false => Cow::Borrowed(word),
        };
        let word = word.as_ref();
        if TURNS.binary_search(&word).is_ok() || word.ends_with("n't") {
            return false;
        }
        praise += usize::from(PRAISE.binary_search(&word).is_ok());
        complaint += usize::from(COMPLAINT.binary_search(&word).is_ok());
    }
    (high && complaint >= 2 && praise == 0) || (low && praise >= 2 && complaint == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        for list in [PRAISE, COMPLAINT, TURNS] {
            assert!(list.is_sorted());
        }
    }

    #[test]
    fn only_plain_contradictions_count() {
        assert!(disagree(5.0, 5.0, "Terrible. A waste of money."));
        assert!(disagree(1.0, 5.0, "Excellent product, love it!"));
        assert!(disagree(0.0, 10.0, "Perfect, I love it"));
        assert!(!disagree(5.0, 5.0, "Excellent product, love it!"));
        assert!(!disagree(1.0, 5.0, "Not great. Love? No."));
        assert!(!disagree(
            1.0,
            5.0,
            "It was great, I loved it, until it broke"
        ));
        assert!(!disagree(3.0, 5.0, "Terrible waste"));
        assert!(!disagree(5.0, 5.0, ""));
    }
}
