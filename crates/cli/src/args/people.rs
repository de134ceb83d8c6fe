//! What people decide: corrections, codes, validation.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Json, Lens, StudyFolder};

/// Everything by which a person decides something.
#[derive(Debug, Subcommand)]
pub enum People {
    /// Set right what the engine got wrong; it counts from then on, whatever is run again
    #[command(after_help = "Examples:
  throughline correct 3fa9c1d2 --moment support --reason 'it is about the call centre'
  throughline correct 3fa9c1d2 --pain yes --theme use-1b2c3d4e
  throughline correct --csv corrections.csv

PASSAGE is the passage's id, or its first characters where no other begins with them; `search` and
`show` name it. The columns of a CSV are passage, moment, sentiment, pain, touchpoint, theme and
reason; empty cells decide nothing. What was decided holds on to the words: when a text is cut anew
or edited, it finds them again, and `throughline log` lists what has lost its words.")]
    Correct(Correct),
    /// Codes of your own, on any words: the study's code list, which is apart from its themes
    #[command(after_help = "Examples:
  throughline code add 'asks for a discount' 3fa9c1d2
  throughline code add competitor 3fa9c1d2 --words 'the other shop'
  throughline code add competitor --doc interviews/dana.vtt --bytes 120..141
  throughline code list
  throughline code remove 12")]
    Code {
        #[command(subcommand)]
        action: CodeAction,
        #[command(flatten)]
        study: StudyFolder,
        #[command(flatten)]
        json: Json,
    },
    /// Put a note beside some words
    #[command(after_help = "Examples:
  throughline memo 'Compare with what Ben says' 3fa9c1d2
  throughline memo 'Laughs' --doc interviews/dana.vtt --bytes 120..141")]
    Memo {
        /// The note
        note: String,
        #[command(flatten)]
        words: Place,
        #[command(flatten)]
        author: Author,
        #[command(flatten)]
        study: StudyFolder,
    },
    /// List what people decided: corrections, codes, memos, and how each stands now
    #[command(after_help = "Examples:
  throughline log
  throughline log --json")]
    Log {
        #[command(flatten)]
        study: StudyFolder,
        #[command(flatten)]
        json: Json,
    },
    /// Take back what was decided: the last command's decisions, or those named
    #[command(after_help = "Examples:
  throughline undo
  throughline undo 12
  throughline undo 12.3

12 is everything that one command decided, 12.3 one decision of it; `throughline log` lists them. An
undo can be taken back like anything else.")]
    Undo {
        /// Number, as `log` lists it; by default the last
        id: Option<String>,
        #[command(flatten)]
        author: Author,
        #[command(flatten)]
        study: StudyFolder,
    },
    /// Learn from corrections: heads of the study's own, on where a blind sample gains
    #[command(after_help = "Examples:
  throughline adapt
  throughline adapt ann.csv
  throughline adapt --off

Without a file it says how things stand. The file is a blind sample that somebody coded; see
`throughline help validate`. What people corrected teaches one head for each of moment, sentiment,
pain and touchpoint, which is tested on the passages of the file: no head learns from passages of
a sample. It is on from 50 corrections, and if it agrees with the coder more often than the model
does, with an interval above 0. From then on it tags what comes later too, and what people decide
still goes before it. Corrections made later count when a file is given again; a new sample tells
more than one that was used before. With --off, and after every withdrawal, each tag is what it
was without.")]
    Adapt {
        /// The coded sample on which to test
        #[arg(value_name = "FILE.csv")]
        coded: Option<PathBuf>,
        /// Switch the study's own heads off and forget them
        #[arg(long, conflicts_with = "coded")]
        off: bool,
        #[command(flatten)]
        author: Author,
        #[command(flatten)]
        study: StudyFolder,
        #[command(flatten)]
        json: Json,
    },
    /// Name, freeze, merge, split and move themes; it is all kept in the theme book, codebook.toml
    #[command(after_help = "Examples:
  throughline codebook show
  throughline codebook rename use-1b2c3d4e 'The lid does not close'
  throughline codebook merge use-1b2c3d4e use-9f8e7d6c
  throughline codebook freeze
  throughline codebook export ../wave-1.toml

The theme book, codebook.toml in the study, holds themes and nothing else: codes of your own, and
those that `import` brings, are in the code list (`code list` shows where they stand). It is yours
to edit and to keep under version control: definition, inclusion and exclusion are for your
coders, and its exemplars say what belongs to a theme. Once a framework is frozen, its passages
are coded by the exemplars: by the nearest, within a limit; what fits none makes new themes, which
reports show apart. A theme keeps its id from run to run by the passages that it shares with the
last one.")]
    Codebook {
        #[command(subcommand)]
        action: CodebookAction,
        #[command(flatten)]
        lens: Lens,
        #[command(flatten)]
        study: StudyFolder,
        #[command(flatten)]
        json: Json,
    },
    /// Set the themes against an attribute of people: who mentions what
    #[command(after_help = "Examples:
  throughline crosstab plan
  throughline crosstab country --framework user --json

The attributes are the columns of tables and of `participants` in throughline.toml. Each theme is
tested by Fisher's exact test, or by χ² where there are more than two values.")]
    Crosstab {
        /// The attribute, as its column is called
        attribute: String,
        #[command(flatten)]
        lens: Lens,
        #[command(flatten)]
        study: StudyFolder,
        #[command(flatten)]
        json: Json,
    },
    /// Set two waves side by side: which themes are new, gone, grown or shrunk
    #[command(after_help = "Examples:
  throughline diff spring autumn
  throughline codebook freeze --study spring && throughline codebook export book.toml --study spring
  throughline codebook import book.toml --study autumn && throughline diff spring autumn

Themes that were found apart are not the same themes. Where one frozen codebook codes both studies,
its themes are compared; where neither has one, the pain points of both are grouped together, for
this comparison alone. One model must read both.")]
    Diff {
        /// The study folder of the first wave
        first: PathBuf,
        /// That of the second
        second: PathBuf,
        #[command(flatten)]
        lens: Lens,
        #[command(flatten)]
        json: Json,
    },
    /// Measure the engine on your own data: draw a blind sample, code it, compare
    #[command(after_help = "Examples:
  throughline validate sample -n 100 -o ann.csv
  throughline validate code ann.csv
  throughline validate score ann.csv
  throughline validate score ann.csv ben.csv

Draw, have one or two people fill in the empty columns without looking at the study, in a
spreadsheet or with `validate code`, and score. What two people code shows first how far they
agree with each other: the engine cannot agree with them better than they do. The last score
stands in the method section of reports.")]
    Validate {
        #[command(subcommand)]
        action: ValidateAction,
        #[command(flatten)]
        study: StudyFolder,
        #[command(flatten)]
        json: Json,
    },
}

/// Arguments of `correct`.
#[derive(Debug, Args)]
pub struct Correct {
    /// Id of the passage, or its first characters
    #[arg(required_unless_present = "csv", conflicts_with = "csv")]
    pub passage: Option<String>,
    /// The moment that it speaks of
    #[arg(long, value_name = "MOMENT")]
    pub moment: Option<String>,
    /// The speaker's evaluation: negative, neutral, positive, mixed
    #[arg(long, value_name = "SENTIMENT")]
    pub sentiment: Option<String>,
    /// Whether it states a pain point
    #[arg(long, value_name = "yes|no")]
    pub pain: Option<String>,
    /// The channel or thing concerned
    #[arg(long, value_name = "TOUCHPOINT")]
    pub touchpoint: Option<String>,
    /// The theme that it belongs to, by the id that `themes` lists; or none
    #[arg(long, value_name = "THEME")]
    pub theme: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// A table of corrections
    #[arg(long, value_name = "FILE", conflicts_with_all = ["moment", "sentiment", "pain", "touchpoint", "theme", "reason"])]
    pub csv: Option<PathBuf>,
    /// Who decides.
    #[command(flatten)]
    pub author: Author,
    /// Where the study is.
    #[command(flatten)]
    pub study: StudyFolder,
}

/// What can be done with codes.
#[derive(Debug, Subcommand)]
pub enum CodeAction {
    /// Code some words
    Add {
        /// The code
        code: String,
        #[command(flatten)]
        words: Place,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        author: Author,
    },
    /// List the codes with their words
    List {
        /// Only this code
        code: Option<String>,
    },
    /// Take a code off its words
    Remove {
        /// Number, as `code list` and `log` list it
        id: String,
        #[command(flatten)]
        author: Author,
    },
}

/// The words that a code or a memo is about.
#[derive(Debug, Args)]
pub struct Place {
    /// Id of the passage, or its first characters
    #[arg(required_unless_present = "doc", conflicts_with = "doc")]
    pub passage: Option<String>,
    /// Some of the passage's exact words
    #[arg(long, value_name = "WORDS", requires = "passage")]
    pub words: Option<String>,
    /// A document, in place of a passage
    #[arg(long, value_name = "DOCUMENT", requires = "bytes")]
    pub doc: Option<String>,
    /// Bytes of the document's text, end exclusive
    #[arg(long, value_name = "START..END", requires = "doc", value_parser = span)]
    pub bytes: Option<(usize, usize)>,
}

/// Who decides.
#[derive(Debug, Args)]
pub struct Author {
    /// Who decides; by default the name of your account
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,
}

/// What can be done with themes.
#[derive(Debug, Subcommand)]
pub enum CodebookAction {
    /// List the themes: those that have passages, and those that only the codebook knows
    Show,
    /// Code what comes later by the themes as they are now
    Freeze,
    /// Give a theme your own name, which reports mark as yours; an empty one takes it away
    Rename {
        /// Id of the theme
        theme: String,
        /// The name
        name: String,
    },
    /// Merge themes of one stage into one
    Merge {
        /// Id of the theme that stays
        into: String,
        /// Ids of the themes that go into it
        #[arg(required = true)]
        from: Vec<String>,
    },
    /// Make a theme of its own of some passages of another
    Split {
        /// Id of the theme
        theme: String,
        /// Ids of the passages, or their first characters
        #[arg(required = true)]
        passages: Vec<String>,
        /// What the new theme is called
        #[arg(long, value_name = "NAME")]
        name: String,
        #[command(flatten)]
        author: Author,
    },
    /// Put passages into another theme of their stage
    Move {
        /// Ids of the passages, or their first characters
        #[arg(required = true)]
        passages: Vec<String>,
        /// Id of the theme, or none
        #[arg(long, value_name = "THEME")]
        to: String,
        #[command(flatten)]
        author: Author,
    },
    /// Delete a theme: its passages are set aside, in Other
    Delete {
        /// Id of the theme
        theme: String,
    },
    /// Write the codebook to a file for another study, without this one's passages
    Export {
        /// The file
        file: PathBuf,
    },
    /// Take over the frozen codebook of another study
    Import {
        /// The file
        file: PathBuf,
    },
}

/// What can be done to measure the engine.
#[derive(Debug, Subcommand)]
pub enum ValidateAction {
    /// Draw passages to be coded by hand, without what the engine says of them
    #[command(after_help = "Example:
  throughline validate sample -n 100 -o ann.csv

Rare moments and pain points are drawn more often than their share, and the score puts that right:
the chance of each passage to be drawn is kept in the study. The same seed draws the same passages.")]
    Sample {
        /// Passages to draw
        #[arg(short = 'n', long, value_name = "N", default_value_t = 100)]
        size: usize,
        /// The file to be filled in; by default standard output
        #[arg(short, long, value_name = "FILE.csv")]
        output: Option<PathBuf>,
        /// Begins the sequence of random numbers
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        lens: Lens,
    },
    /// Code the sample here, passage by passage; what is coded is kept after each
    #[command(after_help = "Example:
  throughline validate code ann.csv

Of each passage its words and what came before, then one line for each thing to code. The first
letters of a word are enough, or its number in the list. Nothing leaves it open; ? lists the words,
b goes back to the passage before, q stops. The next time it goes on where it stopped.")]
    Code {
        /// The file that `validate sample` wrote
        file: PathBuf,
        #[command(flatten)]
        lens: Lens,
    },
    /// Compare what was coded: the coders with each other, then the engine with each
    #[command(after_help = "Example:
  throughline validate score ann.csv ben.csv

Empty cells are left out. A label that was given to fewer than ten passages is 'too few'.")]
    Score {
        /// A file that was filled in
        first: PathBuf,
        /// Another person's, of the same sample
        second: Option<PathBuf>,
    },
}

fn span(text: &str) -> Result<(usize, usize), String> {
    let ends = text.split_once("..").map(|(a, b)| (a.parse(), b.parse()));
    match ends {
        Some((Ok(start), Ok(end))) if start < end => Ok((start, end)),
        _ => Err("write it as START..END in bytes, for example 120..141".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_two_ends_in_order() {
        assert_eq!(span("3..14"), Ok((3, 14)));
        for wrong in ["3", "14..3", "3..3", "a..b", "..", "3.."] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }
}
