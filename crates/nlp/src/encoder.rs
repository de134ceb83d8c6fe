use rten::{Dimension, Model, ModelOptions, NodeId, RunOptions, ValueOrView, ValueView};

use crate::NlpError;
use crate::batch::Batch;
use crate::folder::Bytes;
use crate::manifest::Manifest;

/// A graph in the engine, and what to call it by in messages.
pub(crate) struct Graph {
    model: Model,
    name: String,
    file: String,
}

/// The text encoder: ids in, vector and pooled states out.
pub(crate) struct Encoder {
    graph: Graph,
    ids: NodeId,
    vector: NodeId,
    features: NodeId,
    dimension: usize,
    width: usize,
    context: [usize; 2],
}

/// What one batch gave: row by row, in the order of its members.
pub(crate) struct Encoded {
    /// Vectors, each `dimension` wide.
    pub vectors: Vec<f32>,
    /// What the heads read, each `features` wide; empty if not asked for.
    pub features: Vec<f32>,
}

impl Graph {
    /// Loads the ONNX graph `file`. Weights are laid out for the processor at
    /// once instead of at every run.
    pub(crate) fn load(bytes: Bytes, model: &str, file: &str) -> Result<Self, NlpError> {
        let mut options = ModelOptions::default();
        options.prepack_weights(true);
        let loaded = match bytes {
            Bytes::Borrowed(bytes) => options.load_static_slice(bytes),
            Bytes::Owned(bytes) => options.load(bytes),
        };
        let misfit = |problem: String| NlpError::Misfit {
            model: model.to_owned(),
            file: file.to_owned(),
            problem,
        };
        Ok(Self {
            model: loaded.map_err(|e| misfit(e.to_string()))?,
            name: model.to_owned(),
            file: file.to_owned(),
        })
    }

    /// The input or output called `name`; if `width` is given, that is what its
    /// last axis must have.
    pub(crate) fn node(&self, name: &str, width: Option<usize>) -> Result<NodeId, NlpError> {
        let node = self
            .model
            .find_node(name)
            .ok_or_else(|| self.misfit(format!("the graph has nothing that is called '{name}'")))?;
        let shape = self.model.node_info(node).and_then(|info| info.shape());
        match (shape.as_deref().and_then(<[_]>::last), width) {
            (Some(Dimension::Fixed(found)), Some(expected)) if *found != expected => Err(self
                .misfit(format!(
                    "'{name}' is {found} wide, model.json says {expected}"
                ))),
            _ => Ok(node),
        }
    }

    /// Runs the graph; each output is flattened row by row.
    pub(crate) fn run<const N: usize>(
        &self,
        inputs: Vec<(NodeId, ValueOrView<'_>)>,
        outputs: [NodeId; N],
        options: RunOptions,
        (passages, tokens): (usize, usize),
    ) -> Result<[Vec<f32>; N], NlpError> {
        let failed = |problem: String| NlpError::Engine {
            model: self.name.clone(),
            passages,
            tokens,
            problem,
        };
        let values = self
            .model
            .run_n(inputs, outputs, Some(options))
            .map_err(|e| failed(e.to_string()))?;
        let mut rows = [const { Vec::new() }; N];
        for (row, value) in rows.iter_mut().zip(values) {
            let (_, data) = value
                .into_shape_vec::<f32, 2>()
                .map_err(|e| failed(e.to_string()))?;
            *row = data;
        }
        Ok(rows)
    }

    pub(crate) fn misfit(&self, problem: String) -> NlpError {
        NlpError::Misfit {
            model: self.name.clone(),
            file: self.file.clone(),
            problem,
        }
    }
}

impl Encoder {
    pub(crate) fn load(bytes: Bytes, manifest: &Manifest) -> Result<Self, NlpError> {
        let graph = Graph::load(bytes, &manifest.name, &manifest.files.encoder.file)?;
        let (dimension, width) = (manifest.encoder.dimension, manifest.encoder.features);
        Ok(Self {
            ids: graph.node("input_ids", None)?,
            vector: graph.node("vector", Some(dimension))?,
            features: graph.node("features", Some(width))?,
            graph,
            dimension,
            width,
            context: manifest.encoder.context_features,
        })
    }

    /// Vectors and features of a batch.
    pub(crate) fn run(&self, batch: &Batch, options: RunOptions) -> Result<Encoded, NlpError> {
        let wanted = [self.vector, self.features];
        let [vectors, features] = self.outputs(batch, wanted, options)?;
        self.check(batch, features.len(), self.width)?;
        self.check(batch, vectors.len(), self.dimension)?;
        Ok(Encoded { vectors, features })
    }

    /// The vectors alone: the same numbers for less work.
    pub(crate) fn vectors(&self, batch: &Batch, options: RunOptions) -> Result<Vec<f32>, NlpError> {
        let [vectors] = self.outputs(batch, [self.vector], options)?;
        self.check(batch, vectors.len(), self.dimension)?;
        Ok(vectors)
    }

    /// What the heads read of each context in a batch.
    pub(crate) fn context_features(
        &self,
        batch: &Batch,
        options: RunOptions,
    ) -> Result<Vec<Option<Box<[f32]>>>, NlpError> {
        let [features] = self.outputs(batch, [self.features], options)?;
        self.check(batch, features.len(), self.width)?;
        let [start, end] = self.context;
        Ok(features
            .chunks(self.width)
            .map(|row| row.get(start..end).map(Box::from))
            .collect())
    }

    fn outputs<const N: usize>(
        &self,
        batch: &Batch,
        wanted: [NodeId; N],
        options: RunOptions,
    ) -> Result<[Vec<f32>; N], NlpError> {
        let shape = [batch.members.len(), batch.tokens];
        let ids = ValueView::from_shape(shape, &batch.ids)
            .map_err(|e| self.graph.misfit(e.to_string()))?;
        let size = (batch.members.len(), batch.tokens);
        self.graph
            .run(vec![(self.ids, ids.into())], wanted, options, size)
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
