//! What can be typed.

mod collect;
mod people;
mod quotes;
mod reports;
mod search;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use collect::{CollectAction, CollectArguments};
pub(crate) use people::{
    Author, CodeAction, CodebookAction, Correct, People, Place, ValidateAction,
};
pub(crate) use quotes::QuotesArguments;
pub(crate) use reports::{FormatName, Formats, Verify};
pub(crate) use search::{By, SearchArguments};

/// Finds the pain points of a customer journey in interviews and reviews, with
/// evidence.
#[derive(Debug, Parser)]
#[command(
    name = "throughline",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = "Start here:
  throughline analyze interviews/ reviews.csv -o report/

Or step by step, on a study that lasts:
  throughline new my-study && cd my-study
  throughline add ../interviews ../reviews.csv
  throughline tag && throughline themes && throughline report
  throughline search 'stage:purchase \"discount code\"'

Exit codes: 0 done, 1 nothing found, 2 usage, 3 an input was unreadable (the rest is done),
4 internal, 5 verification failed, 6 study busy, 7 no space or no permission to write."
)]
pub struct Arguments {
    /// Which model reads.
    #[command(flatten)]
    pub engine: Engine,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Everything the program can be asked to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The main job: read files, tag them, find themes, write the report
    #[command(after_help = "Examples:
  throughline analyze interviews/ reviews.csv -o report/
  throughline analyze export.csv -o report/ --map text='Open comment' --map rating=Score
  throughline analyze interviews/ -o report/ --framework user --format html,md

The study is kept beside the report (report/ → report.study/) and used again: what has not
changed is not read or tagged twice.")]
    Analyze(Analyze),
    /// Make an empty study
    #[command(after_help = "Example:\n  throughline new my-study && cd my-study")]
    New {
        /// Its folder
        folder: PathBuf,
    },
    /// Read files and folders into the study; what has not changed is not read again
    #[command(after_help = "Examples:
  throughline add ../interviews ../reviews.csv
  throughline add survey.csv --map text='What could be better?' --map author=Respondent")]
    Add {
        /// Files and folders
        #[arg(required = true)]
        inputs: Vec<PathBuf>,
        #[command(flatten)]
        columns: Columns,
        #[command(flatten)]
        languages: Languages,
        #[command(flatten)]
        study: StudyFolder,
    },
    /// Tag what is new in the study; with `-`, tag JSON Lines from standard input
    #[command(after_help = "Examples:
  throughline tag
  echo '{\"id\":1,\"text\":\"I could not find the price.\"}' | throughline tag -

In:  {\"id\", \"text\", \"context\"?}, one a line; context is what was asked just before.
Out: {\"id\", \"moment\", \"moment_confidence\", \"unclear\", \"stages\", \"sentiment\", …}, same order;
     a malformed line gives {\"id\", \"error\"} and the rest goes on.

--explain adds {\"explain\"}: for moment, sentiment, pain and touchpoint the {\"label\",
\"confidence\", \"runner_up\", \"runner_up_confidence\", \"words\", \"context_drop\"}; words are
{\"text\", \"start\", \"end\", \"drop\"}, start and end in bytes of the text, drop what the label's
probability loses without them. Each line is read some 20 times, 35 at most.

--framework FILE adds a framework of your own to {\"stages\"}; one whose stages are told by exemplars
is learnt from them first (`throughline frameworks FILE` says how well).

--zero-shot adds {\"stage_scores\"}: what each stage gets by its definition alone, 1 in sum. The
folder holds a BERT model of natural language inference (config.json with a label entailment,
tokenizer.json, model.safetensors). Needs a program built with --features torch.")]
    Tag {
        /// `-` to read JSON Lines from standard input
        #[arg(value_parser = ["-"])]
        stream: Option<String>,
        /// Add the vector to each line
        #[arg(long, requires = "stream")]
        embedding: bool,
        /// Add why each tag was given: the runner-up, and the words that carried it
        #[arg(long, requires = "stream")]
        explain: bool,
        /// Score stages by their definitions, with the inference model in this folder
        #[arg(long, value_name = "FOLDER", requires = "stream")]
        zero_shot: Option<PathBuf>,
        /// Framework file to add to the stages; with --zero-shot, whose stages to score: a built-in
        /// framework (by default customer), or a TOML file of [[stage]]s with id and definition
        #[arg(long, value_name = "ID|FILE", requires = "stream")]
        framework: Option<String>,
        #[command(flatten)]
        study: StudyFolder,
    },
    /// Group the pain points of each stage into themes, and list them
    #[command(after_help = "Examples:
  throughline themes
  throughline themes --framework user --json
  throughline themes --all    # what all passages speak of, of every stage, pain or not")]
    Themes {
        /// Group all passages of participants instead, of every stage, pain or not; nothing is kept
        #[arg(long, conflicts_with = "framework")]
        all: bool,
        #[command(flatten)]
        lens: Lens,
        #[command(flatten)]
        repeats: Repeats,
        #[command(flatten)]
        study: StudyFolder,
        #[command(flatten)]
        json: Json,
    },
    /// Write the report of the study
    #[command(after_help = "Examples:
  throughline report
  throughline report --format html,md -o ../for-the-team --framework buyer")]
    Report {
        /// Its folder; by default reports/ in the study
        #[arg(short, long)]
        output: Option<PathBuf>,
        #[command(flatten)]
        formats: Formats,
        #[command(flatten)]
        lens: Lens,
        #[command(flatten)]
        repeats: Repeats,
        #[command(flatten)]
        study: StudyFolder,
        #[command(flatten)]
        json: Json,
    },
    /// Take REFI-QDA projects (.qdpx) and codebooks (.qdc) of other tools into the study
    #[command(after_help = "Examples:
  throughline import project.qdpx
  throughline import codes.qdc --study my-study

The texts of a project become sources, its codes join the study's code list (not codebook.toml,
which holds themes), and its codings are judgements of the people who made them. How the project counts places is found out by the words it names.")]
    Import {
        /// Projects and codebooks
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        study: StudyFolder,
    },
    /// Compare every quote and label of a report with the sources, read again
    #[command(after_help = "Examples:
  throughline verify report/
  throughline verify report/quotes.csv --sources ../moved-here
  throughline verify project.qdpx --study report.study

Reads json, md, docx, html, csv, xlsx and qdpx. A report that was written with --redact is compared with
the sources under the same pseudonyms, numbered over what the study holds now. The study beside the report, or the one it lies in, says
where the sources are. Exit code 5 where one character differs, or a source is missing or changed.")]
    Verify(Verify),
    /// Looking into a study.
    #[command(flatten)]
    Look(Look),
    /// Keep quotes in collections with names: what a search finds, or passages one by one
    #[command(after_help = "Examples:
  throughline collect 'for the talk' 'theme:refill sentiment:negative' -n 5
  throughline collect 'for the talk' --passage 3f2a91bc --reason 'says it best'
  throughline collect list
  throughline collect show 'for the talk'
  throughline collect remove 'for the talk' --passage 3f2a91bc

What is kept are the words and their place: they are found again when the text changes, and go with
whoever withdraws. list, show and remove are no names of collections.")]
    Collect(Box<CollectArguments>),
    /// What people decide.
    #[command(flatten)]
    People(People),
    /// Withdraw a document or a participant: gone from record, index, vectors and reports to come
    #[command(after_help = "Examples:
  throughline remove interviews/dana.vtt
  throughline remove --participant 'interviews/dana.vtt/Dana'")]
    Remove {
        /// Name of the document
        #[arg(
            required_unless_present = "participant",
            conflicts_with = "participant"
        )]
        document: Option<String>,
        /// Id of the participant, as `stats --participants` lists it
        #[arg(long)]
        participant: Option<String>,
        #[command(flatten)]
        study: StudyFolder,
        #[command(flatten)]
        json: Json,
    },
    /// Group texts from standard input into themes: JSON Lines in, JSON Lines out
    #[command(after_help = "Example:
  throughline cluster - < texts.jsonl

In:  {\"id\", \"text\"}, one a line. All are read before the first answer.
Out: {\"id\", \"theme\", \"label\"}, same order; theme is null, with a reason, for what fits none;
     \"sub_theme\" and \"sub_label\" where a theme is of several kinds.")]
    Cluster {
        /// `-`: standard input
        #[arg(value_parser = ["-"])]
        stream: String,
    },
    /// Read files without a study and show their passages
    #[command(after_help = "Examples:
  throughline ingest interviews/
  throughline ingest reviews.csv --json | head")]
    Ingest {
        /// Files and folders
        #[arg(required = true)]
        inputs: Vec<PathBuf>,
        #[command(flatten)]
        columns: Columns,
        #[command(flatten)]
        json: Json,
    },
    /// List the models that can read, check them, choose one for a study
    #[command(after_help = "Examples:
  throughline models
  throughline models verify
  throughline models verify ../downloads/some-model
  throughline models use fast --study my-study

A model is part of the program, or a folder with a model.json in ./models or in the study's models/;
--model takes its name, or any folder. A BERT checkpoint (config.json) gives vectors and cannot tag.
The star marks the one that reads here: that of --model, of `model` in throughline.toml, or the first.")]
    Models {
        #[command(subcommand)]
        action: Option<ModelsAction>,
        #[command(flatten)]
        study: StudyFolder,
        #[command(flatten)]
        json: Json,
    },
    /// Print the completions of a shell
    #[command(
        after_help = "Example:\n  throughline completions bash > ~/.local/share/bash-completion/completions/throughline"
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder
    #[command(after_help = "Example:\n  throughline man ~/.local/share/man/man1")]
    Man {
        /// The folder
        folder: PathBuf,
    },
}

/// What can be done with models besides listing them.
#[derive(Debug, Subcommand)]
pub enum ModelsAction {
    /// Compare each file with its hash, and what the model reads today with what it read when built
    #[command(after_help = "Example:\n  throughline models verify\n\nExit code 5 on a difference.")]
    Verify {
        /// A model's name or folder; by default every model that is listed
        #[arg(value_name = "NAME|FOLDER")]
        asked: Option<PathBuf>,
    },
    /// Write `model = …` into the throughline.toml of the study
    #[command(after_help = "Example:\n  throughline models use fast --study my-study")]
    Use {
        /// A model's name or folder
        #[arg(value_name = "NAME|FOLDER")]
        asked: PathBuf,
    },
}

/// What can be done with the index.
#[derive(Debug, Subcommand)]
pub enum IndexAction {
    /// Write the fields and the quotes for a server of one's own
    Export {
        /// Write a doc mapping and NDJSON for Quickwit into this folder
        #[arg(long, value_name = "FOLDER")]
        quickwit: PathBuf,
        #[command(flatten)]
        lens: Lens,
        #[command(flatten)]
        study: StudyFolder,
    },
}

/// What can be asked of a study without changing it.
#[derive(Debug, Subcommand)]
pub enum Look {
    /// Search the tagged quotes: words, meaning, tags
    #[command(after_help = include_str!("args/search.txt"))]
    Search(Box<SearchArguments>),
    /// The participants' quotes in groups: by theme, stage, participant, document or question
    #[command(after_help = "Examples:
  throughline quotes --by theme
  throughline quotes 'sentiment:negative date:2025-01..2025-03' --by participant --each 5
  throughline quotes --by question --json

The largest groups come first. With --json, a group is a line, as in `search --group` and
`questions`.")]
    Quotes(Box<QuotesArguments>),
    /// Hand the index to a search server
    #[command(after_help = "Example:
  throughline index export --quickwit quickwit/
  quickwit index create --index-config quickwit/index.yaml
  quickwit index ingest --index throughline --input-path quickwit/quotes.ndjson")]
    Index {
        #[command(subcommand)]
        action: IndexAction,
    },
    /// Show a document turn by turn, with its tags
    #[command(after_help = "Example:\n  throughline show interviews/dana.vtt")]
    Show {
        /// Its name, as `stats --documents` lists it
        document: String,
        #[command(flatten)]
        study: StudyFolder,
        #[command(flatten)]
        json: Json,
    },
    /// What was answered to each question of an interview guide or a survey
    #[command(after_help = "Examples:
  throughline questions
  throughline questions --json

A passage answers the interviewer's last question before it, or else that of its survey. Questions
of interviewers that mean the same are taken together, and those that were asked in two documents
at least are listed, in the order in which they mostly come. Reports show them with quotes.")]
    Questions {
        #[command(flatten)]
        lens: Lens,
        #[command(flatten)]
        study: StudyFolder,
        #[command(flatten)]
        json: Json,
    },
    /// What is in the study, in numbers
    #[command(after_help = "Examples:
  throughline stats
  throughline stats --documents
  throughline stats --participants --json")]
    Stats {
        /// List the documents
        #[arg(long, conflicts_with = "participants")]
        documents: bool,
        /// List the participants
        #[arg(long)]
        participants: bool,
        #[command(flatten)]
        study: StudyFolder,
        #[command(flatten)]
        json: Json,
    },
    /// List the frameworks: which moments make up which stage, or how well exemplars tell it
    #[command(after_help = "Examples:
  throughline frameworks
  throughline frameworks buyer
  throughline frameworks mine.toml --json

A framework of your own is a TOML file. Its stages are made of moments, or told by exemplars:

  id = \"flat\"
  name = \"Renting a flat\"
  description = \"From the first advert to the keys handed back.\"
  unclear_below = 0.5            # below this confidence a passage is in no stage; the default

  [[stage]]
  id = \"viewing\"
  name = \"Viewing\"
  definition = \"Seeing a flat: appointments, tours, the agent showing it.\"
  goal = \"Know what it is like.\"
  colour = \"#2f8f9d\"
  exemplars = [                  # at least three; ten or more are better
    \"The agent was half an hour late.\",
    \"We saw it together with forty others.\",
    \"They did a video tour, as we lived abroad.\",
  ]

A framework has one or the other: all its stages by moments, or all by exemplars. With exemplars,
what is shown is how many came back to their own stage when each was left out in turn, with a 95 %
interval. Name the file under `frameworks` in throughline.toml, and `--framework flat` uses it.")]
    Frameworks {
        /// Only this one: an id, or a TOML file
        #[arg(value_name = "ID|FILE")]
        id: Option<String>,
        #[command(flatten)]
        study: StudyFolder,
        #[command(flatten)]
        json: Json,
    },
}

/// Arguments of `analyze`.
#[derive(Debug, Args)]
pub struct Analyze {
    /// Files and folders: transcripts (txt, md, docx, odt, rtf, html, vtt, srt, sbv, lrc, json) and
    /// tables (csv, tsv, xlsx, ods, parquet, json, jsonl), plain, .gz, .zst or in a .zip
    #[arg(required = true)]
    pub inputs: Vec<PathBuf>,
    /// The report folder
    #[arg(short, long)]
    pub output: PathBuf,
    /// The study folder; by default beside the report, with `.study` added
    #[arg(long, value_name = "FOLDER")]
    pub study: Option<PathBuf>,
    /// Formats to write.
    #[command(flatten)]
    pub formats: Formats,
    /// Framework to look through.
    #[command(flatten)]
    pub lens: Lens,
    /// What columns mean.
    #[command(flatten)]
    pub columns: Columns,
    /// Which languages are tagged.
    #[command(flatten)]
    pub languages: Languages,
    /// What counts twice.
    #[command(flatten)]
    pub repeats: Repeats,
    /// JSON Lines.
    #[command(flatten)]
    pub json: Json,
}

/// Which model reads, and by which engine.
#[derive(Debug, Args)]
pub struct Engine {
    /// The engine: rten (8-bit, the default) or torch (f32, where it was built in)
    #[arg(long, global = true, value_name = "ENGINE", help_heading = "Model")]
    pub backend: Option<BackendName>,
    /// A model by name (`throughline models` lists them) or folder; by default the study's own
    #[arg(
        long,
        global = true,
        value_name = "NAME|FOLDER",
        help_heading = "Model"
    )]
    pub model: Option<PathBuf>,
}

/// An engine by the name that is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BackendName {
    /// 8-bit weights, part of the program
    Rten,
    /// The same weights in f32, on libtorch
    Torch,
}

/// Where the study is.
#[derive(Debug, Args)]
pub struct StudyFolder {
    /// The study folder
    #[arg(
        long = "study",
        global = true,
        value_name = "FOLDER",
        default_value = "."
    )]
    pub folder: PathBuf,
}

/// Which framework to look through.
#[derive(Debug, Args)]
pub struct Lens {
    /// The framework to look through; by default the study's own
    #[arg(long, global = true, value_name = "ID")]
    pub framework: Option<String>,
}

/// Whether to print JSON Lines.
#[derive(Debug, Args)]
pub struct Json {
    /// Print JSON Lines
    #[arg(long, global = true)]
    pub json: bool,
}

/// What a table's columns mean.
#[derive(Debug, Args)]
pub struct Columns {
    /// What a table's column means, where it is not recognised: text, title, id, date, rating,
    /// author, product, question
    #[arg(long = "map", value_name = "MEANING=COLUMN", value_parser = pair)]
    pub map: Vec<(String, String)>,
}

/// Which languages are tagged.
#[derive(Debug, Args)]
pub struct Languages {
    /// Languages whose documents are tagged, as two-letter codes, or `all`; by default those of the
    /// study's settings, which are English alone
    #[arg(long, value_delimiter = ',', value_name = "CODES")]
    pub languages: Vec<String>,
}

/// Whether what is said twice counts twice.
#[derive(Debug, Args)]
pub struct Repeats {
    /// Count documents that say what another one says already
    #[arg(long)]
    pub keep_duplicates: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((meaning, column)) if !meaning.is_empty() && !column.is_empty() => {
            Ok((meaning.to_owned(), column.to_owned()))
        }
        _ => Err("write it as meaning=column, for example text='Open comment'".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_mapping_has_two_sides() {
        assert_eq!(
            pair("text=a=b").unwrap(),
            ("text".to_owned(), "a=b".to_owned())
        );
        assert!(pair("text").is_err() && pair("=x").is_err() && pair("x=").is_err());
    }
}
