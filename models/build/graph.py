"""The model that ships as an ONNX graph, written node by node.

A reading is two parts in one row of tokens:
  `input_ids`   [passages, n]: the passage between its end marks
  `second_ids`  [passages, m]: the tag token, then the context, if there is one;
                m is 0 where only vectors are wanted
The first part sees itself alone; the second part sees both. The two run side by
side through the same weights, and nothing of the first part depends on the second:
where only vectors are wanted, an engine computes that part alone. Positions run on
through both. All readings of a run are of equal shape, so there is no mask.

Above the last layer but one the model forks. One layer is the tags' own: there the
tag token alone runs on, and of the first part only keys and values are needed. The
other is the vector's own, and sees the first part alone.

Outputs:
  `vector`  a linear map of means over the first part: of the embeddings, of two
            layers, and of the vector's own layer; not scaled to length 1
  `logits`  the answers of the four heads, one after another; they read the mean in
            the last layer but one, and the last state of the tag token

The reference is in float; what ships is in int8 with fixed activation scales.
"""

from dataclasses import dataclass, field

import numpy as np
from onnx import TensorProto, helper, numpy_helper

import quantise
from labels import TASKS

LAYERS, WIDTH, HEADS, HEAD, INNER = 6, 384, 12, 32, 1536
# The vector reads the means of what comes out of these layers (0 for the embeddings),
# and that of its own layer, which stands on the last of them.
MEANS = (0, 3, 5)
EPSILON = 1e-12
OPSET, IR_VERSION = 20, 10

# Layers by the name of their nodes, and where their weights are.
PREFIXES = {f"l{number}": f"encoder.layer.{number}." for number in range(LAYERS)}
PREFIXES["own"] = "vector.layer."

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


@dataclass
class Parts:
    """The states of both parts of a reading, by the names of their nodes."""

    first: str
    second: str


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

    for name, prefix in PREFIXES.items():
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
    weight, bias = get("vector")
    weight[np.arange(WIDTH) - WIDTH, np.arange(WIDTH)] -= vector_own(weights)
    found["vector.map"] = (weight, bias)
    return found


def vector_own(weights):
    """By how much each component of the own layer's mean is one of the vector. The map
    is trained from the identity and stays near it: with these numbers apart, all others
    are small and alike, as bytes want them."""
    return np.diagonal(weights["vector.weight"][:, -WIDTH:]).astype(np.float32)


def place(name):
    """What layer `name` reads: `l0.query` reads `l0.qkv`."""
    layer, kind = name.split(".")
    return f"{layer}.{READS.get(kind, kind)}"


class Model:
    """Builds one graph: in float, but for what is given in integers.

    `words` is the table of words, `steps` gives (step, zero point) for each place,
    `smooth` a factor for each channel of a place, `quantised` the integers of a layer,
    `biases` the biases that are not those of the weights, `outside` the channels of a
    place that stay in float. What the place `tap` reads, of either part, is an output
    too, whose name ends in `tapped`.
    """

    def __init__(self, weights, *, words=None, steps=None, quantised=None, smooth=None,
                 biases=None, outside=None, max_tokens=256, max_second=40, tap=None):
        self.weights, self.tap = weights, tap
        self.layers, self.word_table = linear_layers(weights), words
        self.steps, self.quantised, self.smooth = steps or {}, quantised or {}, smooth or {}
        self.biases, self.outside = biases or {}, outside or {}
        self.positions = max_tokens + max_second
        self.g = Graph()

    def norm(self, x, name, key):
        g = self.g
        gamma, beta = (g.const(f"{key}.{part}", self.weights[f"{key}.{long}"].astype(np.float32))
                       for part, long in (("gamma", "weight"), ("beta", "bias")))
        return g.add("LayerNormalization", [x, gamma, beta], name, axis=-1, epsilon=EPSILON)

    def table(self, name, table):
        """A table of positions: as bytes where the words are."""
        g = self.g
        if self.word_table is None:
            return g.const(name, table)
        table = quantise.rows(table)
        rows = g.add("Cast", [g.const(name, table.weight)], f"{name}.float",
                     to=TensorProto.FLOAT)
        return g.add("Mul", [rows, g.const(f"{name}.scales", table.scale)], f"{name}.table")

    def words(self, ids, part):
        g = self.g
        if self.word_table is None:
            table = self.weights["embeddings.word_embeddings.weight"].astype(np.float32)
            return g.add("Gather", [g.const("words", table), ids], f"{part}.word", axis=0)
        table, names = self.word_table, [f"{part}.word.{kind}" for kind in ("int8", "scale")]
        rows = g.add("Gather", [g.const("words", table.weight), ids], names[0], axis=0)
        scales = g.add("Gather", [g.const("word_scales", table.scale), ids], names[1], axis=0)
        rows = g.add("Cast", [rows], f"{part}.word.float", to=TensorProto.FLOAT)
        return g.add("Mul", [rows, scales], f"{part}.word")

    def embed(self):
        """Both parts, embedded."""
        g, w = self.g, self.weights
        types = w["embeddings.token_type_embeddings.weight"].astype(np.float32)
        places = w["embeddings.position_embeddings.weight"][: self.positions].astype(np.float32)
        places, zero = self.table("places", places + types[0]), g.numbers(0)
        g.add("Shape", ["input_ids"], "n", start=1, end=2)
        g.add("Shape", ["second_ids"], "m", start=1, end=2)
        both = g.add("Add", ["n", "m"], "n+m")
        at = g.slice(places, zero, "n", 0, "first.place")
        first = g.add("Add", [self.words("input_ids", "first"), at], "first.embedded")
        at = g.slice(places, "n", both, 0, "second.place0")
        at = g.add("Add", [at, g.const("type", types[1] - types[0])], "second.place")
        second = g.add("Add", [self.words("second_ids", "second"), at], "second.embedded")
        return Parts(*(self.norm(x, f"l0.in.{part}", "embeddings.LayerNorm")
                       for part, x in (("first", first), ("second", second))))

    def bytes(self, x, at):
        """States as a layer reads them: as bytes, where steps are given."""
        g = self.g
        if at == self.tap:
            g.output(g.add("Identity", [x], f"{x}.tapped"), None)
        if at not in self.steps:
            return x
        if at in self.smooth:
            x = g.add("Mul", [x, g.const(f"{at}.smooth", self.smooth[at])], f"{x}.smoothed.{at}")
        step, zero = self.steps[at]
        zero = g.const(f"{at}.zero", np.array(zero, np.uint8))
        step = g.const(f"{at}.step", np.array(step, np.float32))
        return g.add("QuantizeLinear", [x, step, zero], f"{x}.bytes.{at}")

    def linear(self, x, name, out):
        g = self.g
        weight, bias = self.layers[name]
        if name not in self.quantised:
            product = g.add("MatMul", [x, g.const(f"{name}.weight", weight)], f"{out}.product")
        else:
            q, at = self.quantised[name], place(name)
            product = g.add("MatMulInteger",
                            [x, g.const(f"{name}.weight", q.weight), f"{at}.zero",
                             g.const("w_zero", np.array(0, np.int8))], f"{out}.int32")
            product = g.add("Cast", [product], f"{out}.float", to=TensorProto.FLOAT)
            scale = g.const(f"{name}.scales", np.float32(self.steps[at][0]) * q.scale)
            product = g.add("Mul", [product, scale], f"{out}.product")
        bias = self.biases.get(name, bias)
        if bias is None:
            return product
        return g.add("Add", [product, g.const(f"{name}.bias", bias)], out)

    def in_float(self, x, name, part, out):
        """What a few channels add to a layer: those that are many times larger than all
        others, and would take the range of bytes from them."""
        g, channels = self.g, self.outside[name]
        rows = self.layers[name][0][channels]
        x = g.add("Gather", [x, g.const(f"{name}.outside", channels)], f"{out}.large", axis=2)
        weight = g.const(f"{name}.outside.weight", rows)
        if part == "first":
            return g.add("MatMul", [x, weight], f"{out}.of_large")
        # The second part may be one token: see `heads`.
        x = g.add("Transpose", [x], f"{out}.columns", perm=[0, 2, 1])
        weight = g.add("Transpose", [weight], f"{out}.turned", perm=[1, 0])
        product = g.add("MatMul", [weight, x], f"{out}.by_column")
        return g.add("Transpose", [product], f"{out}.of_large", perm=[0, 2, 1])

    def by_head(self, x, perm, name):
        """[passages, tokens, 384] in heads of 32."""
        split = self.g.add("Reshape", [x, self.g.numbers(0, 0, HEADS, HEAD)], f"{name}.split")
        return self.g.add("Transpose", [split], f"{name}.heads", perm=perm)

    def query_by_head(self, query):
        return self.by_head(query, [0, 2, 1, 3], query)

    def seen_by_head(self, key, value):
        return self.by_head(key, [0, 2, 3, 1], key), self.by_head(value, [0, 2, 1, 3], value)

    def attend(self, query, parts, name):
        """What a query gathers from the keys and values of `parts`, all of them by head."""
        g = self.g
        scores = [g.add("MatMul", [query, key], f"{name}.scores.{at}")
                  for at, (key, _) in enumerate(parts)]
        if len(parts) > 1:
            scores = [g.add("Concat", scores, f"{name}.scores", axis=3)]
        weights = [g.add("Softmax", scores, f"{name}.weights", axis=-1)]
        if len(parts) > 1:
            weights = [g.slice(weights[0], g.numbers(0), "n", 3, f"{name}.weights.0"),
                       g.slice(weights[0], "n", "n+m", 3, f"{name}.weights.1")]
        mixed = [g.add("MatMul", [weight, value], f"{name}.of_heads.{at}")
                 for at, (weight, (_, value)) in enumerate(zip(weights, parts))]
        mixed = g.add("Add", mixed, f"{name}.of_heads") if len(parts) > 1 else mixed[0]
        mixed = g.add("Transpose", [mixed], f"{name}.by_token", perm=[0, 2, 1, 3])
        return g.add("Reshape", [mixed, g.numbers(0, 0, WIDTH)], name)

    def rest(self, mixed, x, name, part, after):
        """Everything in a layer after attention; `after` names what comes out."""
        g, key, to = self.g, PREFIXES[name], f"{name}.{part}"
        mixed = self.linear(self.bytes(mixed, f"{name}.attn"), f"{name}.attn", f"{to}.attn")
        x = self.norm(g.add("Add", [mixed, x], f"{to}.sum1"), f"{to}.mid",
                      f"{key}attention.output.LayerNorm")
        inner = self.linear(self.bytes(x, f"{name}.up"), f"{name}.up", f"{to}.up")
        inner = g.add("Gelu", [inner], f"{to}.gelu")
        down = self.linear(self.bytes(inner, f"{name}.down"), f"{name}.down", f"{to}.down")
        if f"{name}.down" in self.outside:
            large = self.in_float(inner, f"{name}.down", part, f"{to}.down")
            down = g.add("Add", [down, large], f"{to}.down.all")
        return self.norm(g.add("Add", [down, x], f"{to}.sum2"), after, f"{key}output.LayerNorm")

    def read(self, x, name, part, kinds=("query", "key", "value")):
        """Query, key and value of one part's states, or some of them."""
        read = self.bytes(x, f"{name}.qkv")
        return [self.linear(read, f"{name}.{kind}", f"{name}.{part}.{kind}") for kind in kinds]

    def layer(self, x, number):
        name = f"l{number}"
        read = [self.read(getattr(x, part), name, part) for part in ("first", "second")]
        queries = [self.query_by_head(query) for query, _, _ in read]
        seen = [self.seen_by_head(key, value) for _, key, value in read]
        mixed = {"first": self.attend(queries[0], seen[:1], f"{name}.first.mixed"),
                 "second": self.attend(queries[1], seen, f"{name}.second.mixed")}
        return Parts(*(self.rest(mixed[part], getattr(x, part), name, part,
                                 f"l{number + 1}.in.{part}") for part in mixed))

    def last_layer(self, x):
        """The tag token alone, which sees everything."""
        g, name = self.g, f"l{LAYERS - 1}"
        seen = [self.seen_by_head(*self.read(getattr(x, part), name, part, ("key", "value")))
                for part in ("first", "second")]
        tag = g.slice(x.second, g.numbers(0), g.numbers(1), 1, "tag.state")
        query, = self.read(tag, name, "tag", ("query",))
        mixed = self.attend(self.query_by_head(query), seen, f"{name}.tag.mixed")
        return self.rest(mixed, tag, name, "tag", "tag.last")

    def own_layer(self, x):
        """The vector's own, on the first part."""
        query, key, value = self.read(x, "own", "first")
        seen = [self.seen_by_head(key, value)]
        mixed = self.attend(self.query_by_head(query), seen, "own.first.mixed")
        return self.rest(mixed, x, "own", "first", "own.last")

    def vector(self, states):
        """The vector; also the mean in the last layer but one."""
        g, axis = self.g, self.g.numbers(1)
        read = [(f"l{number}", states[number].first) for number in MEANS]
        read.append(("own", self.own_layer(read[-1][1])))
        means = [g.add("ReduceMean", [x, axis], f"{name}.mean", keepdims=0) for name, x in read]
        together = g.add("Concat", means, "means", axis=1)
        mapped = self.linear(self.bytes(together, "vector.map"), "vector.map", "mapped")
        own = g.add("Mul", [means[-1], g.const("vector.own", vector_own(self.weights))], "own")
        g.add("Add", [mapped, own], "vector")
        g.output("vector", ["passages", WIDTH])
        return means[-2]

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
        mean = self.vector(states)
        self.heads(mean, self.last_layer(states[-1]))
        return self.g.model("model", {"input_ids": ["passages", "n"],
                                      "second_ids": ["passages", "m"]})
