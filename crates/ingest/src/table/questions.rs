//! Questions among the names of columns.

use super::aliases::normalised;

/// True if the name of a column is a question or asks for something.
pub(super) fn is_question(name: &str) -> bool {
    const ASKING: &[&str] = &[
        "what", "how", "why", "which", "who", "where", "when", "please", "describe", "tell",
        "explain", "is", "are", "was", "were", "do", "does", "did", "would", "could", "can",
        "have", "has", "if",
    ];
    let name = name.trim();
    let words = name.split_whitespace().count();
    let first = name
        .split_whitespace()
        .find(|word| word.chars().any(char::is_alphabetic) && !is_numbering(word))
        .map(normalised)
        .unwrap_or_default();
    (words >= 3 && name.ends_with('?'))
        || (words >= 4 && ASKING.contains(&first.as_str()))
        || (words >= 4 && name.contains("? "))
}

/// `Q1`, `Q1.`, `Q12:`, as surveys number their questions.
fn is_numbering(word: &str) -> bool {
    let word = normalised(word);
    word.strip_prefix('q')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Columns that only the exports of surveys have, by their normalised name.
pub(super) fn is_of_a_survey(name: &str) -> bool {
    matches!(
        name,
        "respondentid"
            | "collectorid"
            | "responseid"
            | "recordeddate"
            | "surveyid"
            | "submitdateutc"
            | "startdateutc"
            | "networkid"
    )
}

/// True for the question of the Net Promoter Score.
pub(super) fn asks_for_a_recommendation(name: &str) -> bool {
    let name = name.to_lowercase();
    name.contains("likely") && name.contains("recommend")
}

/// Columns of answers to two questions that review sites ask in these words
/// alone, by their normalised names.
const PAIRS: &[(&[&str], &[&str])] = &[
    (&["pros", "pro"], &["cons", "con"]),
    (&["likes", "liked"], &["dislikes", "disliked"]),
    (
        &["positivereview", "positive", "reviewpositive"],
        &["negativereview", "negative", "reviewnegative"],
    ),
    (
        &["strengths", "advantages"],
        &["weaknesses", "disadvantages"],
    ),
    (
        &["bestthing", "likebest", "likemost"],
        &["worstthing", "likeleast", "dislike"],
    ),
];

/// The pair of columns among those called `names` that ask for the good and the
/// bad.
pub(super) fn pair(names: &[String]) -> Option<(usize, usize)> {
    let find = |wanted: &[&str]| {
        names
            .iter()
            .position(|name| wanted.contains(&name.as_str()))
    };
    PAIRS
        .iter()
        .find_map(|(good, bad)| Some((find(good)?, find(bad)?)))
}
