//! Reads files and prints what they give: `cargo run --release -p
//! throughline-ingest --example ingest -- FILE… [--map text=COLUMN] [--show N]`.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use throughline_core::Document;
use throughline_ingest::{Options, discover, read_file};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    let mut options = Options::default();
    let mut paths = Vec::new();
    let mut show = 0;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--map" => {
                let pair = arguments.next().unwrap_or_default();
                let (key, column) = pair.split_once('=').unwrap_or((&pair, ""));
                options.columns.set(key, column)?;
            }
            "--show" => show = arguments.next().unwrap_or_default().parse()?,
            _ => paths.push(PathBuf::from(argument)),
        }
    }
    let discovery = discover(&paths)?;
    for skipped in &discovery.skipped {
        writeln!(out, "skipped {}: {}", skipped.name, skipped.reason)?;
    }
    for input in &discovery.inputs {
        let began = Instant::now();
        let mut text_bytes = 0;
        let mut first = Vec::new();
        let read = read_file(input, &options, &mut |document| {
            text_bytes += document.text.len();
            if first.len() < show {
                first.push(document);
            }
            ControlFlow::Continue(())
        });
        let summary = match read {
            Ok(summary) => summary,
            Err(error) => {
                writeln!(out, "error: {error}")?;
                continue;
            }
        };
        let seconds = began.elapsed().as_secs_f64();
        writeln!(
            out,
            "{}: {} {}, {} documents, {} turns, {} passages, {:.1} MB of text at {:.1} MB/s",
            input.name,
            summary.format,
            summary.charset,
            summary.documents,
            summary.turns,
            summary.passages,
            text_bytes as f64 / 1e6,
            text_bytes as f64 / 1e6 / seconds,
        )?;
        for note in &summary.notes {
            writeln!(out, "  {note}")?;
        }
        for skip in &summary.skipped {
            writeln!(
                out,
                "  {} × {} (first at line {:?})",
                skip.count, skip.reason, skip.line
            )?;
        }
        for document in &first {
            print(&mut out, document)?;
        }
    }
    Ok(())
}

fn print(out: &mut impl Write, document: &Document) -> std::io::Result<()> {
    writeln!(
        out,
        "  {} {} {:?}",
        document.name, document.kind, document.meta
    )?;
    for passage in &document.passages {
        let turn = &document.turns[passage.turn];
        let speaker = turn.speaker.as_deref().unwrap_or("-");
        let words = document.slice(passage.span);
        writeln!(
            out,
            "    [{} {} {:?}] {words}",
            speaker, turn.role, turn.start_ms
        )?;
    }
    Ok(())
}
