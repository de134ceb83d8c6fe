//! Reports on disk: written beside their place, then put there whole.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use throughline_core::{ContentHash, Framework};
use throughline_nlp::Tagger;
use throughline_refi::{write_codebook, write_project};
use throughline_report::{
    Clips, DecisionList, PassageTable, QuotesCsv, Report, Workbook, docx, findings_csv, html, json,
    manifest_csv, map_svg, markdown,
};

use crate::project::{ENGINE, engine_codes};
use crate::redacting::Redaction;
use crate::{Format, Progress, Step, Study, StudyError};

/// The file that holds everything, and is read back.
pub(crate) const JSON_FILE: &str = "report.json";

/// The manifest of the tables beside it.
pub(crate) const MANIFEST_FILE: &str = "manifest.csv";

/// What [`Study::write_report`] wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteOutcome {
    /// The report's files, in order of name.
    pub files: Vec<PathBuf>,
    /// The report as it was written: without what identifies people, where that
    /// was asked for.
    pub report: Report,
}

/// The report, and those through other frameworks, without what identifies people.
fn redacted(
    redaction: &mut Redaction,
    report: &Report,
    others: &[Report],
) -> Result<(Report, Vec<Report>), StudyError> {
    let report = redaction.report(report)?;
    let others = others.iter().map(|other| redaction.report(other));
    Ok((report, others.collect::<Result<_, _>>()?))
}

impl Study {
    /// Writes a report, which was composed with `tagger` through `framework`,
    /// into `folder`, redacted where [`Self::redact`] says so. Tables hold all passages
    /// of evidence: they are read from the record once, for all formats together. The
    /// page holds the report through the usual frameworks as well, which are composed
    /// for it.
    ///
    /// # Errors
    /// If a format fails or the folder cannot be written.
    pub fn write_report(
        &mut self,
        report: Report,
        (tagger, framework): (&dyn Tagger, &Framework),
        folder: &Path,
        formats: &[Format],
        progress: &dyn Progress,
    ) -> Result<WriteOutcome, StudyError> {
        std::fs::create_dir_all(folder).map_err(StudyError::io(folder))?;
        let others = match formats.contains(&Format::Html) {
            true => self.other_lenses(&report, (tagger, framework), progress)?,
            false => Vec::new(),
        };
        progress.begin(Step::Reporting, Some(formats.len() as u64));
        let mut redaction = self.redaction()?;
        let made_with = (tagger, framework);
        let coding = match formats.iter().any(|format| format.holds_all_passages()) {
            true => Some(self.coding(&report, made_with, redaction.as_mut())?),
            false => None,
        };
        let (report, others) = match &mut redaction {
            Some(redaction) => redacted(redaction, &report, &others)?,
            None => (report, others),
        };
        let codes = coding.as_ref().map_or(&[][..], |coding| &coding.codes);
        let mut files = Files::within(folder);
        let mut tables: Vec<Box<dyn PassageTable>> = Vec::new();
        if !formats.iter().all(|format| format.holds_manifest()) {
            manifest_csv(&report, files.begin(MANIFEST_FILE)?)?;
        }
        for format in formats {
            match format {
                Format::Html => files.put("report.html", html(&report, &others)?.as_bytes())?,
                Format::Svg => files.put("map.svg", map_svg(&report)?.as_bytes())?,
                Format::Markdown => files.put("report.md", markdown(&report).as_bytes())?,
                Format::Docx => docx(&report, files.begin("report.docx")?)?,
                Format::Json => files.put(JSON_FILE, json(&report)?.as_bytes())?,
                Format::Csv => {
                    findings_csv(&report, files.begin("findings.csv")?)?;
                    let quotes = QuotesCsv::new(codes, files.begin("quotes.csv")?)?;
                    tables.push(Box::new(quotes));
                }
                Format::Xlsx => {
                    let book = Workbook::new(&report, codes, files.begin("report.xlsx")?)?;
                    tables.push(Box::new(book));
                }
                Format::Clips => {
                    tables.push(Box::new(Clips::new(files.begin("clips.csv")?)?));
                    let list = DecisionList::new(&report, files.begin("clips.edl")?)?;
                    tables.push(Box::new(list));
                }
                Format::Qdpx => {
                    let mut out = files.begin("report.qdpx")?;
                    if let Some(coding) = &coding {
                        let redaction = redaction.as_mut();
                        let project = self.project(&report, coding, made_with, redaction)?;
                        write_project(&project, &mut out)?;
                    }
                }
                Format::Qdc => {
                    let mut codes = engine_codes(&report, framework, &[]);
                    codes.extend(self.codes_of_people(redaction.as_mut())?);
                    let origin = format!("{ENGINE} {}", report.manifest.version);
                    let mut out = files.begin("codebook.qdc")?;
                    write_codebook(&codes, &origin, &mut out)?;
                    out.flush()?;
                }
            }
            progress.advance(1);
        }
        if let Some(coding) = &coding {
            coding.each(self, redaction.as_ref(), &mut |passage, _| {
                tables
                    .iter_mut()
                    .try_for_each(|table| table.push(passage))?;
                Ok(())
            })?;
        }
        tables.into_iter().try_for_each(|table| table.finish())?;
        if redaction.is_some() {
            files.refuse_others()?;
        }
        let files = files.into_place()?;
        progress.end();
        Ok(WriteOutcome { files, report })
    }

    /// Remembers that the files of `folder` are the report made from `key`.
    pub(crate) fn remember_report(
        &mut self,
        folder: &Path,
        key: ContentHash,
        files: &[PathBuf],
    ) -> Result<(), StudyError> {
        let mut hashes = BTreeMap::new();
        for file in files {
            let bytes = std::fs::read(file).map_err(StudyError::io(file))?;
            hashes.insert(file.display().to_string(), ContentHash::of(&bytes));
        }
        let made = serde_json::to_string(&(key, hashes)).map_err(std::io::Error::from)?;
        Ok(self.store.put_setting(&setting(folder), &made)?)
    }

    /// The files of `folder`, if they are the report that `key` would make and
    /// nobody has touched them since.
    pub(crate) fn report_in_place(
        &self,
        folder: &Path,
        key: ContentHash,
    ) -> Result<Option<Vec<PathBuf>>, StudyError> {
        let Some(made) = self.store.setting(&setting(folder))? else {
            return Ok(None);
        };
        let Ok((known, hashes)) =
            serde_json::from_str::<(ContentHash, BTreeMap<String, ContentHash>)>(&made)
        else {
            return Ok(None);
        };
        let intact = |(file, hash): (&String, &ContentHash)| {
            std::fs::read(file).is_ok_and(|bytes| ContentHash::of(&bytes) == *hash)
        };
        let in_place = known == key && hashes.iter().all(intact);
        Ok(in_place.then(|| hashes.into_keys().map(PathBuf::from).collect()))
    }
}

fn setting(folder: &Path) -> String {
    format!("report {}", folder.display())
}

/// Writes a file whole or not at all.
pub(crate) fn put_in_place(path: &Path, bytes: &[u8]) -> Result<(), StudyError> {
    let (beside, mut out) = Beside::create(path)?;
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(StudyError::io(path))?;
    beside.into_place()?;
    Ok(())
}

/// The files of a report while they are written.
struct Files<'f> {
    folder: &'f Path,
    begun: Vec<Beside>,
}

impl<'f> Files<'f> {
    fn within(folder: &'f Path) -> Self {
        Self {
            folder,
            begun: Vec::new(),
        }
    }

    fn begin(&mut self, name: &str) -> Result<BufWriter<File>, StudyError> {
        let (beside, out) = Beside::create(&self.folder.join(name))?;
        self.begun.push(beside);
        Ok(out)
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), StudyError> {
        let mut out = self.begin(name)?;
        out.write_all(bytes)
            .and_then(|()| out.flush())
            .map_err(StudyError::io(self.folder.join(name)))
    }

    /// Refuses to put a redacted report beside files that it does not replace: one
    /// of an earlier report may name people.
    fn refuse_others(&self) -> Result<(), StudyError> {
        let ours = |path: &Path| {
            let mut begun = self.begun.iter();
            begun.any(|beside| path == beside.place || path == beside.part)
        };
        let mut others = Vec::new();
        for entry in std::fs::read_dir(self.folder).map_err(StudyError::io(self.folder))? {
            let path = entry.map_err(StudyError::io(self.folder))?.path();
            if path.is_file() && !ours(&path) {
                others.push(path);
            }
        }
        match others.iter().min() {
            Some(other) => Err(StudyError::refused(
                other.display().to_string(),
                "it is no file of this report, and may name people; remove it, or name another \
                 folder with -o",
            )),
            None => Ok(()),
        }
    }

    /// Puts all of them in their places, and tells them in order of name.
    fn into_place(self) -> Result<Vec<PathBuf>, StudyError> {
        let put = self.begun.into_iter().map(Beside::into_place);
        let mut files = put.collect::<Result<Vec<_>, _>>()?;
        files.sort();
        Ok(files)
    }
}

/// A file that is written beside its place and renamed when it is whole, so
/// that a reader never sees half a file and a full disk leaves the old one.
struct Beside {
    place: PathBuf,
    part: PathBuf,
}

impl Beside {
    fn create(place: &Path) -> Result<(Self, BufWriter<File>), StudyError> {
        let mut part = place.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).map_err(StudyError::io(place))?;
        let place = place.to_owned();
        Ok((Self { place, part }, BufWriter::new(file)))
    }

    fn into_place(self) -> Result<PathBuf, StudyError> {
        std::fs::rename(&self.part, &self.place).map_err(StudyError::io(&self.place))?;
        Ok(self.place.clone())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Gone already, unless something failed, and that is what matters.
        let _ = std::fs::remove_file(&self.part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_written_leaves_the_old_one_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("report.md");
        put_in_place(&place, b"old").unwrap();
        std::fs::create_dir(folder.path().join("report.md.part")).unwrap();
        assert!(put_in_place(&place, b"new").is_err());
        assert_eq!(std::fs::read(&place).unwrap(), b"old");
    }
}
