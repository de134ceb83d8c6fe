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

/// Formats of other programs: known, not read, so that even a file named
/// outright is passed over rather than taken for text.
const OTHER_PROGRAMS: &[&str] = &[
    "7z", "avi", "bz2", "db", "doc", "docx", "gif", "htm", "html", "jpeg", "jpg", "lrc", "m4a",
    "mkv", "mov", "mp3", "mp4", "odp", "odt", "ogg", "parquet", "pdf", "png", "ppt", "pptx", "rar",
    "rtf", "sbv", "sqlite", "tar", "text", "tgz", "wav", "webm", "webp", "xls", "xml", "xz",
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
    match extension(&name) {
        Some(extension) if OTHER_PROGRAMS.contains(&extension.as_str()) => Some(format!(
            "files of the format .{extension} are not read; save it as text or CSV"
        )),
        _ if named_outright => None,
        Some(extension) => Some(format!(
            "unknown extension .{extension}; known are {READABLE}"
        )),
        None => Some(format!("a name without extension; known are {READABLE}")),
    }
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
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// A folder with empty files at `paths`.
    fn folder(paths: &[&str]) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        for path in paths {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        root
    }

    fn names(root: &TempDir, arguments: &[&str]) -> Vec<String> {
        let paths: Vec<_> = arguments
            .iter()
            .map(|path| root.path().join(path))
            .collect();
        let found = discover(&paths).unwrap();
        found.inputs.into_iter().map(|input| input.name).collect()
    }

    #[test]
    fn files_and_folders_are_named_by_what_was_given() {
        let root = folder(&["x/reviews.csv", "talks/b.txt", "talks/sub/a.vtt"]);
        assert_eq!(names(&root, &["x/reviews.csv"]), ["reviews.csv"]);
        assert_eq!(
            names(&root, &["talks/"]),
            ["talks/b.txt", "talks/sub/a.vtt"]
        );
        assert_eq!(
            names(&root, &["talks/sub/.."]),
            ["talks/b.txt", "talks/sub/a.vtt"]
        );
    }

    #[test]
    fn clashing_names_take_on_their_folders_in_any_order() {
        let root = folder(&[
            "a/in/1.txt",
            "b/in/1.txt",
            "b/in/2.txt",
            "c/3.txt",
            "d/1.txt",
        ]);
        let expected = ["3.txt", "a/in/1.txt", "b/in/1.txt", "b/in/2.txt"];
        assert_eq!(names(&root, &["a/in", "b/in", "c/3.txt"]), expected);
        assert_eq!(names(&root, &["c/3.txt", "b/in", "a/in"]), expected);
        assert_eq!(
            names(&root, &["d/1.txt", "a/in/1.txt"]),
            ["d/1.txt", "in/1.txt"]
        );
    }

    #[test]
    fn a_file_is_found_once_under_its_longer_name() {
        let root = folder(&["in/1.txt", "in/2.txt"]);
        let expected = ["in/1.txt", "in/2.txt"];
        assert_eq!(names(&root, &["in/1.txt", "in", "in/../in"]), expected);
        assert_eq!(names(&root, &["in", "in/1.txt"]), expected);
    }

    #[test]
    fn what_is_passed_over_is_listed_with_a_reason() {
        let root = folder(&[
            "in/a.txt",
            "in/.DS_Store",
            "in/.git/config.txt",
            "in/b.docx",
            "in/c",
            "in/README.md",
        ]);
        let found = discover(&[root.path().join("in")]).unwrap();
        assert_eq!(found.inputs.len(), 1);
        let skipped: Vec<_> = found
            .skipped
            .iter()
            .map(|file| {
                format!(
                    "{}: {}",
                    file.name,
                    file.reason.split([';', ',']).next().unwrap()
                )
            })
            .collect();
        assert_eq!(
            skipped,
            [
                "in/.DS_Store: hidden",
                "in/.git: hidden",
                "in/README.md: about the folder",
                "in/b.docx: files of the format .docx are not read",
                "in/c: a name without extension",
            ]
        );
    }

    #[test]
    fn nothing_to_read_is_an_error_and_a_wrong_path_another() {
        let root = folder(&["in/a.png", "notes"]);
        let of = |path: &str| discover(&[root.path().join(path)]);
        let said = of("in").unwrap_err().to_string();
        assert!(said.contains("in: no file in it can be read"), "{said}");
        assert!(of("elsewhere").unwrap_err().is_not_found());
        assert!(discover(&[]).is_err());
        // Named outright, a file without extension is judged by its content.
        assert_eq!(of("notes").unwrap().inputs.len(), 1);
        let mixed = discover(&[root.path().join("in"), root.path().join("notes")]).unwrap();
        assert_eq!(mixed.skipped.len(), 2);
    }

    #[test]
    fn an_archive_is_a_folder() {
        use std::io::Write;
        let root = folder(&["in/b.txt"]);
        let file = fs::File::create(root.path().join("in/may.zip")).unwrap();
        let mut writer = zip::ZipWriter::new(file);
        for name in [
            "x/a.csv",
            "__MACOSX/x/._a.csv",
            "README.md",
            "p.png",
            "old.zip",
        ] {
            let options = zip::write::SimpleFileOptions::default();
            writer.start_file(name, options).unwrap();
            writer.write_all(b"x").unwrap();
        }
        writer.finish().unwrap();
        assert_eq!(names(&root, &["in"]), ["in/b.txt", "in/may.zip/x/a.csv"]);
        assert_eq!(names(&root, &["in/may.zip", "in"]).len(), 2);
        let found = discover(&[root.path().join("in/may.zip")]).unwrap();
        assert_eq!(found.inputs[0].name, "may.zip/x/a.csv");
        assert_eq!(found.inputs[0].path, root.path().join("in/may.zip/x/a.csv"));
        assert_eq!(found.skipped.len(), 4);
        assert!(found.skipped[2].reason.contains("archive within"));
    }

    #[test]
    fn names_are_composed() {
        let root = folder(&["in/cafe\u{301}.txt"]);
        assert_eq!(names(&root, &["in"]), ["in/caf\u{e9}.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_but_not_in_circles() {
        let root = folder(&["in/a.txt", "out/b.txt"]);
        let link = |to: &str, at: &str| {
            std::os::unix::fs::symlink(root.path().join(to), root.path().join(at)).unwrap();
        };
        link("in", "in/again");
        link("out/b.txt", "in/b.txt");
        link("nowhere", "in/c.txt");
        let found = discover(&[root.path().join("in")]).unwrap();
        let names: Vec<_> = found
            .inputs
            .iter()
            .map(|input| input.name.as_str())
            .collect();
        assert_eq!(names, ["in/a.txt", "in/b.txt"]);
        let reasons: Vec<_> = found
            .skipped
            .iter()
            .map(|file| file.reason.as_str())
            .collect();
        assert_eq!(
            reasons,
            [
                "a link that leads back to a folder above it",
                "a link that leads nowhere"
            ]
        );
    }
}
