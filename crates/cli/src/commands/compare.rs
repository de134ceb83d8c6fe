//! Themes set side by side.

use std::path::Path;

use throughline_study::{Change, CrosstabRow, Study, WaveChange, diff as compare};

use super::tagger;
use crate::args::Engine;
use crate::exit::Code;
use crate::output::{Output, say, shortened};
use crate::progress::progress;

/// Characters of a theme's name in a table.
const NAME_WIDTH: usize = 50;

pub(crate) fn crosstab(
    attribute: &str,
    lens: Option<&str>,
    folder: &Path,
    json: bool,
    engine: &Engine,
) -> anyhow::Result<Code> {
    let mut study = Study::open(folder)?;
    let framework = study.framework(lens)?.clone();
    let tagger = tagger(engine, Some(folder))?;
    let bar = progress();
    let rows = study.crosstab(tagger.as_ref(), &framework, attribute, bar.as_ref())?;
    study.close()?;
    let mut output = Output::new();
    if json {
        for row in &rows {
            output.json(row)?;
        }
    } else {
        let headings = [
            "Stage",
            "Theme",
            "Voices that mention it",
            "Test",
            "p",
            "Holm",
        ];
        output.table(&headings, 4..6, rows.iter().map(crosstab_line))?;
    }
    output.finish()?;
    say(&format!(
        "Voices by {attribute}, of those who spoke about the stage. Holm: the probability with \
         regard to all {} themes.",
        rows.len()
    ));
    Ok(Code::Done)
}

fn crosstab_line(row: &CrosstabRow) -> Vec<String> {
    let cell = |cell: &throughline_study::CrosstabCell| {
        let count = cell
            .count
            .map_or("few".to_owned(), |count| count.to_string());
        format!("{} {count} of {}", cell.value, cell.of)
    };
    let cells: Vec<String> = row.values.iter().map(cell).collect();
    vec![
        row.stage.clone(),
        name(&row.label),
        cells.join(" · "),
        row.test.clone().unwrap_or_default(),
        number(row.p),
        number(row.adjusted),
    ]
}

pub(crate) fn diff(
    first: &Path,
    second: &Path,
    lens: Option<&str>,
    json: bool,
    engine: &Engine,
) -> anyhow::Result<Code> {
    let (mut one, mut other) = (Study::open(first)?, Study::open(second)?);
    let framework = one.framework(lens)?.id.clone();
    let taggers = (tagger(engine, Some(first))?, tagger(engine, Some(second))?);
    let bar = progress();
    let changes = compare(
        (&mut one, &mut other),
        (taggers.0.as_ref(), taggers.1.as_ref()),
        &framework,
        bar.as_ref(),
    )?;
    one.close()?;
    other.close()?;
    let mut output = Output::new();
    if json {
        for change in &changes {
            output.json(change)?;
        }
    } else {
        let headings = [
            "Stage", "Theme", "Change", "First", "Second", "Points", "95 %", "Holm",
        ];
        output.table(&headings, 5..6, changes.iter().map(change_line))?;
    }
    output.finish()?;
    if changes.iter().any(|one| one.jointly) {
        say(
            "No frozen codebook codes these waves: the pain points of both were grouped together, \
             and the themes hold for this comparison alone.",
        );
    }
    say(
        "Shares of the voices who spoke about the stage; the difference in percentage points with \
         Newcombe's interval, if these were random samples; Fisher's probability with regard to all \
         themes (Holm).",
    );
    Ok(if changes.is_empty() {
        Code::NothingFound
    } else {
        Code::Done
    })
}

fn change_line(one: &WaveChange) -> Vec<String> {
    let change = match one.change {
        Change::New => "new",
        Change::Gone => "gone",
        Change::Grown => "grown",
        Change::Shrunk => "shrunk",
        Change::Same => "–",
    };
    let outside = if one.outside_codebook {
        " (not in the codebook)"
    } else {
        ""
    };
    let points = |share: f64| format!("{:+.0}", 100.0 * share);
    let interval = one.low.zip(one.high);
    vec![
        one.stage.clone(),
        name(&one.label),
        format!("{change}{outside}"),
        format!("{} of {}", one.first, one.first_of),
        format!("{} of {}", one.second, one.second_of),
        one.difference.map_or_else(|| "–".to_owned(), points),
        interval.map_or_else(String::new, |(low, high)| {
            format!("{}…{}", points(low), points(high))
        }),
        number(one.adjusted),
    ]
}

fn name(label: &str) -> String {
    shortened(&label.replace('\n', " "), NAME_WIDTH)
}

fn number(p: Option<f64>) -> String {
    p.map_or_else(|| "–".to_owned(), |p| format!("{p:.3}"))
}
