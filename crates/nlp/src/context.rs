/// Bytes of a context that are looked at: its last ones. Thirty-two tokens of
/// ordinary text are some 200 bytes.
const MAX_BYTES: usize = 4096;

/// Longest speaker label that is taken off, in bytes and in words.
const LABEL_BYTES: usize = 32;
const LABEL_WORDS: usize = 3;

/// What the heads are shown of a context: without the speaker's label that some
/// sources put before it (`Interviewer: `), and only the end of a very long one.
/// `None` if nothing is left. The script that trains the heads does the same.
pub(crate) fn shown(context: &str) -> Option<&str> {
    let context = without_label(context.trim());
    let start = context.ceil_char_boundary(context.len().saturating_sub(MAX_BYTES));
    let context = context.get(start..).unwrap_or_default().trim();
    (!context.is_empty()).then_some(context)
}

fn without_label(context: &str) -> &str {
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
        rest.trim_start()
    } else {
        context
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_label_is_taken_off_and_nothing_else() {
        for (context, expected) in [
            ("Interviewer: What happened?", Some("What happened?")),
            ("Project Manager: No.", Some("No.")),
            ("What happened?", Some("What happened?")),
            ("It opens at 9:30 sharp", Some("It opens at 9:30 sharp")),
            (
                "I tried this, twice: nothing",
                Some("I tried this, twice: nothing"),
            ),
            ("See https://example.org", Some("See https://example.org")),
            ("P1:  ", None),
            ("P1: \u{a0}", None),
            (" \n\t", None),
        ] {
            assert_eq!(shown(context), expected, "{context:?}");
        }
    }

    #[test]
    fn of_a_very_long_context_the_end_is_shown() {
        let long = format!("{}the end", "é".repeat(5000));
        let shown = shown(&long).unwrap();
        assert!(shown.len() <= MAX_BYTES && shown.ends_with("the end"));
    }

    proptest! {
        #[test]
        fn no_context_is_too_strange(context in "\\PC{0,80}") {
            if let Some(shown) = shown(&context) {
                prop_assert!(context.contains(shown));
            }
        }
    }
}
