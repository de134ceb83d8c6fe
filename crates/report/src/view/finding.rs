use std::ops::Range;

use serde::Serialize;
use throughline_core::{Date, PassageId, Role};

use super::group::{GroupView, LinkView, Links, linked};
use super::why::{WhyView, why};
use super::{Part, Row, comparing, finding_anchor, row, touchpoints};
use crate::data::{ContextSlice, Finding, Label, Quote};
use crate::{numbers, words};

/// One finding.
#[derive(Debug, Serialize)]
pub(crate) struct FindingView {
    pub(crate) anchor: String,
    /// Its exact words.
    pub(crate) label: String,
    /// The researcher's name for it, or that it is new; empty where there is no
    /// codebook.
    pub(crate) code: String,
    /// Where the words stand.
    pub(crate) source: String,
    pub(crate) stands: Place,
    pub(crate) terms: Vec<String>,
    /// `1`, or empty where nothing is ranked.
    pub(crate) rank: String,
    /// The numbers to see at a glance.
    pub(crate) chips: Vec<String>,
    pub(crate) severities: Vec<Part>,
    pub(crate) severity: String,
    /// The numbers in full.
    pub(crate) rows: Vec<Row>,
    pub(crate) quotes: Vec<QuoteView>,
    pub(crate) counter: Vec<QuoteView>,
    /// Its sub-themes.
    pub(crate) parts: Vec<GroupView>,
    /// Findings of other stages that tell of the same thing.
    pub(crate) recurs: Vec<LinkView>,
}

/// One quote.
#[derive(Debug, Serialize)]
pub(crate) struct QuoteView {
    /// The exact words.
    pub(crate) text: String,
    pub(crate) speaker: Option<String>,
    /// Id of the participant.
    pub(crate) participant: Option<String>,
    /// The segments of whoever said it.
    pub(crate) segments: Vec<Row>,
    pub(crate) sentiment: &'static str,
    pub(crate) document: String,
    /// What else is known of where and when it was said.
    pub(crate) details: Vec<String>,
    /// How the passage is tagged.
    pub(crate) tags: String,
    /// Why, one item a tag.
    pub(crate) why: Vec<WhyView>,
    /// Range and passage, for those who check.
    pub(crate) place: String,
    /// Who said it where and how it is tagged, in one line: what stands below a
    /// quote in formats for writing on, and is read back from there.
    pub(crate) below: String,
    pub(crate) stands: Place,
    pub(crate) before: Vec<ContextView>,
    pub(crate) after: Vec<ContextView>,
    /// Its own place in a page, where the page quotes it again further down.
    pub(crate) anchor: String,
    /// The place where the page has quoted it before, with its context.
    pub(crate) again: String,
}

/// Words around a quote.
#[derive(Debug, Serialize)]
pub(crate) struct ContextView {
    pub(crate) speaker: Option<String>,
    /// The exact words.
    pub(crate) text: String,
    pub(crate) stands: Place,
}

/// Where exact words stand, for a program that checks.
#[derive(Debug, Serialize)]
pub(crate) struct Place {
    pub(crate) document: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The passage, where the words are the whole of one.
    pub(crate) passage: Option<String>,
}

impl Place {
    pub(crate) fn of(label: &Label) -> Self {
        Self {
            document: label.document.clone(),
            start: label.start,
            end: label.end,
            passage: None,
        }
    }
}

/// Where the words of a heading stand.
pub(super) fn source(label: &Label) -> String {
    format!("{}, bytes {}–{}", label.document, label.start, label.end)
}

impl FindingView {
    pub(crate) fn of(stage: &str, index: usize, finding: &Finding, links: &Links<'_>) -> Self {
        Self {
            anchor: finding_anchor(stage, index),
            label: finding.label.text.clone(),
            code: comparing::heading(finding),
            source: source(&finding.label),
            stands: Place::of(&finding.label),
            terms: finding.terms.clone(),
            rank: finding.rank.map(|r| r.to_string()).unwrap_or_default(),
            chips: chips(finding),
            severities: severities(finding),
            severity: words::severities(&finding.severity),
            rows: rows(finding),
            quotes: finding.quotes.iter().map(QuoteView::of).collect(),
            counter: finding.counter_evidence.iter().map(QuoteView::of).collect(),
            parts: finding.parts.iter().map(GroupView::of).collect(),
            recurs: linked(links, &finding.recurs_in),
        }
    }
}

fn chips(finding: &Finding) -> Vec<String> {
    let mut chips = vec![
        numbers::counted(finding.counts.passages, "mention"),
        words::share_named(&finding.participants),
        words::share_named(&finding.documents),
    ];
    if finding.severity.median.is_some() {
        chips.push(format!(
            "median severity: {}",
            words::median(&finding.severity)
        ));
    }
    chips.push(format!("priority {}", words::priority(&finding.priority)));
    chips
}

fn severities(finding: &Finding) -> Vec<Part> {
    let total = finding.severity.total().max(1) as f64;
    words::severity_parts(&finding.severity)
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| Part {
            id: severity.as_str(),
            name: words::severity(severity),
            count: numbers::count(count),
            width: format!("{:.2}", count as f64 / total * 100.0),
        })
        .collect()
}

fn rows(finding: &Finding) -> Vec<Row> {
    let summary = &finding.sentiment;
    let sentiments = [
        (summary.negative, "negative"),
        (summary.mixed, "mixed"),
        (summary.neutral, "neutral"),
        (summary.positive, "positive"),
    ];
    let sentiments = sentiments
        .into_iter()
        .filter(|(part, _)| part.count > 0)
        .map(|(part, word)| format!("{} {word}", numbers::count(part.count)));
    let mut rows: Vec<Row> = comparing::codebook(finding).into_iter().collect();
    rows.extend([
        row("Priority", words::priority(&finding.priority)),
        row("Participants", words::share_long(&finding.participants)),
        row("Documents", words::share_long(&finding.documents)),
        row("By source", words::by_kind(&finding.by_kind, "mention")),
    ]);
    rows.extend(finding.effective_voices.map(|voices| {
        let value = format!("as concentrated as with {voices:.1} equally talkative ones");
        row("Effective voices", value)
    }));
    rows.extend([
        row("Severity", words::severities(&finding.severity)),
        row("Sentiment", words::joined(sentiments, " · ")),
        row("Brought up", words::prompting(&finding.prompting)),
        row("Touchpoints", touchpoints(&finding.touchpoints)),
    ]);
    rows.extend(comparing::rows(finding));
    if !finding.also.is_empty() {
        let passages = numbers::counted(finding.also.len(), "passage");
        let also = format!("{passages} counted in other findings of this stage");
        rows.push(row("Fits as well", also));
    }
    rows
}

/// Exact words with their source.
pub(crate) struct Spoken<'q> {
    pub(crate) text: &'q str,
    pub(crate) document: &'q str,
    pub(crate) range: Range<usize>,
    /// The passage, where the words are the whole of one.
    pub(crate) passage: Option<PassageId>,
    pub(crate) speaker: Option<&'q str>,
    pub(crate) role: Role,
    pub(crate) start_ms: Option<u64>,
    pub(crate) date: Option<Date>,
    pub(crate) rating: Option<f64>,
}

impl QuoteView {
    pub(crate) fn of(quote: &Quote) -> Self {
        let context = |slices: &[ContextSlice]| {
            let views = slices.iter();
            views
                .map(|slice| ContextView::of(slice, &quote.document))
                .collect()
        };
        let spoken = Spoken {
            text: &quote.text,
            document: &quote.document,
            range: quote.start..quote.end,
            passage: Some(quote.passage),
            speaker: quote.speaker.as_deref(),
            role: quote.role,
            start_ms: quote.start_ms,
            date: quote.date,
            rating: quote.rating,
        };
        Self {
            participant: quote.participant.clone(),
            segments: (quote.segments.iter())
                .map(|(name, value)| row(name, value.clone()))
                .collect(),
            sentiment: words::sentiment(quote.sentiment),
            why: why(quote),
            before: context(&quote.before),
            after: context(&quote.after),
            ..Self::spoken(&spoken, tags(quote), Vec::new())
        }
    }

    /// Words with their `tags` and what `more` there is to say of them, without
    /// context.
    pub(crate) fn spoken(spoken: &Spoken<'_>, tags: String, more: Vec<String>) -> Self {
        let mut details = Vec::new();
        details.extend(spoken.start_ms.map(numbers::time));
        details.extend(spoken.date.map(|date| date.to_string()));
        let rating = spoken.rating.map(numbers::rating);
        details.extend(rating.map(|rating| format!("rating {rating}")));
        if !spoken.role.is_evidence() {
            details.push(words::role(spoken.role).to_owned());
        }
        details.extend(more);
        let Range { start, end } = spoken.range;
        let passage = spoken.passage.map(|id| id.to_string());
        let within = passage.as_ref().map(|id| format!(", passage {id}"));
        let place = format!("bytes {start}–{end}{}", within.unwrap_or_default());
        let speaker = spoken.speaker.unwrap_or("no name");
        let source = [&[speaker, spoken.document], &strs(&details)[..]].concat();
        Self {
            text: spoken.text.to_owned(),
            speaker: spoken.speaker.map(str::to_owned),
            sentiment: "",
            document: spoken.document.to_owned(),
            below: format!("— {} ({tags}; {place})", source.join(" · ")),
            details,
            tags,
            why: Vec::new(),
            place,
            stands: Place {
                document: spoken.document.to_owned(),
                start,
                end,
                passage,
            },
            before: Vec::new(),
            after: Vec::new(),
            participant: None,
            segments: Vec::new(),
            anchor: String::new(),
            again: String::new(),
        }
    }
}

fn strs(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

fn tags(quote: &Quote) -> String {
    let mut tags = vec![match quote.unclear {
        true => format!("perhaps {}", quote.moment),
        false => quote.moment.to_string(),
    }];
    tags.push(words::sentiment(quote.sentiment).to_owned());
    let touchpoint = Some(quote.touchpoint).filter(|t| t.as_str() != "none");
    tags.extend(touchpoint.map(|t| words::touchpoint(t).to_owned()));
    if quote.pain {
        let severity = quote.severity.map(words::severity);
        tags.push(format!("pain: {}", severity.unwrap_or("severity not read")));
    }
    tags.extend(quote.prompting.map(|prompting| prompting.to_string()));
    let set = [
        ("a person", &quote.corrected),
        ("the study's own head", &quote.adapted),
    ];
    for (by, which) in set.iter().filter(|(_, which)| !which.is_empty()) {
        tags.push(format!("set by {by}: {}", which.join(", ")));
    }
    tags.join(" · ")
}

impl ContextView {
    fn of(slice: &ContextSlice, document: &str) -> Self {
        Self {
            speaker: slice.speaker.clone(),
            text: slice.text.clone(),
            stands: Place {
                document: document.to_owned(),
                start: slice.start,
                end: slice.end,
                passage: None,
            },
        }
    }
}
