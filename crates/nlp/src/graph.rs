use rten::{Dimension, Model, ModelOptions, NodeId, RunOptions, ValueOrView};

use crate::NlpError;
use crate::folder::Bytes;

/// A graph in the engine, and what to call it by in messages.
pub(crate) struct Graph {
    model: Model,
    name: String,
    file: String,
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
