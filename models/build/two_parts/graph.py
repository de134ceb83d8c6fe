"""The model that ships as an ONNX graph, written node by node.

Two parts of a reading go side by side through the same layers:
  `input_ids`   [passages, n]: the passage between its end marks
  `second_ids`  [passages, m]: the tag token, then the context, if there is one
The first part sees itself alone; the second part sees both. Positions run on
through both. All rows are of equal shape, so there is no mask.

Outputs:
  `vector`  mean over the first part in the last layer, not scaled to length 1;
            no node that it needs reads `second_ids`
  `logits`  the answers of the four heads, one after another

One shape serves two purposes: `float` (the reference) and `static` (what ships:
int8 with fixed activation scales). What speed is compared with is
the plain export of the base model (`../build.py --dynamic`).
"""

from dataclasses import dataclass, field

import numpy as np
from onnx import TensorProto, helper, numpy_helper

TASKS = ("moment", "sentiment", "pain", "touchpoint")
LAYERS, WIDTH, HEADS, HEAD, INNER = 6, 384, 12, 32, 1536
EPSILON = 1e-12
OPSET = 20
IR_VERSION = 10

PARTS = ("first", "second")


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
    """All linear layers as name -> (weight [in, out], bias or None).

    The attention's 1/sqrt(32) is part of the query. A key's bias adds the same to
    every score of a query, and softmax ignores it. Weights of attention sum to 1,
    so that a value's bias passes through to the layer after it.
    """
    found = {}
    for number in range(LAYERS):
        name, prefix = f"l{number}", f"encoder.layer.{number}."

        def get(part):
            return (weights[f"{prefix}{part}.weight"].T.astype(np.float32),
                    weights[f"{prefix}{part}.bias"].astype(np.float32))

        (query, query_bias), (key, _), (value, value_bias) = (
            get(f"attention.self.{part}") for part in ("query", "key", "value"))
        mixed, mixed_bias = get("attention.output.dense")
        root = np.float32(np.sqrt(HEAD))
        found[f"{name}.query"] = (query / root, query_bias / root)
        found[f"{name}.key"] = (key, None)
        found[f"{name}.value"] = (value, None)
        found[f"{name}.attn"] = (mixed, mixed_bias + value_bias @ mixed)
        found[f"{name}.up"] = get("intermediate.dense")
        found[f"{name}.down"] = get("output.dense")
    return found


# Layers that read the same states, and so share bytes and scales.
READS = {"query": "qkv", "key": "qkv", "value": "qkv", "attn": "attn", "up": "up", "down": "down"}


def place(name):
    """What layer `name` reads: `l0.query` reads `l0.qkv`."""
    layer, kind = name.split(".")
    return f"{layer}.{READS[kind]}"


class Model:
    """Builds one graph. `mode` is `float` or `static`.

    `steps` gives (step, zero point) for each place and part, `smooth` a factor for
    each channel of a place, `quantised` the integers of a layer.
    """

    def __init__(self, weights, mode, *, steps=None, quantised=None, smooth=None, max_tokens=256,
                 max_second=40, taps=False):
        self.weights, self.mode, self.taps = weights, mode, taps
        self.layers = linear_layers(weights)
        self.steps, self.quantised, self.smooth = steps or {}, quantised or {}, smooth or {}
        self.positions = max_tokens + max_second
        self.g = Graph()

    def numbers(self, *values):
        name = "n." + ".".join(str(v) for v in values)
        return self.g.const(name, np.array(values, np.int64))

    def norm(self, x, name, key, part):
        g = self.g
        gamma = g.const(f"{name}.gamma", self.weights[f"{key}.weight"].astype(np.float32))
        beta = g.const(f"{name}.beta", self.weights[f"{key}.bias"].astype(np.float32))
        return g.add("LayerNormalization", [x, gamma, beta], f"{name}.{part}",
                     axis=-1, epsilon=EPSILON)

    def words(self, ids, part):
        g = self.g
        table = self.weights["embeddings.word_embeddings.weight"].astype(np.float32)
        if self.mode == "float":
            return g.add("Gather", [g.const("words", table), ids], f"word.{part}", axis=0)
        table = quantise_rows(table)
        rows = g.add("Gather", [g.const("words", table.weight), ids], f"word_int8.{part}", axis=0)
        scales = g.add("Gather", [g.const("word_scales", table.scale), ids],
                       f"word_scale.{part}", axis=0)
        rows = g.add("Cast", [rows], f"word_float.{part}", to=TensorProto.FLOAT)
        return g.add("Mul", [rows, scales], f"word.{part}")

    def embed(self):
        g, w = self.g, self.weights
        types = w["embeddings.token_type_embeddings.weight"].astype(np.float32)
        places = w["embeddings.position_embeddings.weight"][: self.positions].astype(np.float32)
        places = g.const("places", places + types[0])
        zero = self.numbers(0)
        first = g.add("Shape", ["input_ids"], "n", start=1, end=2)
        second = g.add("Shape", ["second_ids"], "m", start=1, end=2)
        both = g.add("Add", [first, second], "n+m")
        at = g.add("Slice", [places, zero, first, zero], "place.first")
        x = g.add("Add", [self.words("input_ids", "first"), at], "embedded.first")
        at = g.add("Slice", [places, first, both, zero], "place.zero")
        at = g.add("Add", [at, g.const("type", types[1] - types[0])], "place.second")
        y = g.add("Add", [self.words("second_ids", "second"), at], "embedded.second")
        return tuple(self.norm(states, "l0.in", "embeddings.LayerNorm", part)
                     for states, part in zip((x, y), PARTS))

    def bytes(self, x, at, part):
        """States as a layer reads them: in `static`, as bytes."""
        g = self.g
        if self.taps:
            g.outputs.append(helper.make_tensor_value_info(x, TensorProto.FLOAT, None))
            self.tapped.append((at, part, x))
        if self.mode == "float":
            return x
        if at in self.smooth:
            x = g.add("Mul", [x, g.const(f"{at}.smooth", self.smooth[at])], f"{at}.smooth.{part}")
        step, zero = self.steps[at, part]
        zero = g.const(f"{at}.zero.{part}", np.array(zero, np.uint8))
        step = g.const(f"{at}.step.{part}", np.array(step, np.float32))
        return g.add("QuantizeLinear", [x, step, zero], f"{at}.bytes.{part}")

    def linear(self, x, name, part):
        g = self.g
        weight, bias = self.layers[name]
        if self.mode == "float":
            out = g.add("MatMul", [x, g.const(f"{name}.weight", weight)], f"{name}.product.{part}")
        else:
            q = self.quantised[name]
            step, _ = self.steps[place(name), part]
            out = g.add("MatMulInteger",
                        [x, g.const(f"{name}.weight", q.weight), f"{place(name)}.zero.{part}",
                         g.const("w_zero", np.array(0, np.int8))], f"{name}.int32.{part}")
            out = g.add("Cast", [out], f"{name}.float.{part}", to=TensorProto.FLOAT)
            scale = g.const(f"{name}.scales.{part}", np.float32(step) * q.scale)
            out = g.add("Mul", [out, scale], f"{name}.product.{part}")
        if bias is None:
            return out
        return g.add("Add", [out, g.const(f"{name}.bias", bias)], f"{name}.out.{part}")

    def by_head(self, x):
        """[passages, tokens, 384] as [passages, heads, tokens, 32]."""
        if f"{x}.heads" in self.split:
            return f"{x}.heads"
        self.split.add(f"{x}.heads")
        split = self.g.add("Reshape", [x, self.numbers(0, 0, HEADS, HEAD)], f"{x}.split")
        return self.g.add("Transpose", [split], f"{x}.heads", perm=[0, 2, 1, 3])

    def scores(self, query, key, name):
        turned = self.g.add("Reshape", [key, self.numbers(0, 0, HEADS, HEAD)], f"{name}.split")
        turned = self.g.add("Transpose", [turned], f"{name}.turned", perm=[0, 2, 3, 1])
        return self.g.add("MatMul", [self.by_head(query), turned], f"{name}.scores")

    def together(self, mixed, name):
        back = self.g.add("Transpose", [mixed], f"{name}.by_token", perm=[0, 2, 1, 3])
        return self.g.add("Reshape", [back, self.numbers(0, 0, WIDTH)], f"{name}.mixed")

    def attend_first(self, query, key, value, name):
        g = self.g
        weights = g.add("Softmax", [self.scores(query, key, name)], f"{name}.weights", axis=-1)
        mixed = g.add("MatMul", [weights, self.by_head(value)], f"{name}.of_heads")
        return self.together(mixed, name)

    def attend_both(self, query, keys, values, name):
        g = self.g
        scores = [self.scores(query, key, f"{name}.{part}") for part, key in zip(PARTS, keys)]
        scores = g.add("Concat", scores, f"{name}.all", axis=-1)
        weights = g.add("Softmax", [scores], f"{name}.weights", axis=-1)
        axis, zero = self.numbers(3), self.numbers(0)
        mixed = []
        for part, value, (start, end) in zip(PARTS, values, ((zero, "n"), ("n", "n+m"))):
            own = g.add("Slice", [weights, start, end, axis], f"{name}.{part}.weights")
            mixed.append(g.add("MatMul", [own, self.by_head(value)], f"{name}.{part}.of_heads"))
        return self.together(g.add("Add", mixed, f"{name}.of_heads"), name)

    def rest(self, mixed, x, name, number, part):
        """Everything in a layer after attention."""
        g, key = self.g, f"encoder.layer.{number}"
        mixed = self.linear(self.bytes(mixed, f"{name}.attn", part), f"{name}.attn", part)
        x = self.norm(g.add("Add", [mixed, x], f"{name}.sum1.{part}"), f"{name}.mid",
                      f"{key}.attention.output.LayerNorm", part)
        inner = self.linear(self.bytes(x, f"{name}.up", part), f"{name}.up", part)
        inner = g.add("Gelu", [inner], f"{name}.gelu.{part}")
        inner = self.linear(self.bytes(inner, f"{name}.down", part), f"{name}.down", part)
        return self.norm(g.add("Add", [inner, x], f"{name}.sum2.{part}"), f"l{number + 1}.in",
                         f"{key}.output.LayerNorm", part)

    def layer(self, states, number):
        g, name = self.g, f"l{number}"
        read = [self.bytes(x, f"{name}.qkv", part) for x, part in zip(states, PARTS)]
        keys, values = ([self.linear(x, f"{name}.{kind}", part) for x, part in zip(read, PARTS)]
                        for kind in ("key", "value"))
        if number == LAYERS - 1:
            # Of the second part only the tag token is read after the last layer.
            span = [self.numbers(0), self.numbers(1), self.numbers(1)]
            read[1] = g.add("Slice", [read[1], *span], "tag.read")
            states = (states[0], g.add("Slice", [states[1], *span], "tag.state"))
        queries = [self.linear(x, f"{name}.query", part) for x, part in zip(read, PARTS)]
        first = self.attend_first(queries[0], keys[0], values[0], f"{name}.first")
        second = self.attend_both(queries[1], keys, values, f"{name}.second")
        return (self.rest(first, states[0], name, number, "first"),
                self.rest(second, states[1], name, number, "second"))

    def heads(self, first, second):
        """One product for each passage: a product over all of them would add in
        another order for a single passage than for several."""
        g, w = self.g, self.weights
        axis = self.numbers(1)
        vector = g.add("ReduceMean", [first, axis], "vector", keepdims=0)
        tag = g.add("Squeeze", [second, axis], "tag")
        both = g.add("Concat", [vector, tag], "features", axis=1)
        column = g.add("Unsqueeze", [both, self.numbers(2)], "column")
        weight = np.concatenate([w[f"heads.{task}.weight"] for task in TASKS]).astype(np.float32)
        bias = np.concatenate([w[f"heads.{task}.bias"] for task in TASKS]).astype(np.float32)
        answers = g.add("MatMul", [g.const("heads.weight", weight), column], "answers")
        answers = g.add("Squeeze", [answers, self.numbers(2)], "answers.row")
        g.add("Add", [answers, g.const("heads.bias", bias)], "logits")
        g.output("vector", ["passages", WIDTH])
        g.output("logits", ["passages", len(bias)])

    def build(self):
        self.tapped, self.split = [], set()
        states = self.embed()
        for number in range(LAYERS):
            states = self.layer(states, number)
        self.heads(*states)
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["passages", tokens])
                  for name, tokens in (("input_ids", "n"), ("second_ids", "m"))]
        g = self.g
        graph = helper.make_graph(g.nodes, "model", inputs, g.outputs, list(g.constants.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)],
                                 ir_version=IR_VERSION, producer_name="throughline")
