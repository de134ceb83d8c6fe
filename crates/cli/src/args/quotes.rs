//! Arguments of `quotes`.

use clap::{Args, ValueEnum};
use throughline_study::{Column, Facet};

use super::search::{Batch, By, SearchArguments, SortName};
use super::{Json, Lens, StudyFolder};

/// Arguments of `quotes`.
#[derive(Debug, Args)]
pub struct QuotesArguments {
    /// Only those that this finds, as `search` understands it
    #[arg(allow_hyphen_values = true)]
    pub query: Option<String>,
    /// What they are put together by
    #[arg(long, value_name = "WHAT", default_value = "theme")]
    pub by: Together,
    /// Quotes of each group
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub each: usize,
    /// Groups
    #[arg(short = 'n', long, default_value_t = 1_000)]
    pub limit: usize,
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

/// What quotes are put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Together {
    /// The theme
    Theme,
    /// The stage of the framework
    Stage,
    /// Who said it
    Participant,
    /// Where it stands
    Document,
    /// The question that it answers
    Question,
}

impl Together {
    /// The same as a search knows it; `None` for questions, which it does not.
    pub(crate) fn facet(self) -> Option<Facet> {
        match self {
            Self::Theme => Some(Facet::Theme),
            Self::Stage => Some(Facet::Stage),
            Self::Participant => Some(Facet::Of(Column::Participant)),
            Self::Document => Some(Facet::Of(Column::Document)),
            Self::Question => None,
        }
    }
}

impl QuotesArguments {
    /// The search for participants' words that shows them by `facet`.
    pub(crate) fn search(self, facet: Facet) -> SearchArguments {
        let evidence = "role:participant";
        let query = match self.query {
            Some(query) => format!("({query}) AND {evidence}"),
            None => evidence.to_owned(),
        };
        SearchArguments {
            query: Some(query),
            like: None,
            limit: self.limit,
            offset: 0,
            after: None,
            sort: SortName::Relevance,
            reverse: false,
            context: None,
            kwic: false,
            group: Some(facet),
            each: self.each,
            facets: None,
            csv: false,
            batch: Batch {
                batch: None,
                top: 0,
                by: By::default(),
            },
            lens: self.lens,
            study: self.study,
            json: self.json,
        }
    }
}
