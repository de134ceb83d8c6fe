//! Parts of a zip file, with bounds on what they may unpack to.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

/// The largest part that is unpacked, in bytes: some hundred hours of speech.
const LARGEST_PART: u64 = 256 << 20;

/// A zip file held in memory.
pub(super) struct Archive<'b>(ZipArchive<Cursor<&'b [u8]>>);

impl<'b> Archive<'b> {
    /// # Errors
    /// What is wrong with the file, in words.
    pub(super) fn open(bytes: &'b [u8]) -> Result<Self, String> {
        const OLE: [u8; 4] = [0xD0, 0xCF, 0x11, 0xE0];
        if bytes.starts_with(&OLE) {
            return Err(
                "it is protected by a password, or of an old format; open it and save it without a password in its present format"
                    .to_owned(),
            );
        }
        ZipArchive::new(Cursor::new(bytes))
            .map(Self)
            .map_err(|error| format!("{error}; the file is damaged or cut off, copy it again"))
    }

    /// The part called `name`, unpacked, if there is one.
    ///
    /// # Errors
    /// What is wrong with the part, in words.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, String> {
        self.part_within(name, LARGEST_PART)
    }

    fn part_within(&mut self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, String> {
        let file = match self.0.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(format!("its part {name} cannot be read: {error}")),
        };
        let mut bytes = Vec::new();
        file.take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("its part {name} is damaged: {error}; copy the file again"))?;
        if bytes.len() as u64 > limit {
            return Err(format!(
                "its part {name} unpacks to more than {} MiB; split the file",
                limit >> 20
            ));
        }
        Ok(Some(bytes))
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
        let mut archive = Archive::open(&bytes).unwrap();
        assert_eq!(archive.part("none.xml"), Ok(None));
        assert!(archive.part_within("a.xml", 3 << 20).is_ok());
        let said = archive.part_within("a.xml", 2 << 20).unwrap_err();
        assert!(said.contains("more than 2 MiB"), "{said}");
    }

    #[test]
    fn what_is_no_zip_is_said_to_be_none() {
        assert!(Archive::open(b"PK\x03\x04 and no more").is_err());
        let said = Archive::open(b"\xD0\xCF\x11\xE0 and more").err().unwrap();
        assert!(said.contains("password"), "{said}");
    }
}
