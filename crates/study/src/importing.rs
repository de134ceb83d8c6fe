//! REFI-QDA projects and codebooks in: texts become sources, codes the codes of
//! people, and codings their judgements.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use throughline_core::{Anchor, Span};
use throughline_ingest::{Discovery, Input, Options};
use throughline_refi::{
    Code, Convention, Guid, Project, Selection, read_codebook, read_project, write_codebook,
};
use throughline_store::Judgement;
use throughline_store::kind::CODE;

use crate::project::{ENGINE, NO_DAY, PEOPLE, engine, person_code};
use crate::writing::put_in_place;
use crate::{AddOutcome, Privacy, Progress, Study, StudyError};

/// The setting that holds the study's code list: the codes of people that were
/// brought in, written as a REFI-QDA codebook. Themes are elsewhere, in
/// `codebook.toml`.
const CODE_LIST: &str = "codebook";

/// The folder of a study that holds the texts of projects.
const FOLDER: &str = "imported";

/// Characters that a name of a file keeps at most.
const NAME: usize = 80;

/// What [`Study::import_project`] did.
#[derive(Debug, Default)]
pub struct Imported {
    /// What was read of the texts.
    pub added: AddOutcome,
    /// Codes that are in the study's code list now.
    pub codes: usize,
    /// Codings that are judgements now.
    pub codings: usize,
    /// Codings that were there already, or whose words could not be found.
    pub passed_over: usize,
    /// Codings by the engine, and over the words of a case: no person's
    /// judgements.
    pub no_judgements: usize,
    /// How the project counts places.
    pub convention: Convention,
    /// What was left out of the project, and why.
    pub left_out: Vec<String>,
}

impl Study {
    /// Takes a project (`.qdpx`) into the study. Its texts are copied into the
    /// study's folder and read from there like every other source.
    ///
    /// # Errors
    /// If it cannot be read, the study is pseudonymised (a project's codings
    /// hold words as they stand), or the study cannot be written.
    pub fn import_project(
        &mut self,
        file: &Path,
        options: &Options,
        progress: &dyn Progress,
    ) -> Result<Imported, StudyError> {
        if self.config.privacy == Privacy::Pseudonymise {
            return Err(StudyError::ImportOfWords);
        }
        let archive = std::fs::File::open(file).map_err(StudyError::io(file))?;
        let read = read_project(std::io::BufReader::new(archive))?;
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let names = self.put_texts(&read.project, &file_name(&stem))?;
        let inputs = names.iter().map(|(name, path)| Input {
            path: path.clone(),
            name: name.clone(),
        });
        let discovery = Discovery {
            inputs: inputs.collect(),
            skipped: Vec::new(),
        };
        let mut imported = Imported {
            added: self.add_found(discovery, options, progress)?,
            convention: read.convention,
            left_out: read.left_out,
            ..Imported::default()
        };
        imported.codes = self.keep_codes(codes_of_people(&read.project))?;
        let names: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
        self.keep_codings(&read.project, &names, &mut imported)?;
        Ok(imported)
    }

    /// Takes the codes of a codebook (`.qdc`) into the study's code list, and tells how
    /// many there are now.
    ///
    /// # Errors
    /// If it cannot be read, or the study cannot be written.
    pub fn import_codes(&mut self, file: &Path) -> Result<usize, StudyError> {
        let bytes = std::fs::read(file).map_err(StudyError::io(file))?;
        let codes = read_codebook(bytes)?;
        self.keep_codes(by_name(&codes))
    }

    /// The codes of people that were brought in, as trees.
    pub(crate) fn imported_codes(&self) -> Result<Vec<Code>, StudyError> {
        match self.store.setting(CODE_LIST)? {
            Some(xml) => Ok(read_codebook(xml.into_bytes())?),
            None => Ok(Vec::new()),
        }
    }

    /// Writes the texts of a project into the study's folder: their names as
    /// sources, and where they lie.
    fn put_texts(
        &self,
        project: &Project,
        stem: &str,
    ) -> Result<Vec<(String, PathBuf)>, StudyError> {
        let folder = self.folder().join(FOLDER).join(stem);
        std::fs::create_dir_all(&folder).map_err(StudyError::io(&folder))?;
        let mut taken = BTreeSet::new();
        let mut places = Vec::new();
        for source in &project.sources {
            let whole = file_name(&source.name);
            let base = whole.strip_suffix(".txt").unwrap_or(&whole);
            let mut name = format!("{base}.txt");
            let mut number = 2;
            while !taken.insert(name.to_lowercase()) {
                name = format!("{base} ({number}).txt");
                number += 1;
            }
            let path = folder.join(&name);
            put_in_place(&path, source.text.as_bytes())?;
            places.push((format!("{stem}/{name}"), path));
        }
        Ok(places)
    }

    /// Adds codes to the code list that it has not by name.
    fn keep_codes(&mut self, new: Vec<Code>) -> Result<usize, StudyError> {
        let mut codes = self.imported_codes()?;
        let mut known = BTreeSet::new();
        names_of(&codes, &mut known);
        codes.extend(new.into_iter().filter(|code| !known.contains(&code.name)));
        let mut xml = Vec::new();
        write_codebook(&codes, ENGINE, &mut xml)?;
        let xml = String::from_utf8_lossy(&xml);
        self.store.put_setting(CODE_LIST, &xml)?;
        let mut names = BTreeSet::new();
        names_of(&codes, &mut names);
        Ok(names.len())
    }

    /// Keeps the codings of people as judgements, all of them or none.
    fn keep_codings(
        &mut self,
        project: &Project,
        names: &[String],
        imported: &mut Imported,
    ) -> Result<(), StudyError> {
        let users: BTreeMap<Guid, &str> = project
            .users
            .iter()
            .map(|user| (user.guid, user.name.as_str()))
            .collect();
        let cases: BTreeSet<Guid> = project.cases.iter().map(|case| case.guid).collect();
        let mut codes = BTreeMap::new();
        names_by_id(&project.codes, &mut codes);
        let known = self.store.judgements()?.into_iter();
        let mut known: BTreeSet<String> = known.map(|(judgement, _)| judgement.id).collect();
        let mut new = Vec::new();
        for (source, name) in project.sources.iter().zip(names) {
            let Some(text) = self.store.document_text(name)? else {
                imported.passed_over += source
                    .selections
                    .iter()
                    .map(|s| s.codes.len())
                    .sum::<usize>();
                continue;
            };
            for selection in &source.selections {
                let anchor = anchor_on(name, &source.text, selection.span, &text);
                for code in &selection.codes {
                    if cases.contains(code) || selection.user == Some(engine()) {
                        imported.no_judgements += 1;
                        continue;
                    }
                    let (Some(anchor), Some(value)) = (&anchor, codes.get(code)) else {
                        imported.passed_over += 1;
                        continue;
                    };
                    let author = selection.user.and_then(|user| users.get(&user).copied());
                    let made = (author.unwrap_or("unknown"), project.created.as_str());
                    let judgement = judgement(selection, *code, value, anchor.clone(), made);
                    if known.insert(judgement.id.clone()) {
                        new.push(judgement);
                    } else {
                        imported.passed_over += 1;
                    }
                }
            }
        }
        imported.codings = new.len();
        Ok(self.store.put_judgements(&new)?)
    }
}

fn judgement(
    selection: &Selection,
    code: Guid,
    value: &str,
    anchor: Anchor,
    (author, created): (&str, &str),
) -> Judgement {
    let time = selection.created.as_deref().unwrap_or(created);
    Judgement {
        id: Guid::of("coding", &format!("{} {code}", selection.guid)).to_string(),
        anchor,
        kind: CODE.to_owned(),
        value: value.to_owned(),
        author: author.to_owned(),
        time: if time.is_empty() { NO_DAY } else { time }.to_owned(),
        reason: selection.description.clone(),
    }
}

/// The words at `span` of a project's text, in the canonical text that was made
/// of it.
fn anchor_on(name: &str, from: &str, span: Span, text: &str) -> Option<Anchor> {
    let anchor = Anchor::on(name, from, span)?;
    Anchor::on(name, text, anchor.find(text)?)
}

/// The codes of a project that are people's, with ids by their names: of one of
/// ours, those below one heading; of another, all but those over the words of
/// cases.
fn codes_of_people(project: &Project) -> Vec<Code> {
    if project.origin.starts_with(ENGINE) {
        let heading = project.codes.iter().find(|code| code.name == PEOPLE);
        return heading.map_or(Vec::new(), |heading| by_name(&heading.children));
    }
    let cases: BTreeSet<Guid> = project.cases.iter().map(|case| case.guid).collect();
    by_name(&without(&project.codes, &cases))
}

fn without(codes: &[Code], gone: &BTreeSet<Guid>) -> Vec<Code> {
    let kept = codes.iter().filter(|code| !gone.contains(&code.guid));
    let kept = kept.map(|code| Code {
        children: without(&code.children, gone),
        ..code.clone()
    });
    kept.collect()
}

fn by_name(codes: &[Code]) -> Vec<Code> {
    let codes = codes.iter().map(|code| Code {
        guid: person_code(&code.name),
        children: by_name(&code.children),
        ..code.clone()
    });
    codes.collect()
}

/// The names of codes and of all below them.
pub(crate) fn names_of(codes: &[Code], names: &mut BTreeSet<String>) {
    for code in codes {
        names.insert(code.name.clone());
        names_of(&code.children, names);
    }
}

fn names_by_id(codes: &[Code], names: &mut BTreeMap<Guid, String>) {
    for code in codes {
        names.insert(code.guid, code.name.clone());
        names_by_id(&code.children, names);
    }
}

/// A name that is safe everywhere: no separators, no signs that some system
/// reads, not hidden, not too long.
fn file_name(name: &str) -> String {
    let safe = |c: char| match c {
        c if c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '(' | ')') => c,
        _ => '_',
    };
    let safe: String = name.chars().map(safe).take(NAME).collect();
    match safe.trim_matches([' ', '.']) {
        "" => "text".to_owned(),
        kept => kept.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use throughline_refi::{Case, TextSource, User, write_project};

    use super::*;
    use crate::Silent;

    const TEXT: &str = "Interviewer: Why?\n\nDana 🙂: The café was shut. I left at once.\n";

    fn span(words: &str) -> Span {
        let start = TEXT.find(words).unwrap();
        Span {
            start,
            end: start + words.len(),
        }
    }

    fn project() -> Project {
        let (price, dana) = (Guid::of("code", "x"), Guid::of("case", "dana"));
        let user = User {
            guid: Guid::of("user", "ann"),
            name: "Ann".to_owned(),
        };
        let selection = |number: &str, words, code| Selection {
            guid: Guid::of("selection", number),
            span: span(words),
            words: None,
            description: Some("a memo".to_owned()),
            user: Some(user.guid),
            created: None,
            codes: vec![code],
        };
        let heading = Code {
            codable: false,
            children: vec![Code::new(price, "shut doors")],
            ..Code::new(Guid::of("code", "h"), "Access")
        };
        Project {
            name: "theirs".to_owned(),
            origin: "another tool".to_owned(),
            created: "2026-01-02T00:00:00Z".to_owned(),
            codes: vec![heading, Code::new(dana, "Dana")],
            cases: vec![Case {
                guid: dana,
                name: "Dana".to_owned(),
                values: Vec::new(),
                sources: Vec::new(),
            }],
            sources: vec![TextSource {
                guid: Guid::of("source", "1"),
                name: "../dana: one".to_owned(),
                text: TEXT.to_owned(),
                created: None,
                selections: vec![
                    selection("1", "café was shut", price),
                    selection("2", "The café was shut. I left at once.", dana),
                ],
            }],
            users: vec![user],
            ..Project::default()
        }
    }

    fn imported(study: &mut Study, folder: &Path, project: &Project) -> Imported {
        let mut archive = Cursor::new(Vec::new());
        write_project(project, &mut archive).unwrap();
        let file = folder.join("theirs.qdpx");
        std::fs::write(&file, archive.into_inner()).unwrap();
        let options = study.ingest_options(&[]).unwrap();
        study.import_project(&file, &options, &Silent).unwrap()
    }

    #[test]
    fn texts_codes_and_codings_come_in_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut study = Study::create(&folder.path().join("s")).unwrap();
        let first = imported(&mut study, folder.path(), &project());
        assert_eq!((first.codes, first.codings, first.no_judgements), (2, 1, 1));
        let judgements = study.store().judgements().unwrap();
        let [(judgement, _)] = judgements.as_slice() else {
            panic!("{judgements:?}")
        };
        assert_eq!(
            (judgement.value.as_str(), judgement.author.as_str()),
            ("shut doors", "Ann")
        );
        assert_eq!(judgement.anchor.exact, "café was shut");
        assert_eq!(
            study.store().document_names().unwrap(),
            ["theirs/_dana_ one.txt"]
        );
        let codebook = study.imported_codes().unwrap();
        assert_eq!(codebook[0].children[0].name, "shut doors");

        let again = imported(&mut study, folder.path(), &project());
        assert_eq!((again.codes, again.added.unchanged), (2, 1));
        assert_eq!((again.codings, again.passed_over), (0, 1));
        assert_eq!(study.store().judgements().unwrap().len(), 1);
    }

    #[test]
    fn a_pseudonymised_study_takes_no_words_as_they_stand() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("s");
        Study::create(&place).unwrap().close().unwrap();
        std::fs::write(
            place.join("throughline.toml"),
            "privacy = \"pseudonymise\"\n",
        )
        .unwrap();
        let mut study = Study::open(&place).unwrap();
        let options = study.ingest_options(&[]).unwrap();
        let error = study
            .import_project(Path::new("x.qdpx"), &options, &Silent)
            .unwrap_err();
        assert!(error.to_string().contains("pseudonym"), "{error}");
    }

    #[test]
    fn names_of_files_are_safe() {
        assert_eq!(file_name("../../etc/passwd"), "_.._etc_passwd");
        assert_eq!(file_name("a:b\\c\u{7}"), "a_b_c_");
        assert_eq!(file_name("..."), "text");
        assert_eq!(file_name(&"é".repeat(500)).chars().count(), NAME);
    }
}
