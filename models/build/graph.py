"""The encoder as an ONNX graph, written node by node.

One graph shape serves three purposes: `float` (the reference), `static` (what
ships: int8 with fixed activation scales) and `dynamic` (the plain export that
static is compared with). All take `input_ids`, a matrix of whole passages of
equal token length, so there is no mask and no padding.

Outputs of the graph that ships:
  `vector`    mean over tokens of the last layer, not yet scaled to length 1
  `features`  what the heads read: see `POOLS`
"""

from dataclasses import dataclass, field

import numpy as np
from onnx import TensorProto, helper, numpy_helper

LAYERS, WIDTH, HEADS, HEAD, INNER = 6, 384, 12, 32, 1536
EPSILON = 1e-12
OPSET = 20
IR_VERSION = 10

# Pooled states that the heads read, as (layer, how); layer 6 is the last.
POOLS = [(2, "mean"), (3, "mean"), (4, "mean"), (5, "mean"), (6, "mean"), (6, "max"), (6, "first")]


@dataclass
class Quantised:
    """A linear layer's weights in integers: `weight[k, n] * scale[n]`."""

    weight: np.ndarray
    scale: np.ndarray


@dataclass
class Graph:
    """Collects nodes and constants in the order in which they were added."""

    nodes: list = field(default_factory=list)
    constants: dict = field(default_factory=dict)
    outputs: list = field(default_factory=list)

    def const(self, name, array):
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.asarray(array, order="C"), name)
        return name

    def add(self, op, inputs, name, domain="", **attributes):
        self.nodes.append(
            helper.make_node(op, inputs, [name], name=name, domain=domain, **attributes)
        )
        return name

    def output(self, name, shape):
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))


def quantise_rows(table):
    """Symmetric 8-bit integers, one scale for each row: for the embeddings."""
    scale = (np.abs(table).max(axis=1, keepdims=True) / 127).astype(np.float32)
    return Quantised(np.rint(table / scale).clip(-127, 127).astype(np.int8), scale)


# Processors without VNNI multiply bytes in pairs and add each pair in 16 bits
# that saturate: 255 * (a + b) must not pass 32767, so two weights of one sign
# may add up to 128 at most. Which weights meet in a pair is the engine's affair;
# they are always two of the same four.
PAIR_LIMIT = 128


def pair_sums(weight):
    """The largest sum of two weights of one sign among each four, by column."""
    depth, columns = weight.shape
    fours = weight.reshape(depth // 4, 4, columns).astype(np.float64)
    sums = [np.sort(np.maximum(sign * fours, 0), axis=1)[:, -2:].sum(1) for sign in (1, -1)]
    return np.maximum(*sums).max(axis=0)


def quantise_weight(weight, safe=True):
    """Symmetric integers, one scale for each output channel. `weight` is [in, out].

    Safe weights cannot saturate on any processor; that costs a little less than
    half a bit on average, where seven bits throughout would cost one.
    """
    scale = np.abs(weight).max(axis=0) / 127
    if safe:
        scale = np.maximum(scale, pair_sums(weight) / (PAIR_LIMIT - 1))
    scale = np.where(scale == 0, 1, scale).astype(np.float32)
    rounded = np.rint(weight / scale).clip(-127, 127).astype(np.int8)
    assert not safe or pair_sums(rounded).max() <= PAIR_LIMIT
    return Quantised(rounded, scale)


def linear_layers(weights):
    """All linear layers as name -> (weight [in, out], bias), query, key and value in one.

    Columns of the joint layer are ordered head by head, and within a head query,
    key, value. The attention's 1/sqrt(32) is part of the query.
    """
    found = {}
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."

        def get(name):
            return (
                weights[f"{prefix}{name}.weight"].T.astype(np.float32),
                weights[f"{prefix}{name}.bias"].astype(np.float32),
            )

        parts = [get(f"attention.self.{part}") for part in ("query", "key", "value")]
        joint = np.stack([w.reshape(WIDTH, HEADS, HEAD) for w, _ in parts], axis=2)
        bias = np.stack([b.reshape(HEADS, HEAD) for _, b in parts], axis=1)
        joint[:, :, 0] /= np.float32(np.sqrt(HEAD))
        bias[:, 0] /= np.float32(np.sqrt(HEAD))
        found[f"l{layer}.qkv"] = (joint.reshape(WIDTH, 3 * WIDTH), bias.reshape(-1))
        found[f"l{layer}.attn"] = get("attention.output.dense")
        found[f"l{layer}.up"] = get("intermediate.dense")
        found[f"l{layer}.down"] = get("output.dense")
    return found


class Encoder:
    """Builds one graph. `mode` is `float`, `static` or `dynamic`."""

    def __init__(self, weights, mode, layers=None, ranges=None, quantised=None, smooth=None,
                 max_tokens=256, taps=False, pools=None):
        self.weights, self.mode, self.ranges = weights, mode, ranges or {}
        self.layers = layers or linear_layers(weights)
        self.quantised, self.smooth = quantised or {}, smooth or {}
        self.max_tokens, self.taps = max_tokens, taps
        self.pools = POOLS if pools is None else pools
        self.g = Graph()

    def norm(self, x, name, key):
        g = self.g
        gamma = g.const(f"{name}.gamma", self.weights[f"{key}.weight"].astype(np.float32))
        beta = g.const(f"{name}.beta", self.weights[f"{key}.bias"].astype(np.float32))
        return g.add("LayerNormalization", [x, gamma, beta], name, axis=-1, epsilon=EPSILON)

    def embed(self):
        g, w = self.g, self.weights
        words = w["embeddings.word_embeddings.weight"].astype(np.float32)
        places = w["embeddings.position_embeddings.weight"][: self.max_tokens].astype(np.float32)
        places = places + w["embeddings.token_type_embeddings.weight"][0].astype(np.float32)
        if self.mode == "float":
            taken = g.add("Gather", [g.const("words", words), "input_ids"], "word", axis=0)
        else:
            table = quantise_rows(words)
            ids = ["input_ids"]
            rows = g.add("Gather", [g.const("words", table.weight)] + ids, "word_int8", axis=0)
            scale = g.const("word_scales", table.scale)
            scales = g.add("Gather", [scale] + ids, "word_scale", axis=0)
            rows = g.add("Cast", [rows], "word_float", to=TensorProto.FLOAT)
            taken = g.add("Mul", [rows, scales], "word")
        shape = g.add("Shape", ["input_ids"], "length", start=1, end=2)
        places = g.add(
            "Slice",
            [g.const("places", places), g.const("zero", np.array([0], np.int64)), shape,
             g.const("axis0", np.array([0], np.int64))],
            "place",
        )
        return self.norm(g.add("Add", [taken, places], "embedded"), "l0.in", "embeddings.LayerNorm")

    def linear(self, x, name):
        g = self.g
        weight, bias = self.layers[name]
        bias = g.const(f"{name}.bias", bias)
        if self.taps:
            g.output(x, ["passages", "tokens", weight.shape[0]])
        if self.mode == "float":
            product = g.add("MatMul", [x, g.const(f"{name}.weight", weight)], f"{name}.product")
            return g.add("Add", [product, bias], f"{name}.out")
        q = self.quantised.get(name) or quantise_weight(weight, safe=False)
        w = g.const(f"{name}.weight", q.weight)
        w_zero = g.const("w_zero", np.array(0, np.int8))
        if self.mode == "dynamic":
            g.nodes.append(helper.make_node(
                "DynamicQuantizeLinear", [x], [f"{name}.q", f"{name}.scale", f"{name}.zero"],
                name=f"{name}.q"))
            inputs = [f"{name}.q", w, f"{name}.zero", w_zero]
            scale = g.add("Mul", [f"{name}.scale", g.const(f"{name}.wscale", q.scale)],
                          f"{name}.scales")
        else:
            if name in self.smooth:
                x = g.add("Mul", [x, g.const(f"{name}.smooth", self.smooth[name])],
                          f"{name}.smoothed")
            step, zero = self.ranges[name]
            zero = g.const(f"{name}.zero", np.array(zero, np.uint8))
            step_name = g.const(f"{name}.step", np.array(step, np.float32))
            g.add("QuantizeLinear", [x, step_name, zero], f"{name}.q")
            inputs = [f"{name}.q", w, zero, w_zero]
            scale = g.const(f"{name}.scales", np.float32(step) * q.scale)
        product = g.add("MatMulInteger", inputs, f"{name}.int32")
        product = g.add("Cast", [product], f"{name}.float", to=TensorProto.FLOAT)
        product = g.add("Mul", [product, scale], f"{name}.product")
        return g.add("Add", [product, bias], f"{name}.out")

    def attend(self, joint, name):
        g = self.g
        five = g.const("five", np.array([0, 0, HEADS, 3, HEAD], np.int64))
        split = g.add("Reshape", [joint, five], f"{name}.split")
        parts = g.add("Transpose", [split], f"{name}.parts", perm=[3, 0, 2, 1, 4])
        query, key, value = (
            g.add("Gather", [parts, g.const(f"part{i}", np.array(i, np.int64))],
                  f"{name}.part{i}", axis=0)
            for i in range(3)
        )
        key = g.add("Transpose", [key], f"{name}.key", perm=[0, 1, 3, 2])
        scores = g.add("MatMul", [query, key], f"{name}.scores")
        weights = g.add("Softmax", [scores], f"{name}.weights", axis=-1)
        mixed = g.add("MatMul", [weights, value], f"{name}.heads")
        mixed = g.add("Transpose", [mixed], f"{name}.by_token", perm=[0, 2, 1, 3])
        three = g.const("three", np.array([0, 0, WIDTH], np.int64))
        return g.add("Reshape", [mixed, three], f"{name}.mixed")

    def layer(self, x, number):
        g, name, key = self.g, f"l{number}", f"encoder.layer.{number}"
        mixed = self.attend(self.linear(x, f"{name}.qkv"), name)
        mixed = self.linear(mixed, f"{name}.attn")
        x = self.norm(g.add("Add", [mixed, x], f"{name}.sum1"), f"{name}.mid",
                      f"{key}.attention.output.LayerNorm")
        inner = g.add("Gelu", [self.linear(x, f"{name}.up")], f"{name}.gelu")
        inner = self.linear(inner, f"{name}.down")
        return self.norm(g.add("Add", [inner, x], f"{name}.sum2"), f"l{number + 1}.in",
                         f"{key}.output.LayerNorm")

    def pool(self, state, how, name):
        g = self.g
        axes = g.const("axis1", np.array([1], np.int64))
        if how == "mean":
            return g.add("ReduceMean", [state, axes], name, keepdims=0)
        if how == "max":
            return g.add("ReduceMax", [state, axes], name, keepdims=0)
        return g.add("Gather", [state, g.const("part0", np.array(0, np.int64))], name, axis=1)

    def build(self):
        g = self.g
        states = [self.embed()]
        for number in range(LAYERS):
            states.append(self.layer(states[-1], number))
        pooled = []
        for layer, how in self.pools:
            name = "vector" if (layer, how) == (LAYERS, "mean") else f"pool.{layer}.{how}"
            pooled.append(self.pool(states[layer], how, name))
        if "vector" not in pooled:
            self.pool(states[LAYERS], "mean", "vector")
        g.output("vector", ["passages", WIDTH])
        if pooled:
            g.add("Concat", pooled, "features", axis=1)
            g.output("features", ["passages", WIDTH * len(pooled)])
        ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["passages", "tokens"])
        graph = helper.make_graph(g.nodes, "encoder", [ids], g.outputs, list(g.constants.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)],
                                 ir_version=IR_VERSION, producer_name="throughline")
