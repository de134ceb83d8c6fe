use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Role;

/// How it was told what part a speaker has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleBasis {
    /// Somebody said it, in the settings of the study.
    Given,
    /// The label says it: "Interviewer", "P3".
    Label,
    /// They end turns with questions, or answer those who do.
    Questions,
    /// Somebody else is the interviewer by their label.
    Others,
    /// It could not be told.
    Nothing,
}

impl RoleBasis {
    /// What to say of it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Label => "by the label",
            Self::Questions => "by who asks",
            Self::Others => "by the others' labels",
            Self::Nothing => "not told",
        }
    }
}

/// One of those who speak in a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Speaker {
    /// The labels under which they speak, the fullest first.
    pub labels: Vec<String>,
    /// Their part in the conversation.
    pub role: Role,
    /// How sure that is, 0…1: 1 where it was given, 0 where it could not be told.
    pub confidence: f32,
    /// What it rests on.
    pub basis: RoleBasis,
    /// What a table of participants says of them, by column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

impl Speaker {
    /// The fullest of the labels, which names them.
    #[must_use]
    pub fn name(&self) -> &str {
        self.labels.first().map_or("", String::as_str)
    }
}
