//! The journey map as shapes and lines of text, ready for a template.
//!
//! All geometry is worked out here, so that the picture is the same wherever
//! it is drawn; colours and fonts are the style's work. Stages run from left to
//! right, measures from top to bottom. SVG does not wrap text, so lines are
//! broken here, by estimated widths.

mod cells;
mod emotion;
mod text;
mod wheel;

use serde::Serialize;

use crate::data::{Report, StageReport};
use crate::shapes::{Line, length};
use crate::view;
use cells::{Cell, cells};
use emotion::Emotion;
pub(crate) use text::{drawable, wrap};
pub(crate) use wheel::Wheel;

/// Width of the names of the rows, in units of the picture.
const LEFT: f64 = 104.0;
/// Width of a stage.
const COLUMN: f64 = 160.0;
/// Space within a stage on either side.
const PAD: f64 = 9.0;
/// Height of the stages' names.
const HEAD: f64 = 46.0;
/// Height of a line of text.
const LINE: f64 = 15.0;
/// How much smaller the picture may be drawn before it scrolls instead.
const READABLE: f64 = 0.85;
/// Space above and below the contents of a row.
const ROW_PAD: f64 = 9.0;

/// The whole picture.
#[derive(Debug, Serialize)]
pub(crate) struct Map {
    width: String,
    height: String,
    columns: Vec<Column>,
    rows: Vec<RowName>,
    emotion: Emotion,
    /// The least width at which it can be read.
    narrowest: String,
}

/// The name of a row and the line above it.
#[derive(Debug, Serialize)]
struct RowName {
    lines: Vec<Line>,
    top: String,
}

/// One stage.
#[derive(Debug, Serialize)]
struct Column {
    name: String,
    anchor: String,
    colour: String,
    /// Black or white, whichever reads better on the colour.
    ink: &'static str,
    x: String,
    width: String,
    /// The arrow with the stage's name.
    arrow: String,
    names: Vec<Line>,
    lines: Vec<Line>,
    boxes: Vec<Rect>,
}

/// A piece of a bar.
#[derive(Debug, Serialize)]
struct Rect {
    x: String,
    y: String,
    width: String,
    height: &'static str,
    class: &'static str,
}

impl Map {
    pub(crate) fn of(report: &Report) -> Self {
        let stages = &report.stages;
        let width = LEFT + COLUMN * stages.len() as f64;
        let mut columns: Vec<_> = stages.iter().enumerate().map(Column::of).collect();
        let mut rows = Vec::new();
        let mut top = HEAD;
        let mut emotion = None;
        for row in cells(stages) {
            if row.name == emotion::NAME {
                let drawn = Emotion::of(stages, top + ROW_PAD);
                rows.push(RowName::of(row.name, top));
                top += drawn.height + 2.0 * ROW_PAD;
                emotion = Some(drawn);
                continue;
            }
            rows.push(RowName::of(row.name, top));
            let tallest = row.cells.iter().map(Cell::height).fold(LINE, f64::max);
            for (column, cell) in columns.iter_mut().zip(row.cells) {
                column.put(cell, top + ROW_PAD);
            }
            top += tallest + 2.0 * ROW_PAD;
        }
        Self {
            width: length(width),
            height: length(top),
            columns,
            rows,
            emotion: emotion.unwrap_or_default(),
            narrowest: length(width * READABLE),
        }
    }
}

impl RowName {
    fn of(name: &str, top: f64) -> Self {
        let lines = text::wrap(name, LEFT - 14.0, 12.0, 3);
        Self {
            lines: lines
                .into_iter()
                .enumerate()
                .map(|(i, text)| Line {
                    x: length(2.0),
                    y: length(top + ROW_PAD + 11.0 + LINE * i as f64),
                    text,
                    class: "row",
                    href: String::new(),
                })
                .collect(),
            top: length(top),
        }
    }
}

/// The left edge of a stage.
fn left_of(index: usize) -> f64 {
    LEFT + COLUMN * index as f64
}

impl Column {
    fn of((index, stage): (usize, &StageReport)) -> Self {
        let x = left_of(index);
        let (right, tip, middle) = (x + COLUMN - 4.0, 12.0, HEAD / 2.0 - 3.0);
        let bottom = HEAD - 6.0;
        let names = text::wrap(&stage.name, COLUMN - 40.0, 14.0, 2);
        let first = middle + 5.0 - 8.0 * (names.len() as f64 - 1.0);
        Self {
            name: drawable(&stage.name),
            anchor: view::anchor("stage", &stage.id),
            colour: stage.colour.clone(),
            ink: ink_on(&stage.colour),
            x: length(x),
            width: length(COLUMN - 4.0),
            arrow: format!(
                "M{x} 0H{}L{right} {middle}L{} {bottom}H{x}L{} {middle}Z",
                right - tip,
                right - tip,
                x + tip
            ),
            names: names
                .into_iter()
                .enumerate()
                .map(|(i, text)| Line {
                    x: length(x + 2.0 * tip),
                    y: length(first + 16.0 * i as f64),
                    text,
                    class: "name",
                    href: String::new(),
                })
                .collect(),
            lines: Vec::new(),
            boxes: Vec::new(),
        }
    }

    fn put(&mut self, cell: Cell, top: f64) {
        let left: f64 = self.x.parse().unwrap_or_default();
        let left = left + PAD;
        let mut below = top;
        if !cell.bar.is_empty() {
            let mut x = left;
            for (class, share) in &cell.bar {
                let width = share * text_width();
                self.boxes.push(Rect {
                    x: length(x),
                    y: length(below),
                    width: length(width),
                    height: "12",
                    class,
                });
                x += width;
            }
            below += cells::BAR;
        }
        let lines = cell.lines.into_iter().enumerate();
        for (i, line) in lines.filter(|(_, line)| !line.text.is_empty()) {
            self.lines.push(Line {
                x: length(left),
                y: length(below + 11.0 + LINE * i as f64),
                text: line.text,
                class: line.class,
                href: line.href,
            });
        }
    }
}

/// Width for the text of a stage.
fn text_width() -> f64 {
    COLUMN - 4.0 - 2.0 * PAD
}

/// Black or white: the one with the higher contrast on `colour` (WCAG 2.2,
/// relative luminance), which is never below 4.5:1.
fn ink_on(colour: &str) -> &'static str {
    let channel = |at: usize| {
        let byte = colour.get(at..at + 2);
        let byte = byte.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let value = f64::from(byte.unwrap_or(255)) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    let luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
    // Where (1 + 0.05) / (L + 0.05) and (L + 0.05) / 0.05 are equal.
    if luminance > 0.179 { "#000" } else { "#fff" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_readable_on_any_colour() {
        assert_eq!(ink_on("#ffffff"), "#000");
        assert_eq!(ink_on("#0b3d91"), "#fff");
        assert_eq!(ink_on("#ffd400"), "#000");
        assert_eq!(ink_on("nonsense"), "#000");
    }
}
