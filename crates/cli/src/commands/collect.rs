//! Collections of quotes.

use std::path::Path;

use throughline_core::PassageId;
use throughline_study::{PageRequest, Sort, Start, Study};

use super::tagger;
use crate::args::{CollectAction, CollectArguments, Engine};
use crate::exit::Code;
use crate::output::{Output, count, say};
use crate::progress::progress;

pub(crate) fn collect(asked: &CollectArguments, engine: &Engine) -> anyhow::Result<Code> {
    let (folder, json) = (&asked.study.folder, asked.json.json);
    match &asked.action {
        None => keep(asked, engine),
        Some(CollectAction::List) => list(folder, json),
        Some(CollectAction::Show { name }) => show(name, folder, json),
        Some(CollectAction::Remove { name, passage }) => remove(name, passage, folder),
    }
}

fn keep(asked: &CollectArguments, engine: &Engine) -> anyhow::Result<Code> {
    let folder = &asked.study.folder;
    let mut study = Study::open(folder)?;
    let passages = match &asked.query {
        Some(query) => found(&study, query, asked, engine)?,
        None => passages(&study, &asked.passage)?,
    };
    if passages.is_empty() {
        say("Nothing found, nothing kept.");
        return Ok(Code::NothingFound);
    }
    let name = asked.name.as_deref().unwrap_or_default();
    let author = asked.author.as_deref().unwrap_or_default();
    let added = study.collect(name, &passages, author, asked.reason.as_deref())?;
    let there = (passages.len() as u64).saturating_sub(added);
    study.close()?;
    say(&format!(
        "{} kept in '{name}'{}.",
        count(added, "quote"),
        match there {
            0 => String::new(),
            there => format!(", {there} there before"),
        }
    ));
    Ok(Code::Done)
}

fn found(
    study: &Study,
    query: &str,
    asked: &CollectArguments,
    engine: &Engine,
) -> anyhow::Result<Vec<PassageId>> {
    let framework = study.framework(asked.lens.framework.as_deref())?;
    let tagger = tagger(engine, Some(&asked.study.folder))?;
    study.prepare_search(tagger.as_ref(), progress().as_ref())?;
    let search = study.search(query, tagger.as_ref(), framework)?;
    let page = search.page(&PageRequest {
        limit: asked.limit,
        start: Start::Offset(0),
        sort: Sort::Relevance,
        context: None,
    })?;
    if page.more {
        say(&format!(
            "The first {} of {}; -n takes more.",
            page.found.len(),
            count(page.total, "quote")
        ));
    }
    Ok(page.found.iter().map(|found| found.passage).collect())
}

fn passages(study: &Study, named: &[String]) -> anyhow::Result<Vec<PassageId>> {
    let ids = named.iter().map(|start| study.passage_beginning(start));
    Ok(ids.collect::<Result<_, _>>()?)
}

fn list(folder: &Path, json: bool) -> anyhow::Result<Code> {
    let study = Study::open_read(folder)?;
    let collections = study.collections()?;
    let mut output = Output::new();
    if json {
        collections.iter().try_for_each(|one| output.json(one))?;
    } else if !collections.is_empty() {
        let rows = collections.iter().map(|one| {
            let numbers = [one.quotes, one.lost].map(|number| number.to_string());
            [one.collection.clone()]
                .into_iter()
                .chain(numbers)
                .collect()
        });
        output.table(&["Collection", "Quotes", "Changed"], 1..3, rows)?;
    }
    output.finish()?;
    if collections.is_empty() {
        say("No collections yet; `throughline collect NAME QUERY` makes one.");
        return Ok(Code::NothingFound);
    }
    Ok(Code::Done)
}

fn show(name: &str, folder: &Path, json: bool) -> anyhow::Result<Code> {
    let study = Study::open_read(folder)?;
    let quotes = study.collection(name)?;
    let mut output = Output::new();
    for quote in &quotes {
        if json {
            output.json(quote)?;
            continue;
        }
        let who = quote.speaker.as_deref().unwrap_or("–");
        output.line(&output.bold(&format!("{who} · {}", quote.doc)))?;
        output.line(&format!("   {}", output.highlighted(&quote.text, &[])))?;
        if quote.start.is_none() {
            output.line("   (its words have changed since, or are gone)")?;
        }
        if let Some(reason) = &quote.reason {
            output.line(&format!("   {}", output.faint(reason)))?;
        }
        output.line("")?;
    }
    output.finish()?;
    Ok(Code::Done)
}

fn remove(name: &str, named: &[String], folder: &Path) -> anyhow::Result<Code> {
    let mut study = Study::open(folder)?;
    let passages = passages(&study, named)?;
    let passages = (!named.is_empty()).then_some(passages.as_slice());
    let gone = study.uncollect(name, passages)?;
    study.close()?;
    if gone == 0 {
        say(&format!("None of them is in '{name}'."));
        return Ok(Code::NothingFound);
    }
    say(&format!("{} taken out of '{name}'.", count(gone, "quote")));
    Ok(Code::Done)
}
