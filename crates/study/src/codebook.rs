//! The theme book, `codebook.toml`: the themes that a researcher has named,
//! merged, split or frozen, as a plain file for version control. Codes of people
//! are no themes and stand in the code list (`importing`, judgements).

mod coding;
mod editing;
mod settling;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use throughline_core::{PassageId, Theme, Verbatim};

pub(crate) use self::coding::Coder;
pub(crate) use self::editing::short;
pub use self::editing::{CodebookTheme, FreezeOutcome};
pub(crate) use self::settling::Settling;
use crate::writing::put_in_place;
use crate::{Study, StudyError};

/// The version that this program writes.
const VERSION: u32 = 1;

/// What stands at the head of the file.
const HEAD: &str = "\
# The theme book of this study. Names, definitions, inclusion and exclusion are yours to edit; ids and
# exemplars tie an entry to its passages. While a framework is listed under frozen, its passages are
# coded by the exemplars: by the nearest, within the limit. Comments are not kept.

";

/// The codebook of a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codebook {
    /// The version of the file's form.
    pub version: u32,
    /// Ids of the frameworks whose passages are coded by this book.
    #[serde(default)]
    pub frozen: Vec<String>,
    /// The themes that a person has touched, or that were frozen.
    #[serde(default, rename = "theme", skip_serializing_if = "Vec::is_empty")]
    pub themes: Vec<BookEntry>,
}

impl Default for Codebook {
    fn default() -> Self {
        Self {
            version: VERSION,
            frozen: Vec::new(),
            themes: Vec::new(),
        }
    }
}

/// One theme of a codebook.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookEntry {
    /// Id of the theme: the same in every run.
    pub id: String,
    /// Id of the framework.
    pub framework: String,
    /// Id of the stage.
    pub stage: String,
    /// The researcher's name for it; without one it is called by its label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What belongs here.
    #[serde(default)]
    pub definition: String,
    /// When a passage is coded so.
    #[serde(default)]
    pub inclusion: String,
    /// When it is not.
    #[serde(default)]
    pub exclusion: String,
    /// Id of the theme that it was merged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<String>,
    /// True if it was deleted: its passages are set aside.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// The least cosine to the exemplars' direction with which a passage is
    /// coded so, −1…+1; only once it was frozen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f32>,
    /// Words that set it apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<String>,
    /// The words of a participant that it is called by, while their passage is in
    /// it: a place, and no words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Verbatim>,
    /// Its most typical passages.
    #[serde(default, rename = "exemplar", skip_serializing_if = "Vec::is_empty")]
    pub exemplars: Vec<BookExemplar>,
}

/// A passage that shows what a theme is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookExemplar {
    /// Its exact words.
    pub text: String,
    /// The passage, where it is of this study.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passage: Option<PassageId>,
}

impl Codebook {
    /// Name of the file in a study folder.
    pub const FILE: &'static str = "codebook.toml";

    /// Reads a codebook; `None` if there is no such file.
    ///
    /// # Errors
    /// [`StudyError::Config`] with the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Option<Self>, StudyError> {
        let wrong = |problem: String| StudyError::Config {
            path: path.to_owned(),
            problem,
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StudyError::io(path)(error)),
        };
        let book: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        book.check().map_err(wrong)?;
        Ok(Some(book))
    }

    /// Writes the codebook.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), StudyError> {
        let text = toml::to_string(self)
            .map_err(|error| StudyError::refused(path.display().to_string(), error.to_string()))?;
        put_in_place(path, format!("{HEAD}{text}").as_bytes())
    }

    /// What is wrong with what a person may have edited.
    fn check(&self) -> Result<(), String> {
        if self.version != VERSION {
            return Err(format!(
                "version {} of a codebook, and this program knows {VERSION}",
                self.version
            ));
        }
        let mut seen = BTreeMap::new();
        for entry in &self.themes {
            let key = (entry.framework.as_str(), entry.id.as_str());
            if seen.insert(key, entry).is_some() {
                return Err(format!("the theme '{}' stands here twice", entry.id));
            }
        }
        for entry in &self.themes {
            if let Some(into) = &entry.into {
                let target = seen.get(&(entry.framework.as_str(), into.as_str()));
                if target.is_none_or(|target| target.stage != entry.stage) {
                    return Err(format!(
                        "'{}' goes into '{into}', which is no theme of its stage here",
                        entry.id
                    ));
                }
            }
        }
        Ok(())
    }

    /// The entry of a theme of one framework.
    #[must_use]
    pub fn entry(&self, framework: &str, id: &str) -> Option<&BookEntry> {
        let mut entries = self.themes.iter();
        entries.find(|entry| entry.framework == framework && entry.id == id)
    }

    /// True if passages of this framework are coded by this book.
    #[must_use]
    pub fn is_frozen(&self, framework: &str) -> bool {
        self.frozen.iter().any(|id| id == framework)
    }

    /// Where the passages of a theme go in the end, through all mergers;
    /// `None` if they are set aside.
    fn end_of<'b>(&'b self, framework: &str, id: &'b str) -> Option<&'b str> {
        let mut at = id;
        // A circle ends after as many steps as there are entries.
        for _ in 0..=self.themes.len() {
            match self.entry(framework, at) {
                Some(entry) if entry.deleted => return None,
                Some(BookEntry {
                    into: Some(into), ..
                }) => at = into,
                _ => break,
            }
        }
        Some(at)
    }
}

impl BookEntry {
    /// An entry for a theme as it stands.
    fn of(framework: &str, theme: &Theme) -> Self {
        Self {
            id: theme.id.clone(),
            framework: framework.to_owned(),
            stage: theme.stage.clone(),
            terms: theme.terms.clone(),
            label: Some(theme.label),
            ..Self::default()
        }
    }
}

impl Study {
    fn codebook_path(&self) -> PathBuf {
        self.folder.join(Codebook::FILE)
    }

    /// The codebook of this study; an empty one where there is none.
    ///
    /// # Errors
    /// As [`Codebook::read`].
    pub fn codebook(&self) -> Result<Codebook, StudyError> {
        Ok(Codebook::read(&self.codebook_path())?.unwrap_or_default())
    }

    /// Takes the words of passages that are no longer in the study out of the
    /// codebook, as a withdrawal must. Exemplars without a passage came with a
    /// codebook of another study, and stay.
    pub(crate) fn withdraw_from_codebook(&self) -> Result<(), StudyError> {
        let path = self.codebook_path();
        let Some(mut book) = Codebook::read(&path)? else {
            return Ok(());
        };
        let before = book.clone();
        for entry in &mut book.themes {
            let mut kept = Vec::new();
            for exemplar in std::mem::take(&mut entry.exemplars) {
                let here = match exemplar.passage {
                    Some(id) => self.store.passage(None, id)?.is_some(),
                    None => true,
                };
                if here {
                    kept.push(exemplar);
                } else {
                    // They may be words of the one who withdrew.
                    entry.terms.clear();
                }
            }
            entry.exemplars = kept;
        }
        if book == before {
            return Ok(());
        }
        book.write(&path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, into: Option<&str>) -> BookEntry {
        BookEntry {
            id: id.to_owned(),
            framework: "customer".to_owned(),
            stage: "use".to_owned(),
            into: into.map(str::to_owned),
            ..BookEntry::default()
        }
    }

    #[test]
    fn a_codebook_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(Codebook::FILE);
        assert_eq!(Codebook::read(&path).unwrap(), None);
        let mut book = Codebook {
            frozen: vec!["customer".to_owned()],
            themes: vec![entry("use-1", Some("use-2")), entry("use-2", None)],
            ..Codebook::default()
        };
        book.themes[1].name = Some("It \"breaks\"\nearly".to_owned());
        book.themes[1].limit = Some(0.25);
        book.themes[1].exemplars.push(BookExemplar {
            text: "It broke on day two.".to_owned(),
            passage: Some(PassageId::from_bytes([3; 16])),
        });
        book.write(&path).unwrap();
        assert_eq!(Codebook::read(&path).unwrap(), Some(book));
    }

    #[test]
    fn what_a_person_mistyped_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(Codebook::FILE);
        let one = "[[theme]]\nid = \"a\"\nframework = \"f\"\nstage = \"use\"\n";
        for (text, wanted) in [
            ("version = 9\n".to_owned(), "version 9"),
            (format!("version = 1\n{one}{one}"), "twice"),
            (format!("version = 1\n{one}into = \"b\"\n"), "goes into 'b'"),
            (format!("version = 1\n{one}nmae = \"b\"\n"), "nmae"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = Codebook::read(&path).unwrap_err().to_string();
            assert!(
                error.contains(wanted) && error.contains("codebook.toml"),
                "{error}"
            );
        }
    }

    #[test]
    fn mergers_are_followed_to_their_end_and_circles_left() {
        let mut book = Codebook {
            themes: vec![
                entry("a", Some("b")),
                entry("b", Some("c")),
                entry("c", None),
                entry("x", Some("y")),
                entry("y", Some("x")),
            ],
            ..Codebook::default()
        };
        assert_eq!(book.end_of("customer", "a"), Some("c"));
        assert_eq!(book.end_of("customer", "new"), Some("new"));
        assert!(book.end_of("customer", "x").is_some());
        book.themes[2].deleted = true;
        assert_eq!(book.end_of("customer", "a"), None);
    }
}
