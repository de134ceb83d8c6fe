//! A file seen as memory: the one place of this crate that is not checked by
//! the compiler.

use std::fs::File;
use std::io;
use std::ops::Range;

use memmap2::Mmap;

/// The bytes of a file that nobody changes: vector files are written under
/// another name and then renamed, so that a mapped one is replaced and never
/// altered.
#[derive(Debug)]
pub(crate) struct Mapped(Mmap);

impl Mapped {
    #[expect(
        unsafe_code,
        reason = "mapping a file is unsafe since others might change it; see the type"
    )]
    pub(crate) fn open(file: &File) -> io::Result<Self> {
        // SAFETY: this crate never writes to a finished file (see the type). A
        // program that does so behind its back can change what a search finds;
        // every use below stays within the mapped length.
        unsafe { Mmap::map(file) }.map(Self)
    }

    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.0.get(range).unwrap_or_default()
    }

    pub(crate) fn components(&self, range: Range<usize>) -> &[i8] {
        signed(self.bytes(range))
    }
}

#[expect(unsafe_code, reason = "mapped bytes are read as signed ones in place")]
fn signed(bytes: &[u8]) -> &[i8] {
    // SAFETY: u8 and i8 have the same size and alignment, and every bit pattern
    // is a value of both; length and lifetime are those of `bytes`.
    unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast::<i8>(), bytes.len()) }
}
