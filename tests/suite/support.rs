//! What the tests of the program share: running it, and the sample study.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// The folder of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The sample study.
pub(crate) fn sample() -> PathBuf {
    root().join("corpora/peelwick")
}

/// The program, ready to be run in `folder`.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("NO_COLOR", "1");
    command
}

/// Runs the program in `folder`.
pub(crate) fn run<S: AsRef<std::ffi::OsStr>>(folder: &Path, arguments: &[S]) -> Output {
    program(folder)
        .args(arguments)
        .output()
        .expect("the program starts")
}

/// Runs the program in `folder` with `input` on standard input.
pub(crate) fn pipe<S: AsRef<std::ffi::OsStr>>(
    folder: &Path,
    arguments: &[S],
    input: &[u8],
) -> Output {
    use std::io::Write;
    let mut child = program(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("standard input");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("the program ends");
    let _ = writer.join();
    output
}

/// Standard output as text.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("standard output is UTF-8")
}

/// Standard error as text.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("standard error is UTF-8")
}

/// Copies a folder with all that is in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|one| (one.path(), one.file_name())).unwrap();
        if path.is_dir() {
            copy_folder(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// Fails with what was said, unless the program ended with `code`.
pub(crate) fn expect_code(output: &Output, code: i32) {
    assert_eq!(
        output.status.code(),
        Some(code),
        "standard output:\n{}\nstandard error:\n{}",
        stdout(output),
        stderr(output)
    );
}

/// Each line of standard output as JSON.
pub(crate) fn json_lines(output: &Output) -> Vec<Value> {
    stdout(output)
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

/// The sample study, analysed once for all tests of a file: the folder that
/// holds `report` and `report.study`.
pub(crate) fn analysed() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let sample = sample();
            let arguments = ["analyze", sample.to_str().expect("a path"), "-o", "report"];
            expect_code(&run(folder.path(), &arguments), 0);
            folder
        })
        .path()
}

/// The report of the sample study.
pub(crate) fn report() -> Value {
    let bytes = std::fs::read(analysed().join("report/report.json")).expect("report.json");
    serde_json::from_slice(&bytes).expect("report.json is JSON")
}

/// The files of a ZIP archive by name, in its order.
pub(crate) fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut files = Vec::new();
    for number in 0..archive.len() {
        let mut file = archive.by_index(number).expect("a file");
        let name = file.name().expect("a name").into_owned();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut content).expect("its content");
        files.push((name, content));
    }
    files
}
