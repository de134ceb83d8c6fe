use std::path::PathBuf;

use tantivy::query::AllQuery;
use tantivy::{IndexReader, IndexWriter, TantivyError};

use crate::schema::{Fields, VERSION};
use crate::{IndexError, Quote};

/// Changes an index. There is one at a time; readers see nothing of its work
/// before [`Writer::commit`], and then all of it. Dropped without a commit, it
/// leaves the index as it was.
pub struct Writer {
    pub(crate) folder: PathBuf,
    pub(crate) inner: IndexWriter,
    pub(crate) reader: IndexReader,
    pub(crate) fields: Fields,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut writer = f.debug_struct("Writer");
        writer.field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Writer {
    /// Adds a quote. A passage that is in the index already is not replaced:
    /// remove its document first, in the same batch if you like.
    ///
    /// # Errors
    /// [`IndexError::Io`] if there is no space or no permission.
    pub fn add(&mut self, quote: &Quote) -> Result<(), IndexError> {
        match self.inner.add_document(self.fields.document(quote)) {
            Ok(_) => Ok(()),
            Err(error) => Err(self.cause(error)),
        }
    }

    /// Removes all quotes of a document that were added before, in this batch
    /// or an earlier one. The name is compared exactly.
    pub fn remove_document(&mut self, name: &str) {
        self.inner.delete_term(self.fields.document_term(name));
    }

    /// Removes everything that was added before.
    ///
    /// # Errors
    /// [`IndexError::Engine`] if the engine refuses.
    pub fn clear(&mut self) -> Result<(), IndexError> {
        match self.inner.delete_query(Box::new(AllQuery)) {
            Ok(_) => Ok(()),
            Err(error) => Err(self.cause(error)),
        }
    }

    /// Makes the changes last and visible, under the number of the record's
    /// state that they stand for, and waits until the index has tidied itself.
    ///
    /// # Errors
    /// [`IndexError::Io`] if there is no space or no permission; the index is
    /// then as it was.
    pub fn commit(mut self, generation: u64) -> Result<(), IndexError> {
        let folder = self.folder.clone();
        let engine = |error| IndexError::from_engine(&folder, error);
        let mut commit = self.inner.prepare_commit().map_err(engine)?;
        commit.set_payload(&payload(generation));
        commit.commit().map_err(engine)?;
        self.inner.wait_merging_threads().map_err(engine)?;
        self.reader.reload().map_err(engine)
    }

    /// An error of adding says only that a thread of the engine has ended;
    /// asking that thread says why.
    fn cause(&mut self, error: TantivyError) -> IndexError {
        let cause = match self.inner.prepare_commit() {
            Err(cause) => cause,
            Ok(_) => error,
        };
        IndexError::from_engine(&self.folder, cause)
    }
}

/// What a commit says of itself.
fn payload(generation: u64) -> String {
    format!("throughline {VERSION} {generation}")
}

/// The generation in a commit's payload, or what is wrong with it.
pub(crate) fn generation(payload: Option<&str>) -> Result<u64, String> {
    let Some(payload) = payload else {
        return Ok(0);
    };
    let mut words = payload.split(' ');
    let numbers = match (words.next(), words.next(), words.next(), words.next()) {
        (Some("throughline"), Some(version), Some(generation), None) => {
            version.parse::<u32>().ok().zip(generation.parse().ok())
        }
        _ => None,
    };
    match numbers {
        Some((VERSION, generation)) => Ok(generation),
        Some((other, _)) => Err(format!(
            "it is of version {other}, and this program reads version {VERSION}"
        )),
        None => Err("its last commit is not of this program".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_round_trips_and_nothing_else_passes() {
        assert_eq!(generation(Some(&payload(7))), Ok(7));
        assert_eq!(generation(None), Ok(0));
        for foreign in [
            "",
            "throughline 1",
            "throughline 0 7",
            "throughline 3 7 9",
            "other 1 7",
        ] {
            assert!(generation(Some(foreign)).is_err(), "{foreign}");
        }
    }
}
