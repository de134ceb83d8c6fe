//! What `collect` can be asked.

use clap::{Args, Subcommand};

use super::{Json, Lens, StudyFolder};

/// Arguments of `collect`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct CollectArguments {
    /// What to do with collections, besides keeping quotes.
    #[command(subcommand)]
    pub action: Option<CollectAction>,
    /// The collection; it is made if it does not exist
    #[arg(required = true)]
    pub name: Option<String>,
    /// Keep what this search finds, as `search` takes it
    #[arg(
        allow_hyphen_values = true,
        required_unless_present = "passage",
        conflicts_with = "passage"
    )]
    pub query: Option<String>,
    /// Keep this passage, by the beginning of its id; may be given several times
    #[arg(long, value_name = "ID")]
    pub passage: Vec<String>,
    /// Keep at most so many of the quotes found, the best
    #[arg(short = 'n', long, default_value_t = 100)]
    pub limit: usize,
    /// Why they are kept
    #[arg(long, value_name = "WORDS")]
    pub reason: Option<String>,
    /// Who keeps them
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,
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

/// What can be done with collections besides keeping quotes.
#[derive(Debug, Subcommand)]
pub enum CollectAction {
    /// List the collections
    #[command(after_help = "Example:\n  throughline collect list")]
    List,
    /// Show the quotes of a collection
    #[command(after_help = "Example:\n  throughline collect show 'for the talk' --json")]
    Show {
        /// The collection
        name: String,
    },
    /// Take quotes out of a collection, or forget it; the words stay in the study
    #[command(after_help = "Examples:
  throughline collect remove 'for the talk'
  throughline collect remove 'for the talk' --passage 3f2a91bc")]
    Remove {
        /// The collection
        name: String,
        /// Only this passage, by the beginning of its id; may be given several times
        #[arg(long, value_name = "ID")]
        passage: Vec<String>,
    },
}
