"""The model that ships as an ONNX graph, written node by node.

A reading is two parts in one row of tokens:
  `input_ids`   [passages, n]: the passage between its end marks
  `second_ids`  [passages, m]: the tag token, then the context, if there is one;
                m is 0 where only vectors are wanted
The first part sees itself alone; the second part sees both. Both go through the
same products, row by row; only attention tells them apart. Positions run on
through both. All readings of a run are of equal shape, so there is no mask.

Outputs:
  `vector`  a linear map of two means over the first part, in the middle layer and
            in the last but one; not scaled to length 1
  `logits`  the answers of the four heads, one after another; they read the mean in
            the last layer but one, and the last state of the tag token

So nothing needs the first part in the last layer but its keys and values.

The reference is in float; what ships is in int8 with fixed activation scales.
"""

from dataclasses import dataclass, field

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from labels import TASKS

LAYERS, WIDTH, HEADS, HEAD, INNER = 6, 384, 12, 32, 1536
# The vector reads what comes out of these layers, counted from 1.
MIDDLE, UPPER = 3, 5
EPSILON = 1e-12
OPSET, IR_VERSION = 20, 10

# Layers that read the same states, and so share bytes and scales.
READS = {"query": "qkv", "key": "qkv", "value": "qkv", "attn": "attn", "up": "up", "down": "down"}


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

    def add(self, op, inputs, name, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def numbers(self, *values):
        name = "n." + ".".join(str(v) for v in values)
        return self.const(name, np.array(values, np.int64))

    def slice(self, x, start, end, axis, name):
        return self.add("Slice", [x, start, end, self.numbers(axis)], name)

    def output(self, name, shape):
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def model(self, name, inputs):
        inputs = [helper.make_tensor_value_info(key, TensorProto.INT64, shape)
                  for key, shape in inputs.items()]
        graph = helper.make_graph(self.nodes, name, inputs, self.outputs,
                                  list(self.constants.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)],
                                 ir_version=IR_VERSION, producer_name="throughline")


def linear_layers(weights):
    """All linear layers as name -> (weight [in, out], bias or None).

    The attention's 1/sqrt(32) is part of the query. A key's bias adds the same to
    every score of a query, and softmax ignores it. Weights of attention sum to 1,
    so that a value's bias passes through to the layer after it.
    """
    found = {}

    def get(name):
        return (weights[f"{name}.weight"].T.astype(np.float32),
                weights[f"{name}.bias"].astype(np.float32))

    for number in range(LAYERS):
        name, prefix = f"l{number}", f"encoder.layer.{number}."
        (query, query_bias), (key, _), (value, value_bias) = (
            get(f"{prefix}attention.self.{part}") for part in ("query", "key", "value"))
        mixed, mixed_bias = get(f"{prefix}attention.output.dense")
        root = np.float32(np.sqrt(HEAD))
        found[f"{name}.query"] = (query / root, query_bias / root)
        found[f"{name}.key"] = (key, None)
        found[f"{name}.value"] = (value, None)
        found[f"{name}.attn"] = (mixed, mixed_bias + value_bias @ mixed)
        found[f"{name}.up"] = get(f"{prefix}intermediate.dense")
        found[f"{name}.down"] = get(f"{prefix}output.dense")
    found["vector.map"] = get("vector")
    return found


def place(name):
    """What layer `name` reads: `l0.query` reads `l0.qkv`."""
    layer, kind = name.split(".")
    return f"{layer}.{READS.get(kind, kind)}"


class Model:
    """Builds one graph: in float, but for what is given in integers.

    `words` is the table of words, `steps` gives (step, zero point) for each place,
    `smooth` a factor for each channel of a place, `quantised` the integers of a layer,
    `biases` the biases that are not those of the weights. What the place `tap` reads
    is an output too, `tapped`.
    """

    def __init__(self, weights, *, words=None, steps=None, quantised=None, smooth=None,
                 biases=None, max_tokens=256, max_second=40, tap=None):
        self.weights, self.tap = weights, tap
        self.layers, self.word_table = linear_layers(weights), words
        self.steps, self.quantised, self.smooth = steps or {}, quantised or {}, smooth or {}
        self.biases = biases or {}
        self.positions = max_tokens + max_second
        self.g = Graph()

    def norm(self, x, name, key):
        g = self.g
        gamma = g.const(f"{name}.gamma", self.weights[f"{key}.weight"].astype(np.float32))
        beta = g.const(f"{name}.beta", self.weights[f"{key}.bias"].astype(np.float32))
        return g.add("LayerNormalization", [x, gamma, beta], name, axis=-1, epsilon=EPSILON)

    def words(self, ids):
        g = self.g
        if self.word_table is None:
            table = self.weights["embeddings.word_embeddings.weight"].astype(np.float32)
            return g.add("Gather", [g.const("words", table), ids], "word", axis=0)
        table = self.word_table
        rows = g.add("Gather", [g.const("words", table.weight), ids], "word_int8", axis=0)
        scales = g.add("Gather", [g.const("word_scales", table.scale), ids], "word_scale", axis=0)
        rows = g.add("Cast", [rows], "word_float", to=TensorProto.FLOAT)
        return g.add("Mul", [rows, scales], "word")

    def embed(self):
        g, w = self.g, self.weights
        types = w["embeddings.token_type_embeddings.weight"].astype(np.float32)
        places = w["embeddings.position_embeddings.weight"][: self.positions].astype(np.float32)
        places, zero = g.const("places", places + types[0]), g.numbers(0)
        g.add("Shape", ["input_ids"], "n", start=1, end=2)
        second = g.add("Shape", ["second_ids"], "m", start=1, end=2)
        both = g.add("Add", ["n", second], "n+m")
        first = g.slice(places, zero, "n", 0, "place.first")
        second = g.slice(places, "n", both, 0, "place.zero")
        second = g.add("Add", [second, g.const("type", types[1] - types[0])], "place.second")
        at = g.add("Concat", [first, second], "place", axis=0)
        ids = g.add("Concat", ["input_ids", "second_ids"], "ids", axis=1)
        x = g.add("Add", [self.words(ids), at], "embedded")
        return self.norm(x, "l0.in", "embeddings.LayerNorm")

    def bytes(self, x, at):
        """States as a layer reads them: as bytes, where steps are given."""
        g = self.g
        if at == self.tap:
            g.output(g.add("Identity", [x], "tapped"), None)
        if at not in self.steps:
            return x
        if at in self.smooth:
            x = g.add("Mul", [x, g.const(f"{at}.smooth", self.smooth[at])], f"{at}.smoothed")
        step, zero = self.steps[at]
        zero = g.const(f"{at}.zero", np.array(zero, np.uint8))
        step = g.const(f"{at}.step", np.array(step, np.float32))
        return g.add("QuantizeLinear", [x, step, zero], f"{at}.bytes")

    def linear(self, x, name, out=None):
        g = self.g
        weight, bias = self.layers[name]
        if name not in self.quantised:
            product = g.add("MatMul", [x, g.const(f"{name}.weight", weight)], f"{name}.product")
        else:
            q, at = self.quantised[name], place(name)
            product = g.add("MatMulInteger",
                            [x, g.const(f"{name}.weight", q.weight), f"{at}.zero",
                             g.const("w_zero", np.array(0, np.int8))], f"{name}.int32")
            product = g.add("Cast", [product], f"{name}.float", to=TensorProto.FLOAT)
            scale = g.const(f"{name}.scales", np.float32(self.steps[at][0]) * q.scale)
            product = g.add("Mul", [product, scale], f"{name}.product")
        bias = self.biases.get(name, bias)
        if bias is None:
            return product
        return g.add("Add", [product, g.const(f"{name}.bias", bias)], out or f"{name}.out")

    def first(self, x):
        return self.g.slice(x, self.g.numbers(0), "n", 1, f"{x}.first")

    def by_head(self, x, perm, name):
        """[passages, tokens, 384] in heads of 32."""
        split = self.g.add("Reshape", [x, self.g.numbers(0, 0, HEADS, HEAD)], f"{name}.split")
        return self.g.add("Transpose", [split], f"{name}.heads", perm=perm)

    def attend(self, query, key, value, name):
        g = self.g
        query = self.by_head(query, [0, 2, 1, 3], f"{name}.query")
        key = self.by_head(key, [0, 2, 3, 1], f"{name}.key")
        value = self.by_head(value, [0, 2, 1, 3], f"{name}.value")
        scores = g.add("MatMul", [query, key], f"{name}.scores")
        weights = g.add("Softmax", [scores], f"{name}.weights", axis=-1)
        mixed = g.add("MatMul", [weights, value], f"{name}.of_heads")
        mixed = g.add("Transpose", [mixed], f"{name}.by_token", perm=[0, 2, 1, 3])
        return g.add("Reshape", [mixed, g.numbers(0, 0, WIDTH)], name)

    def attend_both(self, query, key, value, name):
        own = (self.first(x) for x in (query, key, value))
        first = self.attend(*own, f"{name}.mixed.first")
        query = self.g.slice(query, "n", "n+m", 1, f"{query}.second")
        second = self.attend(query, key, value, f"{name}.mixed.second")
        return self.g.add("Concat", [first, second], f"{name}.mixed", axis=1)

    def rest(self, mixed, x, number):
        """Everything in a layer after attention."""
        g, name, key = self.g, f"l{number}", f"encoder.layer.{number}"
        mixed = self.linear(self.bytes(mixed, f"{name}.attn"), f"{name}.attn")
        x = self.norm(g.add("Add", [mixed, x], f"{name}.sum1"), f"{name}.mid",
                      f"{key}.attention.output.LayerNorm")
        inner = self.linear(self.bytes(x, f"{name}.up"), f"{name}.up")
        inner = g.add("Gelu", [inner], f"{name}.gelu")
        inner = self.linear(self.bytes(inner, f"{name}.down"), f"{name}.down")
        return self.norm(g.add("Add", [inner, x], f"{name}.sum2"), f"l{number + 1}.in",
                         f"{key}.output.LayerNorm")

    def layer(self, x, number):
        name = f"l{number}"
        read = self.bytes(x, f"{name}.qkv")
        query, key, value = (self.linear(read, f"{name}.{kind}")
                             for kind in ("query", "key", "value"))
        return self.rest(self.attend_both(query, key, value, name), x, number)

    def last_layer(self, x):
        """The tag token alone, which sees everything."""
        g, number = self.g, LAYERS - 1
        name = f"l{number}"
        after = g.add("Add", ["n", g.numbers(1)], "n+1")
        read = self.bytes(x, f"{name}.qkv")
        key, value = (self.linear(read, f"{name}.{kind}") for kind in ("key", "value"))
        query = self.linear(g.slice(read, "n", after, 1, "tag.read"), f"{name}.query")
        mixed = self.attend(query, key, value, f"{name}.mixed")
        return self.rest(mixed, g.slice(x, "n", after, 1, "tag.state"), number)

    def vector(self, middle, upper):
        g, axis = self.g, self.g.numbers(1)
        means = [g.add("ReduceMean", [self.first(x), axis], f"{name}.mean", keepdims=0)
                 for x, name in ((middle, "middle"), (upper, "upper"))]
        both = g.add("Concat", means, "means", axis=1)
        self.linear(self.bytes(both, "vector.map"), "vector.map", out="vector")
        g.output("vector", ["passages", WIDTH])
        return means[1]

    def heads(self, mean, tag):
        """One product for each passage: a product over all of them would add in
        another order for a single passage than for several."""
        g, w = self.g, self.weights
        tag = g.add("Squeeze", [tag, g.numbers(1)], "tag")
        both = g.add("Concat", [mean, tag], "features", axis=1)
        column = g.add("Unsqueeze", [both, g.numbers(2)], "column")
        weight = np.concatenate([w[f"heads.{task}.weight"] for task in TASKS]).astype(np.float32)
        bias = np.concatenate([w[f"heads.{task}.bias"] for task in TASKS]).astype(np.float32)
        answers = g.add("MatMul", [g.const("heads.weight", weight), column], "answers")
        answers = g.add("Squeeze", [answers, g.numbers(2)], "answers.row")
        g.add("Add", [answers, g.const("heads.bias", bias)], "logits")
        g.output("logits", ["passages", len(bias)])

    def build(self):
        states = [self.embed()]
        for number in range(LAYERS - 1):
            states.append(self.layer(states[-1], number))
        mean = self.vector(states[MIDDLE], states[UPPER])
        self.heads(mean, self.last_layer(states[UPPER]))
        return self.g.model("model", {"input_ids": ["passages", "n"],
                                      "second_ids": ["passages", "m"]})
