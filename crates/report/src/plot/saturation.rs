use super::{Plot, Table, height, line};
use crate::data::{Interval, Saturation};
use crate::numbers;
use crate::shapes::{circle, length};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = WIDTH - 130.0;
const UP_AND_DOWN: (f64, f64) = (14.0, HEIGHT - 40.0);
/// Steps that a scale of counts may have.
const STEPS: [f64; 12] = [
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 1e4, 1e5,
];
/// Numbers on an axis, at most.
const NUMBERS: f64 = 7.0;

/// New pain points by interview; nothing where there are too few for a curve.
pub(super) fn plot(found: &Saturation) -> Option<Plot> {
    let reached = found.curve.last()?;
    let highs = found.curve_range.iter().map(|range| range.high);
    let most = highs.fold(*reached, f64::max);
    // A line far above would press the curve flat, and is too uncertain to be drawn.
    let estimated = Some(found.estimated).filter(|estimated| *estimated <= 2.0 * most);
    let most = estimated.map_or(most, |estimated| most.max(estimated)) * 1.05;
    let y = |value: f64| height(value, most, UP_AND_DOWN);
    let people = found.curve.len();
    let step = (RIGHT - LEFT) / people as f64;
    let x = |person: usize| LEFT + step * person as f64;
    let mut plot = Plot {
        title: "New pain points by interview".to_owned(),
        about: format!(
            "{} The line is the mean over random orders of the interviews, the band holds 95 of 100 \
             of them; dashed, how many distinct pain points there are at least, where that is \
             near enough to be drawn.",
            found.sentence
        ),
        width: length(WIDTH),
        height: length(HEIGHT),
        table: table(found),
        ..Plot::default()
    };
    let by = fitting(most);
    for number in 0..=NUMBERS as usize {
        let at = by * number as f64;
        if at <= most {
            plot.level((LEFT, RIGHT), y(at), format!("{at:.0}"));
        }
    }
    let by = fitting(people as f64) as usize;
    for person in (0..=people).step_by(by.max(1)) {
        plot.text("figures", (x(person), HEIGHT - 22.0), person.to_string());
    }
    plot.text(
        "figures",
        (f64::midpoint(LEFT, RIGHT), HEIGHT - 4.0),
        "interviews",
    );
    let ranges: Vec<(usize, &Interval)> = (1..).zip(&found.curve_range).collect();
    let above = ranges
        .iter()
        .map(|(person, range)| (x(*person), y(range.high)));
    let below = (ranges.iter().rev()).map(|(person, range)| (x(*person), y(range.low)));
    let band: Vec<(f64, f64)> = above.chain(below).collect();
    if !band.is_empty() {
        plot.shape("band", format!("{}Z", line(&band)));
    }
    if let Some(estimated) = estimated {
        let (left, right) = (length(LEFT), length(RIGHT));
        plot.shape(
            "dashed",
            format!("M{left} {}H{right}", length(y(estimated))),
        );
        let label = format!("at least {estimated:.0}");
        plot.text("start", (RIGHT + 8.0, y(estimated) + 4.0), label);
    }
    let curve: Vec<(f64, f64)> = (1..)
        .zip(&found.curve)
        .map(|(person, mean)| (x(person), y(*mean)))
        .collect();
    plot.shape("curve", line(&curve));
    for at in &curve {
        plot.shape("point", circle(*at, 3.0));
    }
    // Two numbers that lie on each other cannot be read.
    if estimated.is_none_or(|estimated| y(*reached) - y(estimated) > 14.0) {
        plot.text(
            "start",
            (RIGHT + 8.0, y(*reached) + 4.0),
            format!("{reached:.0} heard"),
        );
    }
    Some(plot)
}

/// A step that gives few numbers.
fn fitting(most: f64) -> f64 {
    let fits = |step: &f64| most / step <= NUMBERS;
    STEPS.into_iter().find(fits).unwrap_or(most)
}

fn table(found: &Saturation) -> Table {
    let rows = found.curve.iter().enumerate().map(|(number, mean)| {
        let range = found.curve_range.get(number);
        let range = range.map_or("–".to_owned(), |r| format!("{:.0}…{:.0}", r.low, r.high));
        (
            numbers::count(number + 1),
            vec![format!("{mean:.1}"), range],
        )
    });
    Table {
        head: ["Interviews", "Distinct pain points", "95 of 100 orders"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
    }
}
