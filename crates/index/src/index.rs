use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::collector::Count;
use tantivy::directory::{Directory, INDEX_WRITER_LOCK, MmapDirectory};
use tantivy::index::SegmentComponent;
use tantivy::{IndexReader, IndexSettings, ReloadPolicy, TantivyError};
use throughline_core::PassageId;

use crate::collect::AllIds;
use crate::compile::compile;
use crate::schema::{self, Fields};
use crate::statistics::{LiveStatistics, Totals, TotalsCache};
use crate::writer::{self, Writer};
use crate::{IndexError, Query};

/// The least memory that a writing thread of the engine accepts, in bytes.
const LEAST_MEMORY: usize = 15_000_000;
/// And the most: it addresses its memory with 32 bits.
const MOST_MEMORY: usize = 4_000_000_000;
/// More writing threads than this are no gain.
const MOST_THREADS: usize = 8;

/// An index in a folder. Any number of threads and processes may search it
/// while one writes.
pub struct Index {
    folder: PathBuf,
    inner: tantivy::Index,
    reader: IndexReader,
    fields: Fields,
    totals: TotalsCache,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut index = f.debug_struct("Index");
        index.field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Index {
    /// Begins an empty index in `folder`, which is made if it is missing. An
    /// index that is there already, whole or damaged, is removed; other files
    /// are left alone.
    ///
    /// # Errors
    /// [`IndexError::Busy`] if a writer is at work there, [`IndexError::Io`] if
    /// the folder cannot be written.
    pub fn create(folder: &Path) -> Result<Self, IndexError> {
        let engine = |error: TantivyError| IndexError::from_engine(folder, error);
        fs::create_dir_all(folder).map_err(|error| IndexError::from_io(folder, error))?;
        let directory = MmapDirectory::open(folder).map_err(|e| engine(e.into()))?;
        let lock = directory.acquire_lock(&INDEX_WRITER_LOCK);
        let _lock = lock.map_err(|error| engine(error.into()))?;
        remove_files(folder).map_err(|error| IndexError::from_io(folder, error))?;
        let (schema, fields) = schema::schema();
        let inner = tantivy::Index::create(directory, schema, IndexSettings::default());
        Self::over(folder, inner.map_err(engine)?, fields)
    }

    /// The index in `folder`, or `None` if there is no such folder or nothing
    /// in it.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if what is there is no index, damaged, or of
    /// another version; [`IndexError::Io`] if it cannot be read.
    pub fn open(folder: &Path) -> Result<Option<Self>, IndexError> {
        match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
            Ok(false) => {}
            Ok(true) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(IndexError::from_io(folder, error)),
        }
        let engine = |error: TantivyError| IndexError::from_engine(folder, error);
        let directory = MmapDirectory::open(folder).map_err(|e| engine(e.into()))?;
        let inner = tantivy::Index::open(directory).map_err(engine)?;
        let (schema, fields) = schema::schema();
        if inner.schema() != schema {
            return Err(IndexError::NeedsRebuild {
                folder: folder.to_owned(),
                reason: "its fields are those of another version".to_owned(),
            });
        }
        check_files(&inner).map_err(engine)?;
        let index = Self::over(folder, inner, fields)?;
        index.generation()?;
        Ok(Some(index))
    }

    fn over(folder: &Path, mut inner: tantivy::Index, fields: Fields) -> Result<Self, IndexError> {
        inner.set_tokenizers(schema::tokenizers());
        // Reloading is told, not timed, so that answers do not depend on when
        // they are asked for.
        let reader = inner.reader_builder().reload_policy(ReloadPolicy::Manual);
        let reader: IndexReader = reader
            .try_into()
            .map_err(|error| IndexError::from_engine(folder, error))?;
        Ok(Self {
            folder: folder.to_owned(),
            inner,
            reader,
            fields,
            totals: TotalsCache::default(),
        })
    }

    /// The number that the last commit carries; 0 before the first.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the commit is not one of this version.
    pub fn generation(&self) -> Result<u64, IndexError> {
        let metas = self
            .inner
            .load_metas()
            .map_err(|error| self.engine(error))?;
        writer::generation(metas.payload.as_deref()).map_err(|reason| IndexError::NeedsRebuild {
            folder: self.folder.clone(),
            reason,
        })
    }

    /// The one writer. It uses about `memory_bytes` for what is not written
    /// yet, on as many of `threads` as that memory allows (15 MB each, at most
    /// 8); at least one thread with 15 MB. What it writes depends on neither,
    /// as far as any answer shows.
    ///
    /// # Errors
    /// [`IndexError::Busy`] if there is a writer, here or in another process.
    pub fn writer(&self, memory_bytes: usize, threads: usize) -> Result<Writer, IndexError> {
        let threads = threads
            .min(memory_bytes / LEAST_MEMORY)
            .clamp(1, MOST_THREADS);
        let memory = (memory_bytes / threads).clamp(LEAST_MEMORY, MOST_MEMORY);
        let inner = self
            .inner
            .writer_with_num_threads(threads, memory * threads);
        Ok(Writer {
            folder: self.folder.clone(),
            inner: inner.map_err(|error| self.engine(error))?,
            reader: self.reader.clone(),
            fields: self.fields,
        })
    }

    /// Sees the commits of other processes; those of this index's own writers
    /// are seen as soon as they are made.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the index has been damaged since.
    pub fn refresh(&self) -> Result<(), IndexError> {
        self.reader.reload().map_err(|error| self.engine(error))
    }

    /// How many quotes match.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the index is damaged.
    pub fn count(&self, query: &Query) -> Result<u64, IndexError> {
        let compiled = compile(query.node(), &self.fields);
        let count = self.reader.searcher().search(&compiled, &Count);
        count.map(|n| n as u64).map_err(|error| self.engine(error))
    }

    /// The ids of all quotes that match, ascending: the set within which a
    /// search by meaning looks.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] if the index is damaged.
    pub fn ids(&self, query: &Query) -> Result<Vec<PassageId>, IndexError> {
        let compiled = compile(query.node(), &self.fields);
        let ids = self.reader.searcher().search(&compiled, &AllIds);
        ids.map_err(|error| self.engine(error))
    }

    /// Reads every file of the index and compares its checksum. Opening does
    /// not, since that would cost as much as reading the whole index.
    ///
    /// # Errors
    /// [`IndexError::NeedsRebuild`] naming the damaged files.
    pub fn verify(&self) -> Result<(), IndexError> {
        let damaged = self.inner.validate_checksum();
        let damaged = damaged.map_err(|error| self.engine(error))?;
        if damaged.is_empty() {
            return Ok(());
        }
        let mut names: Vec<_> = damaged.iter().map(|p| p.display().to_string()).collect();
        names.sort_unstable();
        Err(IndexError::NeedsRebuild {
            folder: self.folder.clone(),
            reason: format!("damaged files: {}", names.join(", ")),
        })
    }

    /// BM25's view of what `searcher` sees.
    pub(crate) fn statistics<'s>(
        &self,
        searcher: &'s tantivy::Searcher,
    ) -> tantivy::Result<LiveStatistics<'s>> {
        Ok(LiveStatistics::new(searcher, self.totals(searcher)?))
    }

    /// The numbers behind [`Self::statistics`].
    pub(crate) fn totals(&self, searcher: &tantivy::Searcher) -> tantivy::Result<Arc<Totals>> {
        let scored = [self.fields.exact, self.fields.stem];
        self.totals.of(searcher, &scored)
    }

    /// What the index holds at this moment.
    pub(crate) fn searcher(&self) -> tantivy::Searcher {
        self.reader.searcher()
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }

    pub(crate) fn engine(&self, error: TantivyError) -> IndexError {
        IndexError::from_engine(&self.folder, error)
    }
}

/// Opens every file of every segment, which checks that it is there and ends as
/// it should. The engine opens some of them late and takes a missing one for
/// empty.
fn check_files(index: &tantivy::Index) -> tantivy::Result<()> {
    for segment in index.searchable_segments()? {
        for component in [
            SegmentComponent::Postings,
            SegmentComponent::Positions,
            SegmentComponent::FastFields,
            SegmentComponent::FieldNorms,
            SegmentComponent::Terms,
            SegmentComponent::Store,
        ] {
            segment.open_read(component)?;
        }
    }
    Ok(())
}

/// Removes the files of an index and no others.
fn remove_files(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(is_index_file);
        if is_ours && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// True for the names that the engine gives: its two lists, and segment files,
/// which begin with the 32 hexadecimal digits of the segment.
fn is_index_file(name: &str) -> bool {
    if matches!(name, "meta.json" | ".managed.json") {
        return true;
    }
    name.split_once('.').is_some_and(|(segment, _)| {
        segment.len() == 32 && segment.bytes().all(|b| b.is_ascii_hexdigit())
    })
}
