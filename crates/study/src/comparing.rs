//! Themes set side by side: by an attribute of people, and wave against wave.

mod joint;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use throughline_core::{Framework, Theme};
use throughline_nlp::Tagger;
use throughline_stats::{TwoShares, holm};

use crate::compose::by_id;
use crate::compose::circumstances::Circumstances;
use crate::compose::segments::{crosstab, segments, shown, test, voices};
use crate::evidence::{Evidence, Voice};
use crate::study::model_key;
use crate::{BookEntry, Codebook, Placer, Progress, Study, StudyError};

/// A theme by the values of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrosstabRow {
    /// Id of the theme.
    pub theme: String,
    /// Id of its stage.
    pub stage: String,
    /// What it is called: the researcher's name, or its label.
    pub label: String,
    /// Each value: voices that mention it, and voices that spoke about the stage.
    pub values: Vec<CrosstabCell>,
    /// `Fisher` or `chi-square`; absent where nothing can be tested.
    pub test: Option<String>,
    /// The probability of a difference as large, if there is none.
    pub p: Option<f64>,
    /// The same, with regard to all themes of the table (Holm).
    pub adjusted: Option<f64>,
}

/// One cell of a [`CrosstabRow`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrosstabCell {
    /// The attribute's value.
    pub value: String,
    /// Voices that mention the theme; absent where they are fewer than may be
    /// shown.
    pub count: Option<usize>,
    /// Voices that spoke about the stage.
    pub of: usize,
}

/// What became of a theme from one wave to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Nobody mentioned it in the first wave.
    New,
    /// Nobody mentions it in the second.
    Gone,
    /// A larger share mentions it, and the interval excludes no change.
    Grown,
    /// A smaller share, likewise.
    Shrunk,
    /// No change that can be told from chance.
    Same,
}

/// A theme in two waves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaveChange {
    /// Id of the theme, the same in both.
    pub theme: String,
    /// Id of its stage.
    pub stage: String,
    /// What it is called.
    pub label: String,
    /// What became of it.
    pub change: Change,
    /// Voices that mention it in the first wave.
    pub first: usize,
    /// Voices of the first wave that spoke about the stage.
    pub first_of: usize,
    /// Voices that mention it in the second wave.
    pub second: usize,
    /// Voices of the second wave that spoke about the stage.
    pub second_of: usize,
    /// Share of the second wave less share of the first, −1…1; absent where
    /// nobody spoke about the stage.
    pub difference: Option<f64>,
    /// Lower end of its interval at 95 % (Newcombe).
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Fisher's probability of a difference as large, if there is none, with
    /// regard to all themes (Holm).
    pub adjusted: Option<f64>,
    /// True if only this wave's own grouping made it: the codebook has it not.
    pub outside_codebook: bool,
    /// True if the theme was found in both waves together, as no codebook codes
    /// them: its id holds for this comparison alone.
    pub jointly: bool,
}

/// One study's themes and who mentions them.
struct Wave {
    /// Each with what it is called.
    themes: Vec<(Theme, String)>,
    /// Voices that spoke about each stage, by id.
    stages: BTreeMap<String, BTreeSet<Voice>>,
    /// Voices that mention each theme, by id.
    mention: BTreeMap<String, BTreeSet<Voice>>,
}

impl Wave {
    fn read(
        study: &mut Study,
        tagger: &dyn Tagger,
        framework: &Framework,
        progress: &dyn Progress,
    ) -> Result<(Self, Evidence), StudyError> {
        study.group(tagger, framework, progress)?;
        let evidence = study.evidence(tagger, &Placer::new(framework, tagger)?)?;
        let book = study.codebook()?;
        let mut themes = study.themes(framework)?;
        for (theme, label) in &mut themes {
            let entry = book.entry(&framework.id, &theme.id);
            if let Some(name) = entry.and_then(|entry| entry.name.clone()) {
                *label = name;
            }
        }
        Ok((Self::of(themes, &evidence, framework), evidence))
    }

    /// Who of `evidence` mentions these themes.
    fn of(themes: Vec<(Theme, String)>, evidence: &Evidence, framework: &Framework) -> Self {
        let by_id = by_id(evidence);
        let mention = themes.iter().map(|(theme, _)| {
            let members = theme.members.iter().filter_map(|id| by_id.get(id).copied());
            (theme.id.clone(), voices(members))
        });
        let mention = mention.collect();
        let stages = framework.stages.iter().enumerate();
        Self {
            themes,
            stages: stages
                .map(|(number, stage)| (stage.id.clone(), voices(evidence.of_stage(number))))
                .collect(),
            mention,
        }
    }

    fn voices_of(&self, stage: &str) -> usize {
        self.stages.get(stage).map_or(0, BTreeSet::len)
    }

    fn mentioning(&self, theme: &str) -> usize {
        self.mention.get(theme).map_or(0, BTreeSet::len)
    }
}

impl Study {
    /// Every theme by the values of one attribute of people, each with a test of
    /// whether they differ.
    ///
    /// # Errors
    /// As [`Study::group`]; or if the attribute does not divide anybody.
    pub fn crosstab(
        &mut self,
        tagger: &dyn Tagger,
        framework: &Framework,
        attribute: &str,
        progress: &dyn Progress,
    ) -> Result<Vec<CrosstabRow>, StudyError> {
        let (wave, evidence) = Wave::read(self, tagger, framework, progress)?;
        let known = Circumstances::read(&self.store, &evidence)?;
        let known = known.of_voices(&evidence);
        let all = segments(&known, &[attribute.to_owned()]);
        let Some(values) = all.get(attribute) else {
            let names: BTreeSet<&str> = known.values().flat_map(BTreeMap::keys).copied().collect();
            let names: Vec<&str> = names.into_iter().collect();
            let problem = format!(
                "it does not divide people into two groups of five or more; the attributes that \
                 there are: {}",
                names.join(", ")
            );
            return Err(StudyError::refused(attribute, problem));
        };
        let nobody = BTreeSet::new();
        let mut rows = Vec::new();
        for (theme, label) in &wave.themes {
            let spoke = wave.stages.get(&theme.stage).unwrap_or(&nobody);
            let mention = wave.mention.get(&theme.id).unwrap_or(&nobody);
            let cells = crosstab(values, spoke, mention);
            let tested = test(&cells);
            rows.push(CrosstabRow {
                theme: theme.id.clone(),
                stage: theme.stage.clone(),
                label: label.clone(),
                values: cells
                    .into_iter()
                    .map(|(value, count, of)| CrosstabCell {
                        value,
                        count: shown(count as usize, self.config.report.small_cell),
                        of: of as usize,
                    })
                    .collect(),
                test: tested.map(|(name, _)| name.to_owned()),
                p: tested.map(|(_, p)| p),
                adjusted: None,
            });
        }
        let tests: Vec<f64> = rows.iter().filter_map(|row| row.p).collect();
        let tested = rows.iter_mut().filter(|row| row.p.is_some());
        for (row, adjusted) in tested.zip(holm(&tests)) {
            row.adjusted = Some(adjusted);
        }
        Ok(rows)
    }
}

/// What became of each theme from the first wave to the second. Where one frozen
/// codebook codes both, its themes are compared; where neither has one, the pain
/// points of both are grouped together for it. Both must be read by one model.
///
/// # Errors
/// If they are not, with what to do about it; or as [`Study::group`].
pub fn diff(
    (first, second): (&mut Study, &mut Study),
    (first_tagger, second_tagger): (&dyn Tagger, &dyn Tagger),
    framework: &str,
    progress: &dyn Progress,
) -> Result<Vec<WaveChange>, StudyError> {
    let lens = first.framework(Some(framework))?.clone();
    let coded = coded_by_one_book(first, second, &lens)?;
    let (one, other) = (first_tagger.model(), second_tagger.model());
    if (one.sha256, one.backend) != (other.sha256, other.backend) {
        let problem = "another model reads each; tag both with the same (`throughline models use`)";
        return Err(StudyError::refused("the two studies", problem));
    }
    let model = model_key(first_tagger);
    if first.heads_in_force(&model)? != second.heads_in_force(&model)? {
        let problem = "their own heads are not the same, so that each is tagged in another way; \
                       switch them off in both (`throughline adapt --off`)";
        return Err(StudyError::refused("the two studies", problem));
    }
    let book = first.codebook()?;
    let (before, after) = if coded {
        let (before, _) = Wave::read(first, first_tagger, &lens, progress)?;
        (
            before,
            Wave::read(second, second_tagger, &lens, progress)?.0,
        )
    } else {
        joint::waves((first, second), first_tagger, &lens, progress)?
    };
    let mut seen = BTreeSet::new();
    let mut changes = Vec::new();
    for (theme, label) in before.themes.iter().chain(&after.themes) {
        if seen.insert(theme.id.clone()) {
            let change = change(theme, label, (&before, &after));
            let booked = book.entry(&lens.id, &theme.id).is_some();
            changes.push(WaveChange {
                outside_codebook: coded && !booked,
                jointly: !coded,
                ..change
            });
        }
    }
    let tested: Vec<f64> = changes.iter().filter_map(|one| one.adjusted).collect();
    let slots = changes.iter_mut().filter(|one| one.adjusted.is_some());
    for (slot, adjusted) in slots.zip(holm(&tested)) {
        slot.adjusted = Some(adjusted);
    }
    Ok(changes)
}

fn change(theme: &Theme, label: &str, (before, after): (&Wave, &Wave)) -> WaveChange {
    let (first, second) = (before.mentioning(&theme.id), after.mentioning(&theme.id));
    let (first_of, second_of) = (
        before.voices_of(&theme.stage),
        after.voices_of(&theme.stage),
    );
    let shares = TwoShares {
        first: second as u64,
        first_of: second_of as u64,
        second: first as u64,
        second_of: first_of as u64,
    };
    let interval = shares.interval();
    WaveChange {
        theme: theme.id.clone(),
        stage: theme.stage.clone(),
        label: label.to_owned(),
        change: match interval {
            _ if first == 0 => Change::New,
            _ if second == 0 => Change::Gone,
            Some(interval) if interval.low > 0.0 => Change::Grown,
            Some(interval) if interval.high < 0.0 => Change::Shrunk,
            _ => Change::Same,
        },
        first,
        first_of,
        second,
        second_of,
        difference: shares.difference(),
        low: interval.map(|interval| interval.low),
        high: interval.map(|interval| interval.high),
        adjusted: shares.fisher(),
        outside_codebook: false,
        jointly: false,
    }
}

/// True if one frozen codebook codes both waves, false if none codes either: in
/// both cases they can be compared.
fn coded_by_one_book(first: &Study, second: &Study, lens: &Framework) -> Result<bool, StudyError> {
    let refused = |problem: &str| Err(StudyError::refused("the two studies", problem));
    if second.framework(Some(&lens.id))? != lens {
        return refused("their frameworks of this name are not the same");
    }
    let (one, other) = (first.codebook()?, second.codebook()?);
    match (one.is_frozen(&lens.id), other.is_frozen(&lens.id)) {
        (true, true) => {}
        (false, false) => return Ok(false),
        _ => {
            return refused(
                "one of them is coded by a frozen codebook and the other is not, so that their \
                 themes are not the same themes: `throughline codebook export` in the one and \
                 `import` in the other, or thaw it (take the framework out of `frozen` in its \
                 codebook.toml) to have both grouped together",
            );
        }
    }
    if coding(&one, lens) != coding(&other, lens) {
        return refused(
            "their codebooks code differently; export the one and import it in the other",
        );
    }
    Ok(true)
}

/// What a codebook codes by, without names and definitions.
fn coding<'b>(book: &'b Codebook, lens: &Framework) -> BTreeMap<&'b str, Vec<&'b str>> {
    let entries = book
        .themes
        .iter()
        .filter(|entry| entry.framework == lens.id);
    let by = |entry: &'b BookEntry| {
        let texts = entry.exemplars.iter().map(|one| one.text.as_str());
        let into = entry.into.as_deref().into_iter();
        let deleted = entry.deleted.then_some("deleted");
        (
            entry.id.as_str(),
            texts.chain(into).chain(deleted).collect(),
        )
    };
    entries.map(by).collect()
}
