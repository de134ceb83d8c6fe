use throughline_core::{Moment, PassageId};

/// What a stage or a theme holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Members {
    /// Every quote of these moments, where the engine is sure of them.
    Moments(Vec<Moment>),
    /// These passages, in any order.
    Passages(Vec<PassageId>),
}

impl Members {
    /// The same, passages in order and each once.
    pub(crate) fn sorted(mut self) -> Self {
        if let Self::Passages(ids) = &mut self {
            ids.sort_unstable();
            ids.dedup();
        }
        self
    }
}

/// What a study knows by name and an index does not. A query is read with it, so
/// that it keeps its meaning, and what is misspelt is pointed at.
///
/// Left as it is, a vocabulary knows no name: see [`NoNames`].
pub trait Vocabulary {
    /// The id of the framework called `name`.
    ///
    /// # Errors
    /// [`Unknown`] if there is none.
    fn framework(&self, name: &str) -> Result<String, Unknown> {
        Err(Unknown::new(format!("there is no framework '{name}'")))
    }

    /// What the stage `name` holds, in the framework that the query names or
    /// else in the one in use.
    ///
    /// # Errors
    /// [`Unknown`] if there is none.
    fn stage(&self, framework: Option<&str>, name: &str) -> Result<Members, Unknown> {
        let which = framework.unwrap_or("in use");
        Err(Unknown::new(format!(
            "the framework {which} has no stage '{name}'"
        )))
    }

    /// What the theme called or labelled `name` holds, among those of the
    /// framework that the query names or else of the one in use.
    ///
    /// # Errors
    /// [`Unknown`] if there is none.
    fn theme(&self, framework: Option<&str>, name: &str) -> Result<Members, Unknown> {
        let which = framework.unwrap_or("in use");
        Err(Unknown::new(format!(
            "the framework {which} has no theme '{name}'"
        )))
    }

    /// The passage whose id begins with `start`.
    ///
    /// # Errors
    /// [`Unknown`] if there is none, or more than one.
    fn passage(&self, start: &str) -> Result<PassageId, Unknown> {
        start
            .parse()
            .map_err(|_| Unknown::new(format!("'{start}' is no id of a passage")))
    }
}

/// A vocabulary without a name in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoNames;

impl Vocabulary for NoNames {}

/// The answer to a name that a [`Vocabulary`] does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// What is wrong, as a clause.
    pub message: String,
    /// The names that could have been meant; the nearest is offered.
    pub known: Vec<String>,
    /// What to do where none of them is near.
    pub advice: String,
}

impl Unknown {
    /// An answer that knows no other name.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            known: Vec::new(),
            advice: "leave it out".to_owned(),
        }
    }
}
