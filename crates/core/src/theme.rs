use serde::{Deserialize, Serialize};

use crate::{PassageId, Span};

/// Words quoted from a passage: a range of its document's canonical text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Verbatim {
    /// The passage the words stand in.
    pub passage: PassageId,
    /// Where they stand in the canonical text of its document.
    pub span: Span,
}

/// Passages of one stage that tell of the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Theme {
    /// Names the theme within its study.
    pub id: String,
    /// Id of the stage whose passages were grouped.
    pub stage: String,
    /// What the theme is called: a participant's own words.
    pub label: Verbatim,
    /// Words that set the theme apart from the others of its stage, most
    /// telling first.
    pub terms: Vec<String>,
    /// Its passages, the most typical first. Every passage has at most one
    /// theme.
    pub members: Vec<PassageId>,
    /// Passages of other themes of its stage that fit it too, the most typical
    /// first. They are counted there, and never here.
    pub also: Vec<PassageId>,
    /// What its passages fall into where they are of several kinds, the largest
    /// first. Every member is in at most one.
    pub parts: Vec<SubTheme>,
}

/// Passages of one theme that are of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubTheme {
    /// What it is called: a participant's own words.
    pub label: Verbatim,
    /// Words that set it apart from the other sub-themes, most telling first.
    pub terms: Vec<String>,
    /// Its passages, the most typical first.
    pub members: Vec<PassageId>,
}
