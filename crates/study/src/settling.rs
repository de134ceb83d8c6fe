//! What a study's settings make of a document before it is kept.

use std::collections::BTreeSet;

use throughline_core::{Document, ParticipantId, Role, RoleBasis};
use throughline_ingest::{ParticipantTable, is_unidentified};

use crate::{Config, Privacy, Study, StudyError};

/// The settings that decide how a document is kept. Its debug form is part of
/// the key under which a file counts as read.
#[derive(Debug)]
pub(crate) struct Settling {
    unknown_speakers: Role,
    languages: Vec<String>,
    participants: Option<ParticipantTable>,
    /// True if the settings say who is who.
    names_speakers: bool,
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
            names_speakers: !self.config.speakers.is_empty(),
        })
    }
}

/// Whom the settings speak of, and somebody is: labels of `[speakers]` in lower
/// case, and lines of the table of participants.
#[derive(Debug, Default)]
pub(crate) struct Met {
    labels: BTreeSet<String>,
    lines: BTreeSet<u64>,
}

impl Met {
    /// What the settings of `study` say of nobody in it, in words. Labels are
    /// not named where pseudonyms stand in place of names.
    pub(crate) fn of_nobody(&self, settling: &Settling, study: &Study) -> Vec<String> {
        let config = &study.config;
        let (mut said, mut unnamed) = (Vec::new(), 0);
        for label in config.speakers.keys() {
            if self.labels.contains(&label.to_lowercase()) {
                continue;
            }
            match config.privacy {
                Privacy::Pseudonymise => unnamed += 1,
                _ => said.push(format!(
                    "{}: [speakers]: nobody speaks under the label '{label}'; `throughline show` \
                     lists the labels of a document",
                    Config::FILE
                )),
            }
        }
        if unnamed > 0 {
            said.push(format!(
                "{}: [speakers]: nobody speaks under {unnamed} of {} labels",
                Config::FILE,
                config.speakers.len()
            ));
        }
        if let (Some(table), Some(path)) = (&settling.participants, &config.participants) {
            let nobody = table.lines().filter(|line| !self.lines.contains(line));
            said.extend(nobody.map(|line| {
                format!(
                    "{}:{line}: no participant is called what this row says; \
                     `throughline stats --participants` lists them",
                    path.display()
                )
            }));
        }
        said
    }
}

impl Settling {
    /// Makes of `document` what the settings say; whom they speak of goes to
    /// `met`.
    pub(crate) fn settle(&self, document: &mut Document, met: &mut Met) {
        if self.names_speakers {
            let turns = document.turns.iter();
            let labels: BTreeSet<&str> = turns.filter_map(|turn| turn.speaker.as_deref()).collect();
            met.labels
                .extend(labels.iter().map(|label| label.to_lowercase()));
        }
        settle_roles(document, self.unknown_speakers);
        // A document without passages has nothing to tag; its words stay.
        if !reads(&self.languages, document.meta.language.as_deref()) {
            document.passages.clear();
        }
        if let Some(table) = &self.participants {
            table.join(document, &mut met.lines);
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
