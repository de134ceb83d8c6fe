//! Quotes, counts and groups that a search finds.

use std::fmt::Write as _;
use std::ops::Range;

use anyhow::bail;
use throughline_study::{
    Column, Facet, FacetCount, Found, Group, PageRequest, Search, Sort, Start, Study, TurnWords,
};

use super::{batch, tagger};
use crate::args::{Engine, SearchArguments};
use crate::exit::Code;
use crate::output::{Output, clock, count, say};
use crate::progress::progress;

/// Characters on either side of a word in its own line.
const AROUND: usize = 45;
/// Characters of a passage's id that are shown: enough to name it.
const SHORT_ID: usize = 8;

pub(crate) fn search(asked: &SearchArguments, engine: &Engine) -> anyhow::Result<Code> {
    if let Some(file) = &asked.batch.batch {
        let how = (asked.batch.by.into(), asked.batch.top);
        let framework = asked.lens.framework.as_deref();
        return batch::search(file, how, framework, &asked.study.folder, engine);
    }
    let Some(sort) = asked.sort() else {
        bail!("--reverse goes with --sort date, rating or document");
    };
    let folder = &asked.study.folder;
    let study = Study::open_read(folder)?;
    let framework = study.framework(asked.lens.framework.as_deref())?;
    let tagger = tagger(engine, Some(folder))?;
    study.prepare_search(tagger.as_ref(), progress().as_ref())?;
    let search = study.search(&asked.text(), tagger.as_ref(), framework)?;
    let mut output = Output::new();
    let found = if let Some(facets) = &asked.facets {
        show_facets(&mut output, &search, facets, asked)?
    } else if let Some(facet) = asked.group {
        show_groups(&mut output, &search, facet, sort, asked)?
    } else {
        show_page(&mut output, &search, sort, asked)?
    };
    output.finish()?;
    say(&found.said);
    Ok(if found.any {
        Code::Done
    } else {
        Code::NothingFound
    })
}

/// Whether anything was found, and what to say of it.
struct Outcome {
    any: bool,
    said: String,
}

fn nothing(search: &Search<'_>) -> anyhow::Result<Outcome> {
    let said = match search.suggestion()? {
        Some(query) => format!("Nothing found. Did you mean: {query}"),
        None => "Nothing found.".to_owned(),
    };
    Ok(Outcome { any: false, said })
}

fn show_page(
    output: &mut Output,
    search: &Search<'_>,
    sort: Sort,
    asked: &SearchArguments,
) -> anyhow::Result<Outcome> {
    let page = search.page(&PageRequest {
        limit: asked.limit,
        start: match &asked.after {
            Some(cursor) => Start::After(cursor),
            None => Start::Offset(asked.offset),
        },
        sort,
        context: context(asked),
    })?;
    if asked.csv {
        output.csv(&COLUMNS, page.found.iter().map(cells))?;
    } else {
        show_quotes(output, &page.found, asked)?;
    }
    if page.total == 0 {
        return nothing(search);
    }
    let (Some(first), Some(last)) = (page.found.first(), page.found.last()) else {
        let said = format!("{} in all, none on this page.", count(page.total, "quote"));
        return Ok(Outcome { any: false, said });
    };
    let next = match page.more {
        true => format!(" The next page: --after {}", last.cursor),
        false => String::new(),
    };
    let all = count(page.total, "quote");
    let mut said = format!("{}–{} of {all}.{next}", first.rank, last.rank);
    if search.is_by_meaning_alone() {
        said.push_str(" Nobody says these words; this is what comes near in meaning.");
        if let Some(query) = search.suggestion()? {
            let _ = write!(said, " Did you mean: {query}");
        }
    }
    Ok(Outcome { any: true, said })
}

fn show_groups(
    output: &mut Output,
    search: &Search<'_>,
    facet: Facet,
    sort: Sort,
    asked: &SearchArguments,
) -> anyhow::Result<Outcome> {
    let most = (asked.limit, asked.each);
    let groups = search.groups(facet, most, sort, context(asked))?;
    if asked.csv {
        let headings: Vec<&str> = [facet.as_str()].into_iter().chain(COLUMNS).collect();
        let rows = groups.shown.iter().flat_map(|group| {
            let value = group.count.value.clone().unwrap_or_default();
            let row = move |found| [value.clone()].into_iter().chain(cells(found)).collect();
            group.found.iter().map(row)
        });
        output.csv(&headings, rows)?;
    } else {
        for group in &groups.shown {
            show_group(output, group, asked)?;
        }
    }
    if groups.total == 0 {
        return nothing(search);
    }
    Ok(Outcome {
        any: true,
        said: format!(
            "{} of {} by {facet}, {} in all.",
            groups.shown.len(),
            count(groups.groups as u64, "group"),
            count(groups.total, "quote")
        ),
    })
}

fn show_group(output: &mut Output, group: &Group, asked: &SearchArguments) -> anyhow::Result<()> {
    if asked.json.json {
        return output.json(group);
    }
    let name = called(&group.count);
    let quotes = count(group.count.quotes, "quote");
    output.line(&output.bold(&format!("{name} · {quotes}")))?;
    output.line("")?;
    show_quotes(output, &group.found, asked)
}

fn show_facets(
    output: &mut Output,
    search: &Search<'_>,
    facets: &[Facet],
    asked: &SearchArguments,
) -> anyhow::Result<Outcome> {
    // Of these there are as many as there are sources.
    let many = [Column::Document, Column::Participant, Column::Product].map(Facet::Of);
    let facets: Vec<Facet> = match facets {
        [] => Facet::all().filter(|facet| !many.contains(facet)).collect(),
        named => named.to_vec(),
    };
    let counts = search.facets(&facets)?;
    if counts.is_empty() {
        return nothing(search);
    }
    if asked.csv {
        let row = |one: &FacetCount| {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            vec![
                one.facet.clone(),
                text(&one.value),
                text(&one.label),
                one.quotes.to_string(),
            ]
        };
        output.csv(
            &["facet", "value", "label", "quotes"],
            counts.iter().map(row),
        )?;
    } else if asked.json.json {
        counts.iter().try_for_each(|one| output.json(one))?;
    } else {
        for facet in &facets {
            let of_facet = counts.iter().filter(|one| one.facet == facet.as_str());
            let rows: Vec<_> = of_facet
                .map(|one| vec![called(one), one.quotes.to_string()])
                .collect();
            output.table(&[facet.as_str(), "quotes"], 1..2, rows)?;
            output.line("")?;
        }
    }
    let first = counts.first().map_or("", |one| one.facet.as_str());
    let total = counts.iter().filter(|one| one.facet == first);
    let total = total.map(|one| one.quotes).sum();
    Ok(Outcome {
        any: true,
        said: format!("{} counted.", count(total, "quote")),
    })
}

/// A value with what it is called.
fn called(count: &FacetCount) -> String {
    match (&count.value, &count.label) {
        (Some(value), Some(label)) => format!("{value} · {label}"),
        (Some(value), None) => value.clone(),
        (None, _) => format!("no {}", count.facet),
    }
}

/// Turns of context: none but the quote's own where each word has its own line.
fn context(asked: &SearchArguments) -> Option<usize> {
    asked.context.or(asked.kwic.then_some(0))
}

fn show_quotes(
    output: &mut Output,
    quotes: &[Found],
    asked: &SearchArguments,
) -> anyhow::Result<()> {
    for found in quotes {
        if asked.json.json {
            output.json(found)?;
        } else if asked.kwic {
            show_in_lines(output, found)?;
        } else {
            show_found(output, found)?;
        }
    }
    Ok(())
}

fn show_found(output: &mut Output, found: &Found) -> anyhow::Result<()> {
    let who = found.speaker.as_deref().unwrap_or("–");
    let mut heading = format!("{}. {who} · {}", found.rank, found.doc);
    let known = [
        found.start_ms.map(clock),
        found.date.map(|date| date.to_string()),
        found.rating.map(|rating| format!("rated {rating}")),
        found.product.clone(),
    ];
    for value in known.into_iter().flatten() {
        heading.push_str(" · ");
        heading.push_str(&value);
    }
    let id = short_id(found);
    output.line(&format!("{} {}", output.bold(&heading), output.faint(&id)))?;
    let (before, after) = around(found);
    for line in before {
        output.line(&format!("   {}", output.faint(&line)))?;
    }
    let quote = output.highlighted(&found.text, &found.highlights);
    output.line(&format!("   {quote}"))?;
    for line in after {
        output.line(&format!("   {}", output.faint(&line)))?;
    }
    if let (Some(sentence), Some(score)) = (likeness(found), found.score) {
        output.line(&format!("   ≈ {score:.2} {sentence}"))?;
    }
    output.line(&format!("   {}", output.faint(&tags(found))))?;
    output.line("")
}

fn tags(found: &Found) -> String {
    let stage = found.stage.iter().map(|stage| format!("{stage}/"));
    let mut tags = format!(
        "{}{} · {} · {}{}",
        stage.collect::<String>(),
        found.moment,
        found.sentiment,
        found.touchpoint,
        if found.pain { " · pain" } else { "" }
    );
    if let Some(label) = &found.theme_label {
        tags.push_str(&format!(" · “{label}”"));
    }
    tags
}

/// The sentence that is nearest in meaning.
fn likeness(found: &Found) -> Option<String> {
    let sentence = found.text.get(found.sentence.clone()?)?;
    Some(sentence.replace('\n', " "))
}

/// The lines before and after a quote, where they were asked for.
fn around(found: &Found) -> (Vec<String>, Vec<String>) {
    let Some(context) = &found.context else {
        return (Vec::new(), Vec::new());
    };
    let line = |turn: &TurnWords| {
        let who = turn.speaker.as_deref().unwrap_or("–");
        format!("{who}: {}", turn.text.replace('\n', " "))
    };
    let own = &context.turn.text;
    let place = found.start.saturating_sub(context.turn.start);
    let part = |range: Range<usize>| {
        let words = own.get(range).unwrap_or_default().trim();
        (!words.is_empty()).then(|| words.replace('\n', " "))
    };
    let mut before: Vec<String> = context.before.iter().map(line).collect();
    before.extend(part(0..place));
    let mut after: Vec<String> = Vec::new();
    after.extend(part(place + found.text.len()..own.len()));
    after.extend(context.after.iter().map(line));
    (before, after)
}

/// A line for each word that matches, with what stands around it in its turn; one
/// for the sentence, or for the whole quote, where no word does.
fn show_in_lines(output: &mut Output, found: &Found) -> anyhow::Result<()> {
    let whole = || found.sentence.clone().unwrap_or(0..found.text.len());
    let places = match found.highlights.as_slice() {
        [] => vec![whole()],
        places => places.to_vec(),
    };
    let (turn, start) = match &found.context {
        Some(context) => (context.turn.text.as_str(), context.turn.start),
        None => (found.text.as_str(), found.start),
    };
    let moved = found.start.saturating_sub(start);
    for place in places {
        let place = place.start + moved..place.end + moved;
        let (Some(left), Some(word), Some(right)) = (
            turn.get(..place.start),
            turn.get(place.clone()),
            turn.get(place.end..),
        ) else {
            continue;
        };
        let left: Vec<char> = left.chars().rev().take(AROUND).collect();
        let left: String = left.into_iter().rev().collect();
        let right: String = right.chars().take(AROUND).collect();
        let plain = |text: &str| text.replace('\n', " ");
        output.line(&format!(
            "{:>AROUND$} {} {:<AROUND$}  {}",
            plain(left.trim_end()),
            output.bold(&plain(word)),
            plain(right.trim_start()),
            output.faint(&format!("{} {}", found.doc, short_id(found)))
        ))?;
    }
    Ok(())
}

fn short_id(found: &Found) -> String {
    found.passage.to_string().chars().take(SHORT_ID).collect()
}

/// The columns of CSV.
const COLUMNS: [&str; 24] = [
    "rank",
    "text",
    "doc",
    "speaker",
    "role",
    "participant",
    "time",
    "date",
    "rating",
    "product",
    "question",
    "lang",
    "kind",
    "stage",
    "moment",
    "sentiment",
    "pain",
    "touchpoint",
    "theme",
    "theme_label",
    "score",
    "passage",
    "start",
    "end",
];

/// The cells of a quote, in step with [`COLUMNS`].
fn cells(found: &Found) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    vec![
        found.rank.to_string(),
        found.text.clone(),
        found.doc.clone(),
        text(&found.speaker),
        found.role.to_string(),
        text(&found.participant),
        text(&found.start_ms.map(clock)),
        text(&found.date.map(|date| date.to_string())),
        text(&found.rating.map(|rating| rating.to_string())),
        text(&found.product),
        text(&found.question),
        text(&found.lang),
        found.kind.to_string(),
        text(&found.stage),
        found.moment.to_string(),
        found.sentiment.to_string(),
        if found.pain { "yes" } else { "no" }.to_owned(),
        found.touchpoint.to_string(),
        text(&found.theme),
        text(&found.theme_label),
        text(&found.score.map(|score| score.to_string())),
        found.passage.to_string(),
        found.start.to_string(),
        found.end.to_string(),
    ]
}
