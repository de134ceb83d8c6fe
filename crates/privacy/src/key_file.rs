//! The file of a key: outside the study, for its owner alone.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::{Key, PrivacyError};

/// Where the key of the study in `folder` lies unless the study says
/// otherwise: beside it, `my-study.key` for `my-study`.
#[must_use]
pub fn default_key_path(folder: &Path) -> PathBuf {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mut name = folder
        .file_name()
        .map(ToOwned::to_owned)
        .unwrap_or_else(|| "study".into());
    name.push(".key");
    folder.with_file_name(name)
}

impl Key {
    /// Makes a key and writes its file.
    ///
    /// # Errors
    /// If there is a file already, or it cannot be written, or the system has
    /// no random bytes.
    pub fn create(path: &Path) -> Result<Self, PrivacyError> {
        if path.exists() {
            let source = std::io::Error::new(
                std::io::ErrorKind::AlreadyExists,
                "a new key would go here, and there is a file already; move it, or name another place with privacy_key",
            );
            return Err(PrivacyError::Io {
                path: path.to_owned(),
                source,
            });
        }
        let mut key = Self::new(random().map_err(io(path))?);
        key.save(path)?;
        Ok(key)
    }

    /// Reads the key whose id is `id`.
    ///
    /// # Errors
    /// If it is missing, damaged, or another study's.
    pub fn open(path: &Path, id: &str) -> Result<Self, PrivacyError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(PrivacyError::Missing {
                    path: path.to_owned(),
                });
            }
            Err(error) => return Err(io(path)(error)),
        };
        let key = Self::parse(&text).map_err(|problem| PrivacyError::Damaged {
            path: path.to_owned(),
            problem,
        })?;
        if key.id() != id {
            return Err(PrivacyError::Another {
                path: path.to_owned(),
            });
        }
        Ok(key)
    }

    /// Writes the key where it has changed: beside its place, readable by its
    /// owner alone, on the disk before it is put there.
    ///
    /// # Errors
    /// If it cannot be written; the old file is then as it was.
    pub fn save(&mut self, path: &Path) -> Result<(), PrivacyError> {
        if !self.take_changed() {
            return Ok(());
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        let written = private_file(&beside)
            .and_then(|mut file| {
                file.write_all(self.to_text().as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| std::fs::rename(&beside, path));
        written.map_err(|error| {
            // The failure is what matters; a leftover must not hold names.
            let _ = std::fs::remove_file(&beside);
            io(path)(error)
        })
    }
}

/// A new file that nobody else can read, from its first instant on.
fn private_file(path: &Path) -> std::io::Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Random bytes of the system; where it has no device for them, those that the
/// standard library seeds its hash maps with, which are no less secret.
fn random() -> std::io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    if cfg!(unix) {
        File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        return Ok(bytes);
    }
    use std::hash::{BuildHasher, Hasher, RandomState};
    for chunk in bytes.chunks_mut(8) {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_usize(chunk.as_ptr() as usize);
        chunk.copy_from_slice(&hasher.finish().to_le_bytes());
    }
    Ok(bytes)
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> PrivacyError {
    let path = path.to_owned();
    move |source| PrivacyError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn a_key_is_its_owners_and_a_wrong_or_missing_one_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.key");
        let mut key = Key::create(&path).unwrap();
        key.pseudonym(Kind::Email, "a@b.example");
        key.save(&path).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(
            Key::open(&path, &key.id()).unwrap().to_text(),
            key.to_text()
        );
        assert!(matches!(
            Key::open(&path, "00"),
            Err(PrivacyError::Another { .. })
        ));
        assert!(Key::create(&path).is_err());
        std::fs::write(&path, "{}").unwrap();
        assert!(matches!(
            Key::open(&path, "00"),
            Err(PrivacyError::Damaged { .. })
        ));
        std::fs::remove_file(&path).unwrap();
        let missing = Key::open(&path, "00").unwrap_err().to_string();
        assert!(missing.contains("Put it back"), "{missing}");
    }
}
