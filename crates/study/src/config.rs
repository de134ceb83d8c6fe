//! `throughline.toml`: what a researcher has decided for one study.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use throughline_core::{Period, Role};
use throughline_ingest::ColumnMap;

use crate::StudyError;

/// The settings of a study. Every key may be left out; [`Config::TEMPLATE`]
/// documents each with its default.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Id of the framework that reports use unless told otherwise.
    pub framework: String,
    /// The model that reads the study: the name of one in the program, or a
    /// folder, relative to the study folder; `None` for the default.
    pub model: Option<String>,
    /// Framework files of one's own, relative to the study folder.
    pub frameworks: Vec<PathBuf>,
    /// What is done about what identifies people.
    pub privacy: Privacy,
    /// Where the key of the pseudonyms lies, relative to the study folder;
    /// `None` for beside it.
    pub privacy_key: Option<PathBuf>,
    /// What speakers are taken for whose part cannot be told.
    pub unknown_speakers: Role,
    /// Speaker label → role, where the engine's own guess is wrong.
    pub speakers: BTreeMap<String, Role>,
    /// True if every label of a document is a speaker of its own, also where
    /// several look like spellings of one.
    pub labels_apart: bool,
    /// Languages whose documents are tagged, as ISO 639 codes, or "all".
    pub languages: Vec<String>,
    /// True if documents that repeat another are evidence of their own.
    pub keep_duplicates: bool,
    /// A table of participants with their attributes, relative to the study
    /// folder.
    pub participants: Option<PathBuf>,
    /// Meaning → column, for tables whose columns are not recognised.
    pub columns: BTreeMap<String, String>,
    /// Searches by the names that `throughline search @name` knows them by.
    pub searches: BTreeMap<String, String>,
    /// How themes are made.
    pub themes: ThemeSettings,
    /// How reports are made.
    pub report: ReportSettings,
    /// How the index is written.
    pub index: IndexSettings,
}

/// What is done about what identifies people: names, addresses, numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Privacy {
    /// Nothing is looked for.
    Off,
    /// It is looked for, counted and reported, and stored as it stands.
    #[default]
    Suggest,
    /// Stable pseudonyms stand in its place before anything is stored.
    Pseudonymise,
}

impl Privacy {
    /// The name by which the settings know it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Suggest => "suggest",
            Self::Pseudonymise => "pseudonymise",
        }
    }
}

/// How themes are made.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThemeSettings {
    /// Passages that a theme needs at least.
    pub smallest: usize,
}

/// How reports are made.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReportSettings {
    /// Quotes a finding shows at most.
    pub quotes: usize,
    /// Findings of a stage that show quotes; the rest, of lower priority, are
    /// listed with their numbers.
    pub findings: usize,
    /// A stage with fewer voices than this is flagged, and its findings are
    /// not ranked against each other.
    pub few_voices: usize,
    /// The power to which severity is raised in a priority, 0 upwards.
    pub severity_weight: f64,
    /// The power to which reach is raised in a priority, 0 upwards.
    pub reach_weight: f64,
    /// Attributes by which people are divided into segments; all that divide
    /// them where none is named.
    pub segments: Vec<String>,
    /// Counts of a segment below this are not shown, so that nobody is known by
    /// them.
    pub small_cell: usize,
    /// What trends divide time into; `None` for weeks where the documents lie
    /// within half a year, and months otherwise.
    pub period: Option<Period>,
}

/// How the index is written.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IndexSettings {
    /// Megabytes for what is not on disk yet; 15 at least are taken.
    pub memory: usize,
}

impl IndexSettings {
    /// [`Self::memory`] in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.memory.saturating_mul(1 << 20)
    }
}

impl Default for IndexSettings {
    fn default() -> Self {
        Self { memory: 64 }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            framework: "customer".to_owned(),
            model: None,
            frameworks: Vec::new(),
            privacy: Privacy::default(),
            privacy_key: None,
            unknown_speakers: Role::Unknown,
            speakers: BTreeMap::new(),
            labels_apart: false,
            languages: vec!["en".to_owned()],
            keep_duplicates: false,
            participants: None,
            columns: BTreeMap::new(),
            searches: BTreeMap::new(),
            themes: ThemeSettings::default(),
            report: ReportSettings::default(),
            index: IndexSettings::default(),
        }
    }
}

impl Default for ThemeSettings {
    fn default() -> Self {
        Self { smallest: 3 }
    }
}

impl Default for ReportSettings {
    fn default() -> Self {
        Self {
            quotes: 5,
            findings: 20,
            few_voices: 5,
            severity_weight: 1.0,
            reach_weight: 1.0,
            segments: Vec::new(),
            small_cell: 0,
            period: None,
        }
    }
}

impl Config {
    /// Name of the file in a study folder.
    pub const FILE: &'static str = "throughline.toml";

    /// What `throughline new` writes: every key with its default and its
    /// meaning.
    pub const TEMPLATE: &'static str = include_str!("throughline.template.toml");

    /// Reads the settings of a study folder; the defaults where there is no
    /// file.
    ///
    /// # Errors
    /// [`StudyError::Config`] with file, line and what is wrong.
    pub fn read(folder: &Path) -> Result<Self, StudyError> {
        let path = folder.join(Self::FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text)
                .map_err(|problem| problem.to_string())
                .and_then(Self::checked)
                .map_err(|problem| StudyError::Config { path, problem }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(StudyError::Config {
                path,
                problem: error.to_string(),
            }),
        }
    }

    /// Reads settings from the text of a file.
    ///
    /// # Errors
    /// What TOML or a key's type objects to, with its line.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The settings themselves, if every number can be used.
    fn checked(self) -> Result<Self, String> {
        let weights = [self.report.severity_weight, self.report.reach_weight];
        if weights.iter().all(|weight| (0.0..=100.0).contains(weight)) {
            return Ok(self);
        }
        Err("severity_weight and reach_weight are numbers from 0 to 100".to_owned())
    }

    /// True if a document in this language is tagged: one that is too short to
    /// tell always is.
    #[must_use]
    pub fn reads(&self, language: Option<&str>) -> bool {
        crate::settling::reads(&self.languages, language)
    }

    /// The explicit column mapping.
    ///
    /// # Errors
    /// [`StudyError::Ingest`] if a key is no meaning that a column can have.
    pub fn column_map(&self) -> Result<ColumnMap, StudyError> {
        let mut map = ColumnMap::default();
        for (meaning, column) in &self.columns {
            map.set(meaning, column)?;
        }
        Ok(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_says_the_defaults() {
        assert_eq!(Config::parse(Config::TEMPLATE).unwrap(), Config::default());
        let uncommented: String = Config::TEMPLATE
            .lines()
            .map(|line| line.strip_prefix("#: ").unwrap_or(line))
            .flat_map(|line| [line, "\n"])
            .collect();
        let example = Config::parse(&uncommented).unwrap();
        assert!(example.privacy_key.is_some());
        assert_eq!(example.speakers["Sam"], Role::Interviewer);
        assert!(example.participants.is_some());
        assert!(example.column_map().is_ok());
        assert!(example.searches.contains_key("late"));
        assert_eq!(example.report.period, Some(Period::Week));
    }

    #[test]
    fn only_languages_that_were_asked_for_are_read() {
        let reads = |toml: &str, language| Config::parse(toml).unwrap().reads(language);
        assert!(reads("", Some("en")) && reads("", None) && !reads("", Some("de")));
        assert!(reads("languages = [\"EN\", \"de\"]", Some("de")));
        assert!(reads("languages = [\"all\"]", Some("fi")));
    }

    #[test]
    fn a_weight_that_cannot_be_used_is_refused() {
        let checked = |toml: &str| Config::parse(toml).unwrap().checked();
        assert!(checked("[report]\nseverity_weight = 0.0").is_ok());
        for wrong in ["-1.0", "nan", "inf"] {
            assert!(checked(&format!("[report]\nreach_weight = {wrong}")).is_err());
        }
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line() {
        let error = Config::parse("framework = \"user\"\nquotez = 3\n")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("line 2") && error.contains("quotez"),
            "{error}"
        );
    }

    #[test]
    fn saved_settings_are_read_or_refused() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/settings");
        let mut read = 0;
        for file in std::fs::read_dir(corpus).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            if let Ok(config) = Config::parse(&text) {
                read += 1;
                let _ = config.column_map();
            }
        }
        assert!(read >= 1);
    }
}
