/// Why a query could not be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {message}; {hint}")]
pub struct QueryError {
    /// The query as it was typed.
    pub text: String,
    /// Where it goes wrong: 1 for the first character; one past the last where
    /// something is missing at the end.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl QueryError {
    /// The query on one line, and a caret below the column.
    #[must_use]
    pub fn pointed(&self) -> String {
        let line = |c: char| if c.is_control() { ' ' } else { c };
        let text: String = self.text.chars().map(line).collect();
        format!("{text}\n{:>column$}", '^', column = self.column)
    }
}

/// A [`QueryError`] that knows its byte, not yet its column.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) at: usize,
    pub(super) message: String,
    pub(super) hint: String,
}

impl Problem {
    pub(super) fn new(at: usize, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            hint: hint.into(),
        }
    }

    pub(super) fn in_text(self, text: &str) -> QueryError {
        let before = text.char_indices().take_while(|(at, _)| *at < self.at);
        QueryError {
            text: text.to_owned(),
            column: before.count() + 1,
            message: self.message,
            hint: self.hint,
        }
    }
}
