//! The quotes of a study in groups.

use anyhow::bail;

use super::{questions, search};
use crate::args::{Engine, QuotesArguments};
use crate::exit::Code;

pub(crate) fn quotes(asked: QuotesArguments, engine: &Engine) -> anyhow::Result<Code> {
    match asked.by.facet() {
        Some(facet) => search::search(&asked.search(facet), engine),
        None if asked.query.is_some() => {
            bail!("--by question takes no query: it shows what was answered to each")
        }
        None => questions::quotes(&asked, engine),
    }
}
