//! Reliability on the user's own data: a blind sample to code by hand, and how
//! far the coders agree with each other and with the engine.

mod agreeing;
mod coded;
mod sheet;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use throughline_core::{ContentHash, Framework, Moment, PassageId, Sentiment};
use throughline_nlp::Tagger;
use throughline_stats::{SplitMix64, allocate, systematic};
use throughline_store::NO_THEME;

pub(crate) use self::agreeing::Question;
use self::agreeing::compare;
pub use self::agreeing::{DimensionAgreement, LabelAgreement, Range};
use self::coded::{Answers, engine_answers, read};
pub use self::sheet::{CodeColumn, CodingSheet, SheetPassage};
use crate::evidence::{Evidence, Said};
use crate::own_heads::HeadTrial;
use crate::study::model_key;
use crate::{Placer, Study, StudyError};

/// What is coded, in the order of the columns.
pub(crate) const DIMENSIONS: [&str; 7] = [
    "moment",
    "sentiment",
    "pain",
    "touchpoint",
    "severity",
    "prompted",
    "theme",
];

/// Under this name the samples stand in the record.
const SAMPLES: &str = "validation samples";
/// Under this name the last score stands in the record.
const SCORE: &str = "validation score";

/// A passage to be coded: its words and what they answer, and nothing of what
/// the engine says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlindRow {
    /// Names the passage.
    pub passage: PassageId,
    /// What was asked or said just before.
    pub context: Option<String>,
    /// The exact words.
    pub text: String,
}

/// A sample to be coded by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlindSample {
    /// Number of the sample in its study, from 1.
    pub number: usize,
    /// Passages that it was drawn from: everything that counts as evidence.
    pub drawn_from: usize,
    /// The passages, in a random order.
    pub rows: Vec<BlindRow>,
    /// The words that each column takes; empty where any theme's id does.
    pub codes: Vec<(&'static str, Vec<String>)>,
}

/// A sample as the record keeps it: no words, and what the file does not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Drawn {
    framework: String,
    seed: u64,
    /// Passages, each with the probability that it would be drawn.
    rows: Vec<(PassageId, f64)>,
}

/// How far coders and engine agree on a sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidationScore {
    /// Number of the sample in its study.
    pub sample: usize,
    /// The framework whose themes were coded.
    pub framework: String,
    /// SHA-256 of the model that was measured.
    pub model: ContentHash,
    /// Passages of the sample.
    pub passages: usize,
    /// Passages of the sample that are no longer in the study.
    pub gone: usize,
    /// The coders' files, by name.
    pub coders: Vec<String>,
    /// How far the two coders agree; empty where there is one.
    pub between_coders: Vec<DimensionAgreement>,
    /// How far the engine agrees with each coder, in their order: the model, without
    /// what heads of the study's own make of its answers.
    pub engine: Vec<Vec<DimensionAgreement>>,
    /// What heads of the study's own would gain with the first coder, for each tag
    /// that people corrected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_heads: Vec<HeadTrial>,
}

/// A sample with what people coded in it.
pub(crate) struct CodedSample {
    /// Number of the sample in its study, from 1.
    pub number: usize,
    drawn: Drawn,
    /// The coders' files, by name.
    files: Vec<String>,
    coders: Vec<Answers>,
    /// Everything that counts as evidence.
    pub evidence: Evidence,
    pub question: Question,
}

impl CodedSample {
    /// The name of a coder's file.
    pub(crate) fn coder(&self, number: usize) -> String {
        self.files.get(number).cloned().unwrap_or_default()
    }

    /// What the first coder said in one thing that is coded, by its name.
    pub(crate) fn coded_for(&self, name: &str) -> impl Iterator<Item = (PassageId, &str)> {
        let place = DIMENSIONS.iter().position(|known| *known == name);
        let answers = self.coders.first().into_iter().flatten();
        answers.filter_map(move |(id, given)| Some((*id, given.get(place?)?.as_deref()?)))
    }
}

impl Study {
    /// Draws a sample of about `size` passages to be coded by hand, by moment and
    /// pain, so that rare labels come in too; the chance of each to be drawn is
    /// kept in the study. Equal seeds draw the same sample from the same study.
    ///
    /// # Errors
    /// [`StudyError::NotTagged`], [`StudyError::Empty`], or if the record cannot
    /// be written.
    pub fn draw_sample(
        &mut self,
        tagger: &dyn Tagger,
        framework: &Framework,
        size: usize,
        seed: u64,
    ) -> Result<BlindSample, StudyError> {
        self.require_tags(tagger)?;
        let placer = Placer::new(framework, tagger)?;
        let evidence = self.evidence(tagger, &placer)?;
        let mut rows = draw(&evidence.said, size, seed);
        SplitMix64::new(seed).shuffle(&mut rows);
        let mut blind = Vec::new();
        for (id, _) in &rows {
            if let Some(row) = self.store.passage(None, *id)? {
                blind.push(BlindRow {
                    passage: row.id,
                    context: row.context,
                    text: row.text,
                });
            }
        }
        if blind.is_empty() {
            return Err(StudyError::Empty);
        }
        let mut samples = self.samples()?;
        samples.push(Drawn {
            framework: framework.id.clone(),
            seed,
            rows,
        });
        self.put_json(SAMPLES, &samples)?;
        Ok(BlindSample {
            number: samples.len(),
            drawn_from: evidence.said.len(),
            rows: blind,
            codes: coded::codes(),
        })
    }

    /// Compares one or two coders' files with each other and with the engine,
    /// keeps the result for the report, and tells it. What people corrected
    /// meanwhile is not counted for the engine: it is measured as it tags.
    ///
    /// # Errors
    /// If a file cannot be read, holds what is no label, or is of no sample of
    /// this study.
    pub fn score_sample(
        &mut self,
        tagger: &dyn Tagger,
        first: &Path,
        second: Option<&Path>,
    ) -> Result<ValidationScore, StudyError> {
        let files: Vec<&Path> = std::iter::once(first).chain(second).collect();
        let sample = self.coded_sample(tagger, &files)?;
        let framework = self.framework(Some(&sample.drawn.framework))?;
        let model = model_key(tagger);
        let themes = self.theme_of_each(framework)?;
        let mut engine = Answers::default();
        for id in sample.question.voices.keys() {
            if let Some(row) = self.store.passage(Some(&model), *id)? {
                let theme = themes.get(id).map_or(NO_THEME, String::as_str);
                engine.insert(*id, engine_answers(&row, theme));
            }
        }
        let (own_heads, _) = self.try_heads(&model, &sample)?;
        let question = &sample.question;
        let between = match sample.coders.as_slice() {
            [one, other] => compare(question, one, other, false),
            _ => Vec::new(),
        };
        let with_engine = sample.coders.iter();
        let score = ValidationScore {
            sample: sample.number,
            model: tagger.model().sha256,
            passages: sample.drawn.rows.len(),
            gone: sample.drawn.rows.len() - engine.len(),
            between_coders: between,
            engine: with_engine
                .map(|coder| compare(question, coder, &engine, true))
                .collect(),
            own_heads,
            framework: sample.drawn.framework,
            coders: sample.files,
        };
        self.put_json(SCORE, &score)?;
        Ok(score)
    }

    /// Reads coders' files, which must be of one sample, and whose words they are
    /// about.
    pub(crate) fn coded_sample(
        &self,
        tagger: &dyn Tagger,
        files: &[&Path],
    ) -> Result<CodedSample, StudyError> {
        self.require_tags(tagger)?;
        let coders = files
            .iter()
            .map(|file| read(file))
            .collect::<Result<Vec<Answers>, StudyError>>()?;
        let (number, drawn) = self.sample_of(files, &coders)?;
        let framework = self.framework(Some(&drawn.framework))?;
        let evidence = self.evidence(tagger, &Placer::new(framework, tagger)?)?;
        let weights: BTreeMap<PassageId, f64> = drawn.rows.iter().copied().collect();
        let here = evidence.said.iter();
        let here = here.filter(|said| weights.contains_key(&said.id));
        let question = Question {
            voices: here.map(|said| (said.id, said.voice())).collect(),
            weights,
        };
        Ok(CodedSample {
            number,
            drawn,
            files: files.iter().map(|file| file_name(file)).collect(),
            coders,
            evidence,
            question,
        })
    }

    /// The passages of every sample that was drawn: none of them may train.
    pub(crate) fn sampled(&self) -> Result<BTreeSet<PassageId>, StudyError> {
        let rows = self.samples()?.into_iter().flat_map(|sample| sample.rows);
        Ok(rows.map(|(id, _)| id).collect())
    }

    /// The last score, if anything was coded and scored.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn last_score(&self) -> Result<Option<ValidationScore>, StudyError> {
        let score = self.store.setting(SCORE)?;
        // A score in a form of another version says nothing here.
        Ok(score.and_then(|json| serde_json::from_str(&json).ok()))
    }

    fn samples(&self) -> Result<Vec<Drawn>, StudyError> {
        match self.store.setting(SAMPLES)? {
            None => Ok(Vec::new()),
            Some(json) => Ok(serde_json::from_str(&json).map_err(std::io::Error::from)?),
        }
    }

    fn put_json<T: Serialize>(&mut self, key: &str, value: &T) -> Result<(), StudyError> {
        let json = serde_json::to_string(value).map_err(std::io::Error::from)?;
        Ok(self.store.put_setting(key, &json)?)
    }

    /// The last sample that holds every passage that was coded.
    fn sample_of(&self, files: &[&Path], coders: &[Answers]) -> Result<(usize, Drawn), StudyError> {
        let coded: BTreeSet<&PassageId> = coders.iter().flat_map(BTreeMap::keys).collect();
        let holds = |sample: &Drawn| {
            let rows: BTreeSet<&PassageId> = sample.rows.iter().map(|(id, _)| id).collect();
            coded.is_subset(&rows)
        };
        let samples = (1..).zip(self.samples()?);
        let found = samples.filter(|(_, sample)| holds(sample)).last();
        found.filter(|_| !coded.is_empty()).ok_or_else(|| {
            let names: Vec<String> = files
                .iter()
                .map(|file| file.display().to_string())
                .collect();
            StudyError::refused(
                names.join(", "),
                "no sample of this study has these passages; `throughline validate sample` draws \
                 one, and each file must be of the same",
            )
        })
    }

    /// The theme that each passage is in.
    fn theme_of_each(
        &self,
        framework: &Framework,
    ) -> Result<BTreeMap<PassageId, String>, StudyError> {
        let themes = self
            .store
            .themes(&framework.id)?
            .map(|(_, themes, _)| themes);
        let themes = themes.into_iter().flatten();
        let members = |theme: throughline_core::Theme| {
            let id = theme.id;
            theme.members.into_iter().map(move |one| (one, id.clone()))
        };
        Ok(themes.flat_map(members).collect())
    }
}

/// A stratum: passages of one moment, or none that is clear, with a pain point
/// or without.
type Stratum = (bool, Moment, bool);

/// Draws passages, each with the probability that it would be drawn.
fn draw(said: &[Said], size: usize, seed: u64) -> Vec<(PassageId, f64)> {
    let mut strata: BTreeMap<Stratum, Vec<(Sentiment, PassageId)>> = BTreeMap::new();
    for one in said {
        let moment = if one.unclear {
            Moment::None
        } else {
            one.moment
        };
        let stratum = (one.unclear, moment, one.pain.is_some());
        let place = (one.sentiment, one.id);
        strata.entry(stratum).or_default().push(place);
    }
    let sizes: Vec<usize> = strata.values().map(Vec::len).collect();
    let mut generator = SplitMix64::new(seed);
    let mut drawn = Vec::new();
    for (mut stratum, wanted) in strata.into_values().zip(allocate(&sizes, size)) {
        // By sentiment, and then by id, which is a hash: even steps through the
        // list take each sentiment in its share.
        stratum.sort_unstable();
        let chance = wanted as f64 / stratum.len() as f64;
        let places = systematic(stratum.len(), wanted, &mut generator);
        let passages = places.into_iter().filter_map(|place| stratum.get(place));
        drawn.extend(passages.map(|(_, id)| (*id, chance)));
    }
    drawn
}

/// Writes the file that a coder fills in: the passages with their context, and
/// an empty column for each thing to code.
///
/// # Errors
/// If it cannot be written.
pub fn write_blind(sample: &BlindSample, output: &mut dyn Write) -> Result<(), StudyError> {
    let mut writer = csv::Writer::from_writer(output);
    let mut write = || -> csv::Result<()> {
        writer.write_record(["passage", "context", "text"].iter().chain(&DIMENSIONS))?;
        for row in &sample.rows {
            let id = row.passage.to_string();
            let known = [&id, row.context.as_deref().unwrap_or_default(), &row.text];
            writer.write_record(known.iter().chain(&[""; DIMENSIONS.len()]))?;
        }
        Ok(writer.flush()?)
    };
    Ok(write().map_err(std::io::Error::from)?)
}

/// Writes that file to `path`.
///
/// # Errors
/// If it cannot be written, or there is one already: it may hold hours of work.
pub fn write_blind_file(sample: &BlindSample, path: &Path) -> Result<(), StudyError> {
    let open = std::fs::File::create_new(path).map_err(StudyError::io(PathBuf::from(path)));
    write_blind(sample, &mut open?)
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use throughline_core::{NoStage, SourceKind, Span, Touchpoint};

    use super::*;

    fn said(number: u16, moment: Moment, unclear: bool) -> Said {
        let mut id = [0; 16];
        id[..2].copy_from_slice(&number.to_be_bytes());
        Said {
            id: PassageId::from_bytes(id),
            document: 0,
            participant: None,
            kind: SourceKind::Review,
            span: Span { start: 0, end: 1 },
            place: Err(NoStage::Unclear),
            moment,
            unclear,
            sentiment: Sentiment::Neutral,
            valence: 0.0,
            touchpoint: Touchpoint::None,
            wish: false,
            pain: None,
        }
    }

    #[test]
    fn the_chances_add_up_to_what_was_drawn_from() {
        let mut all: Vec<Said> = (0..300).map(|n| said(n, Moment::Use, n % 5 == 0)).collect();
        all.extend((300..304).map(|n| said(n, Moment::Loyalty, false)));
        let drawn = draw(&all, 40, 7);
        assert_eq!(drawn.len(), 40);
        let estimated: f64 = drawn.iter().map(|(_, chance)| 1.0 / chance).sum();
        assert!((estimated - 304.0).abs() < 1e-6, "{estimated}");
        let rare = drawn.iter().filter(|(_, chance)| *chance == 0.75).count();
        assert_eq!(rare, 3, "three of the four of a rare stratum");
        all.reverse();
        assert_eq!(drawn, draw(&all, 40, 7));
        assert_ne!(drawn, draw(&all, 40, 8));
    }

    #[test]
    fn the_file_shows_nothing_of_what_the_engine_says() {
        let sample = BlindSample {
            number: 1,
            drawn_from: 9,
            rows: vec![BlindRow {
                passage: PassageId::from_bytes([1; 16]),
                context: None,
                text: "It said \"sold\", twice".to_owned(),
            }],
            codes: Vec::new(),
        };
        let mut file = Vec::new();
        write_blind(&sample, &mut file).unwrap();
        let expected = "passage,context,text,moment,sentiment,pain,touchpoint,severity,prompted,theme\n\
             01010101010101010101010101010101,,\"It said \"\"sold\"\", twice\",,,,,,,\n";
        assert_eq!(String::from_utf8(file).unwrap(), expected);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        write_blind_file(&sample, &path).unwrap();
        assert!(write_blind_file(&sample, &path).is_err());
    }
}
