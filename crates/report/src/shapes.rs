//! What several pictures draw.

use serde::Serialize;

/// A line of text in a picture.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Line {
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) text: String,
    pub(crate) class: &'static str,
    /// Where it leads, or empty.
    pub(crate) href: String,
}

/// A length with as many places as a screen can show.
pub(crate) fn length(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    match text {
        "-0" => "0".to_owned(),
        _ => text.to_owned(),
    }
}

/// A circle as a path.
pub(crate) fn circle((x, y): (f64, f64), r: f64) -> String {
    let (left, r, across) = (length(x - r), length(r), length(2.0 * r));
    format!(
        "M{left} {}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0 -{across} 0z",
        length(y)
    )
}

/// Marks that can be told apart without colour: the first four filled, the same
/// hollow.
pub(crate) fn mark(number: usize, (x, y): (f64, f64)) -> String {
    let r = 4.5;
    let at = format!("{} {}", length(x), length(y - r));
    match number % 4 {
        0 => circle((x, y), r),
        1 => format!("M{} {}h8v8h-8z", length(x - 4.0), length(y - 4.0)),
        2 => format!("M{at}l5 4.5l-5 4.5l-5 -4.5z"),
        _ => format!("M{at}l5 8.5h-10z"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short() {
        assert_eq!(length(12.0), "12");
        assert_eq!(length(12.34), "12.3");
        assert_eq!(length(-0.01), "0");
    }
}
