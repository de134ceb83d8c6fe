use std::path::PathBuf;

use thiserror::Error;
use throughline_core::CoreError;
use throughline_index::{IndexError, QueryError};
use throughline_ingest::IngestError;
use throughline_nlp::NlpError;
use throughline_privacy::PrivacyError;
use throughline_refi::RefiError;
use throughline_report::ReportError;
use throughline_store::StoreError;
use throughline_vectors::VectorError;

/// Why the driver could not do what it was asked.
///
/// Each message says what to do about it; [`StudyError::kind`] says whose turn
/// it is, so that a front end can choose its exit code.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StudyError {
    /// A framework file cannot be read or breaks a rule.
    #[error("framework '{name}': {problem}")]
    Framework {
        /// File or id.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// No framework of that id.
    #[error("there is no framework '{id}'; use one of: {known}")]
    NoFramework {
        /// What was asked for.
        id: String,
        /// The ids that exist.
        known: String,
    },
    /// `throughline.toml` cannot be read.
    #[error("{}: {problem}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        problem: String,
    },
    /// No document of that name.
    #[error(
        "there is no document '{name}' in this study; `throughline stats --documents` lists them{hint}"
    )]
    NoDocument {
        /// What was asked for.
        name: String,
        /// The nearest name there is, as a sentence; or nothing.
        hint: String,
    },
    /// No participant of that name.
    #[error(
        "there is no participant '{name}' in this study; `throughline stats --participants` lists them"
    )]
    NoParticipant {
        /// What was asked for.
        name: String,
    },
    /// No passage of that id, or more than one.
    #[error(
        "there is {} passage '{id}' in this study; `throughline show` and `search` name them, and \
         the first characters do where no other begins with them",
        if *.several { "more than one" } else { "no" }
    )]
    NoPassage {
        /// What was asked for.
        id: String,
        /// True if several begin like that.
        several: bool,
    },
    /// No collection of that name.
    #[error("there is no collection '{name}' in this study{hint}")]
    NoCollection {
        /// What was asked for.
        name: String,
        /// What there is, as a clause.
        hint: String,
    },
    /// No search of that name in the settings.
    #[error(
        "there is no search '@{name}' in the [searches] of throughline.toml{}",
        if known.is_empty() { String::new() } else { format!("; there are: {known}") }
    )]
    NoSearch {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// A search of the settings cannot be understood.
    #[error("the search '@{name}' in throughline.toml cannot be understood")]
    SavedSearch {
        /// Its name.
        name: String,
        /// What is wrong with it.
        source: QueryError,
    },
    /// A place in a list of results that is not one of this search.
    #[error(
        "'{0}' is no cursor of this search; take the one that the page before gave, with the same query, order and framework"
    )]
    NoCursor(String),
    /// Words without a meaning that could be compared.
    #[error(
        "there is no meaning to compare in {0}; write a sentence as a participant would say it"
    )]
    NoMeaning(String),
    /// What a person decided, coded or asked for cannot be.
    #[error("{what}: {problem}")]
    Refused {
        /// What it is about.
        what: String,
        /// Why it cannot be, and what can.
        problem: String,
    },
    /// Not one of the inputs could be read.
    #[error("nothing could be read: {0}")]
    NothingRead(String),
    /// A report was asked for before anything was tagged.
    #[error("{untagged} of {passages} passages are not tagged yet; run `throughline tag` first")]
    NotTagged {
        /// Passages without tags.
        untagged: u64,
        /// Passages in all.
        passages: u64,
    },
    /// Index or vectors were asked for before they were built.
    #[error("the {0} of this study is missing; `throughline tag` builds it")]
    NoCache(&'static str),
    /// There is nothing in the study yet.
    #[error("this study has no passages yet; add files with `throughline add`")]
    Empty,
    /// Every document is in a language that the study does not read.
    #[error(
        "no document of this study is in a language that it reads: {found}, and `languages` in throughline.toml says {read}; add their codes there, or write \"all\""
    )]
    OtherLanguages {
        /// The languages of the documents, with their numbers.
        found: String,
        /// The languages that are read.
        read: String,
    },
    /// A file or folder that the driver reads or writes.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Standard input or output of a pipeline.
    #[error("{0}")]
    Stream(#[from] std::io::Error),
    /// A value of the vocabulary.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// Reading a file.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// Tagging.
    #[error(transparent)]
    Nlp(#[from] NlpError),
    /// The record.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A query.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The vectors.
    #[error(transparent)]
    Vectors(#[from] VectorError),
    /// The key of the pseudonyms.
    #[error(transparent)]
    Privacy(#[from] PrivacyError),
    /// The study holds files that were read without pseudonyms.
    #[error(
        "this study holds files as they stand; pseudonyms must be chosen before the first file is added: make a new study, write privacy = \"pseudonymise\" in its throughline.toml, and add the files there"
    )]
    NotPseudonymised,
    /// The study is pseudonymised, and its settings say otherwise.
    #[error(
        "this study is pseudonymised, and throughline.toml no longer says so; write privacy = \"pseudonymise\" again, or make a new study from the files"
    )]
    Pseudonymised,
    /// Nothing that was named is a report.
    #[error(
        "nothing to verify: name the folder of a report, or its json, md, html, csv, xlsx or qdpx file"
    )]
    NoReport,
    /// The study that a report was made from is not beside it.
    #[error(
        "no study lies beside the report to tell where its sources are; name it with --study FOLDER"
    )]
    NoStudyOfReport,
    /// A project brings words as they stand into a study that keeps none.
    #[error(
        "this study is pseudonymised, and a project's codings hold words as they stand; import it into a study of its own"
    )]
    ImportOfWords,
    /// A file of ours that is not as it was written.
    #[error("{0}")]
    Changed(String),
    /// A REFI-QDA project or codebook.
    #[error(transparent)]
    Refi(#[from] RefiError),
    /// Writing a report.
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// What sort of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The command or the settings ask for something that cannot be.
    Usage,
    /// An input could not be read.
    Unreadable,
    /// Somebody else is writing to the study.
    Busy,
    /// No space, or no permission to write.
    Disk,
    /// Nothing of that name was found.
    NotFound,
    /// A fault of the program or of its files.
    Internal,
}

impl StudyError {
    /// What sort of failure it was.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Framework { .. }
            | Self::NoFramework { .. }
            | Self::Config { .. }
            | Self::NotTagged { .. }
            | Self::Empty
            | Self::NoReport
            | Self::ImportOfWords
            | Self::NoStudyOfReport
            | Self::OtherLanguages { .. }
            | Self::NotPseudonymised
            | Self::Pseudonymised
            | Self::NoSearch { .. }
            | Self::SavedSearch { .. }
            | Self::NoCursor(_)
            | Self::NoMeaning(_)
            | Self::Refused { .. }
            | Self::Query(_)
            | Self::Core(_) => ErrorKind::Usage,
            Self::NoDocument { .. }
            | Self::NoParticipant { .. }
            | Self::NoPassage { .. }
            | Self::NoCollection { .. } => ErrorKind::NotFound,
            Self::NothingRead(_) | Self::Ingest(_) => ErrorKind::Unreadable,
            Self::Io { source, .. } | Self::Stream(source) => kind_of_io(source),
            Self::Nlp(error) if error.is_usage() => ErrorKind::Usage,
            Self::Store(error) if error.is_busy() => ErrorKind::Busy,
            Self::Store(error) if error.is_disk() => ErrorKind::Disk,
            Self::Store(StoreError::Io { source, .. }) => kind_of_io(source),
            Self::Store(error) if error.is_usage() => ErrorKind::Usage,
            Self::Privacy(PrivacyError::Io { source, .. }) => kind_of_io(source),
            Self::Privacy(_) => ErrorKind::Usage,
            Self::Index(IndexError::Busy { .. }) => ErrorKind::Busy,
            Self::Index(IndexError::Io { source, .. }) => kind_of_io(source),
            Self::Vectors(VectorError::Io { source, .. }) => kind_of_io(source),
            Self::Refi(RefiError::Io(error)) => kind_of_io(error),
            Self::Refi(_) => ErrorKind::Unreadable,
            Self::Report(error) => error.io().map_or(ErrorKind::Internal, kind_of_io),
            _ => ErrorKind::Internal,
        }
    }

    /// That something about `what` cannot be.
    pub(crate) fn refused(what: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Refused {
            what: what.into(),
            problem: problem.into(),
        }
    }

    /// An I/O failure at `path`.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

fn kind_of_io(error: &std::io::Error) -> ErrorKind {
    use std::io::ErrorKind as Io;
    match error.kind() {
        Io::StorageFull
        | Io::QuotaExceeded
        | Io::FileTooLarge
        | Io::PermissionDenied
        | Io::ReadOnlyFilesystem
        | Io::WriteZero => ErrorKind::Disk,
        Io::NotFound | Io::InvalidInput | Io::NotADirectory | Io::AlreadyExists => ErrorKind::Usage,
        _ => ErrorKind::Internal,
    }
}
