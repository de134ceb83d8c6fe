//! One self-contained HTML page, for reading, sharing and printing.
//!
//! It asks for nothing from outside and its content security policy forbids it
//! to. It runs one script, which hides quotes that a reader does not look for; the
//! policy names it by its hash, so that no words of a speaker could ever be run.
//! Without scripts the page is whole, and switches from framework to framework
//! too: the style does that. Loses: the hashes of the quoted documents (JSON has
//! them), and U+0000, which HTML cannot write. Every text goes through the
//! templates' escaping, so reading the page with any HTML parser gives the
//! exact words back.

mod repeats;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use throughline_core::ContentHash;

use crate::ReportError;
use crate::data::Report;
use crate::map::{Map, Wheel, drawable};
use crate::plot::Plots;
use crate::templates::templates;
use crate::view::Page;

const TEMPLATES: [(&str, &str); 9] = [
    ("page.html", include_str!("../templates/page.html")),
    ("lens.html", include_str!("../templates/lens.html")),
    ("stage.html", include_str!("../templates/stage.html")),
    ("plots.html", include_str!("../templates/plots.html")),
    ("parts.html", include_str!("../templates/parts.html")),
    ("map.html", include_str!("../templates/map.html")),
    ("wheel.html", include_str!("../templates/wheel.html")),
    ("drawing.html", include_str!("../templates/drawing.html")),
    ("picture.xml", include_str!("../templates/picture.xml")),
];
const COLOURS: &str = include_str!("../templates/colours.css");
const PICTURES: &str = include_str!("../templates/pictures.css");
const STYLE: &str = include_str!("../templates/style.css");
const SCRIPT: &str = include_str!("../templates/find.js");

/// The study through one framework.
#[derive(Debug, Serialize)]
struct Seen {
    /// What its anchors begin with, so that each is its own in the page.
    scope: String,
    page: Page,
    map: Map,
    /// The map as a loop, where a framework with these stages is one.
    wheel: Option<Wheel>,
    plots: Plots,
}

/// The report as one HTML page. A reader can switch to `others`, the same study
/// through other frameworks; one that has the stages of another is shown with it.
///
/// # Errors
/// [`ReportError::Template`] if a template does not fit the data: a defect of
/// the program.
pub fn html(report: &Report, others: &[Report]) -> Result<String, ReportError> {
    let mut distinct: Vec<(&Report, bool)> = Vec::new();
    for one in std::iter::once(report).chain(others) {
        let cyclic = one.manifest.framework.cyclic;
        let same = |(known, _): &&mut (&Report, bool)| known.stages == one.stages;
        match distinct.iter_mut().find(same) {
            Some((_, loops)) => *loops |= cyclic,
            None => distinct.push((one, cyclic)),
        }
    }
    let mut seen: Vec<Seen> = (distinct.into_iter().enumerate())
        .map(|(number, (report, loops))| Seen::of(number, report, loops))
        .collect();
    repeats::mark(seen.iter_mut().flat_map(|one| one.page.quotes_mut()));
    Ok(templates(&TEMPLATES)?
        .get_template("page.html")?
        .render(context! {
            seen => Serde(seen),
            style => Value::from_safe_string([COLOURS, PICTURES, STYLE].concat()),
            script => Value::from_safe_string(SCRIPT.to_owned()),
            script_hash => Value::from_safe_string(source_of(SCRIPT)),
        })?)
}

/// The journey map alone, as an SVG picture that needs nothing else, in light and
/// dark. Loses: everything that the map has no room for.
///
/// # Errors
/// As [`html`].
pub fn map_svg(report: &Report) -> Result<String, ReportError> {
    let style = [COLOURS, PICTURES].concat();
    Ok(templates(&TEMPLATES)?
        .get_template("picture.xml")?
        .render(context! {
            map => Serde(Map::of(report)),
            title => drawable(&report.title),
            style => Value::from_safe_string(style),
            scope => "",
        })?)
}

impl Seen {
    fn of(number: usize, report: &Report, loops: bool) -> Self {
        let wheel = loops.then(|| Wheel::of(report));
        let mut page = Page::of(report);
        if number > 0 {
            // They are the same through any framework, and shown once.
            page.questions = None;
        }
        Self {
            scope: match number {
                0 => String::new(),
                _ => format!("lens-{number}-"),
            },
            page,
            map: Map::of(report),
            wheel: wheel.flatten(),
            plots: Plots::of(report, number == 0),
        }
    }
}

/// What a content security policy calls a script that it allows (CSP Level 3, 2.3.1).
fn source_of(script: &str) -> String {
    let hash = ContentHash::of(script.as_bytes());
    format!("sha256-{}", STANDARD.encode(hash.as_bytes()))
}
