//! Zip archives, read through as if they were folders.
//!
//! A file of an archive has a path like any other: that of the archive, and
//! after it the name within (`exports.zip/may/reviews.csv`). It is read where it
//! lies; nothing is unpacked to the disk.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::DeflateDecoder;
use unicode_normalization::UnicodeNormalization;
use zip::CompressionMethod;

use crate::IngestError;
use crate::package::{FOLD, Package, PackageError, is_bomb};

/// The most files of an archive.
const MOST_FILES: usize = 4_096;

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its name within the archive: parts with `/` between them, none of which
    /// leads upwards.
    pub(crate) name: String,
    /// Why it cannot be read, if it cannot.
    pub(crate) reason: Option<String>,
    offset: u64,
    packed: u64,
    unpacked: u64,
    deflated: bool,
}

/// True if the file called `name` is an archive.
pub(crate) fn is_archive(name: &str) -> bool {
    name.to_lowercase().ends_with(".zip")
}

/// The files in the archive at `path`, in its own order.
pub(crate) fn entries(path: &Path) -> Result<Vec<Entry>, IngestError> {
    let file = File::open(path).map_err(|error| IngestError::io(path, error))?;
    let bad = |problem: String| IngestError::BadArchive {
        path: path.to_owned(),
        problem,
    };
    let damaged = |error: PackageError| {
        bad(format!(
            "the archive is damaged ({error}); copy or download it again"
        ))
    };
    let mut archive = Package::open(io::BufReader::new(file)).map_err(damaged)?;
    if archive.len() > MOST_FILES {
        return Err(bad(format!(
            "the archive holds {} files, more than {MOST_FILES}; unpack it and give the folder",
            archive.len()
        )));
    }
    let mut entries = Vec::new();
    let mut taken = BTreeSet::new();
    for at in 0..archive.len() {
        let file = archive.packed(at).map_err(damaged)?;
        if file.is_dir() {
            continue;
        }
        let name = match file.name() {
            Ok(name) => harmless(&name),
            Err(_) => harmless(&String::from_utf8_lossy(file.name_raw())),
        };
        let mut unique = name.clone();
        let mut copy = 2;
        while !taken.insert(unique.clone()) {
            unique = format!("{name}~{copy}");
            copy += 1;
        }
        let (packed, unpacked) = (file.compressed_size(), file.size());
        let method = file.compression();
        let reason = if file.encrypted() {
            Some("it is protected by a password; unpack the archive".to_owned())
        } else if file.is_symlink() {
            Some("a link to another file".to_owned())
        } else if is_archive(&unique) {
            Some("an archive within an archive; unpack the outer one".to_owned())
        } else if !matches!(
            method,
            CompressionMethod::Stored | CompressionMethod::Deflated
        ) {
            Some(format!(
                "packed by {method}, which is not read; unpack the archive"
            ))
        } else if is_bomb(packed, unpacked) {
            Some(format!(
                "it unpacks to more than {FOLD} times its size; unpack the archive if that is right"
            ))
        } else {
            None
        };
        let offset = file.data_start();
        entries.push(Entry {
            name: unique,
            reason: reason.or_else(|| {
                offset
                    .is_none()
                    .then(|| "the archive is damaged here".to_owned())
            }),
            offset: offset.unwrap_or_default(),
            packed,
            unpacked,
            deflated: method == CompressionMethod::Deflated,
        });
    }
    Ok(entries)
}

/// `name` as it may stand below a folder: relative, composed, with `/`.
fn harmless(name: &str) -> String {
    let parts: Vec<String> = name
        .split(['/', '\\'])
        .map(str::trim)
        .filter(|part| !part.is_empty() && *part != "." && *part != "..")
        .map(|part| {
            part.nfc()
                .map(|c| if c.is_control() || c == ':' { '_' } else { c })
                .collect()
        })
        .collect();
    if parts.is_empty() {
        return "file".to_owned();
    }
    parts.join("/")
}

/// A file to be read, in an archive or not, as it lies on the disk.
pub(crate) struct Packed {
    /// Its bytes.
    pub(crate) source: Box<dyn Read>,
    /// What it unpacks to, in bytes, if an archive packed it.
    pub(crate) deflated: Option<u64>,
}

/// Opens the file at `path`, which may lead into an archive.
pub(crate) fn open(path: &Path) -> Result<Packed, IngestError> {
    let error = match File::open(path) {
        Ok(file) => {
            return Ok(Packed {
                source: Box::new(file),
                deflated: None,
            });
        }
        Err(error) => error,
    };
    let outer = path.ancestors().skip(1).find(|outer| outer.is_file());
    let Some(outer) = outer.filter(|outer| is_archive(&outer.to_string_lossy())) else {
        return Err(IngestError::io(path, error));
    };
    let within: Vec<_> = path
        .strip_prefix(outer)
        .unwrap_or(path)
        .iter()
        .map(|part| part.to_string_lossy())
        .collect();
    let name = within.join("/");
    let failed = |error| IngestError::io(path, error);
    let entry = entries(outer)?
        .into_iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
    if let Some(problem) = entry.reason {
        return Err(IngestError::BadArchive {
            path: path.to_owned(),
            problem,
        });
    }
    let mut file = File::open(outer).map_err(failed)?;
    file.seek(SeekFrom::Start(entry.offset)).map_err(failed)?;
    Ok(Packed {
        source: Box::new(file.take(entry.packed)),
        deflated: entry.deflated.then_some(entry.unpacked),
    })
}

/// What an archive has packed, shown unpacked.
pub(crate) fn inflated<'r>(source: impl Read + 'r, unpacked: u64) -> Box<dyn Read + 'r> {
    Box::new(Bounded {
        source: DeflateDecoder::new(source),
        left: unpacked,
    })
}

/// A stream that may not be longer than was said.
struct Bounded<R> {
    source: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "it unpacks to more than the archive says",
            )
        })?;
        if read == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let file = File::create(folder.path().join("a.zip")).unwrap();
        let mut writer = ZipWriter::new(file);
        for (name, bytes) in files {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap();
        folder
    }

    fn read(path: &Path) -> Result<Vec<u8>, IngestError> {
        let packed = open(path)?;
        let mut all = Vec::new();
        let mut source: Box<dyn Read> = match packed.deflated {
            Some(unpacked) => inflated(packed.source, unpacked),
            None => packed.source,
        };
        source
            .read_to_end(&mut all)
            .map_err(|error| IngestError::io(path, error))?;
        Ok(all)
    }

    #[test]
    fn files_are_read_where_they_lie() {
        let long = b"all work and no play ".repeat(500);
        let folder = archive(&[("in/a.csv", &long), ("b.txt", b"b")]);
        let zip = folder.path().join("a.zip");
        assert_eq!(read(&zip.join("in/a.csv")).unwrap(), long);
        assert_eq!(read(&zip.join("b.txt")).unwrap(), b"b");
        assert!(read(&zip.join("c.txt")).unwrap_err().is_not_found());
        assert!(
            read(&folder.path().join("b.zip/a"))
                .unwrap_err()
                .is_not_found()
        );
    }

    #[test]
    fn names_never_lead_out_of_the_archive() {
        for (name, expected) in [
            ("../../etc/passwd", "etc/passwd"),
            ("/abs/a.csv", "abs/a.csv"),
            ("C:\\data\\a.csv", "C_/data/a.csv"),
            ("..", "file"),
            ("a/./b//c\n.txt", "a/b/c_.txt"),
            ("cafe\u{301}.txt", "caf\u{e9}.txt"),
        ] {
            assert_eq!(harmless(name), expected);
        }
    }

    #[test]
    fn bombs_and_archives_within_are_refused_by_name() {
        let zeros = vec![b'0'; 65 << 20];
        let folder = archive(&[("bomb.csv", &zeros), ("in.zip", b"PK"), ("ok.csv", b"a")]);
        let zip = folder.path().join("a.zip");
        let found = entries(&zip).unwrap();
        let reasons: Vec<_> = found.iter().map(|entry| entry.reason.is_some()).collect();
        assert_eq!(reasons, [true, true, false]);
        let said = read(&zip.join("bomb.csv")).unwrap_err().to_string();
        assert!(said.contains("200 times its size"), "{said}");
        std::fs::write(&zip, b"PK\x03\x04 rubbish").unwrap();
        assert!(matches!(entries(&zip), Err(IngestError::BadArchive { .. })));
    }
}
