//! Whether a passage states a wish or a suggestion.

use std::str::FromStr;
use std::sync::LazyLock;

use crate::cues::Cues;
use crate::words::tokens;

/// The one kind of cue there is.
#[derive(Debug, Clone, Copy)]
struct Wish;

impl FromStr for Wish {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        (word == "wish").then_some(Self).ok_or(())
    }
}

static CUES: LazyLock<Cues<Wish>> =
    LazyLock::new(|| Cues::read(include_str!("wishing/cues.tsv")).0);

/// True if a passage says, by its words, what should be otherwise: a wish, a
/// request for something missing, or advice to those who provide it.
///
/// The cues are English patterns of words, kept as data and written as those of
/// [`severity`](crate::severity()). On sentences frozen beforehand, in the half
/// that nobody tuned on, precision is .98 and recall .80 (`tests/cues`); of what
/// people write in forums, recall is nearer .6. Suggestions without a cue ("More
/// sockets by the beds.") are not found. Time is linear in the text.
#[must_use]
pub fn states_wish(text: &str) -> bool {
    tokens(text)
        .chunk_by(|a, b| a.sentence == b.sentence)
        .any(|sentence| !CUES.found(sentence).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::rows;

    #[test]
    fn every_row_of_the_cues_is_read() {
        assert_eq!(Cues::<Wish>::read(include_str!("wishing/cues.tsv")).1, 0);
    }

    #[test]
    fn sentences_written_for_it_are_read_right() {
        for row in rows(include_str!("wishing/cases.tsv")) {
            let (label, sentence) = row.split_once('\t').unwrap();
            assert_eq!(states_wish(sentence), label == "wish", "{sentence}");
        }
    }
}
