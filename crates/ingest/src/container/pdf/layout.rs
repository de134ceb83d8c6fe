//! From glyphs on a page to lines.

use std::ops::Range;

use hayro_interpret::kurbo::{Point, Vec2};

/// A gap of this share of the font's size is a space.
const SPACE: f64 = 0.15;
/// One of so many font sizes parts columns.
const COLUMNS: f64 = 1.5;
/// A glyph so far off its line, in font sizes, begins another.
const OFF_LINE: f64 = 0.4;
/// A run so near to where the one before was drawn is that run again.
const SAME_PLACE: f64 = 0.1;

/// A glyph on its page, whose upper left corner is the origin; y points down.
#[derive(Debug)]
pub(super) struct Glyph {
    /// Its characters, where the font says which they are.
    pub(super) words: Option<String>,
    pub(super) start: Point,
    /// Where the next glyph would stand.
    pub(super) end: Point,
    /// The font's size along the line.
    pub(super) along: Vec2,
}

/// Words on one line of a page.
#[derive(Debug)]
pub(super) struct Line {
    /// Where its words stand in the text of the page.
    pub(super) text: Range<usize>,
    /// Places in that text where a gap on the page stands for a space.
    pub(super) gaps: Vec<usize>,
    /// The first gap that is wide enough to part columns.
    pub(super) wide: Option<Wide>,
    pub(super) start: Point,
    pub(super) end: Point,
    /// Of its largest font, in the units of the page.
    pub(super) size: f64,
}

/// A gap within a line that parts columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wide {
    /// Where in the text of the page the words after it begin.
    pub(super) at: usize,
    /// Where on the page they do, counted from the left.
    pub(super) x: f64,
}

impl Line {
    fn takes(&self, glyph: &Glyph) -> bool {
        let reach = OFF_LINE * self.size.max(glyph.along.hypot());
        let (forward, across) = offset(self.end, glyph);
        across.abs() < reach && forward > -reach
    }
}

/// How far `glyph` stands along its line and across it, seen from `end`.
fn offset(end: Point, glyph: &Glyph) -> (f64, f64) {
    let size = glyph.along.hypot().max(f64::MIN_POSITIVE);
    let gap = glyph.start - end;
    (gap.dot(glyph.along) / size, gap.cross(glyph.along) / size)
}

/// The text of a page: its glyphs in the order in which they are drawn.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) text: String,
    pub(super) lines: Vec<Line>,
    /// Glyphs of which nobody knows what characters they are.
    pub(super) unknown: u64,
    /// The run that was drawn last: where it stands on the page and in its text.
    drawn: Option<(Point, Range<usize>)>,
}

impl Page {
    /// Adds glyphs that are drawn in one go.
    pub(super) fn run(&mut self, glyphs: &[Glyph]) {
        let Some(first) = glyphs.first() else { return };
        let words: String = glyphs
            .iter()
            .filter_map(|glyph| glyph.words.as_deref())
            .collect();
        // Bold and outlined letters are made by drawing them twice.
        if let Some((place, text)) = &self.drawn
            && (first.start - *place).hypot() < SAME_PLACE * first.along.hypot()
            && self.text.get(text.clone()) == Some(&without_ligatures(&words))
        {
            return;
        }
        let start = self.text.len();
        for glyph in glyphs {
            self.add(glyph);
        }
        self.drawn = Some((first.start, start..self.text.len()));
    }

    fn add(&mut self, glyph: &Glyph) {
        let Some(words) = &glyph.words else {
            self.unknown += 1;
            return;
        };
        let start = self.text.len();
        self.text.push_str(&without_ligatures(words));
        let end = self.text.len();
        let blank = words.trim().is_empty();
        let size = glyph.along.hypot();
        let finite = glyph.start.is_finite() && glyph.end.is_finite() && size.is_finite();
        if start == end || !finite {
            return;
        }
        match self.lines.last_mut().filter(|line| line.takes(glyph)) {
            Some(line) => {
                let (forward, _) = offset(line.end, glyph);
                let line_text = self.text.get(line.text.start..start).unwrap_or_default();
                let apart = blank || line_text.ends_with(char::is_whitespace);
                if forward > SPACE * line.size.max(size) && !apart {
                    line.gaps.push(start);
                }
                let wide = forward > COLUMNS * line.size.max(size) && !blank;
                if wide && line.wide.is_none() {
                    let x = glyph.start.x;
                    line.wide = Some(Wide { at: start, x });
                }
                line.text.end = end;
                line.end = glyph.end;
                if !blank {
                    line.size = line.size.max(size);
                }
            }
            None if blank => {}
            None => self.lines.push(Line {
                text: start..end,
                gaps: Vec::new(),
                wide: None,
                start: glyph.start,
                end: glyph.end,
                size,
            }),
        }
    }

    /// The words of a line, as they are read.
    pub(super) fn words(&self, line: &Line) -> String {
        let pieces = line.pieces().filter_map(|piece| self.text.get(piece));
        pieces.collect::<Vec<_>>().join(" ").trim().to_owned()
    }
}

impl Line {
    /// Its stretches of the page's text, between which there are gaps.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = std::iter::once(self.text.start).chain(self.gaps.iter().copied());
        let ends = self.gaps.iter().copied().chain([self.text.end]);
        starts.zip(ends).map(|(start, end)| start..end)
    }

    /// How far below `before` it stands, if it does, in units of its font's size.
    pub(super) fn below(&self, before: &Self) -> Option<f64> {
        let down = (self.start.y - before.start.y) / self.size.max(f64::MIN_POSITIVE);
        (down > 0.5).then_some(down)
    }
}

/// `words` without control characters, and with letters in place of ligatures.
fn without_ligatures(words: &str) -> String {
    let mut plain = String::with_capacity(words.len());
    for c in words.chars().filter(|c| !c.is_control()) {
        match c {
            '\u{fb00}' => plain.push_str("ff"),
            '\u{fb01}' => plain.push_str("fi"),
            '\u{fb02}' => plain.push_str("fl"),
            '\u{fb03}' => plain.push_str("ffi"),
            '\u{fb04}' => plain.push_str("ffl"),
            '\u{fb05}' | '\u{fb06}' => plain.push_str("st"),
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `words` in letters of half their size, from `x` on, at `y`.
    fn run(words: &str, x: f64, y: f64) -> Vec<Glyph> {
        let at = |i: usize| Point::new(x + 5.0 * i as f64, y);
        let glyph = |(i, c): (usize, char)| Glyph {
            words: Some(c.to_string()),
            start: at(i),
            end: at(i + 1),
            along: Vec2::new(10.0, 0.0),
        };
        words.chars().enumerate().map(glyph).collect()
    }

    fn read(runs: &[(&str, f64, f64)]) -> Vec<String> {
        let mut page = Page::default();
        for (words, x, y) in runs {
            page.run(&run(words, *x, *y));
        }
        page.lines.iter().map(|line| page.words(line)).collect()
    }

    #[test]
    fn gaps_are_spaces_and_steps_are_lines() {
        let apart = [("Is", 0.0, 0.0), ("it", 13.0, 1.0), ("so?", 0.0, 12.0)];
        assert_eq!(read(&apart), ["Is it", "so?"]);
        assert_eq!(
            read(&[("ke", 0.0, 0.0), ("ttle", 10.5, 0.0)]),
            ["kettle"],
            "kerning is no gap"
        );
        assert_eq!(read(&[("a ", 0.0, 0.0), ("b", 14.0, 0.0)]), ["a b"]);
        assert_eq!(read(&[("right", 90.0, 0.0), ("left", 0.0, 0.0)]).len(), 2);
    }

    #[test]
    fn what_is_drawn_twice_is_read_once() {
        assert_eq!(read(&[("Dana:", 0.0, 0.0), ("Dana:", 0.3, 0.0)]), ["Dana:"]);
        assert_eq!(read(&[("ha ", 0.0, 0.0), ("ha", 15.0, 0.0)]), ["ha ha"]);
    }

    #[test]
    fn letters_stand_for_ligatures() {
        assert_eq!(read(&[("o\u{fb03}ce", 0.0, 0.0)]), ["office"]);
    }

    #[test]
    fn places_that_are_no_numbers_do_no_harm() {
        let bad = [
            ("a", f64::NAN, 0.0),
            ("b", f64::INFINITY, 1.0),
            ("c", 0.0, 0.0),
        ];
        assert_eq!(read(&bad), ["c"]);
    }
}
