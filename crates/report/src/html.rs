//! One self-contained HTML page, for reading, sharing and printing.
//!
//! It asks for nothing from outside and its content security policy forbids it
//! to; it runs no script. Loses: the hashes of the quoted documents (JSON has
//! them), and U+0000, which HTML cannot write. Every text goes through the
//! templates' escaping, so reading the page with any HTML parser gives the
//! exact words back.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use crate::ReportError;
use crate::data::Report;
use crate::map::Map;
use crate::view::Page;

const PAGE: &str = include_str!("../templates/page.html");
const PARTS: &str = include_str!("../templates/parts.html");
const MAP: &str = include_str!("../templates/map.html");
const STYLE: &str = include_str!("../templates/style.css");

/// The report as one HTML page.
///
/// # Errors
/// [`ReportError::Template`] if a template does not fit the data: a defect of
/// the program.
pub fn html(report: &Report) -> Result<String, ReportError> {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()?;
    templates.set_syntax(syntax);
    for (name, source) in [
        ("page.html", PAGE),
        ("parts.html", PARTS),
        ("map.html", MAP),
    ] {
        templates.add_template(name, source)?;
    }
    let page = templates.get_template("page.html")?;
    Ok(page.render(context! {
        page => Serde(Page::of(report)),
        map => Serde(Map::of(report)),
        style => Value::from_safe_string(STYLE.to_owned()),
    })?)
}
