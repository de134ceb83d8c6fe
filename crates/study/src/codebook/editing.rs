//! What a researcher does with themes, written into the codebook.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use throughline_core::{ContentHash, Framework, PassageId, Theme};
use throughline_nlp::Tagger;
use throughline_store::kind;

use super::coding::limit_of;
use super::{BookEntry, BookExemplar, Codebook};
use crate::study::{hash_of, model_key};
use crate::{Decision, Progress, Study, StudyError};

/// Exemplars that stand for a theme, at most: the most typical.
const EXEMPLARS: usize = 12;

/// A theme as `codebook show` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodebookTheme {
    /// Its id, the same in every run.
    pub id: String,
    /// Id of its stage.
    pub stage: String,
    /// The researcher's name, where it has one.
    pub name: Option<String>,
    /// The participant's words that it is called by; absent where it has no
    /// passages now.
    pub label: Option<String>,
    /// What belongs to it, by the researcher.
    pub definition: String,
    /// Passages that are in it now.
    pub mentions: usize,
    /// True if the codebook has an entry for it.
    pub in_codebook: bool,
    /// Id of the theme that it was merged into.
    pub into: Option<String>,
    /// True if it was deleted.
    pub deleted: bool,
}

/// What [`Study::freeze`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreezeOutcome {
    /// Themes that the book holds of the framework.
    pub themes: usize,
    /// Pain passages that were in a theme before.
    pub passages: usize,
    /// Those of them that the book codes with the same theme.
    pub same: usize,
}

impl Study {
    /// The themes of a framework: those that have passages, grouped anew where
    /// they are stale, and those that only the codebook knows.
    ///
    /// # Errors
    /// As [`Study::group`], or if the codebook cannot be read.
    pub fn codebook_themes(
        &mut self,
        tagger: &dyn Tagger,
        framework: &Framework,
        progress: &dyn Progress,
    ) -> Result<Vec<CodebookTheme>, StudyError> {
        self.group(tagger, framework, progress)?;
        let book = self.codebook()?;
        let mut list = Vec::new();
        let mut live = BTreeSet::new();
        for (theme, label) in self.themes(framework)? {
            let entry = book.entry(&framework.id, &theme.id);
            live.insert(theme.id.clone());
            list.push(CodebookTheme {
                name: entry.and_then(|entry| entry.name.clone()),
                label: Some(label),
                definition: entry.map_or_else(String::new, |entry| entry.definition.clone()),
                mentions: theme.members.len(),
                in_codebook: entry.is_some(),
                into: None,
                deleted: false,
                id: theme.id,
                stage: theme.stage,
            });
        }
        let rest = book.themes.into_iter();
        let of_this = |entry: &BookEntry| entry.framework == framework.id;
        list.extend(
            rest.filter(|entry| of_this(entry) && !live.contains(&entry.id))
                .map(|entry| CodebookTheme {
                    id: entry.id,
                    stage: entry.stage,
                    name: entry.name,
                    label: None,
                    definition: entry.definition,
                    mentions: 0,
                    in_codebook: true,
                    into: entry.into,
                    deleted: entry.deleted,
                }),
        );
        Ok(list)
    }

    /// Freezes the themes of a framework: from here on, passages are coded by the
    /// nearest of them, within a limit, and what fits none makes new themes,
    /// shown apart.
    ///
    /// # Errors
    /// If there is no theme, or the codebook cannot be written.
    pub fn freeze(
        &mut self,
        tagger: &dyn Tagger,
        framework: &Framework,
        progress: &dyn Progress,
    ) -> Result<FreezeOutcome, StudyError> {
        self.group(tagger, framework, progress)?;
        let before = self.live(framework)?;
        if before.is_empty() {
            let problem = "there are no themes to freeze yet";
            return Err(StudyError::refused(framework.id.clone(), problem));
        }
        let mut book = self.codebook()?;
        for theme in &before {
            self.enter(&mut book, framework, theme)?;
        }
        let members: BTreeMap<&str, &Theme> = before
            .iter()
            .map(|theme| (theme.id.as_str(), theme))
            .collect();
        let of_this = |entry: &&mut BookEntry| entry.framework == framework.id;
        for entry in book.themes.iter_mut().filter(of_this) {
            if entry.exemplars.is_empty() {
                continue;
            }
            let ids = members.get(entry.id.as_str());
            let ids = ids.map_or(&[][..], |theme| theme.members.as_slice());
            let vectors = self.store.vectors(&model_key(tagger), ids)?;
            let vectors: Vec<_> = vectors.into_iter().flatten().collect();
            entry.limit = Some(limit_of(entry, &vectors, tagger)?);
        }
        if !book.is_frozen(&framework.id) {
            book.frozen.push(framework.id.clone());
            book.frozen.sort();
        }
        book.write(&self.codebook_path())?;
        self.group(tagger, framework, progress)?;
        let places = |themes: &[Theme]| -> BTreeMap<PassageId, String> {
            let of = |theme: &Theme| {
                let id = theme.id.clone();
                let members = theme.members.clone();
                members.into_iter().map(move |one| (one, id.clone()))
            };
            themes.iter().flat_map(of).collect()
        };
        let (before, after) = (places(&before), places(&self.live(framework)?));
        let same = |(id, theme): &(&PassageId, &String)| after.get(id) == Some(theme);
        Ok(FreezeOutcome {
            themes: book
                .themes
                .iter()
                .filter(|e| e.framework == framework.id)
                .count(),
            passages: before.len(),
            same: before.iter().filter(same).count(),
        })
    }

    /// Gives a theme the researcher's name; an empty one takes it away.
    ///
    /// # Errors
    /// If there is no such theme, or the codebook cannot be written.
    pub fn rename_theme(
        &mut self,
        framework: &Framework,
        id: &str,
        name: &str,
    ) -> Result<(), StudyError> {
        let name = name.trim();
        self.edit(framework, |book, study| {
            let entry = study.entry(book, framework, id)?;
            entry.name = (!name.is_empty()).then(|| name.to_owned());
            Ok(())
        })
    }

    /// Merges themes into another of the same stage.
    ///
    /// # Errors
    /// If one does not exist, or they are of different stages.
    pub fn merge_themes(
        &mut self,
        framework: &Framework,
        into: &str,
        from: &[String],
    ) -> Result<(), StudyError> {
        self.edit(framework, |book, study| {
            let stage = study.entry(book, framework, into)?.stage.clone();
            for id in from {
                let entry = study.entry(book, framework, id)?;
                if entry.stage != stage || id == into {
                    let problem = format!("it cannot be merged into {into}, of the stage {stage}");
                    return Err(StudyError::refused(format!("theme {id}"), problem));
                }
                entry.into = Some(into.to_owned());
                entry.deleted = false;
            }
            // What is merged into is there again, whatever became of it before.
            let target = study.entry(book, framework, into)?;
            target.into = None;
            target.deleted = false;
            Ok(())
        })
    }

    /// Deletes a theme: its passages are set aside, in Other.
    ///
    /// # Errors
    /// If there is no such theme.
    pub fn delete_theme(&mut self, framework: &Framework, id: &str) -> Result<(), StudyError> {
        self.edit(framework, |book, study| {
            let entry = study.entry(book, framework, id)?;
            entry.deleted = true;
            entry.into = None;
            Ok(())
        })
    }

    /// Makes a theme of its own of some passages of another, and tells its id.
    ///
    /// # Errors
    /// If the theme or a passage does not exist, or a passage is not in it.
    pub fn split_theme(
        &mut self,
        framework: &Framework,
        id: &str,
        passages: &[String],
        name: &str,
        (author, tagger): (&str, &dyn Tagger),
    ) -> Result<String, StudyError> {
        let Some(theme) = self
            .live(framework)?
            .into_iter()
            .find(|theme| theme.id == id)
        else {
            return Err(no_theme(id));
        };
        let mut ids = Vec::new();
        for passage in passages {
            let row = self.passage_called(passage, tagger)?;
            if !theme.members.contains(&row.id) {
                let problem = format!("passage {} is not in it", row.id);
                return Err(StudyError::refused(format!("theme {id}"), problem));
            }
            ids.push(row.id);
        }
        ids.sort_unstable();
        let bytes: Vec<&[u8]> = ids.iter().map(|id| id.as_bytes().as_slice()).collect();
        let new = format!("{}-{}", theme.stage, short(&hash_of(&bytes)));
        let part = Theme {
            id: new.clone(),
            members: ids,
            terms: Vec::new(),
            ..theme
        };
        self.edit(framework, |book, study| {
            study.enter(book, framework, &part)?;
            study.entry(book, framework, &new)?.name = Some(name.trim().to_owned());
            Ok(())
        })?;
        self.move_passages(passages, &new, author, tagger)?;
        Ok(new)
    }

    /// Puts passages into a theme of their stage, or with `none` into none.
    ///
    /// # Errors
    /// As [`Study::correct`].
    pub fn move_passages(
        &mut self,
        passages: &[String],
        theme: &str,
        author: &str,
        tagger: &dyn Tagger,
    ) -> Result<(), StudyError> {
        let decision = |passage: &String| Decision {
            passage: passage.clone(),
            values: vec![(kind::THEME, theme.to_owned())],
            reason: None,
        };
        let decisions: Vec<Decision> = passages.iter().map(decision).collect();
        self.correct(&decisions, author, tagger)?;
        Ok(())
    }

    /// Writes the codebook to a file that another study can import: its
    /// exemplars as words, without this study's passages.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn export_codebook(&self, path: &Path) -> Result<usize, StudyError> {
        let mut book = self.codebook()?;
        for entry in &mut book.themes {
            entry.label = None;
            for exemplar in &mut entry.exemplars {
                exemplar.passage = None;
            }
        }
        book.write(path)?;
        Ok(book.themes.len())
    }

    /// Takes the codebook of another study for this one, which must have none.
    ///
    /// # Errors
    /// If there is one already, the file cannot be read, or it is not frozen:
    /// without exemplars that code, nothing ties its themes to these passages.
    pub fn import_codebook(&mut self, path: &Path) -> Result<usize, StudyError> {
        let Some(book) = Codebook::read(path)? else {
            let missing = std::io::ErrorKind::NotFound.into();
            return Err(StudyError::io(path)(missing));
        };
        let refuse = |problem: &str| StudyError::refused(path.display().to_string(), problem);
        if self.codebook_path().exists() {
            return Err(refuse(
                "this study has a codebook; move its codebook.toml away first",
            ));
        }
        if book.frozen.is_empty() {
            return Err(refuse(
                "this codebook is not frozen; run `throughline codebook freeze` where it was made",
            ));
        }
        for framework in &book.frozen {
            self.frameworks.get(framework)?;
        }
        book.write(&self.codebook_path())?;
        Ok(book.themes.len())
    }

    /// Changes the codebook, and writes it if that succeeds.
    fn edit(
        &self,
        framework: &Framework,
        change: impl FnOnce(&mut Codebook, &Self) -> Result<(), StudyError>,
    ) -> Result<(), StudyError> {
        self.frameworks.get(&framework.id)?;
        let mut book = self.codebook()?;
        change(&mut book, self)?;
        book.write(&self.codebook_path())
    }

    /// The themes that have passages, as they were last grouped.
    fn live(&self, framework: &Framework) -> Result<Vec<Theme>, StudyError> {
        let found = self.store.themes(&framework.id)?;
        Ok(found.map(|(_, themes, _)| themes).unwrap_or_default())
    }

    /// The entry of a theme, made of it where there is none yet.
    fn entry<'b>(
        &self,
        book: &'b mut Codebook,
        framework: &Framework,
        id: &str,
    ) -> Result<&'b mut BookEntry, StudyError> {
        if book.entry(&framework.id, id).is_none() {
            let live = self.live(framework)?;
            let theme = live.iter().find(|theme| theme.id == id);
            self.enter(book, framework, theme.ok_or_else(|| no_theme(id))?)?;
        }
        let mut entries = book.themes.iter_mut();
        let found = entries.find(|entry| entry.framework == framework.id && entry.id == id);
        found.ok_or_else(|| no_theme(id))
    }

    /// Enters a theme with its most typical passages, if the book has it not.
    fn enter(
        &self,
        book: &mut Codebook,
        framework: &Framework,
        theme: &Theme,
    ) -> Result<(), StudyError> {
        if book.entry(&framework.id, &theme.id).is_some() {
            return Ok(());
        }
        let mut entry = BookEntry::of(&framework.id, theme);
        for id in theme.members.iter().take(EXEMPLARS) {
            let row = self.store.passage(None, *id)?;
            entry.exemplars.extend(row.map(|row| BookExemplar {
                text: row.text,
                passage: Some(row.id),
            }));
        }
        book.themes.push(entry);
        Ok(())
    }
}

fn no_theme(id: &str) -> StudyError {
    let problem = "there is no such theme; `throughline codebook show` lists them";
    StudyError::refused(format!("theme {id}"), problem)
}

/// The first characters of a hash: enough to tell the themes of a study apart.
pub(crate) fn short(hash: &ContentHash) -> String {
    hash.to_string().chars().take(8).collect()
}
