//! Passages of evidence with their codes, one at a time: what tables and
//! projects are written from.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use throughline_core::{
    ContentHash, Framework, Moment, PassageId, Sentiment, Severity, Touchpoint,
};
use throughline_nlp::Tagger;
use throughline_report::{Code, CodedPassage, Report};
use throughline_store::{ModelKey, PassageRow};

use crate::evidence::{Evidence, Said};
use crate::redacting::Redaction;
use crate::study::model_key;
use crate::walking::walk;
use crate::{Placer, Study, StudyError};

/// The codes of a study and which passage has which.
pub(crate) struct Coding {
    /// Every code: stages, moments, sentiments, pain and its severities,
    /// touchpoints, themes.
    pub codes: Vec<Code>,
    numbers: BTreeMap<String, usize>,
    /// The code of each passage's theme.
    themes: BTreeMap<PassageId, usize>,
    /// Names of the framework's stages by their number in it.
    stages: Vec<String>,
    evidence: Evidence,
    /// In step with the documents of the evidence.
    hashes: Vec<ContentHash>,
    model: ModelKey,
}

impl Study {
    /// The codes of the study as `report`, made with `tagger` through
    /// `framework`, has them, and what they are called where it is redacted.
    pub(crate) fn coding(
        &self,
        report: &Report,
        (tagger, framework): (&dyn Tagger, &Framework),
        redaction: Option<&mut Redaction>,
    ) -> Result<Coding, StudyError> {
        let placer = Placer::new(framework, tagger)?;
        let model = model_key(tagger);
        let evidence = self.evidence(tagger, &placer)?;
        let mut hashes = Vec::with_capacity(evidence.documents.len());
        // Both are in order of name.
        let mut names = evidence.documents.iter().peekable();
        self.store.documents(&mut |row| {
            if names.next_if(|name| ***name == *row.name).is_some() {
                hashes.push(row.hash);
            }
            ControlFlow::Continue(())
        })?;
        let codes = codes(report, framework);
        let numbers: BTreeMap<String, usize> = (codes.iter().map(|code| code.id.clone()))
            .zip(0..)
            .collect();
        let mut themes = BTreeMap::new();
        for finding in report.stages.iter().flat_map(|stage| &stage.findings) {
            if let Some(number) = numbers.get(&id("theme", &finding.id)) {
                themes.extend(finding.members.iter().map(|member| (*member, *number)));
            }
        }
        Ok(Coding {
            codes: match redaction {
                Some(redaction) => redaction.codes(&codes),
                None => codes,
            },
            numbers,
            themes,
            stages: framework.stages.iter().map(|s| s.id.clone()).collect(),
            evidence,
            hashes,
            model,
        })
    }
}

impl Coding {
    /// Gives every passage of evidence to `f`, in order of document and place,
    /// without what identifies people where there is a redaction, and what the
    /// record holds of it.
    ///
    /// # Errors
    /// What `f` fails with, or if the record cannot be read.
    pub(crate) fn each(
        &self,
        study: &Study,
        redaction: Option<&Redaction>,
        f: &mut dyn FnMut(&CodedPassage, &Said) -> Result<(), StudyError>,
    ) -> Result<(), StudyError> {
        let mut said = self.evidence.said.iter().peekable();
        let passages = |f: &mut dyn FnMut(_) -> _| study.store.each_passage(Some(&self.model), f);
        walk(passages, |row: PassageRow| {
            // The evidence was read in the same order, and is a part of this.
            match said.next_if(|said| said.id == row.id) {
                Some(one) => {
                    let passage = self.coded(row, one);
                    match redaction {
                        Some(redaction) => f(&redaction.passage(&passage), one),
                        None => f(&passage, one),
                    }
                }
                None => Ok(()),
            }
        })
    }

    fn coded(&self, row: PassageRow, said: &Said) -> CodedPassage {
        let stage = said.place.map(|number| self.stages.get(number).cloned());
        let hash = self.hashes.get(said.document as usize);
        let passage = CodedPassage {
            passage: said.id,
            document: row.document,
            document_sha256: hash.copied().unwrap_or_else(|| ContentHash::of(b"")),
            kind: said.kind,
            start: said.span.start,
            end: said.span.end,
            text: row.text,
            speaker: row.speaker,
            participant: self.evidence.participant_of(said).map(str::to_owned),
            start_ms: row.start_ms,
            end_ms: row.end_ms,
            date: row.date,
            rating: row.rating,
            moment: said.moment,
            unclear: said.unclear,
            stage: stage.map(Option::unwrap_or_default),
            sentiment: said.sentiment,
            valence: said.valence,
            severity: said.pain.map(|pain| pain.severity),
            prompting: said.pain.map(|pain| pain.prompting),
            touchpoint: said.touchpoint,
            codes: Vec::new(),
        };
        CodedPassage {
            codes: self.codes_of(&passage),
            ..passage
        }
    }

    fn codes_of(&self, passage: &CodedPassage) -> Vec<usize> {
        let stage = passage.stage.as_deref().ok();
        let moment = (!passage.unclear).then(|| passage.moment.as_str());
        let pain = passage.severity.map(|_| "stated");
        let severity = passage.severity.map(Severity::as_str);
        let tags = [
            ("stage", stage),
            ("moment", moment),
            ("sentiment", Some(passage.sentiment.as_str())),
            ("pain", pain),
            ("severity", severity),
            ("touchpoint", Some(passage.touchpoint.as_str())),
        ];
        let numbers = tags
            .into_iter()
            .filter_map(|(group, label)| self.numbers.get(&id(group, label?)).copied());
        let mut codes: Vec<usize> = numbers
            .chain(self.themes.get(&passage.passage).copied())
            .collect();
        codes.sort_unstable();
        codes
    }
}

/// The id of a code: its group and its label.
pub(crate) fn id(group: &str, label: &str) -> String {
    format!("{group}:{label}")
}

fn codes(report: &Report, framework: &Framework) -> Vec<Code> {
    let code = |group: &str, label: &str, name: &str| Code {
        id: id(group, label),
        name: name.to_owned(),
    };
    let mut codes = Vec::new();
    for stage in &framework.stages {
        codes.push(code("stage", &stage.id, &stage.name));
    }
    let plain = |group, labels: Vec<&'static str>| {
        let one = move |label| code(group, label, label);
        labels.into_iter().map(one)
    };
    let words = |list: &[Moment]| list.iter().map(|m| m.as_str()).collect();
    codes.extend(plain("moment", words(Moment::ALL)));
    let words = |list: &[Sentiment]| list.iter().map(|s| s.as_str()).collect();
    codes.extend(plain("sentiment", words(Sentiment::ALL)));
    codes.push(code("pain", "stated", "States a pain point"));
    let words = |list: &[Severity]| list.iter().map(|s| s.as_str()).collect();
    codes.extend(plain("severity", words(Severity::ALL)));
    let words = |list: &[Touchpoint]| list.iter().map(|t| t.as_str()).collect();
    codes.extend(plain("touchpoint", words(Touchpoint::ALL)));
    for finding in report.stages.iter().flat_map(|stage| &stage.findings) {
        codes.push(code("theme", &finding.id, &finding.label.text));
    }
    codes
}
