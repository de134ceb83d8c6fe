use rten::{NodeId, RunOptions, ValueOrView, ValueView};

use crate::NlpError;
use crate::batch::Batch;
use crate::folder::Bytes;
use crate::graph::Graph;
use crate::manifest::{self, Manifest};

/// The model: ids of text and of what is read beside it in, vector and logits out.
///
/// In the graph the text's tokens see each other alone, so that the vector cannot
/// depend on a context; and every product goes row by row, so that it does not even
/// depend on there being one.
pub(crate) struct Encoder {
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

impl Encoder {
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
        batch: &Batch,
        options: RunOptions,
        answer: impl Fn(&manifest::Heads, &[f32]) -> T,
    ) -> Result<Read<T>, NlpError> {
        let wanted = [self.vector, self.logits];
        let [vectors, logits] = self.outputs(batch, wanted, options)?;
        let columns = self.answers.columns();
        self.check(batch, vectors.len(), self.dimension)?;
        self.check(batch, logits.len(), columns)?;
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
        let [vectors] = self.outputs(batch, [self.vector], options)?;
        self.check(batch, vectors.len(), self.dimension)?;
        Ok(vectors)
    }

    fn outputs<const N: usize>(
        &self,
        batch: &Batch,
        wanted: [NodeId; N],
        options: RunOptions,
    ) -> Result<[Vec<f32>; N], NlpError> {
        let rows = batch.members.len();
        let (text, second) = batch.tokens;
        let inputs = vec![
            (self.ids, self.ids_of(rows, text, &batch.text)?),
            (self.second, self.ids_of(rows, second, &batch.second)?),
        ];
        self.graph
            .run(inputs, wanted, options, (rows, text + second))
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

    fn check(&self, batch: &Batch, found: usize, width: usize) -> Result<(), NlpError> {
        let expected = batch.members.len() * width;
        if found == expected {
            return Ok(());
        }
        Err(self.graph.misfit(format!(
            "{found} numbers came out for {} passages, model.json makes it {expected}",
            batch.members.len()
        )))
    }
}
