//! Who said what about which stage: the passages that findings may rest on.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use throughline_core::{
    Moment, NoStage, PassageId, Prompting, Role, Sentiment, Severity, SourceKind, Span, Tags,
    Touchpoint,
};
use throughline_ingest::Duplicate;
use throughline_nlp::{Tagger, severity, states_wish};
use throughline_store::{ModelKey, PassageRow, Store};

use crate::prompted::prompted;
use crate::repeats::Repeats;
use crate::study::model_key;
use crate::{Placer, Study, StudyError};

/// Somebody whose words count: a participant, or the document where nobody is
/// named. Intervals and reach are counted in these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Voice {
    /// A participant, by number.
    Participant(u32),
    /// A document without an author, by number.
    Document(u32),
}

/// One passage of a participant, tagged and placed.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub id: PassageId,
    /// Number of its document in [`Evidence::documents`].
    pub document: u32,
    /// Number of its speaker in [`Evidence::participants`].
    pub participant: Option<u32>,
    pub kind: SourceKind,
    pub span: Span,
    /// Number of its stage in the framework, or why there is none.
    pub place: Result<usize, NoStage>,
    pub moment: Moment,
    /// True if the engine abstains from the moment.
    pub unclear: bool,
    pub sentiment: Sentiment,
    pub valence: f32,
    pub touchpoint: Touchpoint,
    /// True if it says what should be otherwise.
    pub wish: bool,
    /// What is known only of a passage that states a pain point.
    pub pain: Option<Pain>,
}

/// What a pain passage adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pain {
    pub severity: Severity,
    pub prompting: Prompting,
}

impl Said {
    /// Whose words these are.
    pub(crate) fn voice(&self) -> Voice {
        match self.participant {
            Some(number) => Voice::Participant(number),
            None => Voice::Document(self.document),
        }
    }

    /// True if it praises and states no pain.
    pub(crate) fn is_praise(&self) -> bool {
        self.sentiment == Sentiment::Positive && self.pain.is_none()
    }

    /// True if a theme may count it: a pain point in somebody's own words. A
    /// bare yes to a leading question is never evidence alone.
    pub(crate) fn is_pain(&self) -> bool {
        self.pain
            .is_some_and(|pain| pain.prompting != Prompting::Assent)
    }
}

/// How much the speakers of one role said.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spoken {
    /// Turns with at least one passage.
    pub turns: u64,
    pub passages: u64,
    /// Those of the passages that do not count: the title of a text, and what
    /// repeats another document.
    pub uncounted: u64,
}

/// Every passage of a participant, in order of document and place, with what
/// the others said counted.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    pub said: Vec<Said>,
    /// Names of the documents that [`Said::document`] counts.
    pub documents: Vec<Arc<str>>,
    /// Ids of the participants that [`Said::participant`] counts.
    pub participants: Vec<String>,
    /// What was said by kind of source and role: also what is no evidence.
    pub roles: BTreeMap<(SourceKind, Role), Spoken>,
    /// Participants' passages that are not tagged.
    pub untagged: u64,
    /// Documents that say what another one says already.
    pub duplicates: Vec<Duplicate>,
    /// The turn of the passage read last.
    last_turn: Option<(Arc<str>, usize)>,
}

impl Study {
    /// Everything that counts, as one framework places it.
    pub(crate) fn evidence(
        &self,
        tagger: &dyn Tagger,
        placer: &Placer<'_>,
    ) -> Result<Evidence, StudyError> {
        let keep = self.config.keep_duplicates;
        Evidence::read(&self.store, &model_key(tagger), placer, keep)
    }
}

impl Evidence {
    /// Reads the evidence of a study as one framework places it. Documents that
    /// repeat another are found, and count only where the settings say so.
    pub(crate) fn read(
        store: &Store,
        model: &ModelKey,
        placer: &Placer<'_>,
        keep_duplicates: bool,
    ) -> Result<Self, StudyError> {
        let mut evidence = Self::default();
        let nearest = placer.nearest(store, model)?;
        let place = |id: PassageId, tags: &Tags| {
            let stage = placer.place_nearest(tags, nearest.get(&id).copied())?;
            let stages = &placer.framework().stages;
            let number = stages.iter().position(|known| known.id == stage.id);
            Ok(number.unwrap_or_default())
        };
        let mut participants: BTreeMap<String, u32> = BTreeMap::new();
        let mut repeats = Repeats::default();
        store.each_passage(Some(model), &mut |row| {
            repeats.take(&row);
            evidence.take(row, &place, &mut participants);
            ControlFlow::Continue(())
        })?;
        let mut names = vec![String::new(); participants.len()];
        for (name, number) in participants {
            if let Some(place) = names.get_mut(number as usize) {
                *place = name;
            }
        }
        evidence.participants = names;
        evidence.duplicates = repeats.find();
        if !keep_duplicates {
            evidence.drop_duplicates();
        }
        Ok(evidence)
    }

    /// Takes what repeats another document out of what was said.
    fn drop_duplicates(&mut self) {
        let repeated: BTreeSet<&str> = self
            .duplicates
            .iter()
            .map(|one| one.document.as_str())
            .collect();
        if repeated.is_empty() {
            return;
        }
        let dropped: Vec<bool> = self
            .documents
            .iter()
            .map(|name| repeated.contains(&**name))
            .collect();
        let mut heard = BTreeSet::new();
        let roles = &mut self.roles;
        self.said.retain(|said| {
            let drop = dropped.get(said.document as usize) == Some(&true);
            if drop {
                let spoken = roles.entry((said.kind, Role::Participant)).or_default();
                spoken.uncounted += 1;
            } else {
                heard.extend(said.participant);
            }
            !drop
        });
        // Numbers stay without gaps: reach is a share of all participants.
        let numbers: BTreeMap<u32, u32> = heard.into_iter().zip(0..).collect();
        for said in &mut self.said {
            said.participant = said.participant.and_then(|old| numbers.get(&old).copied());
        }
        let names = std::mem::take(&mut self.participants);
        let named = names.into_iter().zip(0_u32..);
        self.participants = named
            .filter(|(_, old)| numbers.contains_key(old))
            .map(|(name, _)| name)
            .collect();
    }

    fn take(
        &mut self,
        row: PassageRow,
        place: &dyn Fn(PassageId, &Tags) -> Result<usize, NoStage>,
        participants: &mut BTreeMap<String, u32>,
    ) {
        let spoken = self.roles.entry((row.kind, row.role)).or_default();
        spoken.passages += 1;
        spoken.uncounted += u64::from(row.heading);
        let turn = (row.document.clone(), row.turn);
        if self.last_turn.as_ref() != Some(&turn) {
            spoken.turns += 1;
            self.last_turn = Some(turn);
        }
        if row.heading || !row.role.is_evidence() {
            return;
        }
        let Some(tags) = row.tags else {
            self.untagged += 1;
            return;
        };
        if self.documents.last() != Some(&row.document) {
            self.documents.push(row.document.clone());
        }
        let next = participants.len() as u32;
        let participant = row
            .participant
            .as_ref()
            .map(|id| *participants.entry(id.to_string()).or_insert(next));
        self.said.push(Said {
            id: row.id,
            document: (self.documents.len() - 1) as u32,
            participant,
            kind: row.kind,
            span: row.span,
            place: place(row.id, &tags),
            moment: tags.moment.label,
            unclear: tags.unclear,
            sentiment: tags.sentiment.label,
            valence: tags.valence,
            touchpoint: tags.touchpoint.label,
            wish: states_wish(&row.text),
            pain: tags.pain.label.then(|| Pain {
                severity: severity(&row.text),
                prompting: prompted(&row),
            }),
        });
    }

    /// The passages of one stage.
    pub(crate) fn of_stage(&self, stage: usize) -> impl Iterator<Item = &Said> {
        self.said.iter().filter(move |said| said.place == Ok(stage))
    }

    /// The passages that belong to no stage for one reason.
    pub(crate) fn without_stage(&self, reason: NoStage) -> impl Iterator<Item = &Said> {
        self.said
            .iter()
            .filter(move |said| said.place == Err(reason))
    }

    /// Name of a passage's document.
    pub(crate) fn document_of(&self, said: &Said) -> &str {
        self.documents
            .get(said.document as usize)
            .map_or("", |name| name)
    }

    /// Id of a passage's participant.
    pub(crate) fn participant_of(&self, said: &Said) -> Option<&str> {
        let number = said.participant? as usize;
        self.participants.get(number).map(String::as_str)
    }
}
