use std::collections::BTreeMap;
use std::path::Path;

use tch::nn::VarStore;
use tch::{Kind, Tensor};

/// Weights by the names that BERT checkpoints give them.
#[derive(Debug, Default)]
pub(crate) struct Weights(BTreeMap<String, Tensor>);

impl Weights {
    pub(crate) fn insert(&mut self, name: &str, tensor: Tensor) {
        self.0.insert(name.to_owned(), tensor);
    }

    /// Reads a file of weights: `.ot` as rust-bert writes it, otherwise
    /// safetensors.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let named = if path.extension().is_some_and(|extension| extension == "ot") {
            Tensor::load_multi(path)
        } else {
            Tensor::read_safetensors(path)
        };
        let mut weights = Self::default();
        for (name, tensor) in named.map_err(|e| e.to_string())? {
            let tensor = tensor.f_to_kind(Kind::Float).map_err(|e| e.to_string())?;
            weights.insert(&name, tensor);
        }
        Ok(weights)
    }

    /// Puts the weights in the place of the random ones of a new net. Weights
    /// that the net has no use for are left.
    pub(crate) fn fill(&self, store: &mut VarStore) -> Result<(), String> {
        store.freeze();
        let variables: BTreeMap<String, Tensor> = store.variables().into_iter().collect();
        for (name, mut variable) in variables {
            let weight = self
                .find(&name)
                .ok_or_else(|| format!("there is no weight '{name}'"))?;
            if weight.size() != variable.size() {
                return Err(format!(
                    "'{name}' is {:?}, the net makes it {:?}",
                    weight.size(),
                    variable.size()
                ));
            }
            variable.f_set_data(weight).map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    /// A weight by its name in rust-bert. Checkpoints may put `bert.` before it,
    /// and old ones call the two parts of a norm gamma and beta.
    fn find(&self, name: &str) -> Option<&Tensor> {
        let old = name
            .replace("LayerNorm.weight", "LayerNorm.gamma")
            .replace("LayerNorm.bias", "LayerNorm.beta");
        [name, &old].into_iter().find_map(|name| {
            self.0
                .get(name)
                .or_else(|| self.0.get(&format!("bert.{name}")))
        })
    }
}
