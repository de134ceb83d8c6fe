"""The weights of a model folder as the start of a further training; and what was trained,
with the folder's vector.

    python models/build/onward.py --model target/built/v2.1.0 --like target/models/tags \
        --texts target/pool/pool.jsonl target/pool/vector.jsonl --out target/models/onward
    python models/build/onward.py --model target/built/v2.1.0 \
        --like target/models/onward-3 --join --out target/models/joined

What ships is in bytes, on narrower layers. Here the bytes are numbers again, under the
names that the trainer reads; `--like` is an exported model, which gives everything
that the graph does not hold. Units that are not there any more are all zeros, and stay
so: nothing flows through them, and no gradient either. Further units go from the layers
in `UNITS` first (`prune.py`): training makes good what that costs.

As the training starts from what ships, most weights end near it, and what has changed
can be kept as small differences of bytes (`change.py`). `--join` gives what was trained
the vector's own layer and map as they ship, to be trained with the rest.
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

import calibrate
import change
import graph
import prune
import texts
from build import LOOKED_AT, calibration, drawn, parts
from earlier import WORDS, Earlier

# Feed-forward units that layers keep.
UNITS = {"l1": 1344, "l3": 1344, "l4": 1344}


def weight(before, name):
    """A linear layer's weights as numbers, [in, out]."""
    held, found, at = before.held, before.quantised(name).numbers(), graph.place(name)
    if f"{at}.smooth" in held:
        found *= before.smooth(at)[:, None]
    if f"{name}.outside" in held:
        found[held[f"{name}.outside"]] = held[f"{name}.outside.weight"]
    return found.astype(np.float32)


def layer(before, name):
    """One layer under BERT's names, as wide as its bytes are."""
    held, prefix, found = before.held, graph.PREFIXES[name], {}

    def put(key, layer, scale=1.0):
        found[f"{prefix}{key}.weight"] = (weight(before, f"{name}.{layer}") * np.float32(scale)).T
        bias = held.get(f"{name}.{layer}.bias", np.zeros(graph.WIDTH, np.float32))
        found[f"{prefix}{key}.bias"] = bias * np.float32(scale)

    put("attention.self.query", "query", np.sqrt(graph.HEAD))
    put("attention.self.key", "key")
    put("attention.self.value", "value")
    put("attention.output.dense", "attn")
    put("intermediate.dense", "up")
    put("output.dense", "down")
    for norm in ("attention.output.LayerNorm", "output.LayerNorm"):
        found[f"{prefix}{norm}.weight"] = held[f"{prefix}{norm}.gamma"]
        found[f"{prefix}{norm}.bias"] = held[f"{prefix}{norm}.beta"]
    return found


def vector(before):
    """The vector's own layer and its map."""
    held, across = before.held, weight(before, "vector.map")
    across[np.arange(graph.WIDTH) - graph.WIDTH, np.arange(graph.WIDTH)] += held["vector.own"]
    found = layer(before, "own") | {"vector.weight": across.T, "vector.bias": held["vector.map.bias"]}
    return {name: np.ascontiguousarray(array, np.float32) for name, array in found.items()}


def weights(before, like):
    """All weights; those that the graph does not hold are those of `like`."""
    held, found = before.held, dict(like)
    for name in graph.PREFIXES:
        found |= layer(before, name)
    found |= vector(before)
    found[WORDS] = before.words().numbers()
    places = held["places"] * held["places.scales"]
    all_places = like["embeddings.position_embeddings.weight"].copy()
    # The graph's table of positions has the first type in it.
    all_places += like["embeddings.token_type_embeddings.weight"][0]
    all_places[: len(places)] = places
    found["embeddings.position_embeddings.weight"] = all_places
    found["embeddings.token_type_embeddings.weight"] = np.stack(
        [np.zeros(graph.WIDTH, np.float32), held["type"]])
    found["embeddings.LayerNorm.weight"] = held["embeddings.LayerNorm.gamma"]
    found["embeddings.LayerNorm.bias"] = held["embeddings.LayerNorm.beta"]
    start = 0
    for task in graph.TASKS:
        end = start + len(like[f"heads.{task}.bias"])
        found[f"heads.{task}.weight"] = held["heads.weight"][start:end]
        found[f"heads.{task}.bias"] = held["heads.bias"][start:end]
        start = end
    return {name: np.ascontiguousarray(array, np.float32) for name, array in found.items()}


def narrow(weights, units, first, second):
    """(weights with so many units in the layers of `units`; which units those are)."""
    readings, weights = calibrate.Readings(first, second, prune.ROWS), dict(weights)
    there = {}
    for name, count in units.items():
        found, kept, lost = prune.leave(weights, name, readings, count)
        weights |= found
        there[name] = kept.tolist()
        print(f"{name}: {count} units, {lost:.2%} of what it says is lost")
    return weights, there


def padded(weights, width):
    """Layers of one width: the units that are not there are zeros."""
    out = dict(weights)
    for name, prefix in graph.PREFIXES.items():
        key = f"{prefix}intermediate.dense"
        if name == "own" or f"{key}.bias" not in out:
            continue
        fewer = width - len(out[f"{key}.bias"])
        out[f"{key}.weight"] = np.pad(out[f"{key}.weight"], ((0, fewer), (0, 0)))
        out[f"{key}.bias"] = np.pad(out[f"{key}.bias"], (0, fewer))
        down = f"{prefix}output.dense.weight"
        out[down] = np.pad(out[down], ((0, 0), (0, fewer)))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="the folder that ships")
    parser.add_argument("--like", type=Path, required=True, help="an exported model")
    parser.add_argument("--texts", type=Path, nargs="+", help="JSON lines with a field 'text'")
    parser.add_argument("--join", action="store_true", help="all of --like but its vector")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    given = parser.parse_args()
    like = load_file(given.like / "model.safetensors")
    before = Earlier(change.encoder(given.model)[0])
    given.out.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json", "tasks.json"):
        shutil.copyfile(given.like / name, given.out / name)
    if given.join:
        found = {name: like[name] for name in like
                 if not name.startswith(("vector.", "auxiliary."))}
        save_file(found | vector(before), given.out / "model.safetensors")
        return
    tok = texts.tokenizer(given.model / "tokenizer.json")
    seen = parts(tok, calibration() + list(drawn(given.texts, LOOKED_AT)))
    found, kept = narrow(weights(before, like), UNITS, *seen)
    # The trainer's model has a vector without a layer of its own.
    wide = padded(found, graph.INNER)
    wide = {name: wide[name] for name in wide if not name.startswith("vector.")}
    wide |= {name: like[name] for name in like if name in ("vector.weight", "vector.bias")}
    save_file(wide, given.out / "model.safetensors")
    (given.out / "kept.json").write_text(json.dumps(kept) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
