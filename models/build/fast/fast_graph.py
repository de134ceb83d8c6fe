"""The fast model as an ONNX graph: the same layers as crates/train/src/student.rs.

Inputs and outputs are those of the full model's graph (`../graph.py`):
  `input_ids`   [passages, n], `second_ids` [passages, m]
  `vector`      not scaled to length 1; no node that it needs reads `second_ids`
  `logits`      the answers of the four heads, one after another

The table of words and all matrices are bytes with one scale for each row of the
table and each column of a matrix. Matrices become single precision when the graph is
loaded, as nothing that they need changes; activations are in single precision.
"""

import numpy as np
from onnx import TensorProto

import graph
import quantise

END = np.iinfo(np.int64).max


class Fast:
    """Builds one graph. `mode` is `float` or `int8`."""

    def __init__(self, weights, mode="int8"):
        self.weights = {name: np.asarray(w, np.float32) for name, w in weights.items()}
        self.mode = mode
        self.g = graph.Graph()

    def cut(self, x, start, end, axis, name):
        start, end = self.g.numbers(start), self.g.numbers(end)
        return self.g.slice(x, start, end, axis, name)

    def words(self, ids, part):
        """[passages, n, 3, width]: each token's word between its neighbours', zeros beyond
        both ends, which are a row behind the table's last. Putting ids side by side moves
        less than putting words so."""
        g, table = self.g, self.weights["embeddings.words"]
        beyond = g.const("beyond", np.array(len(table), np.int64))
        padded = g.add("Pad", [ids, g.numbers(0, 1, 0, 1), beyond], f"{part}.ids")
        shifted = [self.cut(padded, 0, -2, 1, f"{part}.before"), ids,
                   self.cut(padded, 2, END, 1, f"{part}.after")]
        shifted = [g.add("Unsqueeze", [x, g.numbers(2)], f"{part}.{at}.ids")
                   for at, x in enumerate(shifted)]
        ids = g.add("Concat", shifted, f"{part}.three", axis=2)
        if self.mode == "float":
            table = np.vstack([table, np.zeros_like(table[:1])])
            return g.add("Gather", [g.const("words", table), ids], f"{part}.words", axis=0)
        table = quantise.rows(table)
        whole, scale = (np.vstack([x, np.zeros_like(x[:1])]) for x in (table.weight, table.scale))
        rows = g.add("Gather", [g.const("words", whole), ids], f"{part}.bytes", axis=0)
        scales = g.add("Gather", [g.const("word_scales", scale), ids], f"{part}.scales", axis=0)
        rows = g.add("Cast", [rows], f"{part}.whole", to=TensorProto.FLOAT)
        return g.add("Mul", [rows, scales], f"{part}.words")

    def matrix(self, name):
        """A matrix, [in, out]; in bytes, the graph's own first step makes numbers of them."""
        g, weight = self.g, self.weights[f"{name}.weight"]
        if self.mode == "float":
            return g.const(f"{name}.weight", weight)
        if f"{name}.scale" not in g.constants:
            scale = np.abs(weight).max(axis=0) / 127
            scale = np.where(scale == 0, 1, scale).astype(np.float32)
            whole = np.rint(weight / scale).clip(-127, 127).astype(np.int8)
            whole = g.add("Cast", [g.const(f"{name}.int8", whole)], f"{name}.whole",
                          to=TensorProto.FLOAT)
            g.add("Mul", [whole, g.const(f"{name}.scale", scale)], f"{name}.weight")
        return f"{name}.weight"

    def linear(self, x, name, out):
        product = self.g.add("MatMul", [x, self.matrix(name)], f"{out}.product")
        bias = self.g.const(f"{name}.bias", self.weights[f"{name}.bias"])
        return self.g.add("Add", [product, bias], out)

    def beside(self, x, name):
        """Each token's state between its neighbours', zeros beyond both ends."""
        g = self.g
        padded = g.add("Pad", [x, g.numbers(0, 1, 0, 0, 1, 0)], f"{name}.padded")
        shifted = [self.cut(padded, 0, -2, 1, f"{name}.before"), x,
                   self.cut(padded, 2, END, 1, f"{name}.after")]
        return g.add("Concat", shifted, f"{name}.three", axis=2)

    def layers(self, words, part):
        """The states that come out of the last layer; `words` are [.., 3 x width]."""
        g, states = self.g, None
        for layer in range(sum(name.startswith("layers.") for name in self.weights) // 2):
            name = f"{part}.{layer}"
            seen = self.beside(states, name) if layer else words
            out = g.add("Relu", [self.linear(seen, f"layers.{layer}", f"{name}.sum")],
                        f"{name}.relu")
            states = g.add("Add", [states, out], f"{name}.states") if layer else out
        return states

    def over_tokens(self, op, x, name):
        """[passages, n, width] becomes [passages, width]. The engine goes along the last
        axis several times faster than across."""
        g = self.g
        if f"{x}.turned" not in (node.name for node in g.nodes):
            g.add("Transpose", [x], f"{x}.turned", perm=[0, 2, 1])
        return g.add(op, [f"{x}.turned", g.numbers(2)], name, keepdims=0)

    def keep(self, ids, part):
        """What is kept of a part: the mean of its words, mean and largest of the last layer."""
        g, width = self.g, self.weights["embeddings.words"].shape[1]
        three = self.words(ids, part)
        own = self.cut(three, 1, 2, 2, f"{part}.own")
        own = g.add("Reshape", [own, g.numbers(0, 0, width)], f"{part}.own.words")
        three = g.add("Reshape", [three, g.numbers(0, 0, 3 * width)], f"{part}.beside")
        states = self.layers(three, part)
        kept = [self.over_tokens("ReduceMean", own, f"{part}.mean.words"),
                self.over_tokens("ReduceMean", states, f"{part}.mean"),
                self.over_tokens("ReduceMax", states, f"{part}.largest")]
        return g.add("Concat", kept, f"{part}.kept", axis=1)

    def rows(self, x, width, name):
        """With a row of zeros at the end: a product for a single row would go another way,
        and add in another order, than one for several."""
        zeros = self.g.const(f"{name}.zeros", np.zeros((1, width), np.float32))
        return self.g.add("Concat", [x, zeros], f"{name}.rows", axis=0)

    def build(self):
        g, w = self.g, self.weights
        kept = len(w["vector.weight"])
        first = self.cut("second_ids", 0, 1, 1, "tag")
        second = g.add("Concat", ["second_ids", first], "beside_ids", axis=1)
        text, beside = self.keep("input_ids", "text"), self.keep(second, "beside")
        vector = self.linear(self.rows(text, kept, "text"), "vector", "vector.rows")
        self.cut(vector, 0, -1, 0, "vector")
        both = g.add("Concat", [text, beside], "both", axis=1)
        hidden = self.linear(self.rows(both, 2 * kept, "both"), "hidden", "hidden.sum")
        hidden = g.add("Relu", [hidden], "hidden.relu")
        logits = self.linear(hidden, "answers", "logits.rows")
        self.cut(logits, 0, -1, 0, "logits")
        g.output("vector", ["passages", len(w["vector.bias"])])
        g.output("logits", ["passages", len(w["answers.bias"])])
        return g.model("fast", {"input_ids": ["passages", "n"], "second_ids": ["passages", "m"]})
