use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Date, Speaker};

/// What is known of a document beside its text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DocumentMeta {
    /// Its heading, where the source names one.
    pub title: Option<String>,
    /// The day it was written or recorded.
    pub date: Option<Date>,
    /// A star rating or score, in the source's own unit.
    pub rating: Option<f64>,
    /// The question that the whole document answers.
    pub question: Option<String>,
    /// What it is about: product, hotel, airline.
    pub product: Option<String>,
    /// Every other column or header field, by its own name.
    pub attributes: BTreeMap<String, String>,
    /// ISO 639 code of its language: "en", "de". `None` where it is too short to
    /// tell.
    #[serde(default)]
    pub language: Option<String>,
    /// Who speaks in a conversation, in order of first appearance.
    #[serde(default)]
    pub speakers: Vec<Speaker>,
}

impl DocumentMeta {
    /// Who speaks under `label`.
    #[must_use]
    pub fn speaker(&self, label: &str) -> Option<&Speaker> {
        let is = |speaker: &&Speaker| speaker.labels.iter().any(|known| known == label);
        self.speakers.iter().find(is)
    }
}
