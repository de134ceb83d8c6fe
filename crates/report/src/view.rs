//! A report as the words a reader sees, before any format lays them out.
//!
//! Exact words of speakers stay exact here; escaping them is the format's work.

mod collection;
mod comparing;
mod finding;
mod group;
mod question;
mod rest;
mod why;

use serde::Serialize;

use crate::data::{Report, StageReport, TextItem, TouchpointCount};
use crate::{numbers, words};
pub(crate) use collection::CollectionView;
pub(crate) use comparing::{SIGNIFICANT, by_period, direction};
pub(crate) use finding::{FindingView, Place, QuoteView};
pub(crate) use group::{GroupView, LinkView, RecurringView, WishesView};
pub(crate) use group::{Links, links};
pub(crate) use question::{QuestionView, QuestionsView};
use rest::{ApartView, SkippedView};
pub(crate) use rest::{COUNT, ManifestView};

/// What stands before the place of the words that a finding is called by.
pub(crate) const HEADING_WORDS: &str = "The heading’s words:";

/// The whole report.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    pub(crate) title: String,
    /// What was read, in one sentence.
    pub(crate) lead: String,
    pub(crate) framework: Row,
    pub(crate) stages: Vec<StageView>,
    /// Pain points that recur.
    pub(crate) recurring: Vec<RecurringView>,
    /// What was answered to each question, where anybody asked.
    pub(crate) questions: Option<QuestionsView>,
    /// What a researcher keeps together.
    pub(crate) collections: Vec<CollectionView>,
    pub(crate) apart: Vec<ApartView>,
    pub(crate) skipped: Vec<SkippedView>,
    pub(crate) coverage: Vec<Row>,
    /// Whether more interviews would bring more, and what is told together.
    pub(crate) saturation: Vec<Row>,
    pub(crate) corpus: Vec<Row>,
    pub(crate) method: Vec<TextItem>,
    pub(crate) limits: Vec<TextItem>,
    pub(crate) manifest: ManifestView,
    /// How the intervals are to be read.
    pub(crate) intervals: &'static str,
}

/// A name and what is said of it.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// A piece of a bar.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    /// The label's one spelling, for a style.
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) count: String,
    /// Share of the bar, 0…100.
    pub(crate) width: String,
}

/// One stage.
#[derive(Debug, Serialize)]
pub(crate) struct StageView {
    pub(crate) anchor: String,
    pub(crate) name: String,
    pub(crate) definition: String,
    pub(crate) goal: String,
    pub(crate) colour: String,
    /// What tells it: its moments, or its exemplars and how well they do.
    pub(crate) told_by: Row,
    pub(crate) passages: String,
    pub(crate) participants: String,
    pub(crate) documents: String,
    pub(crate) pain: String,
    pub(crate) net: String,
    /// The numbers to see at a glance.
    pub(crate) chips: Vec<String>,
    /// What is known of the stage as a whole, one row a measure.
    pub(crate) rows: Vec<Row>,
    pub(crate) sentiments: Vec<Part>,
    /// Why little or nothing can be said, where that is so.
    pub(crate) gap: Option<String>,
    pub(crate) empty: bool,
    pub(crate) works: Vec<QuoteView>,
    /// What works, grouped.
    pub(crate) praise: Vec<GroupView>,
    pub(crate) wishes: Option<WishesView>,
    pub(crate) findings: Vec<FindingView>,
    pub(crate) other: Vec<OtherView>,
    pub(crate) other_lead: Option<String>,
}

/// Pain passages in no finding, for one reason.
#[derive(Debug, Serialize)]
pub(crate) struct OtherView {
    pub(crate) lead: String,
    pub(crate) examples: Vec<QuoteView>,
}

const INTERVALS: &str = "Net sentiment is the share of positive passages minus the share of \
    negative ones, in percentage points from −100 to +100; mixed passages are in neither and are \
    drawn apart. Valence runs from −1 to +1 and counts a mixed passage on both sides. Every \
    interval names its unit (the participant, or the document where authors are not named). It \
    holds if these were a random sample, which a study rarely is: read it as the least doubt there \
    is, not as all of it.";

impl Page {
    pub(crate) fn of(report: &Report) -> Self {
        let lens = &report.manifest.framework;
        let links = links(report);
        let stages = report.stages.iter();
        let recurring = report.recurring.iter();
        Self {
            title: report.title.clone(),
            lead: rest::lead(&report.corpus),
            framework: row(&lens.name, lens.description.clone()),
            stages: stages.map(|stage| StageView::of(stage, &links)).collect(),
            recurring: recurring.map(|r| RecurringView::of(r, &links)).collect(),
            questions: QuestionsView::of(report, &links),
            collections: report
                .collections
                .iter()
                .enumerate()
                .map(CollectionView::of)
                .collect(),
            apart: rest::apart(&report.apart, &lens.name),
            skipped: report.skipped.iter().map(SkippedView::of).collect(),
            coverage: rest::coverage(&report.coverage),
            saturation: comparing::saturation(report),
            corpus: rest::corpus(&report.corpus),
            method: report.method.clone(),
            limits: report.limits.clone(),
            manifest: ManifestView::of(&report.manifest),
            intervals: INTERVALS,
        }
    }
}

impl Page {
    /// Every quote, in the order of the page.
    pub(crate) fn quotes_mut(&mut self) -> impl Iterator<Item = &mut QuoteView> {
        let stages = self.stages.iter_mut().flat_map(|stage| {
            let findings = stage.findings.iter_mut();
            let findings = findings.flat_map(|f| f.quotes.iter_mut().chain(&mut f.counter));
            let praise = stage.praise.iter_mut().flat_map(|group| &mut group.quotes);
            let wishes = stage
                .wishes
                .iter_mut()
                .flat_map(|wishes| &mut wishes.quotes);
            let other = stage.other.iter_mut().flat_map(|group| &mut group.examples);
            findings
                .chain(&mut stage.works)
                .chain(praise)
                .chain(wishes)
                .chain(other)
        });
        let apart = self.apart.iter_mut().flat_map(|part| &mut part.examples);
        let questions = self.questions.iter_mut().flat_map(|all| &mut all.asked);
        let answers = questions.flat_map(|asked| &mut asked.quotes);
        stages.chain(answers).chain(apart)
    }
}

pub(crate) fn row(name: &str, value: String) -> Row {
    Row {
        name: name.to_owned(),
        value,
    }
}

impl StageView {
    fn of(stage: &StageReport, links: &Links<'_>) -> Self {
        let findings = stage.findings.iter().enumerate();
        Self {
            anchor: anchor("stage", &stage.id),
            name: stage.name.clone(),
            definition: stage.definition.clone(),
            goal: stage.goal.clone(),
            colour: stage.colour.clone(),
            told_by: told_by(stage),
            passages: numbers::count(stage.counts.passages),
            participants: numbers::count(stage.counts.participants),
            documents: numbers::count(stage.counts.documents),
            pain: numbers::count(stage.pain_passages),
            net: words::net_short(stage.sentiment.net.as_ref()),
            chips: chips(stage),
            rows: rows(stage),
            sentiments: sentiments(stage),
            gap: gap(stage),
            empty: stage.counts.passages == 0,
            works: stage.works.iter().map(QuoteView::of).collect(),
            praise: stage.praise.iter().map(GroupView::of).collect(),
            wishes: stage.wishes.as_ref().map(WishesView::of),
            findings: findings
                .map(|(i, finding)| FindingView::of(&stage.id, i, finding, links))
                .collect(),
            other: others(stage),
            other_lead: other_lead(stage),
        }
    }
}

fn told_by(stage: &StageReport) -> Row {
    match &stage.reliability {
        Some(reliability) => row("Told by exemplars", words::reliability(reliability)),
        None => {
            let moments = stage.moments.iter().map(|moment| moment.to_string());
            row("Moments", words::joined(moments, ", "))
        }
    }
}

/// A name for a place in the page: an id may hold anything, an anchor may not.
pub(crate) fn anchor(what: &str, id: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("{what}-{}", id.chars().map(safe).collect::<String>())
}

/// The place of the finding at `index` of a stage: by number, since ids may
/// differ in signs that an anchor cannot hold.
pub(crate) fn finding_anchor(stage: &str, index: usize) -> String {
    anchor("finding", &format!("{stage}-{}", index + 1))
}

fn chips(stage: &StageReport) -> Vec<String> {
    vec![
        numbers::counted(stage.counts.passages, "passage"),
        numbers::counted(stage.counts.participants, "participant"),
        numbers::counted(stage.counts.documents, "document"),
        numbers::counted(stage.pain_passages, "passage with a pain"),
        format!(
            "net sentiment {}",
            words::net_short(stage.sentiment.net.as_ref())
        ),
    ]
}

fn rows(stage: &StageReport) -> Vec<Row> {
    if stage.counts.passages == 0 {
        return Vec::new();
    }
    let sentiment = &stage.sentiment;
    vec![
        row("Said", words::counts(&stage.counts, "passage")),
        row("By source", words::by_kind(&stage.by_kind, "passage")),
        row(
            "Net sentiment",
            words::estimate_long(sentiment.net.as_ref(), 0),
        ),
        row(
            "Valence",
            words::estimate_long(sentiment.valence.as_ref(), 2),
        ),
        row("Touchpoints", touchpoints(&stage.touchpoints)),
        row(
            "Pain passages",
            format!(
                "{}, of which {} in findings and {} in Other",
                numbers::count(stage.pain_passages),
                numbers::count(stage.pain_passages.saturating_sub(stage.other.passages)),
                numbers::count(stage.other.passages)
            ),
        ),
    ]
}

/// `app 12 (brand-owned), courier 3 (partner-owned)`.
pub(crate) fn touchpoints(list: &[TouchpointCount]) -> String {
    let each = list.iter().map(|item| {
        let owner = item
            .owner
            .map(|owner| format!(" ({owner})"))
            .unwrap_or_default();
        format!(
            "{} {}{owner}",
            words::touchpoint(item.touchpoint),
            numbers::count(item.counts.passages)
        )
    });
    words::joined(each, " · ")
}

fn sentiments(stage: &StageReport) -> Vec<Part> {
    let summary = &stage.sentiment;
    [
        ("negative", summary.negative),
        ("mixed", summary.mixed),
        ("neutral", summary.neutral),
        ("positive", summary.positive),
    ]
    .into_iter()
    .filter(|(_, part)| part.count > 0)
    .map(|(name, part)| Part {
        id: name,
        name,
        count: numbers::count(part.count),
        width: format!("{:.2}", part.share * 100.0),
    })
    .collect()
}

fn gap(stage: &StageReport) -> Option<String> {
    if stage.counts.passages == 0 {
        Some("Nobody spoke about this stage.".to_owned())
    } else if stage.too_few_voices {
        Some("Too few voices to compare this stage with others or to rank its findings.".to_owned())
    } else {
        None
    }
}

fn other_lead(stage: &StageReport) -> Option<String> {
    let passages = numbers::counted(stage.other.passages, "passage");
    (stage.other.passages > 0)
        .then(|| format!("{passages} that tell of a pain but belong to no finding."))
}

fn others(stage: &StageReport) -> Vec<OtherView> {
    use throughline_core::OtherReason::{SetAside, TooFar, TooFew};
    let groups = stage.other.groups.iter();
    groups
        .map(|group| {
            let why = match group.reason {
                TooFar => "nothing else in this stage says something near enough",
                TooFew => "those that say the same are fewer than a finding needs",
                SetAside => "a person put them aside, or deleted their finding",
            };
            OtherView {
                lead: format!("{}: {why}.", numbers::counted(group.passages, "passage")),
                examples: group.examples.iter().map(QuoteView::of).collect(),
            }
        })
        .collect()
}
