//! The engine measured on the user's own data.

use std::path::Path;

use throughline_study::{
    BlindSample, DimensionAgreement, LabelAgreement, Range, Study, ValidationScore, write_blind,
    write_blind_file,
};

use super::adapt::say_what_there_is_to_gain;
use super::{coding, shown, tagger};
use crate::args::{Engine, ValidateAction};
use crate::exit::Code;
use crate::output::{Output, count, say};
use crate::progress::progress;

pub(crate) fn validate(
    action: &ValidateAction,
    folder: &Path,
    json: bool,
    engine: &Engine,
) -> anyhow::Result<Code> {
    if let ValidateAction::Code { file, lens } = action {
        return coding::code(file, lens.framework.as_deref(), folder);
    }
    let mut study = Study::open(folder)?;
    let tagger = tagger(engine, Some(folder))?;
    match action {
        ValidateAction::Code { .. } => {}
        ValidateAction::Sample {
            size,
            output,
            seed,
            lens,
        } => {
            let framework = study.framework(lens.framework.as_deref())?.clone();
            study.group(tagger.as_ref(), &framework, progress().as_ref())?;
            let sample = study.draw_sample(tagger.as_ref(), &framework, *size, *seed)?;
            write(&sample, output.as_deref())?;
            let themes = study.themes(&framework)?;
            study.close()?;
            say_how_to_code(&sample, output.as_deref());
            for (theme, label) in themes {
                say(&format!("  {}  “{}”", theme.id, label.replace('\n', " ")));
            }
        }
        ValidateAction::Score { first, second } => {
            let score = study.score_sample(tagger.as_ref(), first, second.as_deref())?;
            study.close()?;
            let mut output = Output::new();
            if json {
                output.json(&score)?;
            } else {
                show(&mut output, &score)?;
            }
            output.finish()?;
            if score.gone > 0 {
                say(&format!(
                    "{} of the sample no longer in the study, and left out.",
                    count(score.gone as u64, "passage")
                ));
            }
            say_what_there_is_to_gain(&score.own_heads);
        }
    }
    Ok(Code::Done)
}

fn write(sample: &BlindSample, path: Option<&Path>) -> anyhow::Result<()> {
    match path {
        Some(path) => Ok(write_blind_file(sample, path)?),
        None => {
            let mut output = Output::new();
            write_blind(sample, output.stream())?;
            output.finish()
        }
    }
}

fn say_how_to_code(sample: &BlindSample, path: Option<&Path>) {
    let place = path.map_or_else(|| "standard output".to_owned(), shown);
    say(&format!(
        "Sample {}: {} of {} that count as evidence, on {place}. Give each coder a copy, and let \
         nobody look at the study meanwhile. What each column takes:",
        sample.number,
        sample.rows.len(),
        count(sample.drawn_from as u64, "passage")
    ));
    for (column, words) in sample.codes.iter().filter(|(_, words)| !words.is_empty()) {
        say(&format!("  {column}: {}", words.join(", ")));
    }
    say("  severity and prompted only where pain is yes; theme the id of one of these, or none:");
}

fn show(output: &mut Output, score: &ValidationScore) -> anyhow::Result<()> {
    if let [one, other] = score.coders.as_slice() {
        output.line(&output.bold(&format!("{one} and {other}")))?;
        dimensions(output, &score.between_coders, false)?;
    }
    for (coder, agreement) in score.coders.iter().zip(&score.engine) {
        output.line(&output.bold(&format!("The engine and {coder}")))?;
        dimensions(output, agreement, true)?;
    }
    output.line(
        "Weighted by the chance to be drawn. Intervals at 95 %: α draws whole people, shares are \
         Wilson at the effective size. κ Cohen, α Krippendorff, AC1 Gwet.",
    )
}

fn dimensions(output: &mut Output, all: &[DimensionAgreement], engine: bool) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for one in all {
        rows.push(vec![
            one.dimension.clone(),
            one.passages.to_string(),
            String::new(),
            told(one.too_few, one.agreement.map(percent)),
            number(one.kappa),
            range(one.alpha.as_ref(), |value| format!("{value:.2}")),
            number(one.ac1),
            String::new(),
            String::new(),
        ]);
        rows.extend(one.labels.iter().map(label));
    }
    let headings = [
        "",
        "n",
        "Share",
        "Same",
        "κ",
        "α",
        "AC1",
        "Precision",
        "Recall",
    ];
    let columns = if engine {
        headings.len()
    } else {
        headings.len() - 2
    };
    let rows = rows.into_iter().map(|mut row| {
        row.truncate(columns);
        row
    });
    output.table(
        headings.get(..columns).unwrap_or(&headings),
        1..columns,
        rows,
    )?;
    output.line("")
}

fn label(one: &LabelAgreement) -> Vec<String> {
    let share = |range: Option<&Range>| self::range(range, percent);
    vec![
        format!("  {}", one.label),
        one.passages.to_string(),
        percent(one.prevalence),
        told(one.too_few, one.agreement.map(percent)),
        number(one.kappa),
        number(one.alpha),
        number(one.ac1),
        share(one.precision.as_ref()),
        share(one.recall.as_ref()),
    ]
}

fn told(too_few: bool, value: Option<String>) -> String {
    match value {
        _ if too_few => "too few".to_owned(),
        Some(value) => value,
        None => "–".to_owned(),
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"))
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// `0.61 (0.45…0.72)`.
pub(super) fn range(range: Option<&Range>, write: impl Fn(f64) -> String) -> String {
    let Some(range) = range else {
        return "–".to_owned();
    };
    match (range.low, range.high) {
        (Some(low), Some(high)) => {
            format!("{} ({}…{})", write(range.value), write(low), write(high))
        }
        _ => write(range.value),
    }
}
