//! Reports against their sources: every quote and every label is where the
//! report says, character by character.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use throughline_core::{ContentHash, Document, PassageId, Span};
use throughline_ingest::{Input, Options, discover, hash_file, read_file};
use throughline_refi::{Guid, Project, read_project};
use throughline_report::{Claim, Claims, Manifest, Named, claims};
use throughline_store::Store;

use crate::project::engine;
use crate::settling::Met;
use crate::writing::MANIFEST_FILE;
use crate::{Privacy, Study, StudyError, default_study_folder};

/// What to compare with what.
#[derive(Debug, Clone, Default)]
pub struct VerifyRequest {
    /// Files of reports, and folders that hold some.
    pub reports: Vec<PathBuf>,
    /// The study they were made from; by default the one beside the first, or
    /// the one it lies in.
    pub study: Option<PathBuf>,
    /// Folders in which sources are looked for by their content, where they are
    /// not where they were.
    pub sources: Vec<PathBuf>,
    /// Meaning → column, as it was given when tables were read.
    pub columns: Vec<(String, String)>,
}

/// What [`verify`] found.
#[derive(Debug, Clone, Default)]
pub struct Verification {
    /// The files of the reports.
    pub files: Vec<VerifiedFile>,
    /// Sources that were read again.
    pub sources: usize,
    /// What is not as the reports say, in their order.
    pub wrong: Vec<Wrong>,
}

/// A file of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedFile {
    /// Where it lies.
    pub path: PathBuf,
    /// How many quotes and labels it holds.
    pub claims: usize,
    /// True if it was compared with the sources without what identifies people:
    /// it was written with pseudonyms, by a study that holds the names.
    pub redacted: bool,
}

/// Something that is not as a report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The report's file, or the source's name.
    pub file: String,
    /// The place in it; empty where the whole is meant.
    pub at: String,
    /// What is wrong.
    pub problem: String,
    /// The quote or the label concerned.
    pub text: String,
}

/// Derives the canonical texts of the sources again and compares every quote
/// and every label of the reports with them.
///
/// # Errors
/// If a report cannot be read, or there is no study to tell where its sources
/// lie. What is not as a report says is no error but in the outcome.
pub fn verify(request: &VerifyRequest) -> Result<Verification, StudyError> {
    let mut outcome = Verification::default();
    let mut read = Vec::new();
    for path in report_files(&request.reports)? {
        let bytes = std::fs::read(&path).map_err(StudyError::io(&path))?;
        match said_by(&path, &bytes) {
            Ok(Some(claims)) => read.push((path, claims)),
            Ok(None) => {}
            // A change can make a file unreadable, and is a change.
            Err(error) => outcome.wrong.push(Wrong {
                file: path.display().to_string(),
                at: String::new(),
                problem: error.to_string(),
                text: String::new(),
            }),
        }
    }
    counts_from_beside(&mut read);
    if read.is_empty() && outcome.wrong.is_empty() {
        return Err(StudyError::NoReport);
    }
    let folder = study_of(request)?;
    let mut study = Study::open_read(&folder)?;
    let mut columns = request.columns.clone();
    columns.extend(read.iter().flat_map(|(_, claims)| maps(&claims.command)));
    let options = study.ingest_options(&columns)?;
    let texts = study.derive(&options, &request.sources, &mut outcome)?;
    let mut redacted = None;
    for (path, said) in read {
        let name = path.display().to_string();
        let mut wrong = texts.wrong(&name, &said);
        let mut other = None;
        if !wrong.is_empty() && study.config.privacy != Privacy::Pseudonymise {
            let redacted = match &redacted {
                Some(texts) => texts,
                None => redacted.insert(study.redacted(&texts)?),
            };
            other = Some(redacted.wrong(&name, &said)).filter(|other| other.len() < wrong.len());
        }
        let is_redacted = other.is_some();
        wrong = other.unwrap_or(wrong);
        outcome.wrong.extend(wrong);
        outcome.files.push(VerifiedFile {
            path,
            claims: said.claims.len(),
            redacted: is_redacted,
        });
    }
    Ok(outcome)
}

/// Gives files without a manifest the counts of the one that lies beside them.
fn counts_from_beside(read: &mut [(PathBuf, Claims)]) {
    let manifest = |(path, said): &(PathBuf, Claims)| {
        let is_it = path.file_name().is_some_and(|name| name == MANIFEST_FILE);
        is_it.then(|| (path.parent().map(Path::to_owned), said.counts.clone()))
    };
    let manifests: BTreeMap<_, _> = read.iter().filter_map(manifest).collect();
    for (path, said) in read.iter_mut().filter(|(_, said)| said.counts.is_empty()) {
        let beside = manifests.get(&path.parent().map(Path::to_owned));
        said.counts = beside.cloned().unwrap_or_default();
    }
}

/// The files to check: those named, and in folders those of known formats.
fn report_files(reports: &[PathBuf]) -> Result<Vec<PathBuf>, StudyError> {
    let mut files = Vec::new();
    for report in reports {
        if !report.is_dir() {
            files.push(report.clone());
            continue;
        }
        let mut within = Vec::new();
        for entry in std::fs::read_dir(report).map_err(StudyError::io(report))? {
            let path = entry.map_err(StudyError::io(report))?.path();
            if path.is_file() {
                within.push(path);
            }
        }
        within.sort();
        files.extend(within);
    }
    Ok(files)
}

/// What a file says; `None` where it is no file that quotes.
fn said_by(file: &Path, bytes: &[u8]) -> Result<Option<Claims>, StudyError> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    match name.ends_with(".qdpx") {
        true => said_by_project(bytes).map(Some),
        false => Ok(claims(&name, bytes)?),
    }
}

/// A project holds whole texts, and words at places of them.
fn said_by_project(bytes: &[u8]) -> Result<Claims, StudyError> {
    let read = read_project(std::io::Cursor::new(bytes))?;
    let mut said = Claims::default();
    let description = read.project.description.as_deref().unwrap_or_default();
    for row in description.lines() {
        if let Some((name, value)) = row.rsplit_once(": ") {
            said.manifest_row(name, value);
        }
    }
    said.held
        .insert(Manifest::EVIDENCE, passages_of(&read.project));
    for source in &read.project.sources {
        let sha256 = ContentHash::of(source.text.as_bytes());
        let claim = |at: String, span: Span, text: &str| Claim {
            at,
            document: Named::Exactly(source.name.clone()),
            document_sha256: None,
            passage: None,
            start: span.start,
            end: span.end,
            text: text.to_owned(),
            on_one_line: false,
        };
        for selection in &source.selections {
            let words = selection.span.slice(&source.text).unwrap_or_default();
            let text = selection.words.as_deref().unwrap_or(words);
            let at = format!("selection {}", selection.guid);
            said.claims.push(claim(at.clone(), selection.span, text));
            if text != words {
                // The text beside it must say so, too.
                said.claims.push(claim(at, selection.span, words));
            }
        }
        said.claims.push(Claim {
            document_sha256: Some(sha256),
            ..claim(
                format!("text of '{}'", source.name),
                Span { start: 0, end: 0 },
                "",
            )
        });
    }
    // Ours are all text, and lie within: something is not as we wrote it.
    match read.left_out.into_iter().next() {
        Some(left_out) => Err(StudyError::Changed(left_out)),
        None => Ok(said),
    }
}

/// How many selections of a project are the engine's passages, and neither
/// people's codings nor the words of a case.
fn passages_of(project: &Project) -> u64 {
    let cases: BTreeSet<Guid> = project.cases.iter().map(|case| case.guid).collect();
    let selections = project.sources.iter().flat_map(|source| &source.selections);
    let passages = selections.filter(|one| {
        let mut codes = one.codes.iter();
        one.user == Some(engine()) && !codes.any(|code| cases.contains(code))
    });
    passages.count() as u64
}

/// The `--map` arguments of a command.
fn maps(command: &[String]) -> Vec<(String, String)> {
    let pairs = command.windows(2).filter_map(|pair| match pair {
        [flag, value] if flag == "--map" => value.split_once('='),
        _ => None,
    });
    let pairs = pairs.map(|(meaning, column)| (meaning.to_owned(), column.to_owned()));
    pairs.collect()
}

/// The study that reports were made from.
fn study_of(request: &VerifyRequest) -> Result<PathBuf, StudyError> {
    if let Some(folder) = &request.study {
        return Ok(folder.clone());
    }
    for report in &request.reports {
        let report = report.canonicalize().map_err(StudyError::io(report))?;
        for folder in report.ancestors() {
            let beside = default_study_folder(folder);
            let known = [folder.to_owned(), beside]
                .into_iter()
                .find(|path| Store::exists(path));
            if let Some(known) = known {
                return Ok(known);
            }
        }
    }
    Err(StudyError::NoStudyOfReport)
}

/// The documents of sources, derived again.
#[derive(Default)]
struct Texts {
    documents: BTreeMap<String, Document>,
    /// SHA-256 of the sources that were read, by name.
    inputs: BTreeMap<String, ContentHash>,
    /// Names of sources that could not be read as they were.
    lost: Vec<String>,
}

impl Study {
    /// Reads the sources of the study again, as they were read, and keeps
    /// nothing.
    fn derive(
        &mut self,
        options: &Options,
        folders: &[PathBuf],
        outcome: &mut Verification,
    ) -> Result<Texts, StudyError> {
        let settling = self.settling()?;
        let mut pen = self.pen()?;
        let mut texts = Texts::default();
        let moved = by_content(folders)?;
        for source in self.store.sources()? {
            // A pseudonymised study does not say where its files lie.
            let key = pen.as_ref().map(|pen| pen.pseudonyms.key());
            let place = match key {
                Some(key) => key.path_of(&source.name).map(PathBuf::from),
                None => Some(PathBuf::from(&source.path)),
            };
            let real = key.and_then(|key| {
                let mut files = key.files();
                let is_it = |path: &str| place.as_deref() == Some(Path::new(path));
                files
                    .find(|(_, path)| is_it(path))
                    .map(|(real, _)| real.to_owned())
            });
            let hash = |path: &PathBuf| hash_file(path).ok().map(|(sha256, _)| sha256);
            let there = place.as_ref().and_then(hash);
            let path = match there == Some(source.sha256) {
                true => place,
                false => moved.get(&source.sha256).cloned(),
            };
            let Some(path) = path else {
                let problem = match there {
                    Some(_) => "the source has changed since it was read",
                    None => "the source is missing; --sources names a folder to look for it in",
                };
                texts.lost.push(source.name.clone());
                outcome.wrong.push(Wrong {
                    file: source.name,
                    at: String::new(),
                    problem: problem.to_owned(),
                    text: String::new(),
                });
                continue;
            };
            let input = Input {
                path,
                name: real.unwrap_or_else(|| source.name.clone()),
            };
            let mut failure = None;
            let read = read_file(&input, options, &mut |mut document: Document| {
                settling.settle(&mut document, &mut Met::default());
                let document = match &mut pen {
                    Some(pen) => pen.pseudonyms.apply(&document, &source.name),
                    None => Ok(document),
                };
                match document {
                    Ok(document) => texts.keep(self.store.kept_of(&document)),
                    Err(error) => failure = Some(error),
                }
                ControlFlow::Continue(())
            });
            read?;
            if let Some(error) = failure {
                return Err(error.into());
            }
            texts.inputs.insert(source.name, source.sha256);
            outcome.sources += 1;
        }
        Ok(texts)
    }
}

impl Study {
    /// The same documents as a redacted report has them.
    fn redacted(&self, texts: &Texts) -> Result<Texts, StudyError> {
        let mut redaction = self.pseudonyms_of_all()?;
        let mut redacted = Texts::default();
        for document in texts.documents.values() {
            let (document, _) = redaction.document(document)?;
            redacted.keep(Some(Cow::Owned(document)));
        }
        for (name, sha256) in &texts.inputs {
            redacted.inputs.insert(redaction.file(name), *sha256);
        }
        redacted.lost = texts.lost.iter().map(|name| redaction.file(name)).collect();
        Ok(redacted)
    }
}

/// The files of folders by the hash of their bytes.
fn by_content(folders: &[PathBuf]) -> Result<BTreeMap<ContentHash, PathBuf>, StudyError> {
    if folders.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut files = BTreeMap::new();
    for input in discover(folders)?.inputs {
        if let Ok((sha256, _)) = hash_file(&input.path) {
            files.entry(sha256).or_insert(input.path);
        }
    }
    Ok(files)
}

/// What a file holds less of than its manifest counts.
fn missing(file: &str, said: &Claims) -> impl Iterator<Item = Wrong> {
    said.held.iter().filter_map(move |(what, held)| {
        let counted = said.counts.get(*what)?;
        (held < counted).then(|| Wrong {
            file: file.to_owned(),
            at: String::new(),
            problem: format!("it holds {held} {what}, and its manifest counts {counted}"),
            text: String::new(),
        })
    })
}

impl Texts {
    fn keep(&mut self, kept: Option<Cow<'_, Document>>) {
        if let Some(document) = kept {
            let document = document.into_owned();
            self.documents.insert(document.name.clone(), document);
        }
    }

    /// Everything that is not as the report `file` says.
    fn wrong(&self, file: &str, said: &Claims) -> Vec<Wrong> {
        let mut wrong = self.wrong_inputs(file, said);
        wrong.extend(missing(file, said));
        for claim in &said.claims {
            if let Some(problem) = self.problem(claim) {
                wrong.push(Wrong {
                    file: file.to_owned(),
                    at: claim.at.clone(),
                    problem,
                    text: claim.text.clone(),
                });
            }
        }
        wrong
    }

    /// Compares the hashes of inputs that a report lists with the sources.
    fn wrong_inputs(&self, file: &str, said: &Claims) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        for (name, sha256) in &said.inputs {
            let known = self.inputs.get(name);
            if known != Some(sha256) && !self.lost.contains(name) {
                wrong.push(Wrong {
                    file: file.to_owned(),
                    at: format!("input '{name}'"),
                    problem: match known {
                        Some(_) => "its SHA-256 is not that of the source".to_owned(),
                        None => "the study has no such source".to_owned(),
                    },
                    text: String::new(),
                });
            }
        }
        wrong
    }

    /// What is wrong with a claim, if anything is.
    fn problem(&self, claim: &Claim) -> Option<String> {
        let names = match &claim.document {
            Named::Exactly(name) => std::slice::from_ref(name),
            Named::OneOf(names) => names.as_slice(),
        };
        let known = names
            .iter()
            .find_map(|name| Some((name, self.documents.get(name)?)));
        let Some((name, Document { hash, text, .. })) = known else {
            let named = names.last().map_or("", String::as_str);
            return Some(format!(
                "no source that was read holds the document '{named}'"
            ));
        };
        if claim.document_sha256.is_some_and(|said| said != *hash) {
            return Some(format!("'{name}' reads otherwise than the report says"));
        }
        let span = Span::within(claim.start..claim.end, text).ok();
        let Some(words) = span.and_then(|span| span.slice(text)) else {
            return Some(format!(
                "{}…{} is no range of '{name}'",
                claim.start, claim.end
            ));
        };
        let words = match claim.on_one_line {
            true => Cow::Owned(words.replace('\n', " ")),
            false => Cow::Borrowed(words),
        };
        if words != claim.text {
            return Some(format!(
                "bytes {}–{} of '{name}' say “{words}”",
                claim.start, claim.end
            ));
        }
        let passage = span.map(|span| PassageId::of(name, *hash, span));
        let is_it = claim.passage.is_none_or(|said| Some(said) == passage);
        (!is_it).then(|| {
            format!("'{name}' reads otherwise than the report says, or it is no such passage")
        })
    }
}
