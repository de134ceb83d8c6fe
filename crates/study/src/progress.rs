/// A long piece of work, as a front end names it to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Reading source files; counted in files.
    Reading,
    /// Tagging; counted in passages.
    Tagging,
    /// Building index and vectors; counted in passages.
    Indexing,
    /// Grouping pain points into themes; counted in stages.
    Grouping,
    /// Finding out why quotes have their tags; counted in passages.
    Explaining,
    /// Writing the report; counted in files.
    Reporting,
}

impl Step {
    /// One word for a progress bar.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reading => "Reading",
            Self::Tagging => "Tagging",
            Self::Indexing => "Indexing",
            Self::Grouping => "Grouping",
            Self::Explaining => "Reasons",
            Self::Reporting => "Writing",
        }
    }

    /// What is counted.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Reading | Self::Reporting => "files",
            Self::Tagging | Self::Indexing | Self::Explaining => "passages",
            Self::Grouping => "stages",
        }
    }
}

/// Receives how far the work has come. The driver reports; a front end draws.
pub trait Progress: Sync {
    /// A step begins, with `total` units of work where that is known.
    fn begin(&self, step: Step, total: Option<u64>);
    /// `by` more units are done.
    fn advance(&self, by: u64);
    /// The step that began last is over.
    fn end(&self);
}

/// Reports to nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: Step, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
}
