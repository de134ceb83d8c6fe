use serde::de::IgnoredAny;

use crate::container::{self, Container, Markup};
use crate::table::WorkbookFormat;
use crate::transcript::{TranscriptFormat, is_json_transcript, is_sbv_timing};

/// The extensions that are read, for messages.
pub(crate) const READABLE: &str = ".txt .md .vtt .srt .sbv .lrc .docx .odt .rtf .html .pdf .json .csv .tsv .jsonl .xlsx .ods .parquet";

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A conversation, read whole.
    Transcript(TranscriptFormat),
    /// Rows of cells, streamed.
    Csv,
    /// The same with tabs.
    Tsv,
    /// One JSON object a line, streamed.
    JsonLines,
    /// JSON of any other shape, streamed.
    Json,
    /// Sheets of rows.
    Workbook(WorkbookFormat),
    /// Columns, packed.
    Parquet,
}

impl Format {
    /// The name that a document's source carries.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Transcript(transcript) => transcript.as_str(),
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::JsonLines => "jsonl",
            Self::Json => "json",
            Self::Workbook(WorkbookFormat::Xlsx) => "xlsx",
            Self::Workbook(WorkbookFormat::Ods) => "ods",
            Self::Parquet => "parquet",
        }
    }

    /// The format that a file's name promises, `.gz` and `.zst` set aside.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let transcript = match extension(name)?.as_str() {
            "txt" | "text" => TranscriptFormat::Plain,
            "md" | "markdown" => TranscriptFormat::Markdown,
            "vtt" => TranscriptFormat::WebVtt,
            "srt" => TranscriptFormat::Srt,
            "sbv" => TranscriptFormat::Sbv,
            "lrc" => TranscriptFormat::Lrc,
            "json" => TranscriptFormat::Json,
            "docx" | "docm" | "dotx" => TranscriptFormat::Container(Container::Docx),
            "odt" | "ott" => TranscriptFormat::Container(Container::Odt),
            "pdf" => TranscriptFormat::Container(Container::Pdf),
            "html" | "htm" | "xhtml" => TranscriptFormat::Markup(Markup::Html),
            "rtf" => TranscriptFormat::Markup(Markup::Rtf),
            "csv" => return Some(Self::Csv),
            "tsv" => return Some(Self::Tsv),
            "jsonl" | "ndjson" => return Some(Self::JsonLines),
            "xlsx" | "xlsm" => return Some(Self::Workbook(WorkbookFormat::Xlsx)),
            "ods" => return Some(Self::Workbook(WorkbookFormat::Ods)),
            "parquet" => return Some(Self::Parquet),
            _ => return None,
        };
        Some(Self::Transcript(transcript))
    }

    /// How the file of this name that begins with the bytes `start` is read if
    /// it is a document that is no text as it lies on the disk.
    pub(crate) fn container(name: &str, start: &[u8]) -> Option<TranscriptFormat> {
        let extension = extension(name);
        container::of(extension.as_deref(), start).map(TranscriptFormat::Container)
    }

    /// What `start`, the decoded beginning of a file, is in truth, given what
    /// its name promises. Captions saved as `.txt` are common, and so are
    /// tables without a known extension.
    pub(crate) fn sniff(promised: Option<Self>, start: &str) -> Self {
        let start = start.trim_start_matches('\u{feff}').trim_start();
        let loose = matches!(
            promised,
            None | Some(Self::Transcript(_)) | Some(Self::JsonLines)
        );
        if loose && is_webvtt(start) {
            return Self::Transcript(TranscriptFormat::WebVtt);
        }
        if loose && is_srt(start) {
            return Self::Transcript(TranscriptFormat::Srt);
        }
        if let Some(transcript) = unlike_its_name(promised, start) {
            return Self::Transcript(transcript);
        }
        match promised {
            None => unnamed(start),
            Some(Self::Transcript(TranscriptFormat::Json)) if !is_json_transcript(start) => {
                Self::Json
            }
            // Many programs write separated values and call them a workbook.
            Some(Self::Workbook(_) | Self::Parquet) => match unnamed(start) {
                Self::Transcript(_) => Self::Csv,
                other => other,
            },
            Some(promised) => promised,
        }
    }
}

/// The last extension of `name` in lower case, after `.gz` or `.zst` was set
/// aside.
pub(crate) fn extension(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let stem = [".gz", ".zst"]
        .into_iter()
        .find_map(|packed| lower.strip_suffix(packed))
        .unwrap_or(&lower);
    let file = stem.rsplit('/').next().unwrap_or(stem);
    let (before, extension) = file.rsplit_once('.')?;
    (!before.is_empty()).then(|| extension.to_owned())
}

/// Documents that are often saved under the name of plain text.
fn unlike_its_name(promised: Option<Format>, start: &str) -> Option<TranscriptFormat> {
    if !matches!(
        promised,
        None | Some(Format::Transcript(TranscriptFormat::Plain))
    ) {
        return None;
    }
    let begin: String = start.chars().take(32).collect();
    let begin = begin.to_lowercase();
    if begin.starts_with("{\\rtf") {
        Some(TranscriptFormat::Markup(Markup::Rtf))
    } else if begin.starts_with("<!doctype html") || begin.starts_with("<html") {
        Some(TranscriptFormat::Markup(Markup::Html))
    } else if is_sbv_timing(start.lines().next().unwrap_or_default()) {
        Some(TranscriptFormat::Sbv)
    } else if is_json_transcript(start) {
        Some(TranscriptFormat::Json)
    } else {
        None
    }
}

fn is_webvtt(start: &str) -> bool {
    start
        .strip_prefix("WEBVTT")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// A number alone on a line and a timing line after it.
fn is_srt(start: &str) -> bool {
    let mut lines = start.lines().map(str::trim);
    let numbered = lines
        .next()
        .is_some_and(|line| !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit()));
    numbered
        && lines.next().is_some_and(|line| {
            line.starts_with(|first: char| first.is_ascii_digit()) && line.contains("-->")
        })
}

/// A guess for a file whose name promises nothing: lines of JSON, lines with
/// the same number of the same separator, else plain text.
fn unnamed(start: &str) -> Format {
    if start.starts_with('{') {
        let first = start.lines().next().unwrap_or_default();
        return match serde_json::from_str::<IgnoredAny>(first) {
            Ok(_) => Format::JsonLines,
            Err(_) => Format::Json,
        };
    }
    if start
        .strip_prefix('[')
        .is_some_and(|rest| rest.trim_start().starts_with('{'))
    {
        return Format::Json;
    }
    let lines: Vec<_> = start
        .lines()
        .filter(|line| !line.is_empty())
        .take(10)
        .collect();
    let alike = |separator: char| {
        let count = |line: &&str| line.matches(separator).count();
        let first = lines.first().map_or(0, count);
        first > 0 && lines.len() > 2 && lines.iter().all(|line| count(line) == first)
    };
    if alike('\t') {
        Format::Tsv
    } else if alike(',') || alike(';') {
        Format::Csv
    } else {
        Format::Transcript(TranscriptFormat::Plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides_and_gz_is_looked_through() {
        assert_eq!(Format::of_name("a/b.CSV.gz"), Some(Format::Csv));
        assert_eq!(Format::of_name("b.ndjson"), Some(Format::JsonLines));
        assert_eq!(Format::of_name("b.xlsb"), None);
        assert_eq!(Format::of_name("b.jsonl.zst"), Some(Format::JsonLines));
        assert_eq!(Format::of_name("v1.2/notes"), None);
        assert_eq!(extension(".gz"), None);
    }

    #[test]
    fn captions_are_known_under_another_name() {
        let promised = Format::of_name("a.txt");
        let vtt = Format::Transcript(TranscriptFormat::WebVtt);
        let srt = Format::Transcript(TranscriptFormat::Srt);
        assert_eq!(Format::sniff(promised, "\u{feff}WEBVTT\n\n"), vtt);
        let cue = "1\n00:00:01,000 --> 00:00:02,000\nHello\n";
        assert_eq!(Format::sniff(promised, cue), srt);
        assert_eq!(
            Format::sniff(promised, "1\nfirst --> last\n"),
            Format::Transcript(TranscriptFormat::Plain)
        );
        assert_eq!(Format::sniff(Some(Format::Csv), "WEBVTT\n"), Format::Csv);
    }

    #[test]
    fn documents_are_known_under_the_name_of_text() {
        let read = |start| Format::sniff(Format::of_name("a.txt"), start).as_str();
        assert_eq!(read("{\\rtf1\\ansi Hi}"), "rtf");
        assert_eq!(read("<!DOCTYPE HTML><p>Hi"), "html");
        assert_eq!(read("0:00:01.000,0:00:02.000\nHi\n"), "sbv");
        assert_eq!(read("{\"monologues\":[{\"elements\":[]}]}"), "json");
        let json = |start| Format::sniff(Format::of_name("a.json"), start).as_str();
        assert_eq!(
            json("{\"segments\":[{\"start\":0,\"text\":\"Hi\"}]}"),
            "json"
        );
        assert_eq!(json("{\"text\":\"One.\"}\n{\"text\":\"Two.\"}\n"), "json");
        let zip = b"PK\x03\x04 word/document.xml";
        assert!(Format::container("a.txt", zip).is_some());
        assert!(Format::container("a.xlsx", zip).is_none());
    }

    #[test]
    fn a_name_that_promises_nothing_leaves_it_to_the_content() {
        assert_eq!(Format::sniff(None, "{\"text\":\"x\"}\n"), Format::JsonLines);
        assert_eq!(Format::sniff(None, "[\n {\"text\":\"x\"}]"), Format::Json);
        assert_eq!(Format::sniff(None, "{\n \"data\": []}"), Format::Json);
        assert_eq!(Format::sniff(None, "id\ttext\n1\tx\n2\ty\n"), Format::Tsv);
        assert_eq!(Format::sniff(None, "id;text\n1;x\n2;y\n"), Format::Csv);
        assert_eq!(
            Format::sniff(None, "Dana: Well, no.\nInt: Why?\n"),
            Format::Transcript(TranscriptFormat::Plain)
        );
    }
}
