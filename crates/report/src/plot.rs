//! Pictures of numbers, each with the same numbers as a table.
//!
//! As with the map, all geometry is worked out here; colours are the style's
//! work, and nothing is told by a colour alone.

mod crosstab;
mod matrix;
mod saturation;
mod trend;

use serde::Serialize;

use crate::data::Report;
use crate::shapes::{Line, length};
use crate::view::{LinkView, links};
pub(crate) use matrix::Matrix;

/// The pictures of a report beside its map.
#[derive(Debug, Serialize)]
pub(crate) struct Plots {
    /// Each finding as time goes by, those that change most surely first.
    trends: Vec<Plot>,
    crosstabs: Vec<Plot>,
    saturation: Option<Plot>,
    matrix: Option<Matrix>,
}

/// One picture.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Plot {
    /// The finding that it is about, where it is about one.
    link: Option<LinkView>,
    title: String,
    /// What it shows and what it comes to, in plain words.
    about: String,
    width: String,
    height: String,
    shapes: Vec<Shape>,
    texts: Vec<Line>,
    /// The marks that stand for something, and what for.
    key: Vec<Mark>,
    table: Table,
}

/// A line or an area.
#[derive(Debug, Serialize)]
struct Shape {
    class: String,
    path: String,
}

/// A mark and its meaning.
#[derive(Debug, Serialize)]
struct Mark {
    class: String,
    path: String,
    name: String,
}

/// The numbers of a picture.
#[derive(Debug, Default, Serialize)]
struct Table {
    head: Vec<String>,
    /// The name of each row, then its cells.
    rows: Vec<(String, Vec<String>)>,
}

impl Plots {
    /// `with_words`: whether the matrix quotes what each participant said.
    pub(crate) fn of(report: &Report, with_words: bool) -> Self {
        let links = links(report);
        let crosstabs = report.crosstabs.iter();
        Self {
            trends: trend::plots(report, &links),
            crosstabs: crosstabs.map(|one| crosstab::plot(one, &links)).collect(),
            saturation: report.saturation.as_ref().and_then(saturation::plot),
            matrix: Matrix::of(report, &links, with_words),
        }
    }
}

impl Plot {
    /// Draws a path over what is there; one of the same kind as the last is made
    /// one with it, which keeps a page small.
    fn shape(&mut self, class: impl Into<String>, path: String) {
        let class = class.into();
        match self.shapes.last_mut() {
            Some(last) if last.class == class => last.path.push_str(&path),
            _ => self.shapes.push(Shape { class, path }),
        }
    }

    fn text(&mut self, class: &'static str, (x, y): (f64, f64), text: impl Into<String>) {
        self.texts.push(Line {
            class,
            x: length(x),
            y: length(y),
            text: text.into(),
            href: String::new(),
        });
    }

    /// A level line at `y` from `left` to `right`, with its number before it.
    fn level(&mut self, (left, right): (f64, f64), y: f64, number: String) {
        self.shape(
            "grid",
            format!("M{} {}H{}", length(left), length(y), length(right)),
        );
        self.text("tick", (left - 6.0, y + 4.0), number);
    }
}

/// A number of 0…`most` as a height between `bottom` and `top`.
fn height(value: f64, most: f64, (top, bottom): (f64, f64)) -> f64 {
    bottom - (bottom - top) * (value / most.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0)
}

/// A line through points.
fn line(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (number, (x, y)) in points.iter().enumerate() {
        let sign = if number == 0 { 'M' } else { 'L' };
        path.push_str(&format!("{sign}{} {}", length(*x), length(*y)));
    }
    path
}
