use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use throughline_core::{PassageId, Vector};

use crate::VectorError;
use crate::layout::{HEAD, Head, MOST_COMPONENTS};
use crate::mapped::Mapped;
use crate::signs;

/// Writes a vector file, one vector at a time, in any order.
///
/// Components go straight to disk; memory holds some 30 bytes a passage. The
/// file appears under its name when [`VectorWriter::finish`] returns, whole and
/// on disk; until then, and for good if that fails, what was there before stays.
#[derive(Debug)]
pub struct VectorWriter {
    path: PathBuf,
    spool: Temporary,
    out: BufWriter<File>,
    generation: u64,
    dimension: usize,
    ids: Vec<PassageId>,
    lengths: Vec<u32>,
    row: Vec<u8>,
}

impl VectorWriter {
    /// Begins the file at `path` for vectors of `dimension` components that
    /// stand for the record's state `generation`.
    ///
    /// # Errors
    /// [`VectorError::BadDimension`], or [`VectorError::Io`] if the folder is
    /// missing or cannot be written.
    pub fn create(path: &Path, generation: u64, dimension: usize) -> Result<Self, VectorError> {
        if !(1..=MOST_COMPONENTS).contains(&dimension) {
            return Err(VectorError::BadDimension(dimension));
        }
        let spool = Temporary::beside(path, "part");
        let mut out = spool.create().map_err(VectorError::io(path))?;
        out.write_all(&[0; HEAD]).map_err(VectorError::io(path))?;
        Ok(Self {
            path: path.to_owned(),
            spool,
            out,
            generation,
            dimension,
            ids: Vec::new(),
            lengths: Vec::new(),
            row: Vec::with_capacity(dimension),
        })
    }

    /// Adds the vector of a passage.
    ///
    /// # Errors
    /// [`VectorError::Dimension`] or [`VectorError::Io`].
    pub fn add(&mut self, id: PassageId, vector: &Vector) -> Result<(), VectorError> {
        let components = vector.components();
        if components.len() != self.dimension {
            return Err(VectorError::Dimension {
                id,
                found: components.len(),
                expected: self.dimension,
            });
        }
        self.row.clear();
        self.row
            .extend(components.iter().map(|c| c.cast_unsigned()));
        let written = self.out.write_all(&self.row);
        written.map_err(VectorError::io(&self.path))?;
        self.ids.push(id);
        let length = Vector::dot(components, components);
        self.lengths.push(length.cast_unsigned());
        Ok(())
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// [`VectorError::Duplicate`] if a passage came twice, [`VectorError::Io`].
    pub fn finish(self) -> Result<(), VectorError> {
        let mut order: Vec<usize> = (0..self.ids.len()).collect();
        order.sort_unstable_by_key(|at| self.ids.get(*at));
        let sorted = |pair: &[usize]| self.ids.get(pair[0]) < self.ids.get(pair[1]);
        if let Some(twice) = order.windows(2).find(|pair| !sorted(pair)) {
            let id = self.ids.get(twice[0]).copied();
            return Err(VectorError::Duplicate(
                id.unwrap_or(PassageId::from_bytes([0; 16])),
            ));
        }
        let path = self.path.clone();
        self.place(&order).map_err(VectorError::io(&path))
    }

    fn place(mut self, order: &[usize]) -> io::Result<()> {
        let head = Head {
            dimension: self.dimension,
            generation: self.generation,
            count: order.len(),
        };
        let head = head.to_bytes();
        self.out.flush()?;
        let rows = Mapped::open(&File::open(&self.spool.path)?)?;
        let row = |at: &usize| {
            let start = HEAD + at * self.dimension;
            rows.bytes(start..start + self.dimension)
        };
        if order.is_sorted() {
            // The rows stand in the order they came in: only the rest is missing.
            let mut out = self.out;
            write_tables(&mut out, order, row, &self.lengths, &self.ids)?;
            out.seek(SeekFrom::Start(0))?;
            out.write_all(&head)?;
            return self.spool.place(out, &self.path);
        }
        let sorted = Temporary::beside(&self.path, "sorted");
        let mut out = sorted.create()?;
        out.write_all(&head)?;
        for at in order {
            out.write_all(row(at))?;
        }
        write_tables(&mut out, order, row, &self.lengths, &self.ids)?;
        sorted.place(out, &self.path)
    }
}

/// Signs, squared lengths and ids in order.
fn write_tables<'r>(
    out: &mut impl Write,
    order: &[usize],
    row: impl Fn(&usize) -> &'r [u8],
    lengths: &[u32],
    ids: &[PassageId],
) -> io::Result<()> {
    let mut signs = Vec::new();
    for at in order {
        signs.clear();
        signs::append(row(at).iter().map(|byte| byte.cast_signed()), &mut signs);
        out.write_all(&signs)?;
    }
    for length in order.iter().filter_map(|at| lengths.get(*at)) {
        out.write_all(&length.to_le_bytes())?;
    }
    for id in order.iter().filter_map(|at| ids.get(*at)) {
        out.write_all(id.as_bytes())?;
    }
    Ok(())
}

/// A file that is removed again unless it gets its final name.
#[derive(Debug)]
struct Temporary {
    path: PathBuf,
    placed: bool,
}

impl Temporary {
    /// `path` with `.suffix` after it: in the same folder, so that renaming is
    /// one step; always the same, so that a killed run leaves one at most.
    fn beside(path: &Path, suffix: &str) -> Self {
        let mut name = path.as_os_str().to_owned();
        name.push(".");
        name.push(suffix);
        Self {
            path: name.into(),
            placed: false,
        }
    }

    fn create(&self) -> io::Result<BufWriter<File>> {
        // Large enough for the disk to be written in long strokes.
        File::create(&self.path).map(|file| BufWriter::with_capacity(1 << 18, file))
    }

    /// Gives the file, once it is wholly on disk, its final name.
    fn place(mut self, out: BufWriter<File>, path: &Path) -> io::Result<()> {
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        fs::rename(&self.path, path)?;
        self.placed = true;
        sync_folder(path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.placed {
            // Nothing depends on it; the next run writes over it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes a rename outlast a power cut, where folders can be synced.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => {
            let folder = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            File::open(folder)?.sync_all()
        }
        _ => Ok(()),
    }
}
