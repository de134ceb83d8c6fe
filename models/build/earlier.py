"""An earlier version of a model in bytes, that a later one stays near.

What was trained onward from it (`onward.py`) has moved little. With its scales, and with
its integers wherever they will do, most of the difference between the two files is
nothing, and the rest is small: that is what `change.py` keeps.
"""

import json

import numpy as np
import onnx
from onnx import numpy_helper

import graph
import quantise


def constants(encoder):
    """The constants of a graph, by name."""
    found = onnx.load_from_string(encoder).graph.initializer
    return {constant.name: numpy_helper.to_array(constant) for constant in found}


WORDS = "embeddings.word_embeddings.weight"


class Earlier:
    """`kept` gives, by layer, which of its feed-forward units are still there, where some
    are not."""

    def __init__(self, encoder, kept=()):
        self.held = constants(encoder)
        self.kept = {name: np.array(units) for name, units in dict(kept).items()}

    def units(self, name):
        """The feed-forward units of layer `name` that are still there."""
        there = len(self.held[f"{name}.up.bias"])
        return self.kept.get(name, np.arange(there))

    def narrowed(self, weights):
        """Trained weights without the units that are all zeros (`onward.py`) and with the
        earlier table of words, and by layer how many units it has, where some are gone.
        Half of the numbers are words', and that they moved is worth nothing."""
        weights, found = dict(weights), {}
        weights[WORDS] = self.words().numbers()
        for name, prefix in graph.PREFIXES.items():
            up, down = f"{prefix}intermediate.dense", f"{prefix}output.dense"
            units, width = len(self.units(name)), len(weights[f"{up}.bias"])
            if name == "own" or units == width:
                continue
            gone = [weights[f"{up}.weight"][units:], weights[f"{up}.bias"][units:],
                    weights[f"{down}.weight"][:, units:]]
            if any(np.any(array) for array in gone):
                raise SystemExit(f"{name} has more than {units} units")
            for key in (f"{up}.weight", f"{up}.bias"):
                weights[key] = weights[key][:units]
            weights[f"{down}.weight"] = np.ascontiguousarray(weights[f"{down}.weight"][:, :units])
            found[name] = {"units": units}
        return weights, found

    def smooth(self, at):
        return self.held[f"{at}.smooth"]

    def outside(self, at):
        """The channels in float, by their places among those that are still there."""
        channels = self.held.get(f"{at}.outside", np.zeros(0, np.int64))
        kept = self.units(at.split(".")[0])
        return np.flatnonzero(np.isin(kept, channels))

    def quantised(self, name):
        """A layer's integers, of the units that are still there."""
        weight = self.held[f"{name}.weight"]
        scale = self.held[f"{name}.scales"] / self.held[f"{graph.place(name)}.step"]
        at, kind = name.split(".")
        if kind == "up":
            weight, scale = weight[:, self.units(at)], scale[self.units(at)]
        if kind == "down":
            weight = weight[self.units(at)]
        return quantise.Quantised(weight, scale)

    def words(self):
        """The table of words, as it was."""
        return quantise.Quantised(self.held["words"], self.held["word_scales"])


def read_kept(path):
    """The units that are still there, by layer; of all layers all, without a file."""
    return json.loads(path.read_text(encoding="utf-8")) if path else {}
