use serde::de::IgnoredAny;

use crate::table::WorkbookFormat;
use crate::transcript::TranscriptFormat;

/// The extensions that are read, for messages.
pub(crate) const READABLE: &str =
    ".txt .md .markdown .vtt .srt .csv .tsv .jsonl .ndjson .json .xlsx .ods";

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
}

impl Format {
    /// The name that a document's source carries.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Transcript(TranscriptFormat::Plain) => "txt",
            Self::Transcript(TranscriptFormat::Markdown) => "md",
            Self::Transcript(TranscriptFormat::WebVtt) => "vtt",
            Self::Transcript(TranscriptFormat::Srt) => "srt",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::JsonLines => "jsonl",
            Self::Json => "json",
            Self::Workbook(WorkbookFormat::Xlsx) => "xlsx",
            Self::Workbook(WorkbookFormat::Ods) => "ods",
        }
    }

    /// The format that a file's name promises, `.gz` and `.zst` set aside.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        match extension(name)?.as_str() {
            "txt" => Some(Self::Transcript(TranscriptFormat::Plain)),
            "md" | "markdown" => Some(Self::Transcript(TranscriptFormat::Markdown)),
            "vtt" => Some(Self::Transcript(TranscriptFormat::WebVtt)),
            "srt" => Some(Self::Transcript(TranscriptFormat::Srt)),
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "json" => Some(Self::Json),
            "xlsx" | "xlsm" => Some(Self::Workbook(WorkbookFormat::Xlsx)),
            "ods" => Some(Self::Workbook(WorkbookFormat::Ods)),
            _ => None,
        }
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
        match promised {
            None => unnamed(start),
            // Many programs write separated values and call them a workbook.
            Some(Self::Workbook(_)) => match unnamed(start) {
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
        assert_eq!(Format::of_name("b.jsonl.zst"), Some(Format::JsonLines));
        assert_eq!(Format::of_name("b.docx"), None);
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
