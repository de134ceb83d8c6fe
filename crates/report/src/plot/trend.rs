use super::{Plot, Table, height, line};
use crate::data::{Month, Report, Trend};
use crate::shapes::{circle, length};
use crate::view::{LinkView, Links, direction};
use crate::{numbers, words};

const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 130.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = WIDTH - 12.0;
/// Between these the shares are drawn, and below them the months.
const UP_AND_DOWN: (f64, f64) = (10.0, HEIGHT - 24.0);
/// Ends of the scale of shares: the least that holds every interval.
const SCALES: [f64; 5] = [0.1, 0.2, 0.3, 0.5, 1.0];

/// A picture for each finding with a trend, the surest first.
pub(super) fn plots(report: &Report, links: &Links<'_>) -> Vec<Plot> {
    let findings = report.stages.iter().flat_map(|stage| &stage.findings);
    let mut with: Vec<(&Trend, &LinkView)> = findings
        .filter_map(|finding| Some((finding.trend.as_ref()?, links.get(finding.id.as_str())?)))
        .collect();
    with.sort_by(|(a, _), (b, _)| {
        let sure = a.adjusted.total_cmp(&b.adjusted);
        sure.then(b.z.abs().total_cmp(&a.z.abs()))
    });
    with.into_iter()
        .map(|(trend, link)| plot(trend, link))
        .collect()
}

fn plot(trend: &Trend, link: &LinkView) -> Plot {
    let mut plot = Plot {
        link: Some(link.clone()),
        about: format!(
            "{}; {} with regard to all findings",
            direction(trend),
            numbers::probability(trend.adjusted)
        ),
        width: length(WIDTH),
        height: length(HEIGHT),
        table: table(trend),
        ..Plot::default()
    };
    let share = |month: &Month| month.count as f64 / month.of.max(1) as f64;
    let highest = |month: &Month| month.interval.as_ref().map_or(share(month), |i| i.high);
    let top = trend.months.iter().map(highest).fold(0.0, f64::max);
    let most = SCALES.into_iter().find(|most| *most >= top).unwrap_or(1.0);
    let y = |value: f64| height(value, most, UP_AND_DOWN);
    for share in [0.0, most / 2.0, most] {
        plot.level((LEFT, RIGHT), y(share), numbers::percent(share));
    }
    let places: Vec<i64> = trend
        .months
        .iter()
        .map(|month| months_of(&month.month))
        .collect();
    let (first, last) = (places.first().copied(), places.last().copied());
    let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
    let step = (RIGHT - LEFT - 24.0) / ((last - first).max(1) as f64);
    let mut points = Vec::new();
    for (month, place) in trend.months.iter().zip(&places) {
        let at = (LEFT + 12.0 + step * (place - first) as f64, y(share(month)));
        if let Some(interval) = &month.interval {
            let (high, low) = (length(y(interval.high)), length(y(interval.low)));
            plot.shape("whisker", format!("M{} {high}V{low}", length(at.0)));
        }
        points.push(at);
    }
    plot.shape("curve", line(&points));
    for at in &points {
        plot.shape("point", circle(*at, 3.5));
    }
    let ends = [
        points.first().zip(trend.months.first()),
        points.last().zip(trend.months.last()),
    ];
    for (class, end) in ["start", "end"].into_iter().zip(ends) {
        if let Some(((x, _), month)) = end {
            let x = if class == "start" { x - 12.0 } else { x + 12.0 };
            plot.text(class, (x, HEIGHT - 6.0), month.month.clone());
        }
    }
    plot
}

/// `2025-03` as months since the year 0, so that months without documents take
/// their room.
fn months_of(month: &str) -> i64 {
    let parts = month.split_once('-');
    let number = |text: &str| text.parse::<i64>().unwrap_or_default();
    parts.map_or(0, |(year, month)| number(year) * 12 + number(month))
}

fn table(trend: &Trend) -> Table {
    let row = |month: &Month| {
        let share = month.count as f64 / month.of.max(1) as f64;
        let cells = vec![
            words::of(month.count, month.of),
            numbers::percent(share),
            words::range(month.interval.as_ref()),
        ];
        (month.month.clone(), cells)
    };
    Table {
        head: ["Month", "Documents", "Share", "95% interval"]
            .map(str::to_owned)
            .to_vec(),
        rows: trend.months.iter().map(row).collect(),
    }
}
