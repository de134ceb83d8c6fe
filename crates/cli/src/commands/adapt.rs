//! Heads of the study's own, learnt from corrections.

use std::path::Path;

use throughline_study::{Adaptation, HeadTrial, Study};

use super::validate::{percent, range};
use super::{author, tagger};
use crate::args::{Author, Engine};
use crate::exit::Code;
use crate::output::{Output, count, say};

pub(crate) fn adapt(
    coded: Option<&Path>,
    by: &Author,
    folder: &Path,
    json: bool,
    engine: &Engine,
) -> anyhow::Result<Code> {
    let tagger = tagger(engine, Some(folder))?;
    let adaptation = match coded {
        Some(coded) => {
            let mut study = Study::open(folder)?;
            let adaptation = study.adapt(tagger.as_ref(), coded, &author(by))?;
            study.close()?;
            adaptation
        }
        None => {
            let study = Study::open_read(folder)?;
            let all = study.adaptations()?;
            if all.iter().any(|one| one.model != tagger.model().sha256) {
                say("There are heads for another model, which does not read now: they do nothing.");
            }
            study.adaptation(tagger.as_ref())?
        }
    };
    let mut output = Output::new();
    if json {
        output.json(&adaptation)?;
    } else if !adaptation.tags.is_empty() {
        show(&mut output, &adaptation)?;
    }
    output.finish()?;
    Ok(say_how_it_stands(&adaptation))
}

pub(crate) fn off(folder: &Path) -> anyhow::Result<Code> {
    let mut study = Study::open(folder)?;
    let were_there = study.stop_adapting()?;
    study.close()?;
    say(match were_there {
        true => "The study's own heads are off and forgotten: each tag is what it was without.",
        false => "The study has no heads of its own.",
    });
    Ok(Code::Done)
}

/// What was tested, for `log`.
pub(crate) fn say_what_was_adapted(study: &Study) -> anyhow::Result<()> {
    for one in study.adaptations()? {
        if let Some(tested) = &one.tested {
            say(&format!(
                "The study's own heads, tested {} by {} on {}: {}.",
                tested.time,
                tested.author,
                tested.coder,
                one.in_words()
            ));
        }
    }
    Ok(())
}

/// What heads would gain, where it was found out on the way.
pub(crate) fn say_what_there_is_to_gain(trials: &[HeadTrial]) {
    if trials.is_empty() {
        return;
    }
    let each: Vec<String> = trials.iter().map(HeadTrial::in_words).collect();
    let next = match trials.iter().any(|one| one.on) {
        true => " `throughline adapt` with this file switches on what is on here.",
        false => "",
    };
    say(&format!(
        "What corrections would teach heads of the study's own: {}.{next}",
        each.join(". ")
    ));
}

fn say_how_it_stands(adaptation: &Adaptation) -> Code {
    if adaptation.tags.is_empty() {
        say("Nobody has corrected a tag yet: there is nothing to learn.");
        return Code::NothingFound;
    }
    let Some(tested) = &adaptation.tested else {
        say(
            "Nothing was tested. Draw a blind sample (`throughline validate sample -o ann.csv`), have \
             it coded, and give it: `throughline adapt ann.csv`.",
        );
        return Code::Done;
    };
    say(&format!(
        "Tested {} by {} on {} (sample {}): {}.",
        tested.time,
        tested.author,
        tested.coder,
        tested.sample,
        adaptation.in_words()
    ));
    if tested.since > 0 {
        say(&format!(
            "{} came since and are not learnt: give a coded sample again.",
            count(tested.since as u64, "decision")
        ));
    }
    Code::Done
}

fn show(output: &mut Output, adaptation: &Adaptation) -> anyhow::Result<()> {
    let headings = [
        "Tag",
        "State",
        "Corrections",
        "Unlike",
        "Blind",
        "Model",
        "With head",
        "Gain in points",
    ];
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
    let rows = adaptation.tags.iter().map(|one| {
        vec![
            one.tag.clone(),
            if one.on { "on" } else { "off" }.to_owned(),
            one.corrections.to_string(),
            one.unlike.to_string(),
            one.blind.to_string(),
            share(one.model),
            share(one.head),
            range(one.gain.as_ref(), |gain| format!("{:+.0}", 100.0 * gain)),
        ]
    });
    output.table(&headings, 2..headings.len(), rows)
}
