//! Reports on disk: written beside their place, then put there whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use throughline_core::ContentHash;
use throughline_report::{Format, Report};

use crate::{Progress, Step, Study, StudyError};

/// What [`Study::write_report`] wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WriteOutcome {
    /// The report's files, in order of name.
    pub files: Vec<PathBuf>,
}

impl Study {
    /// Writes a report into `folder`, one file a format.
    ///
    /// # Errors
    /// If a format fails or the folder cannot be written.
    pub fn write_report(
        &mut self,
        report: &Report,
        folder: &Path,
        formats: &[Format],
        progress: &dyn Progress,
    ) -> Result<WriteOutcome, StudyError> {
        std::fs::create_dir_all(folder).map_err(StudyError::io(folder))?;
        progress.begin(Step::Reporting, Some(formats.len() as u64));
        let mut outcome = WriteOutcome::default();
        for format in formats {
            let path = folder.join(format.file_name());
            put_in_place(&path, format.write(report)?.as_bytes())?;
            outcome.files.push(path);
            progress.advance(1);
        }
        outcome.files.sort();
        progress.end();
        Ok(outcome)
    }

    /// Remembers that the files of `folder` are the report made from `key`.
    pub(crate) fn remember_report(
        &mut self,
        folder: &Path,
        key: ContentHash,
        files: &[PathBuf],
    ) -> Result<(), StudyError> {
        let mut hashes = BTreeMap::new();
        for file in files {
            let bytes = std::fs::read(file).map_err(StudyError::io(file))?;
            hashes.insert(file.display().to_string(), ContentHash::of(&bytes));
        }
        let made = serde_json::to_string(&(key, hashes)).map_err(std::io::Error::from)?;
        Ok(self.store.put_setting(&setting(folder), &made)?)
    }

    /// The files of `folder`, if they are the report that `key` would make and
    /// nobody has touched them since.
    pub(crate) fn report_in_place(
        &self,
        folder: &Path,
        key: ContentHash,
    ) -> Result<Option<Vec<PathBuf>>, StudyError> {
        let Some(made) = self.store.setting(&setting(folder))? else {
            return Ok(None);
        };
        let Ok((known, hashes)) =
            serde_json::from_str::<(ContentHash, BTreeMap<String, ContentHash>)>(&made)
        else {
            return Ok(None);
        };
        let intact = |(file, hash): (&String, &ContentHash)| {
            std::fs::read(file).is_ok_and(|bytes| ContentHash::of(&bytes) == *hash)
        };
        let in_place = known == key && hashes.iter().all(intact);
        Ok(in_place.then(|| hashes.into_keys().map(PathBuf::from).collect()))
    }
}

fn setting(folder: &Path) -> String {
    format!("report {}", folder.display())
}

/// Writes beside the place and renames, so that a reader never sees half a
/// file and a full disk leaves the old one.
pub(crate) fn put_in_place(path: &Path, bytes: &[u8]) -> Result<(), StudyError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| {
        // The failure is what matters; a leftover is only untidy.
        let _ = std::fs::remove_file(&beside);
        StudyError::io(path)(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_written_leaves_the_old_one_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("report.md");
        put_in_place(&place, b"old").unwrap();
        std::fs::create_dir(folder.path().join("report.md.part")).unwrap();
        assert!(put_in_place(&place, b"new").is_err());
        assert_eq!(std::fs::read(&place).unwrap(), b"old");
    }
}
