use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use throughline_core::{PassageId, PlaceSet, Vector};

use crate::VectorError;
use crate::even;
use crate::layout::{HEAD, Head};
use crate::limits::Limits;
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
    /// Passages among which [`Self::nearest`] compares every one exactly.
    pub const COMPARED_EXACTLY: usize = 20_000;

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
        let bytes = self.ids().get(position)?;
        Some(PassageId::from_bytes(*bytes))
    }

    /// The position of a passage.
    #[must_use]
    pub fn position(&self, id: &PassageId) -> Option<usize> {
        even::search(self.ids(), id.as_bytes())
    }

    /// The position of each of several passages: less than half the time a passage that
    /// looking them up one by one takes.
    #[must_use]
    pub fn positions(&self, ids: &[PassageId]) -> Vec<Option<usize>> {
        let ids: Vec<[u8; 16]> = ids.iter().map(|id| *id.as_bytes()).collect();
        even::search_all(self.ids(), &ids)
    }

    /// The `k` passages nearest to `query`, by the exact cosine, among those whose
    /// positions are in `within` where that is given: the nearest first, ties by
    /// passage id, the same with any number of threads. None if the query's
    /// dimension is not the file's.
    ///
    /// Up to [`Self::COMPARED_EXACTLY`] passages are all compared with the query,
    /// so that nothing is missed. Of more, the signs of the components are compared
    /// first, and then exactly those that differ in fewest: a hundredth of them, at
    /// least 1,000 and at least eight times `k`.
    #[must_use]
    pub fn nearest(&self, query: &Vector, k: usize, within: Option<&PlaceSet>) -> Vec<Neighbour> {
        let all = within.map_or(self.len(), PlaceSet::len);
        if all <= Self::COMPARED_EXACTLY {
            return self.nearest_of_all(query, k, within);
        }
        self.nearest_of_like(query, k, all, &self.limits(query, within))
    }

    /// As [`Self::nearest`], given what [`Self::limits`] says of `query` and `within`,
    /// which is then not worked out again.
    #[must_use]
    pub fn nearest_within(
        &self,
        query: &Vector,
        k: usize,
        within: Option<&PlaceSet>,
        limits: &Limits,
    ) -> Vec<Neighbour> {
        let all = within.map_or(self.len(), PlaceSet::len);
        if all <= Self::COMPARED_EXACTLY {
            return self.nearest_of_all(query, k, within);
        }
        self.nearest_of_like(query, k, all, limits)
    }

    fn nearest_of_all(
        &self,
        query: &Vector,
        k: usize,
        within: Option<&PlaceSet>,
    ) -> Vec<Neighbour> {
        if query.dimension() != self.dimension() {
            return Vec::new();
        }
        self.neighbours(nearest::in_all(self, query, k, within))
    }

    fn nearest_of_like(
        &self,
        query: &Vector,
        k: usize,
        all: usize,
        limits: &Limits,
    ) -> Vec<Neighbour> {
        let most = k.saturating_mul(8).max(all / 100).max(1000);
        let alike = limits.most_alike(most);
        let cosines = self.cosines_at(query, &alike);
        let near = alike.into_iter().zip(cosines);
        let near = near.map(|(position, cosine)| nearest::Near { cosine, position });
        self.neighbours(nearest::the_best(k, near.collect()))
    }

    /// How near the passages at `within`, or all, can be to `query`, as their signs tell
    /// without reading a vector: the cosine of the angle that the share of differing
    /// signs estimates, and four standard deviations of that estimate more, where it
    /// varies most. 1 for all if the query's dimension is not the file's.
    ///
    /// Of 6.6 million pairs of passages' vectors with 384 components none was nearer.
    #[must_use]
    pub fn limits(&self, query: &Vector, within: Option<&PlaceSet>) -> Limits {
        Limits::new(self, query, within)
    }

    /// How near every passage is to `query`, by position: what
    /// [`Neighbour::cosine`] would say. Zeros if the query's dimension is not the
    /// file's.
    #[must_use]
    pub fn cosines(&self, query: &Vector) -> Vec<f32> {
        nearest::cosines(self, query, (0..self.len()).into_par_iter())
    }

    /// As [`Self::cosines`], of the passages at some positions, in step with them.
    #[must_use]
    pub fn cosines_at(&self, query: &Vector, positions: &[usize]) -> Vec<f32> {
        nearest::cosines(self, query, positions.par_iter().copied())
    }

    fn neighbours(&self, best: Vec<nearest::Near>) -> Vec<Neighbour> {
        let neighbours = best.into_iter().filter_map(|near| {
            Some(Neighbour {
                id: self.id(near.position)?,
                position: near.position,
                cosine: near.cosine,
            })
        });
        neighbours.collect()
    }

    /// The components at a position.
    #[must_use]
    pub fn row(&self, position: usize) -> Option<&[i8]> {
        let rows = self.rows();
        let start = position.checked_mul(self.dimension())?;
        rows.get(start..start.checked_add(self.dimension())?)
    }

    /// The passages' ids, ascending.
    fn ids(&self) -> &[[u8; 16]] {
        self.mapped.bytes(self.head.ids()).as_chunks().0
    }

    /// All components, one passage after the other.
    fn rows(&self) -> &[i8] {
        self.mapped.components(self.head.components())
    }

    /// The signs of all components, in words, one passage after the other.
    pub(crate) fn signs(&self) -> &[[u8; 8]] {
        self.mapped.bytes(self.head.signs()).as_chunks().0
    }

    /// The squared length of the vector at each position.
    pub(crate) fn lengths(&self) -> &[[u8; 4]] {
        self.mapped.bytes(self.head.lengths()).as_chunks::<4>().0
    }
}
