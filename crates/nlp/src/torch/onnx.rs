use std::collections::BTreeMap;

use rten_onnx::onnx::{DataType, ModelProto, TensorProto};
use tch::{Kind, Tensor};

use super::config::Config;
use super::weights::Weights;

/// The constants of an ONNX graph by name, as f32.
pub(crate) struct Constants(BTreeMap<String, Tensor>);

/// A linear layer: weights [to, from] row by row, and bias.
pub(crate) struct Linear {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Linear {
    /// What the layer makes of two vectors, one behind the other.
    pub(crate) fn of(&self, first: &[f32], second: &[f32]) -> Vec<f32> {
        let rows = self.weight.chunks_exact(first.len() + second.len());
        rows.zip(&self.bias)
            .map(|(row, bias)| {
                let products = first.iter().chain(second).zip(row).map(|(x, w)| x * w);
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
        let scales = self.get("word_scales", [Some(vocabulary), Some(1)])?;
        let places = self.get("places", [None, Some(width)])?;
        let heads = self.attention_heads(width)?;
        let layers = (0..)
            .take_while(|layer| self.0.contains_key(&format!("l{layer}.query.weight")))
            .count();
        let up = self.get("l0.up.weight", [Some(width), None])?;
        let inner = up.size2().map_err(text)?.1;
        let positions = places.size2().map_err(text)?.0;
        let sizes = [vocabulary, width, inner, positions, heads, layers as i64];
        let mut weights = Weights::default();
        let words = words.f_mul(scales).map_err(text)?;
        weights.insert("embeddings.word_embeddings.weight", words);
        let places = places.shallow_clone();
        weights.insert("embeddings.position_embeddings.weight", places);
        let types = self.types(width)?;
        weights.insert("embeddings.token_type_embeddings.weight", types);
        self.norm(&mut weights, "l0.in", "embeddings.LayerNorm", width)?;
        for layer in 0..layers {
            self.layer(&mut weights, layer, width, inner, heads)?;
        }
        Ok((Config::of_sizes(sizes), weights))
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

    fn layer(
        &self,
        weights: &mut Weights,
        layer: usize,
        width: i64,
        inner: i64,
        heads: i64,
    ) -> Result<(), String> {
        let (short, key) = (format!("l{layer}"), format!("encoder.layer.{layer}"));
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
            let bias = self.bias(&name, to)?;
            let weight = weight.f_mul_scalar(factor).map_err(text)?;
            let bias = bias.f_mul_scalar(factor).map_err(text)?;
            weights.insert(&format!("{key}.{long}.weight"), weight);
            weights.insert(&format!("{key}.{long}.bias"), bias);
        }
        let middle = format!("{key}.attention.output.LayerNorm");
        self.norm(weights, &format!("{short}.mid"), &middle, width)?;
        let end = format!("{key}.output.LayerNorm");
        self.norm(weights, &format!("l{}.in", layer + 1), &end, width)
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

    /// A layer's bias; zeros where the graph does without: the bias of a key
    /// changes nothing, that of a value is part of the layer behind.
    fn bias(&self, name: &str, to: i64) -> Result<Tensor, String> {
        let name = format!("{name}.bias");
        if self.0.contains_key(&name) {
            return Ok(self.get(&name, [Some(to)])?.shallow_clone());
        }
        Tensor::f_zeros([to], (Kind::Float, tch::Device::Cpu)).map_err(text)
    }

    fn norm(&self, weights: &mut Weights, name: &str, key: &str, width: i64) -> Result<(), String> {
        for (part, long) in [("gamma", "weight"), ("beta", "bias")] {
            let values = self.get(&format!("{name}.{part}"), [Some(width)])?;
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

    /// The map from two means to the vector.
    pub(crate) fn vector(&self, from: i64, to: i64) -> Result<Linear, String> {
        let weight = self.linear("vector.map", "vector.map", from, to)?;
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
    use super::*;

    #[test]
    fn a_net_of_another_kind_is_refused_with_the_way_out() {
        let problem = Constants(BTreeMap::new()).encoder().unwrap_err();
        assert!(problem.contains("--backend rten"), "{problem}");
    }
}
