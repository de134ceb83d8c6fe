use super::{LINE, emotion, text, text_width};
use crate::data::{Finding, StageReport};
use crate::{numbers, view, words};

/// Height of a bar with the space below it.
pub(super) const BAR: f64 = 18.0;

/// One measure of every stage.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) cells: Vec<Cell>,
}

/// One measure of one stage: a bar, then lines.
#[derive(Default)]
pub(super) struct Cell {
    /// Pieces of the bar: style and share of the full width, 0…1.
    pub(super) bar: Vec<(&'static str, f64)>,
    pub(super) lines: Vec<CellLine>,
}

pub(super) struct CellLine {
    pub(super) text: String,
    pub(super) class: &'static str,
    pub(super) href: String,
}

impl Cell {
    pub(super) fn height(&self) -> f64 {
        let bar = if self.bar.is_empty() { 0.0 } else { BAR };
        bar + LINE * self.lines.len() as f64
    }

    /// A dash where there is nothing, so that an empty place is no riddle.
    fn or_dash(mut self) -> Self {
        if self.lines.is_empty() {
            self.say("–", "quiet", 1, "");
        }
        self
    }

    /// An empty line.
    fn gap(&mut self) {
        self.lines.push(CellLine {
            text: String::new(),
            class: "gap",
            href: String::new(),
        });
    }

    fn say(&mut self, text: &str, class: &'static str, most: usize, href: &str) {
        let lines = text::wrap(text, text_width(), 12.0, most);
        self.lines.extend(lines.into_iter().map(|text| CellLine {
            text,
            class,
            href: href.to_owned(),
        }));
    }
}

/// The rows of the map from top to bottom. The emotion's cells are empty: it is
/// drawn as one curve.
pub(super) fn cells(stages: &[StageReport]) -> Vec<Row> {
    let most = stages.iter().map(|stage| stage.counts.passages).max();
    let most = most.unwrap_or_default();
    let row = |name, cell: &dyn Fn(&StageReport) -> Cell| Row {
        name,
        cells: stages.iter().map(|stage| cell(stage).or_dash()).collect(),
    };
    vec![
        row("Goal", &goal),
        row(emotion::NAME, &|_| Cell::default()),
        row("Sentiment", &sentiment),
        row("Voices", &|stage| voices(stage, most)),
        row("Touchpoints", &touchpoints),
        row("Top pains", &pains),
        row("What works", &works),
        row("Gaps", &gaps),
    ]
}

fn goal(stage: &StageReport) -> Cell {
    let mut cell = Cell::default();
    cell.say(&stage.goal, "text", 4, "");
    cell
}

fn sentiment(stage: &StageReport) -> Cell {
    let summary = &stage.sentiment;
    let mut cell = Cell::default();
    let parts = [
        ("negative", summary.negative),
        ("mixed", summary.mixed),
        ("neutral", summary.neutral),
        ("positive", summary.positive),
    ];
    let said = parts.into_iter().filter(|(_, part)| part.count > 0);
    for (name, part) in said {
        cell.bar.push((name, part.share));
        cell.say(
            &format!("{} {name}", numbers::percent(part.share)),
            "text",
            1,
            "",
        );
    }
    cell
}

fn voices(stage: &StageReport, most: usize) -> Cell {
    let mut cell = Cell::default();
    let counts = &stage.counts;
    if counts.passages > 0 {
        let share = counts.passages as f64 / most.max(1) as f64;
        cell.bar.push(("volume", share));
    }
    for text in [
        numbers::counted(counts.passages, "passage"),
        numbers::counted(counts.participants, "participant"),
        numbers::counted(counts.documents, "document"),
    ] {
        cell.say(&text, "text", 1, "");
    }
    cell
}

fn touchpoints(stage: &StageReport) -> Cell {
    let mut cell = Cell::default();
    let named = stage.touchpoints.iter().filter(|t| t.owner.is_some());
    for item in named.take(4) {
        let text = format!(
            "{} {} {}",
            words::owner_mark(item.owner),
            words::touchpoint(item.touchpoint),
            numbers::count(item.counts.passages)
        );
        cell.say(&text, "text", 2, "");
    }
    cell
}

fn pains(stage: &StageReport) -> Cell {
    let mut cell = Cell::default();
    for (i, finding) in stage.findings.iter().take(3).enumerate() {
        if i > 0 {
            cell.gap();
        }
        let href = view::finding_anchor(&stage.id, i);
        cell.say(&format!("“{}”", finding.label.text), "voice", 3, &href);
        cell.say(&reach(finding), "quiet", 1, "");
    }
    let more = stage.findings.len().saturating_sub(3);
    if more > 0 {
        let text = format!("and {} more", numbers::count(more));
        let href = view::anchor("stage", &stage.id);
        cell.say(&text, "quiet", 1, &href);
    }
    cell
}

/// People where they are known, documents where they are not.
fn reach(finding: &Finding) -> String {
    match finding.participants.of {
        0 => words::share_short(&finding.documents),
        _ => words::share_short(&finding.participants),
    }
}

fn works(stage: &StageReport) -> Cell {
    let mut cell = Cell::default();
    if let Some(quote) = stage.works.first() {
        cell.say(&format!("“{}”", quote.text), "voice", 4, "");
        let who = quote.speaker.as_deref().unwrap_or(&quote.document);
        cell.say(who, "quiet", 1, "");
    }
    cell
}

fn gaps(stage: &StageReport) -> Cell {
    let mut cell = Cell::default();
    let gap = match (stage.counts.passages, stage.too_few_voices) {
        (0, _) => "nobody spoke about it",
        (_, true) => "too few voices to compare",
        _ => "–",
    };
    cell.say(gap, "text", 2, "");
    cell
}
