//! Whether JSON is a transcript, told by the names of its fields.

use std::collections::BTreeSet;

use super::{SPEAKERS, STARTS, TEXTS};

/// Fields that lie deeper say nothing about what a file is.
const DEEPEST: usize = 7;

/// True if `start`, the beginning of a file of JSON, is that of a transcript.
pub(crate) fn is_transcript(start: &str) -> bool {
    if !start.trim_start().starts_with('{') {
        return false;
    }
    let paths = paths(start);
    let any = |ends: &[&str]| {
        ends.iter()
            .any(|end| paths.iter().any(|path| ends_with(path, end)))
    };
    any(&[
        "monologues.elements",
        "segments.start",
        "transcription.offsets",
        "transcription.timestamps",
        "chunks.timestamp",
        "results.channels",
        "results.audio_segments",
        "results.items.alternatives",
        "results.alternatives",
        "recognizedPhrases.nBest",
    ]) || lists_speech(&paths)
}

/// True if the objects of some list have a text, and a speaker or a time.
fn lists_speech(paths: &BTreeSet<String>) -> bool {
    let has = |parent: &str, names: &[&str]| {
        names
            .iter()
            .any(|name| paths.contains(&format!("{parent}.{name}")))
    };
    let parents: BTreeSet<&str> = paths
        .iter()
        .filter_map(|path| path.rsplit_once('.'))
        .map(|(parent, _)| parent)
        .collect();
    parents.into_iter().any(|parent| {
        has(parent, TEXTS)
            && (has(parent, SPEAKERS) || has(parent, STARTS) || is_chat(paths, parent))
    })
}

fn is_chat(paths: &BTreeSet<String>, parent: &str) -> bool {
    parent.ends_with("messages")
        && ["role", "content"]
            .iter()
            .all(|name| paths.contains(&format!("{parent}.{name}")))
}

fn ends_with(path: &str, end: &str) -> bool {
    path.strip_suffix(end)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The paths of the fields in `start`, which may break off anywhere: names
/// with dots between them, arrays passed over.
fn paths(start: &str) -> BTreeSet<String> {
    let bytes = start.as_bytes();
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = Vec::new();
    let mut kinds: Vec<u8> = Vec::new();
    let mut key = "";
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = string_end(bytes, at + 1);
                let next = bytes.get(end + 1..).unwrap_or_default();
                let colon = next.iter().find(|byte| !byte.is_ascii_whitespace());
                if colon == Some(&b':') && kinds.last() == Some(&b'{') {
                    key = start.get(at + 1..end).unwrap_or_default();
                    if kinds.len() <= DEEPEST {
                        let names = open.iter().chain([&key]).filter(|name| !name.is_empty());
                        found.insert(names.copied().collect::<Vec<_>>().join("."));
                    }
                }
                at = end;
            }
            b'{' | b'[' => {
                // What lies in an array has the array's name.
                let inherited = byte == b'{' && kinds.last() == Some(&b'[');
                open.push(if inherited { "" } else { key });
                kinds.push(byte);
                key = "";
            }
            b'}' | b']' => {
                open.pop();
                kinds.pop();
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => break,
            _ => at += 1,
        }
    }
    at.min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transcripts_and_other_exports() {
        for start in [
            r#"{"text":" Hi.","segments":[{"id":0,"start":0.0,"end":2.0,"te"#,
            r#"{"monologues":[{"speaker":1,"elements":[{"type":"text""#,
            r#"{"id":"x","utterances":[{"speaker":"A","start":250,"text":"Hi."}]}"#,
            r#"{"results":{"channels":[{"alternatives":[]}]}}"#,
            r#"{"results":{"transcripts":[],"items":[{"alternatives":[{"content":"Hi"}]}]}}"#,
            r#"{"results":[{"alternatives":[{"transcript":"hi "}]}]}"#,
            r#"{"meeting_transcripts":[{"speaker":"Dana","content":"Hi."}]}"#,
            r#"{"messages":[{"role":"user","content":"Hi."}]}"#,
            r#"{"result":{"transcription":{"utterances":[{"text":"Hi","start":0.1}]}}}"#,
        ] {
            assert!(is_transcript(start), "{start}");
        }
        for start in [
            r#"{"reviews":[{"reviewId":"x","comments":[{"userComment":{"text":"Bad\tApp"}}]}]}"#,
            r#"{"data":[{"attributes":{"rating":1,"title":"x","body":"y"}}]}"#,
            r#"{"rating":2.0,"title":"Broke","text":"It broke."}"#,
            r#"{"conversation_parts":[{"body":"<p>Hi</p>","author":{"type":"user"}}]}"#,
            r#"[{"speaker":"A","text":"Hi"}]"#,
            r#"{"a":"\"}{"#,
            "",
        ] {
            assert!(!is_transcript(start), "{start}");
        }
    }

    #[test]
    fn deep_nesting_takes_no_quadratic_time() {
        let deep = "{\"a\":".repeat(100_000);
        assert!(!is_transcript(&deep));
        assert!(!is_transcript(&"{\"a\":[".repeat(50_000)));
    }
}
