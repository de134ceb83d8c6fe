//! The map's geometry in the units of Office drawings.

use std::fmt::Write;

use minijinja::{Error, ErrorKind, Value};

/// A point of the picture.
type Point = (f64, f64);

/// A length of the picture in English Metric Units, `scale` of them a unit.
pub(super) fn emu(length: &Value, scale: f64) -> Result<i64, Error> {
    let number = match length.as_str() {
        Some(digits) => digits.parse().ok(),
        None => f64::try_from(length.clone()).ok(),
    };
    let number: f64 = number.ok_or_else(|| bad("a length", &length.to_string()))?;
    Ok(whole(number * scale))
}

/// A path as SVG writes it, as the place and the geometry of a shape.
pub(super) fn figure(path: &str, scale: f64) -> Result<Value, Error> {
    let steps = steps(path).ok_or_else(|| bad("a path", path))?;
    let points = || steps.iter().flat_map(|step| &step.points);
    let least = |f: fn(&Point) -> f64| points().map(f).fold(f64::INFINITY, f64::min);
    let most = |f: fn(&Point) -> f64| points().map(f).fold(f64::NEG_INFINITY, f64::max);
    let (left, top) = (least(|p| p.0), least(|p| p.1));
    let size = [most(|p| p.0) - left, most(|p| p.1) - top];
    let [width, height] = size.map(|length| whole(length * scale).max(1));
    let closed = steps.iter().any(|step| step.name == "close");
    let fill = if closed { "norm" } else { "none" };
    let mut out = format!(
        "<a:xfrm><a:off x=\"{}\" y=\"{}\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm>\
         <a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/>\
         <a:rect l=\"0\" t=\"0\" r=\"r\" b=\"b\"/>\
         <a:pathLst><a:path w=\"{width}\" h=\"{height}\" fill=\"{fill}\">",
        whole(left * scale),
        whole(top * scale)
    );
    for step in &steps {
        let _ = write!(out, "<a:{}>", step.name);
        for (x, y) in &step.points {
            let (x, y) = (whole((x - left) * scale), whole((y - top) * scale));
            let _ = write!(out, "<a:pt x=\"{x}\" y=\"{y}\"/>");
        }
        let _ = write!(out, "</a:{}>", step.name);
    }
    out.push_str("</a:path></a:pathLst></a:custGeom>");
    Ok(Value::from_safe_string(out))
}

fn whole(number: f64) -> i64 {
    number.round() as i64
}

fn bad(what: &str, found: &str) -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        format!("'{found}' is no {what}"),
    )
}

/// A step of a path, by its name in DrawingML.
struct Step {
    name: &'static str,
    points: Vec<Point>,
}

/// The steps of an SVG path of moves, lines and cubic curves; `None` for
/// anything else.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut at: Point = (0.0, 0.0);
    let mut rest = path;
    while let Some(command) = rest.chars().next() {
        rest = &rest[command.len_utf8()..];
        let end = rest.find(|c: char| c.is_ascii_alphabetic());
        let (own, next) = rest.split_at(end.unwrap_or(rest.len()));
        rest = next;
        let own = numbers(own)?;
        let (name, points) = match (command, own.as_slice()) {
            ('M', [x, y]) => ("moveTo", vec![(*x, *y)]),
            ('L', [x, y]) => ("lnTo", vec![(*x, *y)]),
            ('l', [x, y]) => ("lnTo", vec![(at.0 + x, at.1 + y)]),
            ('H', [x]) => ("lnTo", vec![(*x, at.1)]),
            ('V', [y]) => ("lnTo", vec![(at.0, *y)]),
            ('C', [a, b, c, d, x, y]) => ("cubicBezTo", vec![(*a, *b), (*c, *d), (*x, *y)]),
            ('Z' | 'z', []) => ("close", Vec::new()),
            _ => return None,
        };
        at = points.last().copied().unwrap_or(at);
        steps.push(Step { name, points });
    }
    (!steps.is_empty()).then_some(steps)
}

/// Numbers with blanks between them; a minus begins a number as well.
fn numbers(text: &str) -> Option<Vec<f64>> {
    let apart = text.replace('-', " -");
    apart.split_whitespace().map(|n| n.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_the_maps_paths_is_known() {
        for path in [
            "M104 0H248L260 20L248 40H104L116 20Z",
            "M1.5 2.0l5 5l-5 5l-5 -5z",
            "M0 0C5 0 5 9 10 9L10 12C5 12 5 3 0 3Z",
            "M4 9V2",
        ] {
            assert!(steps(path).is_some(), "{path}");
        }
        assert!(steps("M0 0A1 1").is_none() && steps("").is_none());
    }

    #[test]
    fn a_shape_stands_where_the_path_is() {
        let found = figure("M10 20L30 60", 100.0).unwrap().to_string();
        assert!(found.contains("<a:off x=\"1000\" y=\"2000\"/><a:ext cx=\"2000\" cy=\"4000\"/>"));
        assert!(found.contains("fill=\"none\""), "{found}");
        assert!(found.contains("<a:lnTo><a:pt x=\"2000\" y=\"4000\"/></a:lnTo>"));
    }
}
