use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use throughline_core::{PassageId, Vector};

use crate::VectorError;
use crate::layout::{HEAD, Head};
use crate::mapped::Mapped;
use crate::nearest::{self, Neighbour};
use crate::writer::VectorWriter;

/// The vectors of a study, mapped into memory.
///
/// Vectors stand in the order of their passage ids; a *position* is a place in
/// that order, from 0.
#[derive(Debug)]
pub struct VectorFile {
    path: PathBuf,
    mapped: Mapped,
    head: Head,
}

impl VectorFile {
    /// Writes the file at `path` in one go: the same bytes whatever the order
    /// of `vectors`. [`VectorWriter`] does the same step by step.
    ///
    /// # Errors
    /// Those of [`VectorWriter`].
    pub fn write(
        path: &Path,
        generation: u64,
        dimension: usize,
        vectors: impl IntoIterator<Item = (PassageId, Vector)>,
    ) -> Result<(), VectorError> {
        let mut writer = VectorWriter::create(path, generation, dimension)?;
        for (id, vector) in vectors {
            writer.add(id, &vector)?;
        }
        writer.finish()
    }

    /// The file at `path`, or `None` if there is none.
    ///
    /// # Errors
    /// [`VectorError::NeedsRebuild`] if it is no vector file, cut short or of
    /// another version; [`VectorError::Io`] if it cannot be read.
    pub fn open(path: &Path) -> Result<Option<Self>, VectorError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(VectorError::io(path)(error)),
        };
        let refuse = |reason: String| VectorError::NeedsRebuild {
            path: path.to_owned(),
            reason,
        };
        let metadata = file.metadata().map_err(VectorError::io(path))?;
        if !metadata.is_file() || metadata.len() < HEAD as u64 {
            return Err(refuse("it is too short to be a vector file".to_owned()));
        }
        let mapped = Mapped::open(&file).map_err(VectorError::io(path))?;
        let head = Head::read(mapped.bytes(0..HEAD), metadata.len()).map_err(refuse)?;
        Ok(Some(Self {
            path: path.to_owned(),
            mapped,
            head,
        }))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number of the record's state that it stands for.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.head.generation
    }

    /// Number of vectors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.head.count
    }

    /// True if it holds no vector.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.head.count == 0
    }

    /// Number of components of each vector.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.head.dimension
    }

    /// The components of a passage's vector.
    #[must_use]
    pub fn get(&self, id: &PassageId) -> Option<&[i8]> {
        self.position(id).and_then(|position| self.row(position))
    }

    /// The passage at a position.
    #[must_use]
    pub fn id(&self, position: usize) -> Option<PassageId> {
        let ids = self.mapped.bytes(self.head.ids());
        let bytes = ids.as_chunks::<16>().0.get(position)?;
        Some(PassageId::from_bytes(*bytes))
    }

    /// The position of a passage.
    #[must_use]
    pub fn position(&self, id: &PassageId) -> Option<usize> {
        let ids = self.mapped.bytes(self.head.ids()).as_chunks::<16>().0;
        ids.binary_search(id.as_bytes()).ok()
    }

    /// The positions of those of `ids` that have a vector, ascending and
    /// without repetition. Fast where `ids` ascend.
    #[must_use]
    pub fn positions(&self, ids: &[PassageId]) -> Vec<usize> {
        let mut found = Vec::with_capacity(ids.len().min(self.len()));
        if !ids.is_sorted() {
            found.extend(ids.iter().filter_map(|id| self.position(id)));
            found.sort_unstable();
            found.dedup();
            return found;
        }
        let table = self.mapped.bytes(self.head.ids()).as_chunks::<16>().0;
        let mut from = 0;
        for id in ids {
            let rest = table.get(from..).unwrap_or_default();
            from += steps_to(rest, id.as_bytes());
            if table.get(from) == Some(id.as_bytes()) {
                found.push(from);
                from += 1;
            }
        }
        found
    }

    /// The `k` passages nearest to `query` among those whose position `filter`
    /// lets through, by exact cosine over all of them: the nearest first, ties
    /// by passage id, the same with any number of threads. None if the query's
    /// dimension is not the file's.
    ///
    /// For a set that is small beside the file, [`Self::nearest_among`] is
    /// faster.
    #[must_use]
    pub fn nearest(
        &self,
        query: &Vector,
        k: usize,
        filter: Option<&(dyn Fn(usize) -> bool + Sync)>,
    ) -> Vec<Neighbour> {
        if query.dimension() != self.dimension() {
            return Vec::new();
        }
        let best = nearest::in_all(self, query, k, filter);
        self.neighbours(best)
    }

    /// As [`Self::nearest`], among the passages at `positions`, which ascend.
    #[must_use]
    pub fn nearest_among(&self, query: &Vector, k: usize, positions: &[usize]) -> Vec<Neighbour> {
        if query.dimension() != self.dimension() {
            return Vec::new();
        }
        let best = nearest::among(self, query, k, positions);
        self.neighbours(best)
    }

    /// How near every passage is to `query`, by position: what
    /// [`Neighbour::cosine`] would say. Zeros if the query's dimension is not the
    /// file's.
    #[must_use]
    pub fn cosines(&self, query: &Vector) -> Vec<f32> {
        if query.dimension() != self.dimension() {
            return vec![0.0; self.len()];
        }
        nearest::of_all(self, query)
    }

    fn neighbours(&self, best: Vec<nearest::Near>) -> Vec<Neighbour> {
        let neighbours = best.into_iter().filter_map(|near| {
            Some(Neighbour {
                id: self.id(near.position)?,
                cosine: near.cosine,
            })
        });
        neighbours.collect()
    }

    /// The components at a position.
    pub(crate) fn row(&self, position: usize) -> Option<&[i8]> {
        let rows = self.rows();
        let start = position.checked_mul(self.dimension())?;
        rows.get(start..start.checked_add(self.dimension())?)
    }

    /// All components, one passage after the other.
    pub(crate) fn rows(&self) -> &[i8] {
        self.mapped.components(self.head.components())
    }

    /// The squared length of the vector at each position.
    pub(crate) fn lengths(&self) -> &[[u8; 4]] {
        self.mapped.bytes(self.head.lengths()).as_chunks::<4>().0
    }
}

/// How many entries of `table`, which ascends, stand before `id`. Takes few
/// steps if they are few.
fn steps_to(table: &[[u8; 16]], id: &[u8; 16]) -> usize {
    let mut reach = 1;
    while table.get(reach - 1).is_some_and(|entry| entry < id) {
        reach *= 2;
    }
    let from = reach / 2;
    let to = reach.min(table.len());
    let window = table.get(from..to).unwrap_or_default();
    from + window.partition_point(|entry| entry < id)
}
