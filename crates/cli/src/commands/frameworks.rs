//! The frameworks, and how well exemplars tell their stages.

use std::path::Path;

use serde::Serialize;
use throughline_core::Framework;
use throughline_study::{
    Config, Frameworks, Placer, Reliabilities, Reliability, Study, StudyError,
};

use super::tagger;
use crate::args::Engine;
use crate::exit::Code;
use crate::output::Output;

/// A framework as `--json` prints it.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    framework: &'a Framework,
    /// Only where stages are told by exemplars.
    #[serde(skip_serializing_if = "Option::is_none")]
    reliability: Option<ReliabilityLine<'a>>,
}

#[derive(Serialize)]
struct ReliabilityLine<'a> {
    overall: &'a Reliability,
    stages: Vec<StageLine<'a>>,
}

#[derive(Serialize)]
struct StageLine<'a> {
    stage: &'a str,
    #[serde(flatten)]
    reliability: &'a Reliability,
}

/// Lists the frameworks: of the study, or the built-in ones where there is no
/// study; only `asked`, if it is given, an id or a TOML file.
pub(crate) fn frameworks(
    asked: Option<&str>,
    folder: &Path,
    json: bool,
    engine: &Engine,
) -> anyhow::Result<Code> {
    // A study's own frameworks are listed too, or what is wrong with their files.
    let mut frameworks = match folder.join(Config::FILE).is_file() {
        true => Study::open_read(folder)?.frameworks().clone(),
        false => Frameworks::built_in()?,
    };
    let chosen: Vec<Framework> = match asked {
        Some(asked) => vec![named(&mut frameworks, asked)?],
        None => frameworks.iter().cloned().collect(),
    };
    let mut output = Output::new();
    for framework in &chosen {
        let reliability = match framework.is_by_exemplars() {
            true => Placer::new(framework, tagger(engine, Some(folder))?.as_ref())?.reliability(),
            false => None,
        };
        if json {
            output.json(&line(framework, reliability.as_ref()))?;
        } else {
            show(&mut output, framework, reliability.as_ref())?;
        }
    }
    output.finish()?;
    Ok(Code::Done)
}

/// The framework in the file `asked`, which is then known, or that of this id.
pub(crate) fn named(frameworks: &mut Frameworks, asked: &str) -> Result<Framework, StudyError> {
    let file = Path::new(asked);
    let id = match file.extension() {
        Some(_) => frameworks.add_file(file)?,
        None => asked.to_owned(),
    };
    Ok(frameworks.get(&id)?.clone())
}

fn line<'a>(framework: &'a Framework, reliability: Option<&'a Reliabilities>) -> Line<'a> {
    let lines = |found: &'a Reliabilities| ReliabilityLine {
        overall: &found.overall,
        stages: framework
            .stages
            .iter()
            .zip(&found.stages)
            .map(|(stage, reliability)| StageLine {
                stage: &stage.id,
                reliability,
            })
            .collect(),
    };
    Line {
        framework,
        reliability: reliability.map(lines),
    }
}

fn show(
    output: &mut Output,
    framework: &Framework,
    reliability: Option<&Reliabilities>,
) -> anyhow::Result<()> {
    output.line(&output.bold(&format!("{} · {}", framework.id, framework.name)))?;
    output.line(&format!("   {}", framework.description))?;
    for (number, stage) in framework.stages.iter().enumerate() {
        let told_by = match reliability.and_then(|found| found.stages.get(number)) {
            Some(reliability) => came_back(reliability),
            None => {
                let moments = stage.all_moments();
                let moments: Vec<&str> = moments.iter().map(|moment| moment.as_str()).collect();
                moments.join(", ")
            }
        };
        output.line(&format!("   {:<14} {told_by}", stage.name))?;
    }
    if let Some(found) = reliability {
        output.line(&format!("   {:<14} {}", "All", came_back(&found.overall)))?;
        output.line(&format!(
            "   Told by exemplars: each was left out in turn, and came back to its stage or not; \
             unclear below a confidence of {}.",
            framework.least_confidence()
        ))?;
    }
    output.line("")
}

/// `4 of 6 exemplars came back (30…90 %), 1 unclear`.
fn came_back(reliability: &Reliability) -> String {
    let interval = reliability.interval.as_ref().map_or_else(String::new, |i| {
        format!(" ({:.0}…{:.0} %)", 100.0 * i.low, 100.0 * i.high)
    });
    format!(
        "{} of {} exemplars came back{interval}, {} unclear",
        reliability.right, reliability.exemplars, reliability.unclear
    )
}
