use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use throughline_core::{ContentHash, Document, Role};
use zstd::stream::read::Decoder as ZstdDecoder;

use crate::archive::{self, Packed};
use crate::format::Format;
use crate::package::is_protected;
use crate::table::{
    ColumnMap, FileContext, LARGEST_PACKED, PARQUET, Table, TableFormat, Workbook, WorkbookFormat,
    read_parquet,
};
use crate::transcript::{TranscriptFormat, TranscriptOptions, read_transcript};
use crate::{IngestError, Input, Skip, language, text};

/// How much of a file is looked at before it is decided how to read it.
const SAMPLE: u64 = 1 << 20;

/// The largest transcript that is held in memory, decompressed.
const LARGEST_TRANSCRIPT: u64 = 1 << 30;

/// What is said about the files beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Which columns of a table hold what.
    pub columns: ColumnMap,
    /// The part that a speaker has, by label.
    pub roles: BTreeMap<String, Role>,
    /// True if every label of a document is a speaker of its own, also where
    /// several look like spellings of one ("Dana", "DANA", "Dana O.").
    pub labels_apart: bool,
}

/// What reading a file gave, beside its documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSummary {
    /// How it was read: `txt`, `docx`, `vtt`, `csv`, `xlsx`, ….
    pub format: &'static str,
    /// The WHATWG name of its charset.
    pub charset: String,
    /// Its size as it lies on the disk, in bytes; in an archive, packed.
    pub bytes: u64,
    /// SHA-256 of it as it lies on the disk, or packed in its archive.
    pub sha256: ContentHash,
    /// Documents that it gave.
    pub documents: u64,
    /// Turns in them.
    pub turns: u64,
    /// Passages in them.
    pub passages: u64,
    /// What was left out or read with a doubt, by reason.
    pub skipped: Vec<Skip>,
    /// What was decided about it, in words: which columns are for what.
    pub notes: Vec<String>,
}

/// SHA-256 and size in bytes of the file at `path` as it lies on the disk, or
/// packed in its archive.
///
/// # Errors
/// [`IngestError::NotFound`], [`IngestError::NoPermission`],
/// [`IngestError::BadArchive`] or [`IngestError::Io`].
pub fn hash_file(path: &Path) -> Result<(ContentHash, u64), IngestError> {
    let failed = |error| IngestError::io(path, error);
    let mut source = Hashed::new(archive::open(path)?);
    source.drain().map_err(failed)?;
    Ok(source.finish())
}

/// Reads the file of `input` and hands its documents to `each`, in the order of
/// the file, until `each` breaks off.
///
/// A transcript is one document; a table gives one for each row (or for each
/// answer of a row, or for each conversation) and is read in a stream. The
/// summary counts what was handed over, and its hash is of the whole file even
/// if `each` broke off.
///
/// # Errors
/// Any [`IngestError`] that names a file. Documents handed over before an error
/// belong to a file that was not read to its end.
pub fn read_file(
    input: &Input,
    options: &Options,
    each: &mut dyn FnMut(Document) -> ControlFlow<()>,
) -> Result<FileSummary, IngestError> {
    let failed = |error| IngestError::io(&input.path, error);
    let mut source = Hashed::new(archive::open(&input.path)?);
    let mut counts = Counts::default();
    let mut read = read_content(input, options, &mut source, &mut |mut document| {
        document.meta.language = language::language(&document.text).map(str::to_owned);
        counts.add(&document);
        each(document)
    })?;
    read.notes.extend(counts.notes());
    source.drain().map_err(failed)?;
    let (sha256, bytes) = source.finish();
    Ok(FileSummary {
        format: read.format.as_str(),
        charset: read.charset.to_owned(),
        bytes,
        sha256,
        documents: counts.documents,
        turns: counts.turns,
        passages: counts.passages,
        skipped: read.skipped,
        notes: read.notes,
    })
}

#[derive(Default)]
struct Counts {
    documents: u64,
    turns: u64,
    passages: u64,
    /// Speakers whose label is spelt in several ways.
    respelt: u64,
    /// Speakers whose part could not be told.
    unknown: u64,
}

impl Counts {
    fn add(&mut self, document: &Document) {
        self.documents += 1;
        self.turns += document.turns.len() as u64;
        self.passages += document.passages.len() as u64;
        for speaker in &document.meta.speakers {
            self.respelt += u64::from(speaker.labels.len() > 1);
            self.unknown += u64::from(speaker.role == Role::Unknown);
        }
    }

    /// What there is to say about speakers: in numbers, as names are private.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.respelt > 0 {
            notes.push(format!(
                "speakers whose labels are spelt in several ways, each taken for one person: {}",
                self.respelt
            ));
        }
        if self.unknown > 0 {
            notes.push(format!(
                "speakers whose part could not be told, whose words are no evidence: {}",
                self.unknown
            ));
        }
        notes
    }
}

struct Content {
    format: Format,
    charset: &'static str,
    skipped: Vec<Skip>,
    notes: Vec<String>,
}

fn read_content(
    input: &Input,
    options: &Options,
    source: &mut Hashed,
    each: &mut dyn FnMut(Document) -> ControlFlow<()>,
) -> Result<Content, IngestError> {
    let failed = |error| IngestError::io(&input.path, error);
    let mut rest = decompressed(source).map_err(failed)?;
    let mut start = Vec::new();
    rest.by_ref()
        .take(SAMPLE)
        .read_to_end(&mut start)
        .map_err(failed)?;
    let whole = (start.len() as u64) < SAMPLE;
    if start.is_empty() {
        return Err(IngestError::Empty {
            name: input.name.clone(),
            detail: "the file is empty".to_owned(),
        });
    }
    if let Some(transcript) = Format::container(&input.name, &start) {
        return read_whole(input, options, transcript, &mut rest, start, each);
    }
    if let Some(workbook) = workbook_of(&input.name, &start, whole) {
        return read_workbook(input, options, workbook, start, rest, each);
    }
    if start.starts_with(PARQUET) {
        let summary = read_parquet(&FileContext::of(input), start, rest, options, each)?;
        return Ok(Content {
            format: Format::Parquet,
            charset: "UTF-8",
            skipped: summary.skipped,
            notes: summary.notes,
        });
    }
    if text::looks_binary(&start) {
        return Err(IngestError::Binary {
            name: input.name.clone(),
        });
    }
    let sampled = text::decode(whole_lines(&start, whole));
    let format = Format::sniff(Format::of_name(&input.name), &sampled.text);
    let table = match format {
        Format::Transcript(transcript) => {
            return read_whole(input, options, transcript, &mut rest, start, each);
        }
        Format::Csv => TableFormat::Separated(b','),
        Format::Tsv => TableFormat::Separated(b'\t'),
        Format::JsonLines => TableFormat::JsonLines,
        Format::Json | Format::Workbook(_) | Format::Parquet => TableFormat::Json,
    };
    let charset = sampled.charset;
    let table = Table {
        context: FileContext::of(input),
        format: table,
        format_name: format.as_str(),
        start,
        whole,
        rest,
        charset,
    };
    let summary = table.read(options, each)?;
    Ok(Content {
        format,
        charset,
        skipped: summary.skipped,
        notes: summary.notes,
    })
}

fn read_whole(
    input: &Input,
    options: &Options,
    transcript: TranscriptFormat,
    rest: &mut dyn Read,
    start: Vec<u8>,
    each: &mut dyn FnMut(Document) -> ControlFlow<()>,
) -> Result<Content, IngestError> {
    let context = FileContext::of(input);
    let bytes = context.whole(start, rest, ("the transcript", LARGEST_TRANSCRIPT))?;
    let said = TranscriptOptions {
        roles: &options.roles,
        labels_apart: options.labels_apart,
    };
    let read = read_transcript(&input.name, &bytes, transcript, &said)?;
    // There is nothing more to hand over, whether or not it breaks off.
    let _ = each(read.document);
    Ok(Content {
        format: Format::Transcript(transcript),
        charset: read.charset,
        skipped: read.skipped,
        notes: Vec::new(),
    })
}

/// The workbook that the file called `name` is, if it is one: a zip archive by
/// its first bytes, and one of sheets by its name or, if `start` is all of it,
/// by what it holds.
fn workbook_of(name: &str, start: &[u8], whole: bool) -> Option<WorkbookFormat> {
    let zip = start.starts_with(b"PK\x03\x04");
    match Format::of_name(name) {
        Some(Format::Workbook(workbook)) if zip || is_protected(start) => Some(workbook),
        _ if !zip => None,
        _ if whole => WorkbookFormat::of_content(start),
        _ => None,
    }
}

fn read_workbook(
    input: &Input,
    options: &Options,
    workbook: WorkbookFormat,
    start: Vec<u8>,
    rest: Box<dyn Read + '_>,
    each: &mut dyn FnMut(Document) -> ControlFlow<()>,
) -> Result<Content, IngestError> {
    let context = FileContext::of(input);
    let bytes = context.whole(start, rest, ("the workbook", LARGEST_PACKED))?;
    let format = Format::Workbook(workbook);
    let workbook = Workbook {
        context,
        format: workbook,
        format_name: format.as_str(),
        bytes,
    };
    let summary = workbook.read(options, each)?;
    Ok(Content {
        format,
        charset: "UTF-8",
        skipped: summary.skipped,
        notes: summary.notes,
    })
}

/// `source` read through the packing of its archive, and then through gzip or
/// Zstandard if it begins like these, whatever its name.
fn decompressed(source: &mut Hashed) -> io::Result<Box<dyn Read + '_>> {
    const GZIP: &[u8] = &[0x1F, 0x8B];
    const ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];
    let mut source: Box<dyn Read + '_> = match source.deflated {
        Some(unpacked) => archive::inflated(source, unpacked),
        None => Box::new(source),
    };
    let mut magic = Vec::new();
    source.by_ref().take(4).read_to_end(&mut magic)?;
    let (gzip, zstd) = (magic.starts_with(GZIP), magic.starts_with(ZSTD));
    let again = io::Cursor::new(magic).chain(source);
    Ok(if gzip {
        Box::new(MultiGzDecoder::new(again))
    } else if zstd {
        Box::new(ZstdDecoder::new(again)?)
    } else {
        Box::new(again)
    })
}

/// `start` up to its last line end, so that no character is cut in two where a
/// charset is to be told by it; all of it, if that is all there is.
fn whole_lines(start: &[u8], whole: bool) -> &[u8] {
    if whole {
        return start;
    }
    let Some(end) = start.iter().rposition(|&byte| byte == b'\n') else {
        return start;
    };
    // In little-endian UTF-16 the other half of the line end comes after it.
    let end = end + 1 + usize::from(start.get(end + 1) == Some(&0));
    start.get(..end).unwrap_or(start)
}

/// A file whose bytes are hashed and counted as they go by.
struct Hashed {
    source: Box<dyn Read>,
    deflated: Option<u64>,
    hasher: Sha256,
    bytes: u64,
}

impl Hashed {
    fn new(packed: Packed) -> Self {
        Self {
            source: packed.source,
            deflated: packed.deflated,
            hasher: Sha256::new(),
            bytes: 0,
        }
    }

    /// Reads on to the end.
    fn drain(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match self.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn finish(self) -> (ContentHash, u64) {
        (
            ContentHash::from_bytes(self.hasher.finalize().into()),
            self.bytes,
        )
    }
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.hasher.update(buffer.get(..read).unwrap_or_default());
        self.bytes += read as u64;
        Ok(read)
    }
}
