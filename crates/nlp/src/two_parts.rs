use rten::{NodeId, RunOptions, ValueOrView, ValueView};

use crate::NlpError;
use crate::batch::{Batch, PairBatch};
use crate::encoder::Graph;
use crate::folder::Bytes;
use crate::manifest::{self, Manifest};

/// A model that reads text and context in one pass: ids of both parts in, vector
/// and logits out.
///
/// In the graph the text's tokens see each other alone, so that the vector cannot
/// depend on a context; and every product goes row by row, so that it does not even
/// depend on there being one.
pub(crate) struct TwoParts {
    graph: Graph,
    ids: NodeId,
    second: NodeId,
    vector: NodeId,
    logits: NodeId,
    dimension: usize,
    answers: manifest::Heads,
}

/// What one batch gave: row by row, in the order of its members.
pub(crate) struct Read<T> {
    /// Vectors, one after another.
    pub vectors: Vec<f32>,
    /// What was made of the logits.
    pub answers: Vec<T>,
}

impl TwoParts {
    pub(crate) fn load(bytes: Bytes, manifest: Manifest) -> Result<Self, NlpError> {
        let graph = Graph::load(bytes, &manifest.name, &manifest.files.encoder.file)?;
        let dimension = manifest.encoder.dimension;
        Ok(Self {
            ids: graph.node("input_ids", None)?,
            second: graph.node("second_ids", None)?,
            vector: graph.node("vector", Some(dimension))?,
            logits: graph.node("logits", Some(manifest.heads.columns()))?,
            graph,
            dimension,
            answers: manifest.heads,
        })
    }

    /// Vectors of a batch, and what `answer` makes of its logits.
    pub(crate) fn run<T>(
        &self,
        batch: &PairBatch,
        options: RunOptions,
        answer: impl Fn(&manifest::Heads, &[f32]) -> T,
    ) -> Result<Read<T>, NlpError> {
        let rows = batch.text.members.len();
        let inputs = vec![
            (
                self.ids,
                self.ids_of(rows, batch.text.tokens, &batch.text.ids)?,
            ),
            (self.second, self.ids_of(rows, batch.tokens, &batch.ids)?),
        ];
        let size = (rows, batch.text.tokens + batch.tokens);
        let wanted = [self.vector, self.logits];
        let [vectors, logits] = self.graph.run(inputs, wanted, options, size)?;
        let columns = self.answers.columns();
        self.check(rows, vectors.len(), self.dimension)?;
        self.check(rows, logits.len(), columns)?;
        Ok(Read {
            vectors,
            answers: logits
                .chunks(columns)
                .map(|row| answer(&self.answers, row))
                .collect(),
        })
    }

    /// The vectors alone: the same numbers for less work.
    pub(crate) fn vectors(&self, batch: &Batch, options: RunOptions) -> Result<Vec<f32>, NlpError> {
        let rows = batch.members.len();
        // The graph wants both parts; the second is empty.
        let inputs = vec![
            (self.ids, self.ids_of(rows, batch.tokens, &batch.ids)?),
            (self.second, self.ids_of(rows, 0, &[])?),
        ];
        let size = (rows, batch.tokens);
        let [vectors] = self.graph.run(inputs, [self.vector], options, size)?;
        self.check(rows, vectors.len(), self.dimension)?;
        Ok(vectors)
    }

    fn ids_of<'a>(
        &self,
        rows: usize,
        tokens: usize,
        ids: &'a [i32],
    ) -> Result<ValueOrView<'a>, NlpError> {
        ValueView::from_shape([rows, tokens], ids)
            .map(ValueOrView::from)
            .map_err(|e| self.graph.misfit(e.to_string()))
    }

    fn check(&self, rows: usize, found: usize, width: usize) -> Result<(), NlpError> {
        if found == rows * width {
            return Ok(());
        }
        Err(self.graph.misfit(format!(
            "{found} numbers came out for {rows} passages, model.json makes it {}",
            rows * width
        )))
    }
}
