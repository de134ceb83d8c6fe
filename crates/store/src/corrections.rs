//! What people decided of passages, on top of what models say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use throughline_core::{Moment, PassageId, Scored, Sentiment, Tags, Touchpoint};

use crate::{Attachment, Judgement, Store, StoreError};

/// The kinds of judgement that this program acts on. Others are kept and shown.
pub mod kind {
    /// A passage's moment; the value is its word.
    pub const MOMENT: &str = "moment";
    /// A passage's sentiment; the value is its word.
    pub const SENTIMENT: &str = "sentiment";
    /// Whether a passage states a pain point: `yes` or `no`.
    pub const PAIN: &str = "pain";
    /// A passage's touchpoint; the value is its word.
    pub const TOUCHPOINT: &str = "touchpoint";
    /// A passage's theme: its id, or `none`.
    pub const THEME: &str = "theme";
    /// A code of one's own on any words; the value is the code.
    pub const CODE: &str = "code";
    /// A note on any words; the value is the note.
    pub const MEMO: &str = "memo";
    /// Takes another judgement back; the value is that one's id.
    pub const UNDO: &str = "undo";
    /// Those that change what a passage counts as.
    pub const CORRECTIONS: [&str; 5] = [MOMENT, SENTIMENT, PAIN, TOUCHPOINT, THEME];
}

/// The value of a theme judgement that puts a passage into none.
pub const NO_THEME: &str = "none";

/// What people decided of one passage; what they left open is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Correction {
    /// Its moment.
    pub moment: Option<Moment>,
    /// Its sentiment.
    pub sentiment: Option<Sentiment>,
    /// Whether it states a pain point.
    pub pain: Option<bool>,
    /// Its touchpoint.
    pub touchpoint: Option<Touchpoint>,
    /// The id of its theme, or [`NO_THEME`].
    pub theme: Option<String>,
}

impl Correction {
    /// Takes in a judgement; false if it is no correction that can be read.
    fn take(&mut self, judgement: &Judgement) -> bool {
        let value = judgement.value.as_str();
        match judgement.kind.as_str() {
            kind::MOMENT => set(&mut self.moment, value.parse().ok()),
            kind::SENTIMENT => set(&mut self.sentiment, value.parse().ok()),
            kind::TOUCHPOINT => set(&mut self.touchpoint, value.parse().ok()),
            kind::PAIN => set(&mut self.pain, yes_or_no(value)),
            kind::THEME => set(&mut self.theme, Some(value.to_owned())),
            _ => false,
        }
    }

    /// The tags as they count: what people decided is certain.
    #[must_use]
    pub fn applied_to(&self, tags: Tags) -> Tags {
        let mut tags = tags;
        if let Some(moment) = self.moment {
            tags.put_moment(certain(moment));
        }
        if let Some(sentiment) = self.sentiment {
            tags.put_sentiment(certain(sentiment));
        }
        if let Some(pain) = self.pain {
            tags.pain = certain(pain);
        }
        if let Some(touchpoint) = self.touchpoint {
            tags.touchpoint = certain(touchpoint);
        }
        tags
    }

    /// The kinds that were decided, in the order of [`kind::CORRECTIONS`].
    #[must_use]
    pub fn kinds(&self) -> Vec<&'static str> {
        let decided = [
            self.moment.is_some(),
            self.sentiment.is_some(),
            self.pain.is_some(),
            self.touchpoint.is_some(),
            self.theme.is_some(),
        ];
        let kinds = kind::CORRECTIONS.into_iter().zip(decided);
        kinds
            .filter_map(|(kind, decided)| decided.then_some(kind))
            .collect()
    }
}

/// `yes` or `no` as a person writes it.
#[must_use]
pub fn yes_or_no(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "yes" | "true" | "y" | "1" => Some(true),
        "no" | "false" | "n" | "0" => Some(false),
        _ => None,
    }
}

fn certain<T>(label: T) -> Scored<T> {
    Scored {
        label,
        confidence: 1.0,
    }
}

fn set<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let understood = value.is_some();
    if understood {
        *place = value;
    }
    understood
}

/// Everything that people decided of passages, in force now.
pub type Corrections = BTreeMap<PassageId, Correction>;

/// Where a judgement stands among the others: by the act that made it, and its
/// number within. An act is everything that one command made.
fn number(judgement: &Judgement) -> (u64, u64, &str, &str) {
    let (act, place) = judgement.id.split_once('.').unwrap_or_default();
    (
        act.parse().unwrap_or(0),
        place.parse().unwrap_or(0),
        &judgement.time,
        &judgement.id,
    )
}

/// The number of the act that made a judgement; 0 where its id has none.
#[must_use]
pub fn act_of(judgement: &Judgement) -> u64 {
    number(judgement).0
}

/// Puts judgements into the order in which they were made.
pub fn in_order(judgements: &mut [(Judgement, Attachment)]) {
    judgements.sort_by(|(a, _), (b, _)| number(a).cmp(&number(b)));
}

/// The ids of those that were taken back. The last one decides: to take an undo
/// back is to put in force again what it took back.
#[must_use]
pub fn taken_back(judgements: &[(Judgement, Attachment)]) -> BTreeSet<String> {
    let mut order: Vec<&Judgement> = judgements.iter().map(|(one, _)| one).collect();
    order.sort_by(|a, b| number(b).cmp(&number(a)));
    let mut gone = BTreeSet::new();
    for one in order {
        if one.kind == kind::UNDO && !gone.contains(&one.id) {
            gone.insert(one.value.clone());
        }
    }
    gone
}

impl Store {
    /// What people decided of passages, each where its words stand now. Later
    /// decisions take the place of earlier ones, tag by tag.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn corrections(&self) -> Result<Arc<Corrections>, StoreError> {
        let generation = self.generation()?;
        if let Some((of, known)) = &*self.corrections.borrow()
            && *of == generation
        {
            return Ok(known.clone());
        }
        let found = Arc::new(self.read_corrections()?);
        self.corrections.replace(Some((generation, found.clone())));
        Ok(found)
    }

    fn read_corrections(&self) -> Result<Corrections, StoreError> {
        let mut judgements = self.judgements()?;
        in_order(&mut judgements);
        let gone = taken_back(&judgements);
        let mut corrections = Corrections::new();
        for (judgement, attachment) in &judgements {
            let (Attachment::Exact { passages, .. } | Attachment::Overlap { passages }) =
                attachment
            else {
                continue;
            };
            let corrects = kind::CORRECTIONS.contains(&judgement.kind.as_str());
            if !corrects || gone.contains(&judgement.id) {
                continue;
            }
            for passage in passages {
                corrections.entry(*passage).or_default().take(judgement);
            }
        }
        corrections.retain(|_, correction| *correction != Correction::default());
        Ok(corrections)
    }
}
