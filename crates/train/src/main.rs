//! The command line of the trainer.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program speaks to its user here, and nowhere else"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use throughline_train::data::{Fold, Row, journey};
use throughline_train::distil::distil;
use throughline_train::predict::{Opened, Predictions, predict};
use throughline_train::progress::Progress;
use throughline_train::student::OpenedStudent;
use throughline_train::vector::VectorRecipe;
use throughline_train::{Recipe, Run, TrainError, VectorRun, export, measure};

/// Fine-tunes, measures and exports the models of Throughline.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a model by a recipe.
    Train {
        /// The recipe.
        recipe: PathBuf,
        /// The folder of data that the recipe's paths start from.
        #[arg(long)]
        data: PathBuf,
        /// The run's folder, for checkpoints.
        #[arg(long, default_value = "target/runs/model")]
        out: PathBuf,
        /// The base encoder's folder, in place of the recipe's.
        #[arg(long)]
        base: Option<PathBuf>,
        /// Go on from the run's checkpoint, if there is one.
        #[arg(long)]
        resume: bool,
        /// Leave out one part of the documents, as K/N.
        #[arg(long)]
        leave: Option<Fold>,
        /// Stop after this step, with a checkpoint.
        #[arg(long)]
        until: Option<usize>,
    },
    /// Give the vector of a trained model a layer of its own.
    Vector {
        /// The recipe of the layer.
        recipe: PathBuf,
        /// The trained model: an exported one, or a run's folder.
        #[arg(long)]
        model: PathBuf,
        /// The folder of data that the recipe's paths start from.
        #[arg(long)]
        data: PathBuf,
        /// The folder to write, and for checkpoints until then.
        #[arg(long)]
        out: PathBuf,
        /// Go on from the checkpoint in `out`, if there is one.
        #[arg(long)]
        resume: bool,
        /// Stop after this step, with a checkpoint.
        #[arg(long)]
        until: Option<usize>,
    },
    /// Teach a small, fast model what a trained one says.
    Distil {
        /// The recipe, with a `[student]`.
        recipe: PathBuf,
        /// The folder of data that the recipe's paths start from.
        #[arg(long)]
        data: PathBuf,
        /// The folder to write.
        #[arg(long)]
        out: PathBuf,
        /// Leave out one part of the documents, as K/N.
        #[arg(long)]
        leave: Option<Fold>,
    },
    /// Measure a model on labelled passages, as JSON.
    Evaluate {
        /// An exported model, a run's folder, or a student's.
        model: PathBuf,
        /// Labelled passages (jsonl).
        file: PathBuf,
        /// Measure on one part of the documents only, as K/N.
        #[arg(long)]
        only: Option<Fold>,
        /// Draws of documents for the intervals.
        #[arg(long, default_value_t = 1000)]
        resamples: usize,
        /// Threads.
        #[arg(long, default_value_t = 2)]
        threads: i32,
    },
    /// Write what a model says of passages: logits and vectors.
    Predict {
        /// An exported model, a run's folder, or a student's.
        model: PathBuf,
        /// Passages (jsonl).
        file: PathBuf,
        /// The safetensors file to write.
        #[arg(long)]
        out: PathBuf,
        /// Take one part of the documents only, as K/N.
        #[arg(long)]
        only: Option<Fold>,
        /// Threads.
        #[arg(long, default_value_t = 2)]
        threads: i32,
    },
    /// Write a trained model for others to read.
    Export {
        /// A run's folder.
        model: PathBuf,
        /// The folder to write.
        #[arg(long)]
        out: PathBuf,
    },
}

fn main() -> ExitCode {
    match act(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn act(command: Command) -> Result<(), TrainError> {
    match command {
        Command::Train {
            recipe,
            data,
            out,
            base,
            resume,
            leave,
            until,
        } => {
            let mut recipe = Recipe::open(&recipe)?;
            recipe.base = base.unwrap_or(recipe.base);
            train(recipe, &data, &out, resume, (leave, until))
        }
        Command::Vector {
            recipe,
            model,
            data,
            out,
            resume,
            until,
        } => {
            let mut run = VectorRun::new(VectorRecipe::open(&recipe)?, &model, &data)?;
            if resume && !run.resume(&out)? {
                eprintln!("no checkpoint in {}: starting anew", out.display());
            }
            run.train(&out, until, &mut tell)
        }
        Command::Distil {
            recipe,
            data,
            out,
            leave,
        } => distil(&Recipe::open(&recipe)?, &data, &out, leave, &mut tell),
        Command::Evaluate {
            model,
            file,
            only,
            resamples,
            threads,
        } => {
            tch::set_num_threads(threads.max(1));
            let (rows, predictions) = said(&model, &file, only)?;
            println!(
                "{:#}",
                measure::measures(&rows, &predictions, resamples, 1)?
            );
            Ok(())
        }
        Command::Predict {
            model,
            file,
            out,
            only,
            threads,
        } => {
            tch::set_num_threads(threads.max(1));
            said(&model, &file, only)?.1.save(&out)
        }
        Command::Export { model, out } => export::export(&Opened::open(&model)?, &out),
    }
}

fn train(
    recipe: Recipe,
    data: &Path,
    out: &Path,
    resume: bool,
    (leave, until): (Option<Fold>, Option<usize>),
) -> Result<(), TrainError> {
    let mut run = Run::new(recipe, data, leave)?;
    if resume && !run.resume(out)? {
        eprintln!("no checkpoint in {}: starting anew", out.display());
    }
    run.train(out, until, &mut tell)
}

fn tell(progress: &Progress) {
    eprintln!(
        "step {} of {}: loss {:.4}, gradient {:.2}, {:.1} rows/s",
        progress.step, progress.of, progress.loss, progress.gradient, progress.rows_per_second
    );
}

/// The passages of a file, and what a model says of them.
fn said(
    model: &Path,
    file: &Path,
    only: Option<Fold>,
) -> Result<(Vec<Row>, Predictions), TrainError> {
    if let Some(opened) = OpenedStudent::open(model)? {
        let rows = journey(file, &opened.tokens, only)?;
        let predictions = opened.student.predict(&rows);
        return Ok((rows, predictions));
    }
    let opened = Opened::open(model)?;
    let rows = journey(file, &opened.tokens, only)?;
    let predictions = predict(&opened.model, &rows)?;
    Ok((rows, predictions))
}
