//! One self-contained HTML page, for reading, sharing and printing.
//!
//! It asks for nothing from outside and its content security policy forbids it
//! to. It runs one script, which hides quotes that a reader does not look for; the
//! policy names it by its hash, so that no words of a speaker could ever be run.
//! Without scripts the page is whole. Loses: the hashes of the quoted documents (JSON has
//! them), and U+0000, which HTML cannot write. Every text goes through the
//! templates' escaping, so reading the page with any HTML parser gives the
//! exact words back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Serde;
use minijinja::{Value, context};
use throughline_core::ContentHash;

use crate::ReportError;
use crate::data::Report;
use crate::map::Map;
use crate::templates::templates;
use crate::view::Page;

const PAGE: &str = include_str!("../templates/page.html");
const PARTS: &str = include_str!("../templates/parts.html");
const MAP: &str = include_str!("../templates/map.html");
const STYLE: &str = include_str!("../templates/style.css");
const SCRIPT: &str = include_str!("../templates/find.js");

/// The report as one HTML page.
///
/// # Errors
/// [`ReportError::Template`] if a template does not fit the data: a defect of
/// the program.
pub fn html(report: &Report) -> Result<String, ReportError> {
    let templates = templates(&[
        ("page.html", PAGE),
        ("parts.html", PARTS),
        ("map.html", MAP),
    ])?;
    let page = templates.get_template("page.html")?;
    Ok(page.render(context! {
        page => Serde(Page::of(report)),
        map => Serde(Map::of(report)),
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        script_hash => Value::from_safe_string(source_of(SCRIPT)),
    })?)
}

/// What a content security policy calls a script that it allows (CSP Level 3, 2.3.1).
fn source_of(script: &str) -> String {
    let hash = ContentHash::of(script.as_bytes());
    format!("sha256-{}", STANDARD.encode(hash.as_bytes()))
}
