//! Killed at any instant, the record holds everything that was confirmed.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use throughline_store::Store;

use crate::common::{model, passages, reading_of, source, tagged, turns};
use crate::testing::document;

/// Names the folder that [`writer`] writes to; without it, it does nothing.
const FOLDER: &str = "THROUGHLINE_STORE_CRASH_TEST";

/// Documents of one transaction: enough that it is often killed in one.
const BATCH: u64 = 50;

/// How often it is killed.
const KILLS: u64 = 20;

/// The process that is killed: puts documents and tags without end and says
/// after each transaction what it has confirmed.
#[test]
fn writer() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let mut store = Store::open(folder).unwrap();
    let m = model("m");
    let first = store.counts().unwrap().documents;
    store.begin_source(&source("t")).unwrap();
    let say = |line: String| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}").unwrap();
        out.flush().unwrap();
    };
    for round in 0.. {
        let begin = first + round * BATCH;
        let rows: Vec<_> = (begin..begin + BATCH)
            .map(|number| {
                let words = format!("Row {number}. {}", "It goes on and on ".repeat(40));
                document(&format!("t#{number}"), &turns(&[("P1", &words)]))
            })
            .collect();
        say("putting".to_owned());
        let start = Instant::now();
        store.put_documents("t", &rows).unwrap();
        let took = start.elapsed().as_micros();
        say(format!("documents {} in {took}", begin + BATCH));
        let pending = store.pending(&m, 100).unwrap();
        let readings: Vec<_> = pending.iter().map(reading_of).collect();
        store.put_tagged(&m, &readings).unwrap();
        say(format!("untagged {}", store.untagged_count(&m).unwrap()));
        if round % 7 == 6 {
            store.put_setting("rounds", &round.to_string()).unwrap();
        }
    }
}

fn start(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crash::writer",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

#[test]
fn a_writer_killed_at_any_instant_loses_nothing_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    Store::create(folder.path()).unwrap().close().unwrap();
    for kill in 0..KILLS {
        let mut child = start(folder.path());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (mut confirmed, mut took) = (0, None);
        // The test harness writes on the same line before the first of ours.
        let mut take = |line: &str| {
            if let Some((_, numbers)) = line.rsplit_once("documents ") {
                let (number, micros) = numbers.split_once(" in ").unwrap();
                confirmed = number.parse().unwrap();
                took = Some(micros.parse().unwrap());
            }
            took
        };
        let took: u64 = loop {
            let line = lines.next().unwrap().unwrap();
            let took = take(&line);
            if let Some(took) = took.filter(|_| line.ends_with("putting")) {
                break took;
            }
        };
        // Each time later in a transaction, and at last after its end.
        std::thread::sleep(Duration::from_micros(took * kill * 5 / (KILLS * 4)));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines {
            take(&line.unwrap());
        }

        let record = rusqlite::Connection::open(folder.path().join("study.db")).unwrap();
        let verdict: String = record
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(verdict, "ok");
        drop(record);
        // The lock died with its process: the next run opens at once.
        let store = Store::open(folder.path()).unwrap();
        let counts = store.counts().unwrap();
        // A transaction is there whole or not at all; one may have ended without
        // its confirmation being read.
        assert_eq!(counts.documents % BATCH, 0);
        assert!(
            (confirmed..=confirmed + BATCH).contains(&counts.documents),
            "{confirmed} {counts:?}"
        );
        let m = model("m");
        let rows = passages(&store, Some(&m));
        assert_eq!(rows.len() as u64, counts.passages);
        let tagged_rows = rows.iter().filter(|row| row.tags.is_some()).count() as u64;
        assert_eq!(
            counts.passages - tagged_rows,
            store.untagged_count(&m).unwrap()
        );
        for row in rows.iter().filter(|row| row.tags.is_some()) {
            assert_eq!(row.tags, Some(tagged(&row.text, None).tags));
        }
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let vectors = store.vectors(&m, &ids).unwrap();
        assert_eq!(vectors.iter().flatten().count() as u64, tagged_rows);
    }
}
