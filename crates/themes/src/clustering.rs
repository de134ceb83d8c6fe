use std::ops::Range;

use throughline_core::{OtherReason, PassageId, Vector};

/// A passage as this crate sees it.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Names the passage, and decides every tie.
    pub id: PassageId,
    /// Its words.
    pub text: &'a str,
    /// What it means.
    pub vector: &'a Vector,
    /// Name of the document it stands in.
    pub document: &'a str,
    /// Who said it; `None` where nobody is named, and the document then stands
    /// for the person.
    pub participant: Option<&'a str>,
}

impl<'a> Item<'a> {
    /// Whose voice this is: the participant's, or the document's.
    pub(crate) fn voice(&self) -> (&'a str, bool) {
        match self.participant {
            Some(participant) => (participant, true),
            None => (self.document, false),
        }
    }
}

/// Every item in one group or in the rest, by its index in the caller's slice.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Clustering {
    /// The themes: the largest first, of equals the one with the smallest
    /// passage id.
    pub groups: Vec<Group>,
    /// Items that belong to no theme, each with the reason, in the order of
    /// their ids.
    pub other: Vec<(usize, OtherReason)>,
}

/// Items that tell of the same thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its items, the most typical first.
    pub members: Vec<usize>,
    /// Sub-themes: where its items are really of several kinds, each kind that
    /// is large enough, the largest first and each in the order of
    /// [`Self::members`]. An item is in one of them at most; the rest tell of
    /// the theme as a whole. Either none or at least two.
    pub parts: Vec<Vec<usize>>,
    /// Items of other groups that fit this one as well as half of its own do,
    /// the most typical first. They are counted where they are members.
    pub also: Vec<usize>,
    /// Mean cosine between two of its members, −1…+1.
    pub cohesion: f32,
}

/// What a group is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// The words of one member.
    pub label: Label,
    /// Three to six words that set the group apart from the others, the most
    /// telling first; fewer where the texts have no more.
    pub terms: Vec<String>,
}

/// A few words of one member: a slice of its text, never a string of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The item whose words they are.
    pub member: usize,
    /// Where they stand in its text, in bytes.
    pub range: Range<usize>,
}
