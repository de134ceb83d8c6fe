use std::collections::BTreeMap;

use serde::Serialize;

use super::{Plot, Table};
use crate::data::{MatrixCell, MatrixRow, Report};
use crate::map::wrap;
use crate::numbers;
use crate::shapes::{Line, circle, length};
use crate::view::{LinkView, Links, Place};

/// Room for the names of the participants.
const LEFT: f64 = 170.0;
/// Room for the labels, which stand aslant.
const TOP: f64 = 170.0;
const CELL: f64 = 24.0;
/// Room for the last label's end.
const RIGHT: f64 = 150.0;
/// Participants that are drawn, at most: those who tell of most.
const DRAWN: usize = 60;

/// Who of the people interviewed said what.
#[derive(Debug, Serialize)]
pub(crate) struct Matrix {
    plot: Plot,
    /// The same in words.
    people: Vec<Person>,
}

/// What one participant said.
#[derive(Debug, Serialize)]
struct Person {
    name: String,
    said: Vec<Mentioned>,
}

/// What one participant said of one finding.
#[derive(Debug, Serialize)]
struct Mentioned {
    link: LinkView,
    mentions: String,
    /// Their most typical words, or empty where another view holds them.
    words: String,
    stands: Place,
}

impl Matrix {
    /// `None` where nobody was interviewed who tells of a finding.
    pub(super) fn of(report: &Report, links: &Links<'_>, with_words: bool) -> Option<Self> {
        if report.matrix.is_empty() {
            return None;
        }
        let people = report.matrix.iter();
        Some(Self {
            plot: plot(report, links),
            people: people
                .map(|row| Person::of(row, links, with_words))
                .collect(),
        })
    }
}

impl Person {
    fn of(row: &MatrixRow, links: &Links<'_>, with_words: bool) -> Self {
        let said = row.cells.iter().filter_map(|cell| {
            let quote = &cell.quote;
            Some(Mentioned {
                link: links.get(cell.finding.as_str())?.clone(),
                mentions: numbers::counted(cell.mentions, "mention"),
                words: match with_words {
                    true => quote.text.clone(),
                    false => String::new(),
                },
                stands: Place::of(quote),
            })
        });
        Self {
            name: row.participant.clone(),
            said: said.collect(),
        }
    }
}

fn plot(report: &Report, links: &Links<'_>) -> Plot {
    let findings = report.stages.iter().flat_map(|stage| &stage.findings);
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for cell in report.matrix.iter().flat_map(|row| &row.cells) {
        *told.entry(cell.finding.as_str()).or_default() += 1;
    }
    let columns: Vec<(&str, &LinkView, usize)> = findings
        .filter_map(|finding| {
            let id = finding.id.as_str();
            Some((id, links.get(id)?, *told.get(id)?))
        })
        .collect();
    let places: BTreeMap<&str, usize> = (columns.iter().enumerate())
        .map(|(place, (id, ..))| (*id, place))
        .collect();
    let mut rows: Vec<&MatrixRow> = report.matrix.iter().collect();
    rows.sort_by(|a, b| {
        let more = b.cells.len().cmp(&a.cells.len());
        more.then_with(|| a.participant.cmp(&b.participant))
    });
    let left_out = rows.len().saturating_sub(DRAWN);
    rows.truncate(DRAWN);
    let bottom = TOP + CELL * rows.len() as f64;
    let right = LEFT + CELL * columns.len() as f64;
    let mut plot = Plot {
        title: "Participants and findings".to_owned(),
        about: about(left_out),
        width: length(right + RIGHT),
        height: length(bottom + 26.0),
        table: Table::default(),
        ..Plot::default()
    };
    heads(&mut plot, &columns, (right, bottom));
    plot.text("tick", (LEFT - 8.0, bottom + 17.0), "people");
    for (number, row) in rows.iter().enumerate() {
        let y = TOP + CELL * number as f64;
        plot.shape("grid", format!("M0 {}H{}", length(y), length(right)));
        plot.text(
            "start",
            (2.0, y + CELL / 2.0 + 4.0),
            short(&row.participant),
        );
        for cell in &row.cells {
            if let Some(place) = places.get(cell.finding.as_str()) {
                let x = LEFT + CELL * (*place as f64 + 0.5);
                draw(&mut plot, cell, (x, y + CELL / 2.0));
            }
        }
    }
    plot.shape("edge", format!("M0 {}H{}", length(bottom), length(right)));
    plot
}

/// The findings above, a line before each, and below how many people tell of it.
fn heads(plot: &mut Plot, columns: &[(&str, &LinkView, usize)], (right, bottom): (f64, f64)) {
    let mut stage = "";
    for (number, (_, link, told)) in columns.iter().enumerate() {
        let x = LEFT + CELL * number as f64;
        let class = if link.stage == stage { "grid" } else { "edge" };
        plot.shape(
            class,
            format!("M{} {}V{}", length(x), length(TOP - 6.0), length(bottom)),
        );
        stage = &link.stage;
        let label = wrap(&format!("“{}”", link.label), TOP + 20.0, 12.0, 1).concat();
        plot.texts.push(Line {
            class: "aslant",
            x: length(x + CELL / 2.0 + 4.0),
            y: length(TOP - 12.0),
            text: label,
            href: link.anchor.clone(),
        });
        plot.text(
            "figures",
            (x + CELL / 2.0, bottom + 17.0),
            numbers::count(*told),
        );
    }
    plot.shape(
        "edge",
        format!(
            "M{} {}V{}",
            length(right),
            length(TOP - 6.0),
            length(bottom)
        ),
    );
}

fn about(left_out: usize) -> String {
    let mut text = "Each circle is a participant of an interview who mentions a finding, with the \
                    number of mentions; findings in the order of the journey, a strong line between \
                    stages. Below, how many people mention each."
        .to_owned();
    if left_out > 0 {
        let people = numbers::counted(left_out, "participant");
        text.push_str(&format!(
            " {people} who tell of fewer stand in the table alone."
        ));
    }
    text
}

fn draw(plot: &mut Plot, cell: &MatrixCell, at: (f64, f64)) {
    let r = (7.0 + (cell.mentions as f64).sqrt()).min(11.0);
    plot.shape("told", circle(at, r));
    plot.text("within", (at.0, at.1 + 4.0), numbers::count(cell.mentions));
}

/// The end of an id, which tells people apart better than its beginning.
fn short(id: &str) -> String {
    let fits = |text: &str| wrap(text, LEFT - 16.0, 12.0, 1).concat() == text;
    if fits(id) {
        return id.to_owned();
    }
    let ends = id
        .match_indices('/')
        .map(|(at, _)| format!("…{}", id.get(at..).unwrap_or_default()));
    let fitting = ends.into_iter().find(|end| fits(end));
    fitting.unwrap_or_else(|| wrap(id, LEFT - 16.0, 12.0, 1).concat())
}
