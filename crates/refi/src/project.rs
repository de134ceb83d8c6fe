//! What a project holds.

use throughline_core::Span;

use crate::Guid;

/// A project: texts, codes, and who is who.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// The program that wrote it.
    pub origin: String,
    /// When it was made, as an ISO date and time.
    pub created: String,
    /// What else is to be said of it.
    pub description: Option<String>,
    /// Who coded; the first one made the project.
    pub users: Vec<User>,
    /// The codes, as trees. Their names must differ.
    pub codes: Vec<Code>,
    /// What is known of cases.
    pub variables: Vec<Variable>,
    /// The people of the study.
    pub cases: Vec<Case>,
    /// The texts.
    pub sources: Vec<TextSource>,
}

/// Somebody, or some program, who codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub guid: Guid,
    /// Its name.
    pub name: String,
}

/// A code, with those below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Its id.
    pub guid: Guid,
    /// Its name.
    pub name: String,
    /// False for a heading over other codes.
    pub codable: bool,
    /// `#rrggbb`.
    pub colour: Option<String>,
    /// What belongs under it.
    pub description: Option<String>,
    /// The codes below it.
    pub children: Vec<Code>,
}

impl Code {
    /// A code without anything else.
    #[must_use]
    pub fn new(guid: Guid, name: &str) -> Self {
        Self {
            guid,
            name: name.to_owned(),
            codable: true,
            colour: None,
            description: None,
            children: Vec::new(),
        }
    }
}

/// Something that is known of cases, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its id.
    pub guid: Guid,
    /// Its name.
    pub name: String,
}

/// A person of the study.
///
/// Which words are theirs is told by codings with the case's own id, beside a
/// code of the same id: tools that know no such thing as a speaker take it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its id, and that of the code over their words.
    pub guid: Guid,
    /// Its name.
    pub name: String,
    /// Variable and value.
    pub values: Vec<(Guid, String)>,
    /// The texts in which they speak.
    pub sources: Vec<Guid>,
}

/// A text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSource {
    /// Its id.
    pub guid: Guid,
    /// Its name.
    pub name: String,
    /// The text: UTF-8, LF, no byte order mark.
    pub text: String,
    /// When it was made, as an ISO date and time; the project's where absent.
    pub created: Option<String>,
    /// What is coded in it.
    pub selections: Vec<Selection>,
}

/// A stretch of a text with its codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Its id.
    pub guid: Guid,
    /// Where it stands, in bytes of the text.
    pub span: Span,
    /// The words as a project that was read says them; those of the text are
    /// written.
    pub words: Option<String>,
    /// A memo.
    pub description: Option<String>,
    /// Who coded it; the first user where absent.
    pub user: Option<Guid>,
    /// When, as an ISO date and time; the project's where absent.
    pub created: Option<String>,
    /// Ids of its codes.
    pub codes: Vec<Guid>,
}
