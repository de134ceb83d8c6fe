use serde::Serialize;

use super::{COLUMN, LEFT};
use crate::data::{Estimate, StageReport};
use crate::numbers;
use crate::shapes::length;

/// The row's name.
pub(super) const NAME: &str = "Emotion";

/// Height from +100 to −100.
const HEIGHT: f64 = 170.0;
/// Room below for the intervals in figures.
const FIGURES: f64 = 18.0;

/// The emotion curve: net sentiment of each stage, its interval, and the
/// valence beside it on the same scale (times 100).
#[derive(Debug, Default, Serialize)]
pub(super) struct Emotion {
    #[serde(skip)]
    pub(super) height: f64,
    grid: Vec<GridLine>,
    left: String,
    right: String,
    /// Areas between the ends of the intervals, one for each run of
    /// neighbouring stages that have one.
    bands: Vec<String>,
    /// Bands along the zero line, as high as the share of mixed passages: they
    /// are on neither side of it.
    mixed: Vec<String>,
    curves: Vec<Curve>,
    points: Vec<Point>,
}

#[derive(Debug, Serialize)]
struct GridLine {
    y: String,
    text_y: String,
    text: String,
    zero: bool,
}

#[derive(Debug, Serialize)]
struct Curve {
    path: String,
    /// True if it leads over a stage without voices or to one with too few.
    doubtful: bool,
}

#[derive(Debug, Serialize)]
struct Point {
    x: String,
    y: String,
    text_x: String,
    text_y: String,
    text: String,
    hollow: bool,
    /// Top and bottom of the interval, or empty.
    whisker: Vec<String>,
    figures: String,
    figures_y: String,
    /// The middle of the valence's mark, or empty.
    valence: String,
}

/// A stage that has a net sentiment, on the picture.
struct Place<'r> {
    index: usize,
    x: f64,
    y: f64,
    net: &'r Estimate,
    doubtful: bool,
    stage: &'r StageReport,
}

impl Emotion {
    pub(super) fn of(stages: &[StageReport], top: f64) -> Self {
        let y = |points: f64| top + HEIGHT * (100.0 - points.clamp(-100.0, 100.0)) / 200.0;
        let places: Vec<_> = stages
            .iter()
            .enumerate()
            .filter_map(|(index, stage)| {
                let net = stage.sentiment.net.as_ref()?;
                Some(Place {
                    index,
                    x: super::left_of(index) + COLUMN / 2.0 - 2.0,
                    y: y(net.value),
                    net,
                    doubtful: stage.too_few_voices,
                    stage,
                })
            })
            .collect();
        Self {
            height: HEIGHT + FIGURES,
            grid: [100.0, 50.0, 0.0, -50.0, -100.0]
                .into_iter()
                .map(|points| GridLine {
                    y: length(y(points)),
                    text_y: length(y(points) + 4.0),
                    text: numbers::signed(points, 0),
                    zero: points == 0.0,
                })
                .collect(),
            left: length(LEFT),
            right: length(super::left_of(stages.len()) - 4.0),
            bands: bands(&places, &|place| {
                let interval = place.net.interval.as_ref()?;
                Some((y(interval.high), y(interval.low)))
            }),
            mixed: bands(&places, &|place| {
                let half = place.stage.sentiment.mixed.share * 50.0;
                Some((y(half), y(-half)))
            }),
            curves: places.windows(2).filter_map(curve).collect(),
            points: places
                .iter()
                .map(|place| place.point(y, top + HEIGHT + FIGURES - 2.0))
                .collect(),
        }
    }
}

impl Place<'_> {
    fn point(&self, y: impl Fn(f64) -> f64, figures_y: f64) -> Point {
        let interval = self.net.interval.as_ref();
        let valence = self.stage.sentiment.valence.as_ref();
        let ends = interval.map(|i| vec![length(y(i.high)), length(y(i.low))]);
        Point {
            x: length(self.x),
            y: length(self.y),
            text_x: length(self.x + 10.0),
            text_y: length(self.y - 8.0),
            text: numbers::signed(self.net.value, 0),
            hollow: self.doubtful,
            whisker: ends.unwrap_or_default(),
            figures: interval
                .map(|i| numbers::signed_range(i.low, i.high, 0))
                .unwrap_or_else(|| "no interval".to_owned()),
            figures_y: length(figures_y),
            valence: valence
                .map(|valence| {
                    let (x, y) = (self.x - 16.0, y(valence.value * 100.0));
                    format!("M{x:.1} {:.1}l5 5l-5 5l-5 -5z", y - 5.0)
                })
                .unwrap_or_default(),
        }
    }
}

/// From one point to the next, level at both, so that the curve never leaves
/// the range between them.
fn bend(from: (f64, f64), to: (f64, f64)) -> String {
    let middle = f64::midpoint(from.0, to.0);
    format!(
        "C{middle:.1} {:.1} {middle:.1} {:.1} {:.1} {:.1}",
        from.1, to.1, to.0, to.1
    )
}

fn curve(pair: &[Place<'_>]) -> Option<Curve> {
    let [one, next] = pair else { return None };
    let bend = bend((one.x, one.y), (next.x, next.y));
    Some(Curve {
        path: format!("M{:.1} {:.1}{bend}", one.x, one.y),
        doubtful: next.index - one.index > 1 || one.doubtful || next.doubtful,
    })
}

/// The areas between two heights at each place, one for each pair of neighbours
/// that have them.
fn bands(places: &[Place<'_>], ends: &dyn Fn(&Place<'_>) -> Option<(f64, f64)>) -> Vec<String> {
    places
        .windows(2)
        .filter_map(|pair| {
            let [one, next] = pair else { return None };
            if next.index - one.index > 1 {
                return None;
            }
            let ((high1, low1), (high2, low2)) = (ends(one)?, ends(next)?);
            let (x1, x2) = (one.x, next.x);
            let above = bend((x1, high1), (x2, high2));
            let below = bend((x2, low2), (x1, low1));
            Some(format!(
                "M{x1:.1} {high1:.1}{above}L{x2:.1} {low2:.1}{below}Z"
            ))
        })
        .collect()
}
