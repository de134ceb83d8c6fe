use super::aliases::Use;
use crate::IngestError;

/// Which columns of a table hold what, as far as somebody has said so. What is
/// said here goes before what is detected.
///
/// ```
/// use throughline_ingest::ColumnMap;
///
/// let mut columns = ColumnMap::default();
/// columns.set("text", "What went wrong?")?;
/// columns.set("text", "What went well?")?;
/// columns.set("author", "Respondent")?;
/// assert_eq!(columns.text.len(), 2);
/// assert!(columns.set("colour", "Red").is_err());
/// # Ok::<(), throughline_ingest::IngestError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnMap {
    /// Columns of words; each becomes a document of its own where there are
    /// several.
    pub text: Vec<String>,
    /// Column of headings.
    pub title: Option<String>,
    /// Column that names the row.
    pub id: Option<String>,
    /// Column of days.
    pub date: Option<String>,
    /// Column of scores.
    pub rating: Option<String>,
    /// Column that says who wrote the row.
    pub author: Option<String>,
    /// Column that says what the row is about.
    pub product: Option<String>,
    /// Column of questions that the words answer.
    pub question: Option<String>,
    /// Column of speakers: the table is a transcript, a row is a turn.
    pub speaker: Option<String>,
    /// Column of the time at which a turn starts.
    pub start: Option<String>,
    /// Column of the time at which a turn ends.
    pub end: Option<String>,
    /// Column that tells one conversation of a transcript from another.
    pub conversation: Option<String>,
    /// Column of answers to "how likely are you to recommend us".
    pub nps: Option<String>,
    /// Column of languages.
    pub language: Option<String>,
}

impl ColumnMap {
    /// Says that `column` is to be read as `key`: `text` (may be said several
    /// times), `title`, `id`, `date`, `rating`, `author`, `product`, `question`,
    /// `speaker`, `start`, `end`, `conversation`, `nps`, `language`.
    ///
    /// # Errors
    /// [`IngestError::BadMapping`] if there is no such key or no column is named.
    pub fn set(&mut self, key: &str, column: &str) -> Result<(), IngestError> {
        let wrong = || IngestError::BadMapping {
            given: format!("{key}={column}"),
            known: Use::ALL.map(Use::key).join(", "),
        };
        let purpose = Use::ALL
            .into_iter()
            .find(|purpose| purpose.key() == key.trim())
            .ok_or_else(wrong)?;
        let column = column.trim();
        if column.is_empty() {
            return Err(wrong());
        }
        match self.slot(purpose) {
            Some(slot) => *slot = Some(column.to_owned()),
            None => self.text.push(column.to_owned()),
        }
        Ok(())
    }

    /// The columns that are said to be for `purpose`.
    pub(super) fn named(&self, purpose: Use) -> Vec<&str> {
        let one = match purpose {
            Use::Text => return self.text.iter().map(String::as_str).collect(),
            Use::Title => &self.title,
            Use::Id => &self.id,
            Use::Date => &self.date,
            Use::Rating => &self.rating,
            Use::Author => &self.author,
            Use::Product => &self.product,
            Use::Question => &self.question,
            Use::Speaker => &self.speaker,
            Use::Start => &self.start,
            Use::End => &self.end,
            Use::Conversation => &self.conversation,
            Use::Nps => &self.nps,
            Use::Language => &self.language,
        };
        one.as_deref().into_iter().collect()
    }

    fn slot(&mut self, purpose: Use) -> Option<&mut Option<String>> {
        match purpose {
            Use::Text => None,
            Use::Title => Some(&mut self.title),
            Use::Id => Some(&mut self.id),
            Use::Date => Some(&mut self.date),
            Use::Rating => Some(&mut self.rating),
            Use::Author => Some(&mut self.author),
            Use::Product => Some(&mut self.product),
            Use::Question => Some(&mut self.question),
            Use::Speaker => Some(&mut self.speaker),
            Use::Start => Some(&mut self.start),
            Use::End => Some(&mut self.end),
            Use::Conversation => Some(&mut self.conversation),
            Use::Nps => Some(&mut self.nps),
            Use::Language => Some(&mut self.language),
        }
    }
}
