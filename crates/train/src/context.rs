//! What is shown of a context: the same as `crates/nlp/src/context.rs`, which a test
//! holds it to by the same cases.

/// Longest speaker label that is taken off, in bytes and in words.
const LABEL_BYTES: usize = 32;
const LABEL_WORDS: usize = 3;

/// A context without the speaker's label that some sources put before it
/// (`Interviewer: `); empty if nothing is left.
pub fn shown(context: &str) -> &str {
    let context = context.trim();
    let Some((label, rest)) = context.split_once(':') else {
        return context;
    };
    let name = label.len() <= LABEL_BYTES
        && label.starts_with(char::is_alphabetic)
        && label
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '.' | '\'' | '-' | '_'))
        && label.split_whitespace().count() <= LABEL_WORDS;
    if name && (rest.is_empty() || rest.starts_with(char::is_whitespace)) {
        rest.trim()
    } else {
        context
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_label_is_taken_off_and_nothing_else() {
        for (context, expected) in [
            ("Interviewer: What happened?", "What happened?"),
            ("Project Manager: No.", "No."),
            ("What happened?", "What happened?"),
            ("It opens at 9:30 sharp", "It opens at 9:30 sharp"),
            (
                "I tried this, twice: nothing",
                "I tried this, twice: nothing",
            ),
            ("See https://example.org", "See https://example.org"),
            ("P1:  ", ""),
            ("P1: \u{a0}", ""),
            (" \n\t", ""),
        ] {
            assert_eq!(shown(context), expected, "{context:?}");
        }
    }
}
