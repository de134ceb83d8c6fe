//! What meeting programs write around a transcript.

use super::flow::Block;
use crate::Skip;

/// Leaves out of `blocks` the notes that stand above a transcript and the lines
/// that the program itself wrote, and says how many.
pub(super) fn trim(blocks: &mut Vec<Block>) -> Vec<Skip> {
    let mut skipped = Vec::new();
    // Google Meet: summaries written by a machine come first, as a tab of their own.
    let transcript = |block: &Block| {
        let line = block.first_line();
        line.trim_start_matches(['#', ' '])
            .starts_with("📖 Transcript")
    };
    if let Some(at) = blocks.iter().position(transcript) {
        blocks.drain(..=at);
        note(
            &mut skipped,
            at,
            "paragraphs above the transcript, written by the meeting program; left out",
        );
    }
    let before = blocks.len();
    blocks.retain(|block| !is_notice(block));
    note(
        &mut skipped,
        before - blocks.len(),
        "notices of the meeting program; left out",
    );
    skipped
}

fn note(skipped: &mut Vec<Skip>, count: usize, reason: &str) {
    if count > 0 {
        skipped.push(Skip {
            line: None,
            count: count as u64,
            reason: reason.to_owned(),
        });
    }
}

/// "Dana Ortiz started transcription", "Transcription ended after 00:31:05" and
/// the disclaimer below it.
fn is_notice(block: &Block) -> bool {
    let line = block.first_line();
    let alone = block
        .lines
        .iter()
        .filter(|line| !line.words.is_blank())
        .count()
        == 1;
    let short = line.split_whitespace().count() <= 8;
    alone
        && (line.starts_with("This editable transcript was computer generated")
            || line.starts_with("Transcription ended after ")
            || (short
                && !line.contains(':')
                && (line.ends_with("started transcription")
                    || line.ends_with("stopped transcription"))))
}
