use throughline_core::Period;

use super::{Plot, Table, height, line};
use crate::data::{PeriodShare, Report, Trend};
use crate::shapes::{circle, length};
use crate::view::{LinkView, Links, by_period, direction};
use crate::{numbers, words};

const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 130.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = WIDTH - 12.0;
/// Between these the shares are drawn, and below them the weeks or months.
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
            "{}: {}; {} with regard to all findings",
            by_period(trend),
            direction(trend),
            numbers::probability(trend.adjusted)
        ),
        width: length(WIDTH),
        height: length(HEIGHT),
        table: table(trend),
        ..Plot::default()
    };
    let highest = |one: &PeriodShare| one.interval.as_ref().map_or(one.share(), |i| i.high);
    let top = trend.shares.iter().map(highest).fold(0.0, f64::max);
    let most = SCALES.into_iter().find(|most| *most >= top).unwrap_or(1.0);
    let y = |value: f64| height(value, most, UP_AND_DOWN);
    for share in [0.0, most / 2.0, most] {
        plot.level((LEFT, RIGHT), y(share), numbers::percent(share));
    }
    // Periods without documents take their room.
    let places: Vec<f64> = trend
        .shares
        .iter()
        .map(|one| f64::from(trend.period.number(one.first)))
        .collect();
    let (first, last) = (places.first().copied(), places.last().copied());
    let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
    let step = (RIGHT - LEFT - 24.0) / (last - first).max(1.0);
    let mut points = Vec::new();
    for (one, place) in trend.shares.iter().zip(&places) {
        let at = (LEFT + 12.0 + step * (place - first), y(one.share()));
        if let Some(interval) = &one.interval {
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
        points.first().zip(trend.shares.first()),
        points.last().zip(trend.shares.last()),
    ];
    for (class, end) in ["start", "end"].into_iter().zip(ends) {
        if let Some(((x, _), one)) = end {
            let x = if class == "start" { x - 12.0 } else { x + 12.0 };
            plot.text(class, (x, HEIGHT - 6.0), trend.period.name(one.first));
        }
    }
    plot
}

fn table(trend: &Trend) -> Table {
    let row = |one: &PeriodShare| {
        let cells = vec![
            words::of(one.count, one.of),
            numbers::percent(one.share()),
            words::range(one.interval.as_ref()),
        ];
        (trend.period.name(one.first), cells)
    };
    let period = match trend.period {
        Period::Week => "Week of",
        Period::Month => "Month",
    };
    Table {
        head: [period, "Documents", "Share", "95% interval"]
            .map(str::to_owned)
            .to_vec(),
        rows: trend.shares.iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_named_by_their_mondays_and_keep_their_distances() {
        let share = |first: &str, count| PeriodShare {
            first: first.parse().unwrap(),
            count,
            of: 2,
            interval: None,
        };
        let weeks = ["2020-12-28", "2021-01-04", "2021-01-25"];
        let trend = Trend {
            period: Period::Week,
            shares: vec![share(weeks[0], 0), share(weeks[1], 1), share(weeks[2], 2)],
            z: 2.5,
            p: 0.01,
            adjusted: 0.02,
        };
        let plot = plot(&trend, &LinkView::default());
        assert_eq!(plot.table.head[0], "Week of");
        let rows: Vec<&str> = plot.table.rows.iter().map(|row| &*row.0).collect();
        assert_eq!(rows, weeks);
        assert!(
            plot.about
                .starts_with("By week, named by its Monday: rising")
        );
        let curve = plot.shapes.iter().find(|shape| shape.class == "curve");
        let path = curve.unwrap().path.replace(['M', 'L'], " ");
        let numbers = path.split_whitespace().map(|n| n.parse::<f64>().unwrap());
        let x: Vec<f64> = numbers.step_by(2).collect();
        // A week, and then three.
        assert!(((x[2] - x[1]) / (x[1] - x[0]) - 3.0).abs() < 0.1, "{x:?}");
    }
}
