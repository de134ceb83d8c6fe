//! Zip files, whatever lies in them: archives of files, and the documents and
//! workbooks that other programs pack as such. All are opened here, and here
//! stands what they may unpack to.

use std::io::{self, Cursor, Read, Seek};

use thiserror::Error;
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

/// The largest part that is unpacked into memory, in bytes: some hundred hours
/// of speech.
pub(crate) const LARGEST_PART: u64 = 256 << 20;
/// What all parts of a document may unpack to.
pub(crate) const LARGEST: u64 = 2 << 30;
/// A part that unpacks to more than this, and to more than [`FOLD`] times its
/// packed size, is made to fill memories and disks.
const LARGE: u64 = 64 << 20;
/// See [`LARGE`].
pub(crate) const FOLD: u64 = 200;

/// The first bytes of what Office writes with a password, or wrote before 2007.
const OLE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0];

/// True if `start` is the beginning of a document that is no zip file, but would
/// be one without its password.
pub(crate) fn is_protected(start: &[u8]) -> bool {
    start.starts_with(OLE)
}

/// True if a part of this packed and unpacked size is there to do harm.
pub(crate) fn is_bomb(packed: u64, unpacked: u64) -> bool {
    unpacked > LARGE && unpacked / FOLD > packed
}

/// Why a zip file, or a part of it, cannot be read.
#[derive(Debug, Error)]
pub(crate) enum PackageError {
    #[error("{0}")]
    Damaged(#[from] ZipError),
    #[error(
        "it is protected by a password, or of an old format; open it and save it without a password in its present format"
    )]
    Protected,
    #[error("its part {name} is damaged: {source}")]
    Part { name: String, source: io::Error },
    #[error("its part {name} unpacks to more than {} MiB; split the file", limit >> 20)]
    LargePart { name: String, limit: u64 },
    #[error("it unpacks to more than {} MiB; split the file", LARGEST >> 20)]
    Large,
}

/// A zip file.
pub(crate) struct Package<R>(ZipArchive<R>);

impl<'b> Package<Cursor<&'b [u8]>> {
    /// A document that is held in memory.
    pub(crate) fn of(bytes: &'b [u8]) -> Result<Self, PackageError> {
        match is_protected(bytes) {
            true => Err(PackageError::Protected),
            false => Self::open(Cursor::new(bytes)),
        }
    }
}

impl<R: Read + Seek> Package<R> {
    pub(crate) fn open(reader: R) -> Result<Self, PackageError> {
        Ok(Self(ZipArchive::new(reader)?))
    }

    /// How many parts it has.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// True if there is a part called `name`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.index_for_name(name).is_some()
    }

    /// What is said of part number `at`; its bytes as they are packed.
    pub(crate) fn packed(&mut self, at: usize) -> Result<ZipFile<'_, R>, PackageError> {
        Ok(self.0.by_index_raw(at)?)
    }

    /// The part called `name`, unpacked, if there is one.
    pub(crate) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, PackageError> {
        self.part_within(name, LARGEST_PART)
    }

    fn part_within(&mut self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, PackageError> {
        let file = match self.0.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut bytes = Vec::new();
        let name = name.to_owned();
        match file.take(limit + 1).read_to_end(&mut bytes) {
            Err(source) => Err(PackageError::Part { name, source }),
            Ok(_) if bytes.len() as u64 > limit => Err(PackageError::LargePart { name, limit }),
            Ok(_) => Ok(Some(bytes)),
        }
    }

    /// The part called `name`, to be unpacked as it is read. How much that may be
    /// is for [`Self::check_size`] to say.
    pub(crate) fn stream(&mut self, name: &str) -> Result<ZipFile<'_, R>, PackageError> {
        Ok(self.0.by_name(name)?)
    }

    /// Unpacks everything once, to nowhere: what a zip file says of its own size
    /// need not be true.
    pub(crate) fn check_size(&mut self) -> Result<(), PackageError> {
        let mut left = LARGEST;
        for at in 0..self.0.len() {
            let part = self.0.by_index(at)?;
            let unpacked = io::copy(&mut part.take(left + 1), &mut io::sink());
            let unpacked = unpacked.map_err(ZipError::Io)?;
            left = left.checked_sub(unpacked).ok_or(PackageError::Large)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    #[test]
    fn a_part_that_unpacks_to_too_much_is_refused() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer
            .start_file("a.xml", SimpleFileOptions::default())
            .unwrap();
        writer.write_all(&vec![b' '; 3 << 20]).unwrap();
        let bytes = writer.finish().unwrap().into_inner();
        assert!(bytes.len() < 64 << 10);
        let mut package = Package::of(&bytes).unwrap();
        assert!(package.part("none.xml").unwrap().is_none() && !package.has("none.xml"));
        assert!(package.part_within("a.xml", 3 << 20).is_ok() && package.check_size().is_ok());
        let said = package.part_within("a.xml", 2 << 20).unwrap_err();
        let said = said.to_string();
        assert!(said.contains("more than 2 MiB"), "{said}");
        assert!(is_bomb(1 << 10, LARGE + 1) && !is_bomb(LARGE, LARGE + 1));
    }

    #[test]
    fn what_is_no_zip_is_said_to_be_none() {
        assert!(Package::of(b"PK\x03\x04 and no more").is_err());
        let said = Package::of(b"\xD0\xCF\x11\xE0 and more").err().unwrap();
        assert!(said.to_string().contains("password"), "{said}");
    }
}
