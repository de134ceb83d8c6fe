//! Exit codes, in one place.

use std::io::Write;
use std::process::ExitCode;

use throughline_study::{ErrorKind, QueryError, StudyError};

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Code {
    /// All was done.
    Done = 0,
    /// Nothing was found.
    NothingFound = 1,
    /// The command or the settings were wrong.
    Usage = 2,
    /// An input could not be read; the rest was done.
    Unreadable = 3,
    /// A fault of the program.
    Internal = 4,
    /// A check of quotes or of a model's files failed.
    Unverified = 5,
    /// Somebody else is writing to the study.
    Busy = 6,
    /// No space, or no permission to write.
    Disk = 7,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// Says what went wrong on standard error and gives the exit code.
pub(crate) fn report(result: anyhow::Result<Code>) -> ExitCode {
    match result {
        Ok(code) => code.into(),
        Err(error) if is_broken_pipe(&error) => Code::Done.into(),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "throughline: {error:#}");
            if let Some(pointed) = query_error(&error).map(QueryError::pointed) {
                let _ = writeln!(std::io::stderr(), "{pointed}");
            }
            code_of(&error).into()
        }
    }
}

/// What is wrong with a query, if that is what it is.
fn query_error(error: &anyhow::Error) -> Option<&QueryError> {
    match error.downcast_ref() {
        Some(StudyError::Query(source) | StudyError::SavedSearch { source, .. }) => Some(source),
        _ => None,
    }
}

/// The reader of a pipe has seen enough (`| head`): no fault of anybody.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

fn code_of(error: &anyhow::Error) -> Code {
    match error.downcast_ref::<StudyError>().map(StudyError::kind) {
        Some(ErrorKind::Usage) => Code::Usage,
        Some(ErrorKind::Unreadable) => Code::Unreadable,
        Some(ErrorKind::Busy) => Code::Busy,
        Some(ErrorKind::Disk) => Code::Disk,
        Some(ErrorKind::NotFound) => Code::NothingFound,
        Some(ErrorKind::Internal) => Code::Internal,
        None if error.is::<std::io::Error>() => Code::Disk,
        None => Code::Usage,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_that_are_documented() {
        let codes = [
            Code::Done,
            Code::NothingFound,
            Code::Usage,
            Code::Unreadable,
            Code::Internal,
            Code::Unverified,
            Code::Busy,
            Code::Disk,
        ];
        assert_eq!(codes.map(|code| code as u8), [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn an_error_keeps_its_kind_under_context() {
        let error = anyhow::Error::from(StudyError::Empty).context("while tagging");
        assert_eq!(code_of(&error), Code::Usage);
        let pipe = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        assert!(is_broken_pipe(&anyhow::Error::from(StudyError::Stream(
            pipe
        ))));
    }
}
