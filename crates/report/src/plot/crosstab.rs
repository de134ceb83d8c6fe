use std::collections::BTreeMap;

use super::{Mark, Plot, Table};
use crate::data::{Crosstab, CrosstabRow, SegmentShare};
use crate::map::wrap;
use crate::shapes::{Line, length, mark};
use crate::view::{LinkView, Links, SIGNIFICANT};
use crate::{numbers, words};

const WIDTH: f64 = 860.0;
/// Where the names of the findings end, and the shares begin.
const LEFT: f64 = 330.0;
const RIGHT: f64 = WIDTH - 90.0;
const TOP: f64 = 28.0;
/// Height for one value within a row.
const VALUE: f64 = 11.0;

/// Each finding by the values of an attribute.
pub(super) fn plot(crosstab: &Crosstab, links: &Links<'_>) -> Plot {
    let columns = columns(crosstab);
    let rows: Vec<(&CrosstabRow, &LinkView)> = (crosstab.rows.iter())
        .filter_map(|row| Some((row, links.get(row.finding.as_str())?)))
        .collect();
    let tall = VALUE * columns.len() as f64 + 10.0;
    let bottom = TOP + tall * rows.len() as f64;
    let mut plot = Plot {
        title: format!("By {}", crosstab.attribute),
        about: "Share of the voices of each segment that mention a finding, of those who spoke about \
                its stage, with 95% intervals (Wilson). A probability stands where a segment differs, \
                with regard to all tests of this report (Holm)."
            .to_owned(),
        width: length(WIDTH),
        height: length(bottom + 6.0),
        key: (columns.iter().enumerate())
            .map(|(number, name)| Mark {
                class: class(number),
                path: mark(number, (7.0, 7.0)),
                name: (*name).to_owned(),
            })
            .collect(),
        table: table(&rows, &columns),
        ..Plot::default()
    };
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let at = x(share);
        plot.shape(
            "grid",
            format!("M{} {}V{}", length(at), length(TOP), length(bottom)),
        );
        plot.text("figures", (at, TOP - 10.0), numbers::percent(share));
    }
    for (number, (row, link)) in rows.iter().enumerate() {
        let top = TOP + tall * number as f64;
        plot.shape("rule", format!("M0 {}H{}", length(top), length(WIDTH)));
        let label = wrap(&format!("“{}”", link.label), LEFT - 40.0, 12.0, 1).concat();
        plot.texts.push(Line {
            class: "voice",
            x: "2".to_owned(),
            y: length(top + tall / 2.0 + 4.0),
            text: label,
            href: link.anchor.clone(),
        });
        if let Some(p) = row.adjusted.filter(|p| *p < SIGNIFICANT) {
            let middle = top + tall / 2.0 + 4.0;
            plot.text("start", (RIGHT + 14.0, middle), numbers::probability(p));
        }
        for share in &row.values {
            let Some(place) = columns.iter().position(|name| *name == share.value) else {
                continue;
            };
            draw(
                &mut plot,
                share,
                place,
                top + 5.0 + VALUE * (place as f64 + 0.5),
            );
        }
    }
    plot
}

fn draw(plot: &mut Plot, share: &SegmentShare, place: usize, y: f64) {
    let (Some(count), true) = (share.count, share.of > 0) else {
        return;
    };
    if let Some(interval) = &share.interval {
        let (low, high) = (length(x(interval.low)), length(x(interval.high)));
        plot.shape("thin", format!("M{low} {}H{high}", length(y)));
    }
    let at = (x(count as f64 / share.of as f64), y);
    plot.shape(class(place), mark(place, at));
}

fn x(share: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * share.clamp(0.0, 1.0)
}

fn class(number: usize) -> String {
    let hollow = if number >= 4 { " hollow" } else { "" };
    format!("mark-{}{hollow}", number % 4)
}

/// The attribute's values, the one that most voices have first.
fn columns(crosstab: &Crosstab) -> Vec<&str> {
    let mut most: BTreeMap<&str, usize> = BTreeMap::new();
    for share in crosstab.rows.iter().flat_map(|row| &row.values) {
        let known = most.entry(share.value.as_str()).or_default();
        *known = share.of.max(*known);
    }
    let mut columns: Vec<(&str, usize)> = most.into_iter().collect();
    columns.sort_by_key(|(name, most)| (std::cmp::Reverse(*most), *name));
    columns.into_iter().map(|(name, _)| name).collect()
}

fn table(rows: &[(&CrosstabRow, &LinkView)], columns: &[&str]) -> Table {
    let cell = |row: &CrosstabRow, name: &str| {
        let share = row.values.iter().find(|share| share.value == name);
        match share.map(|share| (share.count, share.of, share.interval.as_ref())) {
            Some((Some(count), of, interval)) => {
                format!("{} ({})", words::of(count, of), words::range(interval))
            }
            Some((None, of, _)) => format!("too few to show, of {}", numbers::count(of)),
            None => "–".to_owned(),
        }
    };
    let last = |row: &CrosstabRow| {
        row.adjusted
            .map_or("not tested".to_owned(), numbers::probability)
    };
    let mut head = vec!["Finding".to_owned()];
    head.extend(columns.iter().map(|name| (*name).to_owned()));
    head.push("Holm".to_owned());
    let rows = rows.iter().map(|(row, link)| {
        let cells = columns.iter().map(|name| cell(row, name));
        let name = format!("{}: “{}”", link.at, link.label);
        (name, cells.chain([last(row)]).collect())
    });
    Table {
        head,
        rows: rows.collect(),
    }
}
