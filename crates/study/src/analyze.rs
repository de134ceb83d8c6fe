//! The main job: files in, report out.

use std::path::{Path, PathBuf};

use throughline_core::ContentHash;
use throughline_nlp::{EXPLAIN_METHOD, Tagger};
use throughline_report::{Report, read_json};

use crate::study::hash_of;
use crate::writing::{JSON_FILE, WriteOutcome};
use crate::{AddOutcome, Format, GroupOutcome, Inputs, Progress, Study, StudyError};

/// What to analyse, and where to put what comes of it.
#[derive(Debug, Clone)]
pub struct AnalyzeRequest {
    /// Files and folders.
    pub inputs: Vec<PathBuf>,
    /// The report folder.
    pub output: PathBuf,
    /// The study folder; by default beside the report folder
    /// ([`default_study_folder`]).
    pub study: Option<PathBuf>,
    /// The framework; by default the study's own.
    pub framework: Option<String>,
    /// Meaning → column, on top of the study's settings.
    pub columns: Vec<(String, String)>,
    /// Languages that are tagged, in place of those of the study's settings.
    pub languages: Vec<String>,
    /// True if documents that repeat another count.
    pub keep_duplicates: bool,
    /// The formats to write.
    pub formats: Vec<Format>,
    /// True if the report leaves out what identifies people.
    pub redact: bool,
    /// What `SOURCE_DATE_EPOCH` says, where it is set: the date that files bear.
    pub source_date: Option<String>,
    /// The command as typed, without private paths.
    pub command: Vec<String>,
}

/// What [`analyze`] did.
#[derive(Debug)]
pub struct AnalyzeOutcome {
    /// Where the study is.
    pub study: PathBuf,
    /// What was read.
    pub added: AddOutcome,
    /// Passages tagged now.
    pub tagged: u64,
    /// What the themes came to.
    pub grouped: GroupOutcome,
    /// The report.
    pub report: Report,
    /// Its files.
    pub files: Vec<PathBuf>,
    /// True if nothing had changed since the last time, so that nothing was
    /// done.
    pub unchanged: bool,
}

/// The study that `analyze -o OUTPUT` keeps: `OUTPUT.study`, beside the report
/// and never within it, so that a report can be given away.
#[must_use]
pub fn default_study_folder(output: &Path) -> PathBuf {
    let mut name = output
        .file_name()
        .map(ToOwned::to_owned)
        .unwrap_or_else(|| "report".into());
    name.push(".study");
    output
        .parent()
        .map_or_else(|| PathBuf::from(&name), |parent| parent.join(&name))
}

/// Reads, tags, groups and reports. The study is kept and used again: what has
/// not changed is not done twice, and inputs no longer named leave it.
///
/// # Errors
/// If nothing at all could be read, or a step fails. Single files that cannot
/// be read are listed in the outcome and in the report.
pub fn analyze(
    request: &AnalyzeRequest,
    tagger: &dyn Tagger,
    progress: &dyn Progress,
) -> Result<AnalyzeOutcome, StudyError> {
    let folder = request
        .study
        .clone()
        .unwrap_or_else(|| default_study_folder(&request.output));
    let mut study = Study::open_or_create(&folder)?;
    study.tag_languages(&request.languages);
    study.keep_duplicates(request.keep_duplicates);
    study.redact(request.redact);
    study.date_reports(request.source_date.as_deref())?;
    let framework = study.framework(request.framework.as_deref())?.clone();
    let options = study.ingest_options(&request.columns)?;
    let inputs = Inputs {
        arguments: &request.inputs,
        except: std::slice::from_ref(&request.output),
    };
    let added = study.replace_inputs(inputs, &options, progress)?;
    if study.store.counts()?.documents == 0 {
        let why = added
            .unread
            .iter()
            .map(|unread| format!("{}: {}", unread.file, unread.reason));
        return Err(StudyError::NothingRead(why.collect::<Vec<_>>().join("; ")));
    }
    let tagged = study.tag(tagger, progress)?.tagged;
    let grouped = study.group(tagger, &framework, progress)?;
    study.refresh_caches(tagger, progress)?;

    let command = study.without_names(&request.command)?;
    let key = report_key(&study, tagger, &framework, request)?;
    if let Some(files) = study.report_in_place(&request.output, key)?
        && let Some(report) = read_back(&files)
    {
        study.close()?;
        return Ok(AnalyzeOutcome {
            study: folder,
            unchanged: added.nothing_new() && tagged == 0 && grouped.unchanged,
            added,
            tagged,
            grouped,
            report,
            files,
        });
    }
    let report = study.compose(tagger, &framework, &command, progress)?;
    let WriteOutcome { files, report } = study.write_report(
        report,
        (tagger, &framework),
        &request.output,
        &request.formats,
        progress,
    )?;
    study.remember_report(&request.output, key, &files)?;
    study.close()?;
    Ok(AnalyzeOutcome {
        study: folder,
        added,
        tagged,
        grouped,
        report,
        files,
        unchanged: false,
    })
}

/// Changes whenever the report would.
fn report_key(
    study: &Study,
    tagger: &dyn Tagger,
    framework: &throughline_core::Framework,
    request: &AnalyzeRequest,
) -> Result<ContentHash, StudyError> {
    let run = study.theme_run(tagger, framework, &study.theme_parameters())?;
    let json = |value: Result<Vec<u8>, serde_json::Error>| value.map_err(std::io::Error::from);
    let unread = json(serde_json::to_vec(&study.unread()?))?;
    let measured = (study.last_score()?, study.adaptations()?);
    let measured = json(serde_json::to_vec(&measured))?;
    Ok(hash_of(&[
        env!("CARGO_PKG_VERSION").as_bytes(),
        &EXPLAIN_METHOD.to_le_bytes(),
        run.inputs_hash.as_bytes(),
        format!("{:?}", study.config).as_bytes(),
        format!("{:?}", request.formats).as_bytes(),
        format!("{:?}", (request.redact, &study.dated)).as_bytes(),
        format!("{:?}", request.command).as_bytes(),
        &unread,
        &measured,
    ]))
}

/// The report that stands in the JSON file, if there is one.
fn read_back(files: &[PathBuf]) -> Option<Report> {
    let file = files
        .iter()
        .find(|file| file.file_name().is_some_and(|found| found == JSON_FILE))?;
    read_json(&std::fs::read_to_string(file).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_study_stands_beside_the_report() {
        let beside = |output: &str| default_study_folder(Path::new(output));
        assert_eq!(beside("report/"), Path::new("report.study"));
        assert_eq!(beside("out/june"), Path::new("out/june.study"));
        assert_eq!(beside("/"), Path::new("report.study"));
    }
}
