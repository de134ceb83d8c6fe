//! The journey as a loop: the last stage leads back to the first, and what was
//! said of all of them is summed in the middle.

use std::f64::consts::TAU;

use serde::Serialize;

use super::{ink_on, text};
use crate::data::{LifeCycle, Report, StageReport};
use crate::shapes::{Line, circle, length};
use crate::{numbers, view, words};

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 660.0;
const MIDDLE: (f64, f64) = (WIDTH / 2.0, 320.0);
/// The ring of the stages.
const RING: (f64, f64) = (196.0, 232.0);
/// Where a net sentiment of −100 and of +100 lies.
const SCALE: (f64, f64) = (82.0, 182.0);
/// Space between two stages, and the length of a stage's tip, as angles.
const GAP: f64 = 0.02;
const TIP: f64 = 0.06;
/// Width for the words beside the ring.
const BESIDE: f64 = 165.0;

/// The picture.
#[derive(Debug, Serialize)]
pub(crate) struct Wheel {
    width: String,
    height: String,
    stages: Vec<Arc>,
    /// Circles of −100, 0 and +100, the middle one dashed.
    circles: Vec<Circle>,
    curve: String,
    whiskers: Vec<String>,
    points: Vec<Point>,
    /// The sum of all stages.
    middle: Vec<Line>,
    /// The same in a sentence.
    about: String,
}

#[derive(Debug, Serialize)]
struct Arc {
    name: String,
    anchor: String,
    colour: String,
    path: String,
    ink: &'static str,
    /// Its number, on the ring.
    number: Line,
    lines: Vec<Line>,
    /// Where its words end or begin: `start`, `middle` or `end`.
    aligned: &'static str,
}

#[derive(Debug, Serialize)]
struct Circle {
    path: String,
    zero: bool,
    number: Line,
}

#[derive(Debug, Serialize)]
struct Point {
    path: String,
    hollow: bool,
}

impl Wheel {
    /// `None` where nothing is in a stage.
    pub(crate) fn of(report: &Report) -> Option<Self> {
        let life_cycle = report.life_cycle.as_ref()?;
        let stages = &report.stages;
        let turn = TAU / stages.len().max(1) as f64;
        let middle_of = |number: usize| turn * (number as f64 + 0.5);
        let mut curve = Vec::new();
        let (mut whiskers, mut points) = (Vec::new(), Vec::new());
        for (number, stage) in stages.iter().enumerate() {
            let Some(net) = &stage.sentiment.net else {
                continue;
            };
            let angle = middle_of(number);
            let at = |value: f64| around(angle, radius(value));
            curve.push(at(net.value));
            if let Some(interval) = &net.interval {
                let (low, high) = (at(interval.low), at(interval.high));
                whiskers.push(format!("M{}L{}", place(low), place(high)));
            }
            points.push(Point {
                path: circle(at(net.value), 5.0),
                hollow: stage.too_few_voices,
            });
        }
        Some(Self {
            width: length(WIDTH),
            height: length(HEIGHT),
            stages: (stages.iter().enumerate())
                .map(|(number, stage)| Arc::of(number, stage, turn))
                .collect(),
            circles: [100.0, 0.0, -100.0].into_iter().map(Circle::of).collect(),
            curve: closed(&curve),
            whiskers,
            points,
            middle: middle(life_cycle),
            about: about(life_cycle),
        })
    }
}

impl Arc {
    fn of(number: usize, stage: &StageReport, turn: f64) -> Self {
        let (from, to) = (turn * number as f64 + GAP, turn * (number + 1) as f64 - GAP);
        let (inner, outer) = RING;
        let middle = f64::midpoint(from, to);
        let half = f64::midpoint(inner, outer);
        let far = if turn > TAU / 2.0 { 1 } else { 0 };
        let sweep = |r: f64, way: u8, to: f64| {
            let r_ = length(r);
            format!("A{r_} {r_} 0 {far} {way} {}", place(around(to, r)))
        };
        let path = format!(
            "M{}{}L{}L{}{}L{}Z",
            place(around(from, outer)),
            sweep(outer, 1, to - TIP),
            place(around(to, half)),
            place(around(to - TIP, inner)),
            sweep(inner, 0, from),
            place(around(from + TIP, half)),
        );
        let (x, y) = around(middle + TIP / 2.0, half);
        let number = Line {
            x: length(x),
            y: length(y + 5.0),
            text: (number + 1).to_string(),
            class: "name",
            href: String::new(),
        };
        let (lines, aligned) = beside(stage, middle);
        Self {
            name: stage.name.clone(),
            anchor: view::anchor("stage", &stage.id),
            colour: stage.colour.clone(),
            path,
            ink: ink_on(&stage.colour),
            number,
            lines,
            aligned,
        }
    }
}

/// What is said of a stage beside the ring.
fn beside(stage: &StageReport, angle: f64) -> (Vec<Line>, &'static str) {
    let (x, y) = around(angle, RING.1 + 16.0);
    let aligned = match x - MIDDLE.0 {
        off if off > 40.0 => "start",
        off if off < -40.0 => "end",
        _ => "middle",
    };
    let counts = &stage.counts;
    let mut lines = vec![
        ("name", stage.name.clone(), String::new()),
        (
            "text",
            format!("net {}", words::net_short(stage.sentiment.net.as_ref())),
            String::new(),
        ),
        (
            "quiet",
            format!(
                "{}, {}",
                numbers::counted(counts.passages, "passage"),
                numbers::counted(counts.participants, "participant")
            ),
            String::new(),
        ),
    ];
    if let Some(finding) = stage.findings.first() {
        let label = text::wrap(&format!("“{}”", finding.label.text), BESIDE, 12.0, 2);
        let href = view::finding_anchor(&stage.id, 0);
        lines.extend(label.into_iter().map(|line| ("voice", line, href.clone())));
    }
    let high = 15.0 * (lines.len() - 1) as f64;
    let top = match y - MIDDLE.1 {
        off if off < -150.0 => y - high + 4.0,
        off if off > 150.0 => y + 10.0,
        _ => y - high / 2.0,
    };
    let line = |(number, (class, text, href)): (usize, (&'static str, String, String))| Line {
        x: length(x),
        y: length(top + 15.0 * number as f64),
        text,
        class,
        href,
    };
    (lines.into_iter().enumerate().map(line).collect(), aligned)
}

impl Circle {
    fn of(points: f64) -> Self {
        let r = radius(points);
        Self {
            path: circle(MIDDLE, r),
            zero: points == 0.0,
            number: Line {
                x: length(MIDDLE.0),
                y: length(MIDDLE.1 - r - 3.0),
                text: numbers::signed(points, 0),
                class: "figures",
                href: String::new(),
            },
        }
    }
}

/// How far from the middle a net sentiment lies.
fn radius(points: f64) -> f64 {
    SCALE.0 + (SCALE.1 - SCALE.0) * (points.clamp(-100.0, 100.0) + 100.0) / 200.0
}

/// A point at an angle, clockwise from the top.
fn around(angle: f64, r: f64) -> (f64, f64) {
    (MIDDLE.0 + r * angle.sin(), MIDDLE.1 - r * angle.cos())
}

fn place((x, y): (f64, f64)) -> String {
    format!("{} {}", length(x), length(y))
}

/// A closed line through points.
fn closed(points: &[(f64, f64)]) -> String {
    let [first, rest @ ..] = points else {
        return String::new();
    };
    let rest = rest.iter().map(|point| format!("L{}", place(*point)));
    format!("M{}{}Z", place(*first), rest.collect::<String>())
}

fn middle(life_cycle: &LifeCycle) -> Vec<Line> {
    let net = life_cycle.sentiment.net.as_ref();
    let value = net.map_or("–".to_owned(), |net| numbers::signed(net.value, 0));
    let interval = net.and_then(|net| net.interval.as_ref());
    let range = interval.map(|i| numbers::signed_range(i.low, i.high, 0));
    let counts = &life_cycle.counts;
    let lines = [
        (-34.0, "quiet", "all stages".to_owned()),
        (-2.0, "sum", value),
        (
            18.0,
            "quiet",
            range.unwrap_or_else(|| "no interval".to_owned()),
        ),
        (38.0, "quiet", numbers::counted(counts.passages, "passage")),
    ];
    let lines = lines.into_iter().map(|(below, class, text)| Line {
        x: length(MIDDLE.0),
        y: length(MIDDLE.1 + below),
        text,
        class,
        href: String::new(),
    });
    lines.collect()
}

fn about(life_cycle: &LifeCycle) -> String {
    let counts = &life_cycle.counts;
    let spoke = (1..)
        .zip(&life_cycle.voices_by_stages)
        .filter(|(_, voices)| **voices > 0)
        .map(|(stages, voices)| {
            let stages = numbers::counted(stages, "stage");
            format!("{stages}: {}", numbers::counted(*voices, "voice"))
        });
    format!(
        "Summed over the whole life cycle of each voice: {}; net sentiment {}. How many stages each \
         voice spoke about: {}.",
        words::counts(counts, "passage"),
        words::net_short(life_cycle.sentiment.net.as_ref()),
        words::joined(spoke, ", "),
    )
}
