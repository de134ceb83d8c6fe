//! What `search` can be asked.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use throughline_study::{Facet, Sort};

use super::{Json, Lens, StudyFolder};

/// Arguments of `search`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("asked").args(["query", "like", "batch"]).multiple(true).required(true))]
pub struct SearchArguments {
    /// Words, "phrases", field:value, AND, OR, NOT, ( ); @name for a search of throughline.toml
    #[arg(allow_hyphen_values = true)]
    pub query: Option<String>,
    /// Only what says this in other words, the nearest first; the same as like:"TEXT"
    #[arg(long, value_name = "TEXT")]
    pub like: Option<String>,
    /// Quotes a page; with --group, groups
    #[arg(short = 'n', long, default_value_t = 10)]
    pub limit: usize,
    /// Quotes to pass over
    #[arg(long, default_value_t = 0, conflicts_with = "after")]
    pub offset: usize,
    /// Go on after the quote with this cursor: it stands below each page, and in each line of --json
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<String>,
    /// The order: relevance; date, newest first; rating, lowest first; document, by name and place
    #[arg(long, value_name = "ORDER", default_value = "relevance")]
    pub sort: SortName,
    /// Turn the order round (date, rating, document)
    #[arg(long, requires = "sort")]
    pub reverse: bool,
    /// Turns of context before and after each quote
    #[arg(short = 'C', long, value_name = "TURNS")]
    pub context: Option<usize>,
    /// One line for each place of a word, with what stands left and right of it
    #[arg(long)]
    pub kwic: bool,
    /// Show the quotes by document, participant, stage, theme or another value: the largest groups
    #[arg(long, value_name = "FIELD", value_parser = facet, conflicts_with_all = ["after", "offset"])]
    pub group: Option<Facet>,
    /// Quotes of each group
    #[arg(long, value_name = "N", default_value_t = 3, requires = "group")]
    pub each: usize,
    /// Count all quotes found by these values, in place of showing them; by default by all but
    /// document, participant and product
    #[arg(
        long,
        value_name = "FIELDS",
        value_parser = facet,
        value_delimiter = ',',
        num_args = 0..=1,
        require_equals = true,
        conflicts_with_all = ["group", "after", "kwic", "context"]
    )]
    pub facets: Option<Vec<Facet>>,
    /// Print CSV; a cell that a spreadsheet would take for a formula, or that begins with an
    /// apostrophe, gets an apostrophe in front
    #[arg(long, conflicts_with_all = ["json", "kwic", "context"])]
    pub csv: bool,
    /// Many queries at once.
    #[command(flatten)]
    pub batch: Batch,
    /// The framework.
    #[command(flatten)]
    pub lens: Lens,
    /// The study.
    #[command(flatten)]
    pub study: StudyFolder,
    /// JSON Lines.
    #[command(flatten)]
    pub json: Json,
}

/// Many queries at once.
#[derive(Debug, Args)]
pub struct Batch {
    /// Answer the queries of a file, one a line; - reads standard input
    #[arg(long, value_name = "FILE", requires = "json", conflicts_with_all = ["query", "like", "limit", "offset", "after", "sort", "context", "kwic", "group", "facets", "csv"])]
    pub batch: Option<PathBuf>,
    /// Documents a query of a batch finds
    #[arg(long, default_value_t = 100, requires = "batch")]
    pub top: usize,
    /// What orders the answers of a batch
    #[arg(long, value_enum, default_value_t, requires = "batch")]
    pub by: By,
}

/// What orders answers.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum By {
    /// Words and meaning together
    #[default]
    Hybrid,
    /// Words alone
    Words,
    /// Meaning alone
    Meaning,
}

/// An order by the name that is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SortName {
    /// The best first
    Relevance,
    /// By the document's date
    Date,
    /// By the document's rating
    Rating,
    /// By the document's name and the place in it
    Document,
}

impl SearchArguments {
    /// The query with what it is to be like.
    pub(crate) fn text(&self) -> String {
        let query = self.query.clone().unwrap_or_default();
        match &self.like {
            None => query,
            // A quotation mark would end the text; to its meaning it adds nothing.
            Some(like) => format!(
                "{query} like:\"{}\"",
                like.replace(['"', '“', '”', '„'], " ")
            ),
        }
    }

    /// The order; `None` for the best last, which is no use to anybody.
    pub(crate) fn sort(&self) -> Option<Sort> {
        let reverse = self.reverse;
        match self.sort {
            SortName::Relevance => (!reverse).then_some(Sort::Relevance),
            SortName::Date => Some(Sort::Date { reverse }),
            SortName::Rating => Some(Sort::Rating { reverse }),
            SortName::Document => Some(Sort::Document { reverse }),
        }
    }
}

fn facet(name: &str) -> Result<Facet, String> {
    Facet::named(name).ok_or_else(|| {
        let names: Vec<&str> = Facet::all().map(Facet::as_str).collect();
        format!("one of: {}", names.join(", "))
    })
}
