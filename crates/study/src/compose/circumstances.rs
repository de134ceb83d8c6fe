//! What is known of documents and voices beside their words.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use throughline_core::{Date, DocumentMeta, ParticipantId};
use throughline_store::Store;

use crate::StudyError;
use crate::evidence::{Evidence, Said, Voice};

/// What is known of one document.
#[derive(Debug, Default)]
pub(crate) struct About {
    /// Its file.
    pub source: String,
    pub rating: Option<f64>,
    pub date: Option<Date>,
    attributes: BTreeMap<String, String>,
    /// What is known of those who speak in it, by their id.
    speakers: BTreeMap<String, BTreeMap<String, String>>,
}

/// What is known of every document of the evidence, in its order.
pub(crate) struct Circumstances {
    pub documents: Vec<About>,
}

impl Circumstances {
    pub(crate) fn read(store: &Store, evidence: &Evidence) -> Result<Self, StudyError> {
        let numbers: BTreeMap<&str, usize> = evidence
            .documents
            .iter()
            .enumerate()
            .map(|(number, name)| (&**name, number))
            .collect();
        let mut documents: Vec<About> = numbers.iter().map(|_| About::default()).collect();
        store.documents(&mut |row| {
            let number = numbers.get(row.name.as_str());
            if let Some(place) = number.and_then(|number| documents.get_mut(*number)) {
                *place = About::of(&row.name, row.source.file, row.meta);
            }
            ControlFlow::Continue(())
        })?;
        Ok(Self { documents })
    }

    pub(crate) fn of(&self, said: &Said) -> Option<&About> {
        self.documents.get(said.document as usize)
    }

    /// What is known of each voice: an attribute of which all its documents say
    /// the same.
    pub(crate) fn of_voices<'a>(
        &'a self,
        evidence: &Evidence,
    ) -> BTreeMap<Voice, BTreeMap<&'a str, &'a str>> {
        let mut voices: BTreeMap<Voice, BTreeMap<&str, Option<&str>>> = BTreeMap::new();
        let mut last = None;
        for said in &evidence.said {
            let here = (said.voice(), said.document);
            let Some(about) = self.of(said).filter(|_| last != Some(here)) else {
                continue;
            };
            last = Some(here);
            let known = voices.entry(said.voice()).or_default();
            for (name, value) in about.of_participant(evidence.participant_of(said)) {
                let place = known.entry(name).or_insert(Some(value));
                if *place != Some(value) {
                    *place = None;
                }
            }
        }
        let voices = voices.into_iter();
        voices
            .map(|(voice, known)| {
                let known = known.into_iter();
                let sure = known.filter_map(|(name, value)| Some((name, value?)));
                (voice, sure.collect())
            })
            .collect()
    }
}

impl About {
    fn of(name: &str, source: String, meta: DocumentMeta) -> Self {
        let mut attributes = meta.attributes;
        if let Some(product) = meta.product {
            attributes.insert("product".to_owned(), product);
        }
        let speakers = meta
            .speakers
            .into_iter()
            .filter(|one| !one.attributes.is_empty());
        Self {
            source,
            rating: meta.rating,
            date: meta.date,
            attributes,
            speakers: speakers
                .map(|one| {
                    let id = ParticipantId::speaker(name, one.name());
                    (id.to_string(), one.attributes)
                })
                .collect(),
        }
    }

    fn of_participant(&self, id: Option<&str>) -> impl Iterator<Item = (&str, &str)> {
        let own = id
            .and_then(|id| self.speakers.get(id))
            .into_iter()
            .flatten();
        let all = self.attributes.iter().chain(own);
        all.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
