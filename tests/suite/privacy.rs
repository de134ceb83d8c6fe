//! Personal data: counted by default, and in a pseudonymised study nowhere.

use std::path::Path;

use tantivy::Index;
use throughline_study::{Inputs, Silent, Study};

use crate::support::{expect_code, json_lines, run, stderr, unpacked};

/// Every word of what is planted; none may be left, in whatever case.
const PLANTED: [&str; 17] = [
    "zofkalina",
    "brzhnova",
    "ottokarel",
    "quellstrom",
    "mirabello",
    "vandeputte",
    "hrafnkell",
    "zb.private",
    "mailhaven",
    "900431",
    "900 431",
    "4111 1111",
    "wobblestone",
    "yo21",
    "kb-77",
    "771903",
    "203.0.113.87",
];

fn plant(folder: &Path) {
    let inputs = folder.join("in");
    std::fs::create_dir(&inputs).unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(inputs.join(name), text).unwrap();
    write(
        "Zofkalina_Brzhnova interview.txt",
        b"Interviewer: Thanks, Zofkalina. What happened?\n\n\
          Zofkalina Brzhnova: My name is Zofkalina Brzhnova, zb.private@mailhaven.example. The \
          checkout was confusing and it crashed twice.\n\n\
          Interviewer: And then?\n\n\
          Zofkalina Brzhnova: I called 07700 900431 and a man called Ottokarel Quellstrom was rude. \
          The refund took six weeks, which is far too long.\n",
    );
    write(
        "later.txt",
        b"Interviewer: How was support?\n\nVandeputte: Slow. quellstrom never rang me back, and \
          ZOFKALINA had the same. The waiting made me furious.\n\n\
          Interviewer: Where do you live?\n\nVandeputte: 48 Wobblestone Grove, Whitby YO21 3PU. My \
          card 4111 1111 1111 1111 was charged twice.\n",
    );
    write(
        "reviews.csv",
        b"id,author,stars,email,review\n\
          1,Hrafnkell Mirabello,2,hm@mailhaven.example,\"Order number KB-77-2209 never came. Mirabello, my account number is 771903.\"\n\
          2,Ann,5,,\"Ottokarel helped me at once. My IP is 203.0.113.87.\"\n",
    );
    write("Zofkalina scan.bin", b"\0\x01\x02\xff\xfe\0\0binary");
}

/// Everything on the disk below `folder`, names and bytes, in lower case, as
/// far as a search for ASCII words needs it.
fn everything(folder: &Path, all: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all.push((
            path.display().to_string(),
            path.file_name()
                .unwrap()
                .as_encoded_bytes()
                .to_ascii_lowercase(),
        ));
        if path.is_dir() {
            everything(&path, all);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            // What is compressed would tell nothing.
            if bytes.starts_with(b"PK") {
                for (name, part) in unpacked(&bytes) {
                    let place = format!("{} in {}", name, path.display());
                    all.push((place, part.to_ascii_lowercase()));
                }
            }
            all.push((path.display().to_string(), bytes.to_ascii_lowercase()));
        }
    }
}

fn leaks(folders: &[&Path], words: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    for folder in folders {
        everything(folder, &mut all);
    }
    let mut found = Vec::new();
    for (place, bytes) in &all {
        for word in words {
            if bytes
                .windows(word.len())
                .any(|window| window == word.as_bytes())
            {
                found.push(format!("{word} in {place}"));
            }
        }
    }
    found
}

/// What the index gives back of every passage, and of each word: its stored
/// texts are compressed, so that their bytes would tell nothing.
fn leaks_of_the_index(folder: &Path, study: &str, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = Vec::new();
    for kind in ["kind:interview", "kind:review"] {
        let all = ["search", kind, "--json", "-n", "1000", "--study", study];
        lines.extend(json_lines(&run(folder, &all)));
    }
    assert!(lines.len() > 4, "{}", lines.len());
    for line in lines {
        let line = line.to_string().to_lowercase();
        let held = words.iter().filter(|word| line.contains(**word));
        found.extend(held.map(|word| format!("{word} in {line}")));
    }
    for word in words
        .iter()
        .filter(|word| word.chars().all(char::is_alphanumeric))
    {
        let output = run(folder, &["search", word, "--json", "--study", study]);
        let lines = json_lines(&output);
        if lines
            .iter()
            .any(|line| line.to_string().to_lowercase().contains(word))
        {
            found.push(format!("{word} is a term of the index"));
        }
    }
    found
}

/// Words that the index's own dictionaries of terms hold, read by the library
/// that wrote them.
fn leaks_of_the_dictionary(folder: &Path, words: &[&str]) -> Vec<String> {
    let index = Index::open_in_dir(folder).unwrap();
    let searcher = index.reader().unwrap().searcher();
    let (mut terms, mut found) = (0, Vec::new());
    for segment in searcher.segment_readers() {
        let schema = segment.schema();
        for (field, entry) in schema.fields().filter(|(_, entry)| entry.is_indexed()) {
            let inverted = segment.inverted_index(field).unwrap();
            let mut stream = inverted.terms().stream().unwrap();
            while stream.advance() {
                terms += 1;
                let term = String::from_utf8_lossy(stream.key()).to_lowercase();
                let held = words.iter().filter(|word| term.contains(**word));
                found.extend(held.map(|word| format!("{word} in {}: {term}", entry.name())));
            }
        }
    }
    assert!(terms > 50, "{terms} terms");
    found
}

fn pseudonymised(folder: &Path) {
    plant(folder);
    expect_code(&run(folder, &["new", "s"]), 0);
    pseudonymise(folder);
}

fn pseudonymise(folder: &Path) {
    settle(
        folder,
        "privacy = \"suggest\"",
        "privacy = \"pseudonymise\"",
    );
}

fn settle(folder: &Path, from: &str, to: &str) {
    let settings = folder.join("s/throughline.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    assert!(text.contains(from));
    std::fs::write(&settings, text.replace(from, to)).unwrap();
}

#[test]
fn nothing_planted_is_left_in_a_pseudonymised_study_or_its_reports() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    pseudonymised(folder);
    let output = run(folder, &["analyze", "in", "-o", "report", "--study", "s"]);
    expect_code(&output, 0);
    let said = stderr(&output).to_lowercase();
    let said: Vec<_> = PLANTED
        .iter()
        .filter(|word| said.contains(**word))
        .collect();
    assert!(said.is_empty(), "said: {said:?}");
    let (study, report) = (folder.join("s"), folder.join("report"));
    assert_eq!(leaks(&[&study, &report], &PLANTED), Vec::<String>::new());
    assert_eq!(
        leaks_of_the_index(folder, "s", &PLANTED),
        Vec::<String>::new()
    );
    assert_eq!(
        leaks_of_the_dictionary(&study.join("index"), &PLANTED),
        Vec::<String>::new()
    );

    let key = folder.join("s.key");
    let text = std::fs::read_to_string(&key).unwrap();
    assert!(
        text.contains("Zofkalina Brzhnova") && text.contains("Zofkalina_Brzhnova interview.txt")
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&key).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Again, nothing is done; and without the key, nothing is added.
    let again = run(folder, &["analyze", "in", "-o", "report", "--study", "s"]);
    assert!(
        stderr(&again).contains("nothing was done"),
        "{}",
        stderr(&again)
    );
    std::fs::rename(&key, folder.join("elsewhere")).unwrap();
    let lost = run(folder, &["add", "in", "--study", "s"]);
    expect_code(&lost, 2);
    assert!(stderr(&lost).contains("Put it back"), "{}", stderr(&lost));
    expect_code(&run(folder, &["report", "--study", "s"]), 0);
}

#[test]
fn who_withdraws_leaves_the_study_and_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    pseudonymised(folder);
    expect_code(&run(folder, &["add", "in", "--study", "s"]), 0);
    expect_code(&run(folder, &["tag", "--study", "s"]), 0);
    let people = json_lines(&run(
        folder,
        &["stats", "--participants", "--json", "--study", "s"],
    ));
    let id = people
        .iter()
        .filter_map(|person| person["participant"].as_str())
        .find(|id| id.contains("interview.txt/Person"))
        .unwrap_or_else(|| panic!("{people:?}"))
        .to_owned();
    expect_code(
        &run(folder, &["remove", "--participant", &id, "--study", "s"]),
        0,
    );
    expect_code(
        &run(folder, &["remove", "in/reviews.csv#1", "--study", "s"]),
        0,
    );
    let gone = [
        "zofkalina",
        "brzhnova",
        "zb.private",
        "hrafnkell",
        "mirabello",
        "771903",
    ];
    let key = std::fs::read_to_string(folder.join("s.key"))
        .unwrap()
        .to_lowercase();
    let left: Vec<_> = gone.iter().filter(|word| key.contains(**word)).collect();
    assert!(left.is_empty(), "in the key: {left:?}");
    let words = ["checkout was confusing", "never came", "six weeks"];
    expect_code(&run(folder, &["tag", "--study", "s"]), 0);
    assert_eq!(leaks(&[&folder.join("s")], &words), Vec::<String>::new());
    // The files still hold them, and adding them again brings nobody back.
    expect_code(&run(folder, &["add", "in", "--study", "s"]), 0);
    expect_code(&run(folder, &["tag", "--study", "s"]), 0);
    assert_eq!(leaks(&[&folder.join("s")], &words), Vec::<String>::new());
    assert_eq!(leaks(&[&folder.join("s")], &PLANTED), Vec::<String>::new());
    let key = std::fs::read_to_string(folder.join("s.key"))
        .unwrap()
        .to_lowercase();
    let back: Vec<_> = gone.iter().filter(|word| key.contains(**word)).collect();
    assert!(back.is_empty(), "back in the key: {back:?}");
}

#[test]
fn by_default_personal_data_is_counted_and_stored_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    plant(folder);
    expect_code(&run(folder, &["new", "s"]), 0);
    let output = run(folder, &["add", "in", "--study", "s"]);
    expect_code(&output, 0);
    let said = stderr(&output);
    for kind in [
        "names of people",
        "phone number",
        "card number",
        "e-mail address",
    ] {
        assert!(said.contains(kind), "{kind}: {said}");
    }
    assert!(!leaks(&[&folder.join("s")], &["zofkalina"]).is_empty());
}

#[test]
fn a_redacted_report_names_nobody_and_is_verified_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    plant(folder);
    let analyze = ["analyze", "in", "-o", "report", "--study", "s"];
    expect_code(&run(folder, &[&analyze[..], &["--redact"]].concat()), 0);
    let report = folder.join("report");
    assert_eq!(leaks(&[&report], &PLANTED), Vec::<String>::new());
    assert!(!leaks(&[&folder.join("s")], &["zofkalina"]).is_empty());
    assert!(!leaks(&[&report], &["checkout was confusing"]).is_empty());
    let verify = ["verify", "report", "--study", "s", "--json"];
    let output = run(folder, &verify);
    expect_code(&output, 0);
    let files = json_lines(&output);
    let named =
        |file: &serde_json::Value, name: &str| file["file"].as_str().unwrap().ends_with(name);
    for name in ["md", "docx", "html", "json", "quotes.csv", "xlsx", "qdpx"] {
        let file = files.iter().find(|file| named(file, name)).unwrap();
        assert!(file["quotes_and_labels"].as_u64().unwrap() > 0, "{file}");
        assert_eq!(file["redacted"], true, "{file}");
    }
    // The same once more, byte for byte, and a pseudonym that is not the one.
    let quotes = std::fs::read_to_string(report.join("quotes.csv")).unwrap();
    let again = [
        "report", "--study", "s", "-o", "again", "--redact", "--format", "json,csv",
    ];
    expect_code(&run(folder, &again), 0);
    for name in ["quotes.csv", "findings.csv"] {
        let read = |report: &str| std::fs::read(folder.join(report).join(name)).unwrap();
        assert_eq!(read("report"), read("again"), "{name}");
    }
    let changed = quotes.replacen("name is Person 1", "name is Person 9", 1);
    assert_ne!(quotes, changed);
    std::fs::write(report.join("quotes.csv"), changed).unwrap();
    expect_code(&run(folder, &verify), 5);
    // Without it, the names are there; and a redacted file is not put beside them.
    expect_code(&run(folder, &analyze), 0);
    assert!(!leaks(&[&report], &["zofkalina"]).is_empty());
    let beside = [
        "report", "--study", "s", "-o", "report", "--redact", "--format", "md",
    ];
    let output = run(folder, &beside);
    expect_code(&output, 2);
    assert!(
        stderr(&output).contains("may name people"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn nothing_planted_is_in_the_log_of_a_study_that_is_being_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    pseudonymised(folder);
    let mut study = Study::open(&folder.join("s")).unwrap();
    let options = study.ingest_options(&[]).unwrap();
    let arguments = [folder.join("in")];
    let inputs = Inputs {
        arguments: &arguments,
        except: &[],
    };
    study.add(inputs, &options, &Silent).unwrap();
    let log = folder.join("s/study.db-wal");
    assert!(log.metadata().unwrap().len() > 10_000);
    assert_eq!(leaks(&[&folder.join("s")], &PLANTED), Vec::<String>::new());
    assert!(!leaks(&[&folder.join("s")], &["checkout was confusing"]).is_empty());
    study.close().unwrap();
}

#[test]
fn pseudonyms_chosen_later_leave_nothing_of_what_was_read_before() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    plant(folder);
    expect_code(&run(folder, &["new", "s"]), 0);
    let analyze = ["analyze", "in", "-o", "report", "--study", "s"];
    expect_code(&run(folder, &analyze), 0);
    let (study, report) = (folder.join("s"), folder.join("report"));
    assert!(!leaks(&[&study], &["zofkalina"]).is_empty());
    pseudonymise(folder);
    let output = run(folder, &analyze);
    expect_code(&output, 0);
    assert!(
        stderr(&output).contains("Read 3 files"),
        "{}",
        stderr(&output)
    );
    assert_eq!(leaks(&[&study, &report], &PLANTED), Vec::<String>::new());
    assert_eq!(
        leaks_of_the_dictionary(&study.join("index"), &PLANTED),
        Vec::<String>::new()
    );
}

#[test]
fn names_in_the_table_of_participants_are_looked_for_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    pseudonymised(folder);
    std::fs::write(
        folder.join("people.csv"),
        "participant,Manager name,Plan\nVandeputte,Wilhelmijna Quorstrand,gold\nNobody Atall,,\n",
    )
    .unwrap();
    std::fs::write(
        folder.join("in/third.txt"),
        "Interviewer: Who helped?\n\nVandeputte: In the end it was Wilhelmijna Quorstrand who \
         sent the parcel again.\n",
    )
    .unwrap();
    settle(
        folder,
        "#: participants = \"participants.csv\"",
        "participants = \"../people.csv\"",
    );
    settle(
        folder,
        "#: \"Sam\" = \"interviewer\"",
        "\"Ottokarel Quellstrom\" = \"agent\"",
    );
    let output = run(folder, &["add", "in", "--study", "s"]);
    expect_code(&output, 0);
    let said = stderr(&output);
    assert!(said.contains("people.csv:3: no participant"), "{said}");
    assert!(!said.contains("people.csv:2"), "{said}");
    assert!(said.contains("nobody speaks under 1 of 1 labels"), "{said}");
    assert!(said.contains("says who 1 speaker"), "{said}");
    assert!(
        said.to_lowercase().matches("quellstrom").count() == 0,
        "{said}"
    );
    let record = folder.join("s/study.db");
    let bytes = std::fs::read(record).unwrap().to_ascii_lowercase();
    for word in ["wilhelmijna", "quorstrand", "quellstrom"] {
        let held = bytes
            .windows(word.len())
            .any(|window| window == word.as_bytes());
        assert!(!held, "{word}");
    }
}

#[test]
fn settings_that_speak_of_nobody_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    plant(folder);
    expect_code(&run(folder, &["new", "s"]), 0);
    settle(folder, "#: \"Sam\"", "\"Sam\"");
    let output = run(folder, &["add", "in", "--study", "s"]);
    assert!(
        stderr(&output).contains("nobody speaks under the label 'Sam'"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_study_of_other_languages_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(
        folder.join("a.txt"),
        "Interviewer: Wie haben Sie den Wasserkocher eigentlich gefunden?\n\nDana: Ich habe den Namen \
         in das Suchfeld geschrieben, und es kamen nur Teekannen und Tabletts. Auf keiner Seite \
         stand ein Preis, deshalb bin ich in einen anderen Laden gegangen.\n",
    )
    .unwrap();
    let output = run(folder, &["analyze", "a.txt", "-o", "report"]);
    expect_code(&output, 2);
    let said = stderr(&output);
    assert!(said.contains("in a language that it reads: de 1"), "{said}");
}
