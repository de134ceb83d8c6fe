//! How grave the consequence is that a passage states.

use std::sync::LazyLock;

use throughline_core::Severity;

use crate::cues::Cues;
use crate::words::{Token, tokens};

static CUES: LazyLock<Cues<Severity>> =
    LazyLock::new(|| Cues::read(include_str!("severity/cues.tsv")).0);

/// The consequence that a pain passage states, by its words; not how angry it
/// sounds. The first that fits decides:
///
/// 1. [`Severity::Loss`]: money, data, health or an order lost; cancelled,
///    switched, will not return;
/// 2. [`Severity::Failed`]: the task failed or was given up;
/// 3. [`Severity::Effort`]: extra effort, delay, cost, repeated tries, a
///    workaround;
/// 4. [`Severity::Irritation`]: irritation, doubt, a wish;
/// 5. [`Severity::Unknown`]: no consequence can be read.
///
/// The cues are English patterns of words, kept as data. A "not" shortly before
/// a cue in the same clause silences it ("we never cancelled"), and so does a
/// "might" or "almost" before a cue of loss. Ask it of passages that state a
/// pain: it does not tell whether there is one. A passage in another language is
/// mostly `Unknown`. Time is linear in the text.
#[must_use]
pub fn severity(text: &str) -> Severity {
    tokens(text)
        .chunk_by(|a, b| a.sentence == b.sentence)
        .filter_map(worst)
        .max_by_key(|severity| severity.level())
        .unwrap_or(Severity::Unknown)
}

/// The worst consequence that a sentence has an unguarded cue of.
fn worst(sentence: &[Token]) -> Option<Severity> {
    let hedged = |at, severity| severity == Severity::Loss && CUES.is_near(sentence, at, "hedge");
    let found = CUES.found(sentence).into_iter();
    found
        .filter(|(at, severity)| !hedged(*at, *severity))
        .map(|(_, severity)| severity)
        .max_by_key(|severity| severity.level())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::rows;
    use proptest::prelude::*;

    /// The sentences were written before the cues and are in plain sight of
    /// whoever changes the cues: the share says that the cues keep what they
    /// promise, not how they would do on passages never seen.
    #[test]
    fn sentences_written_beforehand_are_read_right() {
        let (mut right, mut total) = (0, 0);
        for row in rows(include_str!("severity/cases.tsv")) {
            let (label, sentence) = row.split_once('\t').unwrap();
            let expected: Severity = label.parse().unwrap();
            let found = severity(sentence);
            total += 1;
            right += usize::from(found == expected);
            if found != expected {
                println!("{expected} read as {found}: {sentence}");
            }
        }
        println!("{right} of {total} sentences read right");
        assert!(right * 100 >= total * 95, "{right} of {total}");
    }

    #[test]
    fn every_row_of_the_cues_is_read() {
        assert_eq!(
            Cues::<Severity>::read(include_str!("severity/cues.tsv")).1,
            0
        );
    }

    #[test]
    fn the_worst_consequence_decides_wherever_it_stands() {
        let text = "It was annoying. I waited an hour, and then I cancelled my order.";
        assert_eq!(severity(text), Severity::Loss);
        assert_eq!(
            severity("I waited an hour. It was annoying."),
            Severity::Effort
        );
    }

    #[test]
    fn a_negation_reaches_its_own_clause_only() {
        let read = |text| severity(text).as_str();
        assert_eq!(read("I didn't have to wait."), "unknown");
        assert_eq!(read("I didn’t lose my luggage."), "unknown");
        assert_eq!(read("No, I lost my luggage."), "loss");
        assert_eq!(read("I did not only lose my luggage."), "loss");
        assert_eq!(read("There was no refund problem."), "unknown");
        assert_eq!(read("It was not good and it was slow."), "effort");
    }

    #[test]
    fn a_feared_loss_is_none() {
        assert_eq!(
            severity("I was worried that I might lose my money."),
            Severity::Irritation
        );
    }

    #[test]
    fn words_that_look_like_cues_are_told_apart() {
        let read = |text| severity(text).as_str();
        assert_eq!(read("I switched on the light."), "unknown");
        assert_eq!(read("I can't wait to see it."), "unknown");
        assert_eq!(read("It could not be better."), "unknown");
        assert_eq!(read("I uninstalled and reinstalled it."), "effort");
    }

    proptest! {
        #[test]
        fn no_string_panics(text in any::<String>()) {
            let _ = severity(&text);
        }

        #[test]
        fn another_sentence_never_makes_it_milder(at in 0..70_usize, other in "[a-z' ]{0,40}") {
            let cases: Vec<_> = rows(include_str!("severity/cases.tsv")).collect();
            let sentence = cases.get(at).and_then(|row| row.split_once('\t')).map_or("", |row| row.1);
            let both = severity(&format!("{sentence} {other}."));
            prop_assert!(both.level() >= severity(sentence).level());
        }
    }
}
