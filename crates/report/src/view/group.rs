use std::collections::BTreeMap;

use serde::Serialize;

use super::finding::QuoteView;
use super::finding_anchor;
use crate::data::{NamedGroup, Recurring, Report, Wishes};
use crate::{numbers, words};

/// A sub-theme, or one kind of praise.
#[derive(Debug, Serialize)]
pub(crate) struct GroupView {
    /// Its exact words.
    pub(crate) label: String,
    /// Its numbers.
    pub(crate) about: String,
    pub(crate) terms: Vec<String>,
    pub(crate) quotes: Vec<QuoteView>,
}

impl GroupView {
    pub(crate) fn of(group: &NamedGroup) -> Self {
        let numbers = [
            numbers::counted(group.counts.passages, "mention"),
            words::share_named(&group.participants),
            words::share_named(&group.documents),
        ];
        Self {
            label: group.label.text.clone(),
            about: numbers.join(" · "),
            terms: group.terms.clone(),
            quotes: group.quotes.iter().map(QuoteView::of).collect(),
        }
    }
}

/// What people wish for in a stage.
#[derive(Debug, Serialize)]
pub(crate) struct WishesView {
    pub(crate) lead: String,
    pub(crate) quotes: Vec<QuoteView>,
}

impl WishesView {
    pub(crate) fn of(wishes: &Wishes) -> Self {
        let counts = words::counts(&wishes.counts, "passage");
        Self {
            lead: format!("{counts} in which people say what should be otherwise."),
            quotes: wishes.quotes.iter().map(QuoteView::of).collect(),
        }
    }
}

/// A finding, named from elsewhere.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct LinkView {
    pub(crate) anchor: String,
    /// Its exact words.
    pub(crate) label: String,
    pub(crate) stage: String,
    /// Colour of the stage.
    pub(crate) colour: String,
    /// Where it is found on paper: its stage, and its rank there.
    pub(crate) at: String,
}

/// Where each finding stands, by its id.
pub(crate) type Links<'r> = BTreeMap<&'r str, LinkView>;

/// Finds the place of every finding.
pub(crate) fn links(report: &Report) -> Links<'_> {
    let mut links = BTreeMap::new();
    for stage in &report.stages {
        for (index, finding) in stage.findings.iter().enumerate() {
            let link = LinkView {
                anchor: finding_anchor(&stage.id, index),
                label: finding.label.text.clone(),
                stage: stage.name.clone(),
                colour: stage.colour.clone(),
                at: match finding.rank {
                    Some(rank) => format!("{} {rank}", stage.name),
                    None => stage.name.clone(),
                },
            };
            links.insert(finding.id.as_str(), link);
        }
    }
    links
}

/// The links to some findings, those that are not in the report left out.
pub(crate) fn linked(links: &Links<'_>, ids: &[String]) -> Vec<LinkView> {
    let known = ids.iter().filter_map(|id| links.get(id.as_str()));
    known.cloned().collect()
}

/// A pain point that recurs in several stages.
#[derive(Debug, Serialize)]
pub(crate) struct RecurringView {
    pub(crate) about: String,
    pub(crate) findings: Vec<LinkView>,
}

impl RecurringView {
    pub(crate) fn of(recurring: &Recurring, links: &Links<'_>) -> Self {
        Self {
            about: words::counts(&recurring.counts, "mention"),
            findings: linked(links, &recurring.findings),
        }
    }
}
