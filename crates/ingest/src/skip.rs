use serde::{Deserialize, Serialize};

/// Something of a file that was left out or read with a doubt, and where.
///
/// Equal reasons are one entry with a count, so that a million ragged rows make
/// one line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skip {
    /// The first line where it happened, from 1, where lines are known.
    pub line: Option<u64>,
    /// How often it happened.
    pub count: u64,
    /// What happened, in words for the person who gave the file.
    pub reason: String,
}

/// Gathers [`Skip`]s by reason, in the order in which reasons first appear.
#[derive(Debug, Default)]
pub(crate) struct Skips {
    entries: Vec<Skip>,
}

impl Skips {
    /// Counts one more `reason`, first seen at `line`.
    pub(crate) fn note(&mut self, line: u64, reason: &str) {
        match self.entries.iter_mut().find(|entry| entry.reason == reason) {
            Some(entry) => entry.count += 1,
            None => self.entries.push(Skip {
                line: Some(line),
                count: 1,
                reason: reason.to_owned(),
            }),
        }
    }

    /// Everything noted.
    pub(crate) fn into_vec(self) -> Vec<Skip> {
        self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_reasons_are_counted_at_their_first_line() {
        let mut skips = Skips::default();
        skips.note(3, "too few cells");
        skips.note(4, "no text");
        skips.note(9, "too few cells");
        let entries = skips.into_vec();
        assert_eq!(entries.len(), 2);
        assert_eq!((entries[0].line, entries[0].count), (Some(3), 2));
        assert_eq!((entries[1].line, entries[1].count), (Some(4), 1));
    }
}
