//! Passages as quotes: the exact words, where they stand and what is around them.

use std::collections::BTreeMap;
use std::sync::Arc;

use throughline_core::{Document, Passage, PassageId, Span};
use throughline_report::{ContextSlice, Label, Quote};
use throughline_store::Store;
use throughline_themes::Taken;

use crate::StudyError;
use crate::evidence::{Evidence, Said};

/// Bytes of context kept on either side of a quote, at least one passage.
const AROUND: usize = 500;
/// Turns of context on either side of a quote, beside its own.
const TURNS: usize = 2;

/// Makes quotes; documents that were quoted before are not read again.
pub(crate) struct Quoting<'a> {
    store: &'a Store,
    evidence: &'a Evidence,
    documents: BTreeMap<u32, Arc<Document>>,
    /// The labels in use: no two of one report are alike.
    pub taken: Taken,
}

impl<'a> Quoting<'a> {
    pub(crate) fn new(store: &'a Store, evidence: &'a Evidence) -> Self {
        Self {
            store,
            evidence,
            documents: BTreeMap::new(),
            taken: Taken::default(),
        }
    }

    /// The quote of one passage, or `None` if its document has just gone.
    pub(crate) fn quote(&mut self, said: &Said) -> Result<Option<Quote>, StudyError> {
        let Some(document) = self.document(said)? else {
            return Ok(None);
        };
        let Some(place) = document.passages.iter().position(|p| p.id == said.id) else {
            return Ok(None);
        };
        let Some(turn) = document
            .passages
            .get(place)
            .and_then(|p| document.turns.get(p.turn))
        else {
            return Ok(None);
        };
        Ok(Some(Quote {
            text: document.slice(said.span).to_owned(),
            document: document.name.clone(),
            document_sha256: document.hash,
            start: said.span.start,
            end: said.span.end,
            passage: said.id,
            speaker: turn.speaker.clone(),
            participant: self.evidence.participant_of(said).map(str::to_owned),
            role: turn.role,
            start_ms: turn.start_ms,
            end_ms: turn.end_ms,
            date: document.meta.date,
            rating: document.meta.rating,
            moment: said.moment,
            unclear: said.unclear,
            sentiment: said.sentiment,
            pain: said.pain.is_some(),
            severity: said.pain.map(|pain| pain.severity),
            prompting: said.pain.map(|pain| pain.prompting),
            touchpoint: said.touchpoint,
            why: None,
            corrected: Vec::new(),
            adapted: Vec::new(),
            segments: BTreeMap::new(),
            before: before(&document, place),
            after: after(&document, place),
        }))
    }

    /// The quotes of several passages.
    pub(crate) fn quotes<'s>(
        &mut self,
        said: impl IntoIterator<Item = &'s Said>,
    ) -> Result<Vec<Quote>, StudyError> {
        let mut quotes = Vec::new();
        for one in said {
            quotes.extend(self.quote(one)?);
        }
        Ok(quotes)
    }

    /// The words at `span` of the passage `said`, as the name of a finding.
    pub(crate) fn label(&mut self, said: &Said, span: Span) -> Result<Option<Label>, StudyError> {
        let Some(document) = self.document(said)? else {
            return Ok(None);
        };
        Ok(Some(label_at(&document, span, said.id)))
    }

    fn document(&mut self, said: &Said) -> Result<Option<Arc<Document>>, StudyError> {
        if let Some(known) = self.documents.get(&said.document) {
            return Ok(Some(known.clone()));
        }
        let read = self
            .store
            .document(self.evidence.document_of(said))?
            .map(Arc::new);
        if let Some(document) = &read {
            self.documents.insert(said.document, document.clone());
        }
        Ok(read)
    }
}

/// The words at `span` of a document, which stand in `passage`.
pub(super) fn label_at(document: &Document, span: Span, passage: PassageId) -> Label {
    Label {
        text: document.slice(span).to_owned(),
        document: document.name.clone(),
        document_sha256: document.hash,
        start: span.start,
        end: span.end,
        passage,
    }
}

fn before(document: &Document, place: usize) -> Vec<ContextSlice> {
    let Some((own, earlier)) = document.passages.get(..=place).and_then(<[_]>::split_last) else {
        return Vec::new();
    };
    let near = earlier
        .iter()
        .rev()
        .take_while(|p| own.turn - p.turn <= TURNS);
    let mut slices = slices(document, &within_reach(near));
    slices.reverse();
    slices
}

fn after(document: &Document, place: usize) -> Vec<ContextSlice> {
    let Some((own, later)) = document.passages.get(place..).and_then(<[_]>::split_first) else {
        return Vec::new();
    };
    slices(
        document,
        &within_reach(later.iter().take_while(|p| p.turn - own.turn <= TURNS)),
    )
}

/// The passages nearest to a quote, until there are enough bytes of them.
fn within_reach<'d>(passages: impl Iterator<Item = &'d Passage>) -> Vec<&'d Passage> {
    let mut bytes = 0;
    passages
        .take_while(|passage| {
            let near = bytes < AROUND;
            bytes += passage.span.len();
            near
        })
        .collect()
}

/// Neighbouring passages of one turn as one slice each, in the order given.
fn slices(document: &Document, passages: &[&Passage]) -> Vec<ContextSlice> {
    passages
        .chunk_by(|a, b| a.turn == b.turn)
        .filter_map(|chunk| {
            let start = chunk.iter().map(|p| p.span.start).min()?;
            let end = chunk.iter().map(|p| p.span.end).max()?;
            let turn = document.turns.get(chunk.first()?.turn)?;
            Some(ContextSlice {
                text: document.slice(Span { start, end }).to_owned(),
                start,
                end,
                speaker: turn.speaker.clone(),
                role: turn.role,
            })
        })
        .collect()
}

/// Finds the passages of themes among the evidence.
pub(crate) fn by_id(evidence: &Evidence) -> BTreeMap<PassageId, &Said> {
    evidence.said.iter().map(|said| (said.id, said)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use throughline_core::{DocumentBuilder, Role, SourceKind};

    fn document() -> Document {
        let text = "Q: Why? A: One. Two. Three. Q: And? A: Four.";
        let mut b = DocumentBuilder::new("d", SourceKind::Interview, text);
        b.turn(3..7, Some("Q"), Role::Interviewer)
            .passage(3..7)
            .unwrap();
        let mut turn = b.turn(11..27, Some("A"), Role::Participant);
        for range in [11..15, 16..20, 21..27] {
            turn.passage(range).unwrap();
        }
        b.turn(31..35, Some("Q"), Role::Interviewer)
            .passage(31..35)
            .unwrap();
        b.turn(39..44, Some("A"), Role::Participant)
            .passage(39..44)
            .unwrap();
        b.build().unwrap()
    }

    #[test]
    fn context_is_the_rest_of_the_turn_and_two_turns_beyond_in_reading_order() {
        let document = document();
        let texts = |slices: Vec<ContextSlice>| -> Vec<String> {
            slices.into_iter().map(|slice| slice.text).collect()
        };
        assert_eq!(texts(before(&document, 2)), ["Why?", "One."]);
        assert_eq!(texts(after(&document, 2)), ["Three.", "And?", "Four."]);
        assert_eq!(texts(before(&document, 3)), ["Why?", "One. Two."]);
        assert_eq!(texts(before(&document, 5)), ["One. Two. Three.", "And?"]);
        assert!(before(&document, 0).is_empty());
        assert!(after(&document, 5).is_empty());
    }
}
