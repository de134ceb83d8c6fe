use std::collections::BTreeMap;

use rten_onnx::onnx::{DataType, ModelProto, TensorProto};
use tch::{Kind, Tensor};

use super::config::{Config, Units};
use super::weights::Weights;

/// The constants of an ONNX graph by name, as f32.
pub(crate) struct Constants(BTreeMap<String, Tensor>);

/// A linear layer: weights [to, from] row by row, and bias.
pub(crate) struct Linear {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Linear {
    /// What the layer makes of some vectors, one behind the other.
    pub(crate) fn of(&self, vectors: &[&[f32]]) -> Vec<f32> {
        let together = vectors.concat();
        let rows = self.weight.chunks_exact(together.len().max(1));
        rows.zip(&self.bias)
            .map(|(row, bias)| {
                let products = together.iter().zip(row).map(|(x, w)| x * w);
                products.sum::<f32>() + bias
            })
            .collect()
    }
}

impl Constants {
    /// Reads the constants of the graph in `bytes`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let model = ModelProto::parse_buf(bytes).map_err(|e| e.to_string())?;
        let graph = model.graph.ok_or("it holds no graph")?;
        let named = graph.initializer.iter().map(|constant| {
            let name = constant.name.clone().unwrap_or_default();
            let value = value(constant).map_err(|problem| format!("'{name}' {problem}"))?;
            Ok((name, value))
        });
        named.collect::<Result<_, String>>().map(Self)
    }

    /// The constant called `name`, of as many axes as `shape` has; where a size
    /// is given, it must be that.
    fn get<const N: usize>(&self, name: &str, shape: [Option<i64>; N]) -> Result<&Tensor, String> {
        let constant = self
            .0
            .get(name)
            .ok_or_else(|| format!("there is no constant '{name}'"))?;
        let size = constant.size();
        let fits = size.len() == N
            && size
                .iter()
                .zip(shape)
                .all(|(found, wanted)| wanted.is_none_or(|wanted| *found == wanted));
        if fits {
            Ok(constant)
        } else {
            Err(format!("'{name}' is {size:?}, expected {shape:?}"))
        }
    }
}

/// A constant's numbers. Only the little-endian bytes of `raw_data` are read:
/// that is how the script that builds models writes them.
fn value(constant: &TensorProto) -> Result<Tensor, String> {
    let (kind, bytes_each) = match constant.data_type {
        Some(DataType::FLOAT) => (Kind::Float, 4),
        Some(DataType::INT8) => (Kind::Int8, 1),
        Some(DataType::UINT8) => (Kind::Uint8, 1),
        Some(DataType::INT32) => (Kind::Int, 4),
        Some(DataType::INT64) => (Kind::Int64, 8),
        _ => return Err("is of a type that is not read here".to_owned()),
    };
    let raw = constant
        .raw_data
        .as_ref()
        .ok_or("keeps its numbers elsewhere")?
        .borrow();
    let count = constant.dims.iter().try_fold(1_usize, |count, size| {
        count.checked_mul(usize::try_from(*size).ok()?)
    });
    if count.and_then(|count| count.checked_mul(bytes_each)) != Some(raw.len()) {
        return Err(format!("has {} bytes for {:?}", raw.len(), constant.dims));
    }
    Tensor::f_from_data_size(&raw, &constant.dims, kind)
        .and_then(|tensor| tensor.f_to_kind(Kind::Float))
        .map_err(|e| e.to_string())
}

impl Constants {
    /// The encoder whose 8-bit weights these are: its sizes, and its weights
    /// turned back into f32.
    pub(crate) fn encoder(&self) -> Result<(Config, Weights), String> {
        if !self.0.contains_key("l0.query.weight") {
            return Err(
                "this backend runs models of attention layers, and this is none; use \
                 '--backend rten'"
                    .to_owned(),
            );
        }
        let words = self.get("words", [None, None])?;
        let (vocabulary, width) = words.size2().map_err(text)?;
        let words = self.table("words", "word_scales", width)?;
        let places = self.table("places", "places.scales", width)?;
        let positions = places.size2().map_err(text)?.0;
        let heads = self.attention_heads(width)?;
        let mut weights = Weights::default();
        weights.insert("embeddings.word_embeddings.weight", words);
        weights.insert("embeddings.position_embeddings.weight", places);
        let types = self.types(width)?;
        weights.insert("embeddings.token_type_embeddings.weight", types);
        self.norm(&mut weights, "embeddings.LayerNorm", width)?;
        let layers = (0..)
            .map(|number| (format!("l{number}"), format!("encoder.layer.{number}")))
            .take_while(|(name, _)| self.0.contains_key(&format!("{name}.query.weight")))
            .map(|(name, key)| self.layer(&mut weights, &name, &key, width, heads))
            .collect::<Result<_, _>>()?;
        let own = self.layer(&mut weights, "own", "vector.layer", width, heads)?;
        let units = Units {
            layers,
            own: Some(own),
        };
        let config = Config::of_sizes([vocabulary, width, positions, heads], units)?;
        Ok((config, weights))
    }

    /// A table of embeddings: bytes, with a scale for each row.
    fn table(&self, name: &str, scales: &str, width: i64) -> Result<Tensor, String> {
        let bytes = self.get(name, [None, Some(width)])?;
        let rows = bytes.size2().map_err(text)?.0;
        let scales = self.get(scales, [Some(rows), Some(1)])?;
        bytes.f_mul(scales).map_err(text)
    }

    /// Attention heads, out of the shape in which the graph splits its states:
    /// `n.0.0.12.32` keeps passages and tokens and makes 12 heads of 32.
    fn attention_heads(&self, width: i64) -> Result<i64, String> {
        let split = self.0.keys().find_map(|name| {
            let (heads, depth) = name.strip_prefix("n.0.0.")?.split_once('.')?;
            Some((heads.parse::<i64>().ok()?, depth.parse::<i64>().ok()?))
        });
        match split {
            Some((heads, depth)) if heads > 0 && heads.checked_mul(depth) == Some(width) => {
                Ok(heads)
            }
            _ => Err(format!(
                "no constant says how {width} states are split into heads"
            )),
        }
    }

    /// What is added for tokens of the two parts. That of the first part is in
    /// `places` already, and `type` is the difference.
    fn types(&self, width: i64) -> Result<Tensor, String> {
        let second = self.get("type", [Some(width)])?;
        second
            .f_zeros_like()
            .and_then(|first| Tensor::f_stack(&[&first, second], 0))
            .map_err(text)
    }

    /// Reads the layer that the graph calls `short` and checkpoints call `key`; gives
    /// the units of its feed-forward part.
    fn layer(
        &self,
        weights: &mut Weights,
        short: &str,
        key: &str,
        width: i64,
        heads: i64,
    ) -> Result<i64, String> {
        let up = self.get(&format!("{short}.up.weight"), [Some(width), None])?;
        let inner = up.size2().map_err(text)?.1;
        // The query there holds the attention's 1/√d, which rust-bert divides by.
        let root = ((width / heads) as f64).sqrt();
        for (name, place, long, from, to, factor) in [
            ("query", "qkv", "attention.self.query", width, width, root),
            ("key", "qkv", "attention.self.key", width, width, 1.0),
            ("value", "qkv", "attention.self.value", width, width, 1.0),
            ("attn", "attn", "attention.output.dense", width, width, 1.0),
            ("up", "up", "intermediate.dense", width, inner, 1.0),
            ("down", "down", "output.dense", inner, width, 1.0),
        ] {
            let name = format!("{short}.{name}");
            let weight = self.linear(&name, &format!("{short}.{place}"), from, to)?;
            let weight = self.with_floats(weight, &name, to)?;
            let bias = self.bias(&name, to)?;
            let weight = weight.f_mul_scalar(factor).map_err(text)?;
            let bias = bias.f_mul_scalar(factor).map_err(text)?;
            weights.insert(&format!("{key}.{long}.weight"), weight);
            weights.insert(&format!("{key}.{long}.bias"), bias);
        }
        self.norm(weights, &format!("{key}.attention.output.LayerNorm"), width)?;
        self.norm(weights, &format!("{key}.output.LayerNorm"), width)?;
        Ok(inner)
    }

    /// A linear layer as [to, from]. The graph multiplies what comes in by
    /// `smooth`, rounds it to steps, and what comes out by `scales`, which is step
    /// × scale of the weights: without the rounding, that is one matrix.
    fn linear(&self, name: &str, place: &str, from: i64, to: i64) -> Result<Tensor, String> {
        let bytes = self.get(&format!("{name}.weight"), [Some(from), Some(to)])?;
        let scales = self.get(&format!("{name}.scales"), [Some(to)])?;
        let step = self.get(&format!("{place}.step"), [])?;
        let smooth = format!("{place}.smooth");
        let smooth = match self.0.contains_key(&smooth) {
            true => Some(self.get(&smooth, [Some(from)])?),
            false => None,
        };
        dequantised(bytes, scales, step, smooth).map_err(text)
    }

    /// The same with the few columns that the graph keeps in f32, and which are zeros
    /// among its bytes.
    fn with_floats(&self, weight: Tensor, name: &str, to: i64) -> Result<Tensor, String> {
        let outside = format!("{name}.outside");
        if !self.0.contains_key(&outside) {
            return Ok(weight);
        }
        let columns = self.get(&outside, [None])?.f_to_kind(Kind::Int64);
        let floats = self.get(&format!("{name}.outside.weight"), [None, Some(to)])?;
        columns
            .and_then(|columns| weight.f_index_add(1, &columns, &floats.f_tr()?))
            .map_err(text)
    }

    /// A layer's bias; zeros where the graph does without: the bias of a key
    /// changes nothing, that of a value is part of the layer behind.
    fn bias(&self, name: &str, to: i64) -> Result<Tensor, String> {
        let name = format!("{name}.bias");
        if self.0.contains_key(&name) {
            return Ok(self.get(&name, [Some(to)])?.shallow_clone());
        }
        Tensor::f_zeros([to], (Kind::Float, tch::Device::Cpu)).map_err(text)
    }

    fn norm(&self, weights: &mut Weights, key: &str, width: i64) -> Result<(), String> {
        for (part, long) in [("gamma", "weight"), ("beta", "bias")] {
            let values = self.get(&format!("{key}.{part}"), [Some(width)])?;
            weights.insert(&format!("{key}.{long}"), values.shallow_clone());
        }
        Ok(())
    }

    /// The heads: one layer over mean and tag token.
    pub(crate) fn heads(&self, from: i64, columns: usize) -> Result<Linear, String> {
        let columns = Some(columns as i64);
        let weight = self.get("heads.weight", [columns, Some(from)])?;
        let bias = self.get("heads.bias", [columns])?;
        linear(weight, bias)
    }

    /// The map from several means to the vector. By how much each component of the last
    /// mean is one of the vector stands apart.
    pub(crate) fn vector(&self, from: i64, to: i64) -> Result<Linear, String> {
        let weight = self.linear("vector.map", "vector.map", from, to)?;
        let own = self.get("vector.own", [Some(to)])?;
        let own = own.f_diag(0).and_then(|own| {
            let first = Tensor::f_zeros([to, from - to], (Kind::Float, tch::Device::Cpu))?;
            weight.f_add(&Tensor::f_cat(&[first, own], 1)?)
        });
        let weight = own.map_err(text)?;
        linear(&weight, &self.bias("vector.map", to)?)
    }
}

fn linear(weight: &Tensor, bias: &Tensor) -> Result<Linear, String> {
    let numbers = |tensor: &Tensor| {
        let flat = tensor.f_reshape([-1]).map_err(text)?;
        Vec::try_from(&flat).map_err(text)
    };
    Ok(Linear {
        weight: numbers(weight)?,
        bias: numbers(bias)?,
    })
}

fn dequantised(
    bytes: &Tensor,
    scales: &Tensor,
    step: &Tensor,
    smooth: Option<&Tensor>,
) -> Result<Tensor, tch::TchError> {
    let mut weight = bytes.f_mul(&scales.f_div(step)?)?;
    if let Some(smooth) = smooth {
        weight = weight.f_mul(&smooth.f_unsqueeze(1)?)?;
    }
    weight.f_tr()?.f_contiguous()
}

fn text(error: tch::TchError) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use tch::nn::VarStore;
    use tch::{Device, no_grad};

    use super::super::encoder::Encoder;
    use super::*;

    const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

    fn full(shape: &[i64], value: f64) -> Tensor {
        Tensor::full(shape, value, FLOAT)
    }

    /// A graph of one layer and the vector's own, of 6 units and of 3, all of whose
    /// weights are 3 · 0.5 / 0.25 = 6.
    fn graph() -> Constants {
        let mut all = BTreeMap::new();
        let mut add = |name: &str, value: Tensor| {
            all.insert(name.to_owned(), value);
        };
        add("n.0.0.2.2", full(&[4], 0.0));
        add("n.0.0.4", full(&[3], 0.0));
        for (name, scales, rows) in [
            ("words", "word_scales", 20),
            ("places", "places.scales", 10),
        ] {
            add(name, full(&[rows, 4], 100.0));
            add(scales, full(&[rows, 1], 0.02));
        }
        add("type", full(&[4], 0.5));
        for (name, key, inner) in [("l0", "encoder.layer.0", 6), ("own", "vector.layer", 3)] {
            for (linear, from, to) in [
                ("query", 4, 4),
                ("key", 4, 4),
                ("value", 4, 4),
                ("attn", 4, 4),
                ("up", 4, inner),
                ("down", inner, 4),
            ] {
                add(&format!("{name}.{linear}.weight"), full(&[from, to], 3.0));
                add(&format!("{name}.{linear}.scales"), full(&[to], 0.5));
            }
            for place in ["qkv", "attn", "up", "down"] {
                add(&format!("{name}.{place}.step"), full(&[], 0.25));
            }
            for norm in ["attention.output.LayerNorm", "output.LayerNorm"] {
                add(&format!("{key}.{norm}.gamma"), full(&[4], 1.5));
                add(&format!("{key}.{norm}.beta"), full(&[4], 0.25));
            }
        }
        add("embeddings.LayerNorm.gamma", full(&[4], 1.25));
        add("embeddings.LayerNorm.beta", full(&[4], 0.75));
        Constants(all)
    }

    #[test]
    fn a_net_of_another_kind_is_refused_with_the_way_out() {
        let problem = Constants(BTreeMap::new()).encoder().unwrap_err();
        assert!(problem.contains("--backend rten"), "{problem}");
    }

    #[test]
    fn bytes_become_the_weights_that_they_stand_for() {
        let mut graph = graph();
        let smooth = Tensor::from_slice(&[1.0_f32, 2.0, 3.0, 4.0]);
        graph.0.insert("l0.qkv.smooth".to_owned(), smooth);
        graph.0.insert("own.query.bias".to_owned(), full(&[4], 2.0));
        // The second of six units in f32.
        let bytes = graph.0.get("l0.down.weight").unwrap();
        no_grad(|| bytes.get(1).copy_(&full(&[4], 0.0)));
        let outside = [
            ("outside", full(&[1], 1.0)),
            ("outside.weight", full(&[1, 4], 9.0)),
        ];
        for (name, value) in outside {
            graph.0.insert(format!("l0.down.{name}"), value);
        }
        let (config, weights) = graph.encoder().unwrap();
        let units = Units {
            layers: vec![6],
            own: Some(3),
        };
        assert_eq!(config.units(), units);
        let mut store = VarStore::new(Device::Cpu);
        Encoder::new(&store.root(), &config).unwrap();
        weights.fill(&mut store).unwrap();
        let variables = store.variables();
        let root = 2.0_f32.sqrt();
        for (name, expected) in [
            ("embeddings.position_embeddings.weight", vec![2.0; 40]),
            ("embeddings.LayerNorm.weight", vec![1.25; 4]),
            ("encoder.layer.0.output.LayerNorm.bias", vec![0.25; 4]),
            (
                "encoder.layer.0.attention.self.key.weight",
                [6.0, 12.0, 18.0, 24.0].repeat(4),
            ),
            (
                "encoder.layer.0.output.dense.weight",
                [6.0, 9.0, 6.0, 6.0, 6.0, 6.0].repeat(4),
            ),
            (
                "vector.layer.attention.self.query.weight",
                vec![6.0 * root; 16],
            ),
            (
                "vector.layer.attention.self.query.bias",
                vec![2.0 * root; 4],
            ),
            ("vector.layer.output.dense.weight", vec![6.0; 12]),
            (
                "vector.layer.attention.output.LayerNorm.weight",
                vec![1.5; 4],
            ),
        ] {
            let expected = Tensor::from_slice(&expected);
            let found = variables[name].reshape([-1]);
            assert!(
                found.allclose(&expected, 1e-6, 0.0, false),
                "{name}: {found}"
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (name, value) in [
            ("places.scales", full(&[9, 1], 1.0)),
            ("own.down.weight", full(&[4, 4], 1.0)),
            ("vector.layer.output.LayerNorm.beta", full(&[5], 1.0)),
        ] {
            let mut graph = graph();
            graph.0.insert(name.to_owned(), value);
            let problem = graph.encoder().unwrap_err();
            assert!(problem.contains(name), "{problem}");
        }
        let mut graph = graph();
        graph
            .0
            .insert("own.up.weight".to_owned(), full(&[4, 0], 1.0));
        assert!(graph.encoder().is_err());
    }

    #[test]
    fn the_last_mean_reaches_the_vector_by_its_own_numbers_too() {
        let named = [
            ("vector.map.weight", full(&[4, 2], 1.0)),
            ("vector.map.scales", full(&[2], 0.5)),
            ("vector.map.step", full(&[], 0.5)),
            ("vector.map.bias", full(&[2], 0.25)),
            ("vector.own", Tensor::from_slice(&[10.0_f32, 100.0])),
        ];
        let named = named.map(|(name, value)| (name.to_owned(), value));
        let map = Constants(BTreeMap::from(named)).vector(4, 2).unwrap();
        let vector = map.of(&[&[1.0, 2.0], &[3.0, 4.0]]);
        assert_eq!(vector, [10.0 + 0.25 + 30.0, 10.0 + 0.25 + 400.0]);
    }
}
