use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior};

use crate::ReportError;

/// Templates by their names; a name that ends in `.html` or `.xml` says that what
/// is put in is escaped.
pub(crate) fn templates(
    sources: &[(&'static str, &'static str)],
) -> Result<Environment<'static>, ReportError> {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()?;
    templates.set_syntax(syntax);
    for (name, source) in sources {
        templates.add_template(name, source)?;
    }
    Ok(templates)
}
