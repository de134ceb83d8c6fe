use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use unicode_normalization::UnicodeNormalization;
use walkdir::{DirEntry, WalkDir};

use crate::IngestError;
use crate::archive::{self, is_archive};
use crate::format::{Format, READABLE, extension};

/// One file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Where it lies.
    pub path: PathBuf,
    /// What the study calls it: relative, Unicode NFC, `/` between parts,
    /// unlike the name of every other input found with it.
    pub name: String,
}

/// A file or folder that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What the study would have called it.
    pub name: String,
    /// Why it was passed over, and what would help.
    pub reason: String,
}

/// What lies under the paths that were given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Discovery {
    /// Files that can be read, by name.
    pub inputs: Vec<Input>,
    /// Files and folders that were passed over, by name.
    pub skipped: Vec<SkippedFile>,
}

/// Something found under an argument, before it has its final name.
struct Found {
    /// Where it lies.
    path: PathBuf,
    /// Which file it is, whatever path led to it.
    identity: PathBuf,
    /// Why it is passed over, if it is.
    reason: Option<String>,
}

/// One argument: the folders above it, from the root, and how many of them its
/// names begin with.
struct Argument {
    above: Vec<String>,
    depth: usize,
    found: Vec<(Vec<String>, Found)>,
}

/// Formats of other programs, and what to do with such a file: known, not read,
/// so that even a file named outright is passed over rather than taken for text.
const OTHER_PROGRAMS: &[(&[&str], &str)] = &[
    (
        &["doc", "odp", "pages", "ppt", "pptx"],
        "save it as DOCX or text",
    ),
    (&["db", "sqlite", "xls"], "save it as CSV"),
    (&["xml"], "save it as text or CSV"),
    (
        &["7z", "bz2", "rar", "tar", "tgz", "xz"],
        "unpack it and give what lies in it",
    ),
    (
        &[
            "avi", "m4a", "mkv", "mov", "mp3", "mp4", "ogg", "wav", "webm",
        ],
        "have it transcribed and give the transcript",
    ),
    (
        &["gif", "jpeg", "jpg", "png", "webp"],
        "a picture holds no words",
    ),
];

/// Finds the files to read under `arguments`, files or folders.
///
/// A file is named by its own name, a file in a folder by its path from the
/// folder's parent: `../interviews/` gives `interviews/sub/a.vtt`. Where two
/// arguments would give the same name, both take on the names of the folders
/// above them until they differ. Neither names nor order depend on the order of
/// the arguments; a file that two arguments lead to is found once, under the
/// longer name. In a folder, hidden files and files of unknown formats are
/// passed over, with the reason; a file that was named outright may have any
/// name, and its content decides.
///
/// # Errors
/// [`IngestError::NotFound`] or [`IngestError::NoPermission`] for an argument
/// itself, and [`IngestError::NothingToRead`] if no file is left to read.
pub fn discover(arguments: &[PathBuf]) -> Result<Discovery, IngestError> {
    let mut sorted: Vec<&PathBuf> = arguments.iter().collect();
    sorted.sort();
    let mut all = Vec::new();
    for argument in sorted {
        all.push(look_under(argument)?);
    }
    keep_each_file_once(&mut all);
    tell_apart(&mut all);
    let discovery = name_all(all);
    if discovery.inputs.is_empty() {
        return Err(IngestError::NothingToRead {
            skipped: discovery.skipped,
        });
    }
    Ok(discovery)
}

fn look_under(argument: &Path) -> Result<Argument, IngestError> {
    let failed = |error| IngestError::io(argument, error);
    let metadata = fs::metadata(argument).map_err(failed)?;
    let ends_in_a_name = matches!(
        argument.components().next_back(),
        Some(Component::Normal(_))
    );
    // `.` and `..` have a name only once they are resolved; a link keeps the
    // name that it was given by.
    let (parent, own) = if ends_in_a_name {
        let parent = match argument.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let own = argument.file_name().map(PathBuf::from).unwrap_or_default();
        (fs::canonicalize(parent).map_err(failed)?, own)
    } else {
        let whole = fs::canonicalize(argument).map_err(failed)?;
        let own = whole.file_name().map(PathBuf::from).unwrap_or_default();
        (whole.parent().unwrap_or(Path::new("")).to_path_buf(), own)
    };
    let own = parts(&own);
    let found = if metadata.is_dir() {
        walk(argument, &own)
    } else if is_archive(&argument.to_string_lossy()) {
        let identity = fs::canonicalize(argument).map_err(failed)?;
        within(argument, &identity, &own)
    } else {
        let identity = fs::canonicalize(argument).map_err(failed)?;
        let reason = refusal(argument, true);
        let path = argument.to_path_buf();
        vec![(
            own,
            Found {
                path,
                identity,
                reason,
            },
        )]
    };
    Ok(Argument {
        above: parts(&parent),
        depth: 0,
        found,
    })
}

fn walk(folder: &Path, own: &[String]) -> Vec<(Vec<String>, Found)> {
    let mut found = Vec::new();
    let mut walker = WalkDir::new(folder).follow_links(true).into_iter();
    let mut readable = false;
    while let Some(entry) = walker.next() {
        match entry {
            Ok(entry) => {
                let hidden = entry.depth() > 0 && is_hidden(&entry);
                if entry.file_type().is_dir() && !hidden {
                    continue;
                }
                if entry.file_type().is_dir() {
                    walker.skip_current_dir();
                }
                let reason = if hidden {
                    Some("hidden; name it outright to read it".to_owned())
                } else if is_about_the_folder(&entry) {
                    Some("about the folder, not of it; name it outright to read it".to_owned())
                } else if is_archive(&entry.file_name().to_string_lossy()) {
                    let (path, mut name) = (entry.path(), own.to_vec());
                    let identity = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
                    name.extend(parts(path.strip_prefix(folder).unwrap_or(path)));
                    let files = within(path, &identity, &name);
                    readable |= files.iter().any(|(_, file)| file.reason.is_none());
                    found.extend(files);
                    continue;
                } else {
                    refusal(entry.path(), false)
                };
                readable |= reason.is_none();
                found.push(place(folder, own, entry.into_path(), reason));
            }
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_path_buf();
                let reason = walk_problem(&error);
                found.push(place(folder, own, path, Some(reason)));
            }
        }
    }
    if !readable {
        let reason = format!(
            "no file in it can be read: give {READABLE}, each also with .gz or .zst or in a .zip"
        );
        found.push(place(folder, own, folder.to_path_buf(), Some(reason)));
    }
    found
}

/// The files in the archive at `path`, called `own`, as if it were a folder.
fn within(path: &Path, identity: &Path, own: &[String]) -> Vec<(Vec<String>, Found)> {
    let one = |name: &str, reason: Option<String>| {
        let mut parts = own.to_vec();
        parts.extend(
            name.split('/')
                .filter(|part| !part.is_empty())
                .map(str::to_owned),
        );
        let place = |outer: &Path| match name {
            "" => outer.to_path_buf(),
            name => outer.join(name),
        };
        let found = Found {
            path: place(path),
            identity: place(identity),
            reason,
        };
        (parts, found)
    };
    let entries = match archive::entries(path) {
        Ok(entries) => entries,
        Err(IngestError::BadArchive { problem, .. }) => return vec![one("", Some(problem))],
        Err(error) => return vec![one("", Some(error.to_string()))],
    };
    let mut found: Vec<_> = entries
        .into_iter()
        .map(|entry| {
            let hidden = entry
                .name
                .split('/')
                .any(|part| part.starts_with('.') || part == "__MACOSX");
            let reason = if hidden {
                Some("hidden; unpack the archive and name it outright to read it".to_owned())
            } else if describes_a_folder(entry.name.rsplit('/').next().unwrap_or_default()) {
                Some("about the folder, not of it; unpack it to read it".to_owned())
            } else {
                let refused = || refusal(Path::new(&entry.name), false);
                entry.reason.clone().or_else(refused)
            };
            one(&entry.name, reason)
        })
        .collect();
    if !found.iter().any(|(_, file)| file.reason.is_none()) {
        let reason = format!("no file in it can be read: give {READABLE}");
        found.push(one("", Some(reason)));
    }
    found
}

fn place(
    folder: &Path,
    own: &[String],
    path: PathBuf,
    reason: Option<String>,
) -> (Vec<String>, Found) {
    let mut name = own.to_vec();
    name.extend(parts(path.strip_prefix(folder).unwrap_or(&path)));
    let identity = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
    (
        name,
        Found {
            path,
            identity,
            reason,
        },
    )
}

/// True for the files that describe a folder of data. Read as transcripts they
/// would be counted as what somebody said.
fn is_about_the_folder(entry: &DirEntry) -> bool {
    entry.depth() > 0 && describes_a_folder(&entry.file_name().to_string_lossy())
}

fn describes_a_folder(name: &str) -> bool {
    let name = name.to_lowercase();
    let stem = name.split('.').next().unwrap_or_default();
    matches!(
        stem,
        "readme" | "license" | "licence" | "changelog" | "codebook"
    )
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().to_string_lossy().starts_with('.')
}

fn walk_problem(error: &walkdir::Error) -> String {
    if error.loop_ancestor().is_some() {
        return "a link that leads back to a folder above it".to_owned();
    }
    match error.io_error() {
        Some(cause) if cause.kind() == std::io::ErrorKind::PermissionDenied => {
            "no permission to read it".to_owned()
        }
        Some(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
            "a link that leads nowhere".to_owned()
        }
        Some(cause) => cause.to_string(),
        None => error.to_string(),
    }
}

/// Why a file is not even opened, by its name alone.
fn refusal(path: &Path, named_outright: bool) -> Option<String> {
    let name = path.file_name()?.to_string_lossy();
    if Format::of_name(&name).is_some() {
        return None;
    }
    let extension = extension(&name);
    let remedy = extension.as_deref().and_then(remedy);
    match (extension, remedy) {
        (Some(extension), Some(remedy)) => Some(format!(
            "files of the format .{extension} are not read; {remedy}"
        )),
        _ if named_outright => None,
        (Some(extension), None) => Some(format!(
            "unknown extension .{extension}; known are {READABLE}"
        )),
        (None, _) => Some(format!("a name without extension; known are {READABLE}")),
    }
}

/// What to do with a file of another program.
fn remedy(extension: &str) -> Option<&'static str> {
    OTHER_PROGRAMS
        .iter()
        .find(|(known, _)| known.contains(&extension))
        .map(|(_, remedy)| *remedy)
}

/// The named parts of a path, each in NFC and without the separators that a
/// foreign system may have left in them.
fn parts(path: &Path) -> Vec<String> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(part) => Some(part.to_string_lossy().nfc().collect()),
            Component::Prefix(prefix) => Some(
                prefix
                    .as_os_str()
                    .to_string_lossy()
                    .replace([':', '\\', '/', '?'], ""),
            ),
            _ => None,
        })
        .collect()
}

/// Of a file found through several arguments, keeps the one with the longest
/// name: a folder says more of it than the bare file does.
fn keep_each_file_once(arguments: &mut [Argument]) {
    let mut best: BTreeMap<PathBuf, (Vec<String>, usize)> = BTreeMap::new();
    for (index, argument) in arguments.iter().enumerate() {
        for (name, found) in &argument.found {
            let here = (name.clone(), index);
            best.entry(found.identity.clone())
                .and_modify(|kept| {
                    let longer = (here.0.len(), &kept.0) > (kept.0.len(), &here.0);
                    if longer {
                        *kept = here.clone();
                    }
                })
                .or_insert(here);
        }
    }
    for (index, argument) in arguments.iter_mut().enumerate() {
        argument.found.retain(|(name, found)| {
            best.get(&found.identity)
                .is_some_and(|kept| kept.1 == index && &kept.0 == name)
        });
    }
}

/// Gives arguments whose names clash the names of the folders above them.
fn tell_apart(arguments: &mut [Argument]) {
    loop {
        let mut owners: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (index, argument) in arguments.iter().enumerate() {
            for (name, _) in &argument.found {
                owners.entry(argument.full(name)).or_default().insert(index);
            }
        }
        let clashing: BTreeSet<usize> = owners
            .into_values()
            .filter(|indices| indices.len() > 1)
            .flatten()
            .collect();
        let mut deepened = false;
        for index in clashing {
            if let Some(argument) = arguments.get_mut(index)
                && argument.depth < argument.above.len()
            {
                argument.depth += 1;
                deepened = true;
            }
        }
        if !deepened {
            return;
        }
    }
}

impl Argument {
    fn full(&self, name: &[String]) -> String {
        let above = self.above.len().saturating_sub(self.depth);
        let prefix = self.above.iter().skip(above);
        let parts: Vec<&str> = prefix.chain(name).map(String::as_str).collect();
        parts.join("/")
    }
}

fn name_all(arguments: Vec<Argument>) -> Discovery {
    let mut all: Vec<(String, Found)> = Vec::new();
    for mut argument in arguments {
        for (name, found) in std::mem::take(&mut argument.found) {
            all.push((argument.full(&name), found));
        }
    }
    all.sort_by(|a, b| (&a.0, &a.1.identity).cmp(&(&b.0, &b.1.identity)));
    let mut discovery = Discovery::default();
    let mut taken = BTreeSet::new();
    for (name, found) in all {
        // Two names that differ only before normalisation, in one folder.
        let mut unique = name.clone();
        let mut copy = 2;
        while !taken.insert(unique.clone()) {
            unique = format!("{name}~{copy}");
            copy += 1;
        }
        match found.reason {
            Some(reason) => discovery.skipped.push(SkippedFile {
                path: found.path,
                name: unique,
                reason,
            }),
            None => discovery.inputs.push(Input {
                path: found.path,
                name: unique,
            }),
        }
    }
    discovery
}

#[cfg(test)]
mod tests;
