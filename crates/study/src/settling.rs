//! What a study's settings make of a document before it is kept.

use throughline_core::{Document, ParticipantId, Role, RoleBasis};
use throughline_ingest::{ParticipantTable, is_unidentified};

use crate::{Config, Study, StudyError};

/// The settings that decide how a document is kept. Its debug form is part of
/// the key under which a file counts as read.
#[derive(Debug)]
pub(crate) struct Settling {
    unknown_speakers: Role,
    languages: Vec<String>,
    participants: Option<ParticipantTable>,
}

impl Study {
    /// The settings that decide how documents are kept.
    pub(crate) fn settling(&self) -> Result<Settling, StudyError> {
        let Config {
            unknown_speakers,
            languages,
            participants,
            ..
        } = &self.config;
        let table = participants.as_ref();
        let table = table.map(|table| ParticipantTable::read(&self.folder().join(table)));
        Ok(Settling {
            unknown_speakers: *unknown_speakers,
            languages: languages.clone(),
            participants: table.transpose()?,
        })
    }
}

impl Settling {
    /// Makes of `document` what the settings say.
    pub(crate) fn settle(&self, document: &mut Document) {
        settle_roles(document, self.unknown_speakers);
        // A document without passages has nothing to tag; its words stay.
        if !reads(&self.languages, document.meta.language.as_deref()) {
            document.passages.clear();
        }
        if let Some(table) = &self.participants {
            table.join(document);
        }
    }
}

/// True if a document in this language is tagged: one that is too short to tell
/// always is.
pub(crate) fn reads(languages: &[String], language: Option<&str>) -> bool {
    language.is_none_or(|code| {
        let mut known = languages.iter();
        known.any(|known| known == "all" || known.eq_ignore_ascii_case(code))
    })
}

/// Takes speakers whose part cannot be told for what the study says they are.
/// Under a label of nobody in particular there is still no participant.
fn settle_roles(document: &mut Document, unknown_speakers: Role) {
    if unknown_speakers == Role::Unknown {
        return;
    }
    for speaker in &mut document.meta.speakers {
        if speaker.role == Role::Unknown {
            speaker.role = unknown_speakers;
            speaker.basis = RoleBasis::Given;
            speaker.confidence = 1.0;
        }
    }
    let (name, meta) = (&document.name, &document.meta);
    let unknown = |role: Role| role == Role::Unknown;
    for turn in document.turns.iter_mut().filter(|turn| unknown(turn.role)) {
        turn.role = unknown_speakers;
        if let Some(label) = turn.speaker.as_deref()
            && unknown_speakers.is_evidence()
            && !is_unidentified(label)
        {
            let who = meta.speaker(label).map_or(label, |speaker| speaker.name());
            turn.participant = Some(ParticipantId::speaker(name, who));
        }
    }
}
