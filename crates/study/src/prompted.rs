//! Who brought up what a passage speaks of.

use throughline_core::{Prompting, Role};
use throughline_nlp::{Before, prompting};
use throughline_store::PassageRow;

/// Whether what a passage speaks of was brought up by whoever asks. What another
/// participant said before prompts nobody; what somebody said whose part is not
/// known may.
pub(crate) fn prompted(row: &PassageRow) -> Prompting {
    let before = match (row.context.as_deref(), row.asker) {
        (None, _) | (Some(_), Some(Role::Participant)) => Before::Nothing,
        (Some(_), Some(Role::Unknown)) => Before::Unknown,
        (Some(question), _) => Before::Question {
            question,
            directly: row.opens_turn,
        },
    };
    prompting(&row.text, before)
}
