"""Writes the fast model's folder from trained weights, in one command.

    python models/build/fast/build.py --weights target/models/fast/model.safetensors \
        --full models/throughline-l6 --data DIR --out models/fast [--test]

Temperatures and the threshold of `unclear` come from documents that neither the full
model's training nor this one saw, as in `../settle.py`. With `--test`, once a choice is
made, the figures on test go into the card, those of the full model beside them. The
tokenizer is the full model's, copied, so that the folder can be carried about.
"""

import argparse
import json
import shutil
import sys
import tomllib
from pathlib import Path

from safetensors.numpy import load_file

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent))

import fast_graph
import settle
import texts
import vectors
from build import agreement, manifest, parts, sha256, write_reference
from labels import LABELS, TASKS

VERSION = "1.0.0"
LARGEST = 5_000_000


class Fast(settle.Model):
    """A graph with the tokenizer of another folder."""

    def __init__(self, model, tokenizer):
        self.tok = texts.tokenizer(tokenizer)
        self.session = texts.session(model)

    def vectors(self, passages):
        return vectors.both(self.session, self.tok, passages, "vector")


def recipe():
    """What the card tells of the recipe."""
    told = tomllib.loads((HERE / "recipe.toml").read_text(encoding="utf-8"))
    sample = next(s["path"] for s in told["set"] if s["kind"] == "texts")
    with open(sample, encoding="utf-8") as lines:
        count = sum(1 for _ in lines)
    return {**{key: told["student"][of] for key, of in
               (("words", "width"), ("layers", "layers"), ("channels", "channels"),
                ("hidden", "hidden"))},
            "epochs": told["steps"]["epochs"], "seed": told["seed"],
            "temperature": told["loss"]["temperature"],
            "sample": f"{count:,}"}


def hard_cases(model):
    """Share of the expected tags of the named hard cases that come out, by half."""
    found = {}
    for half in ("open", "sealed"):
        cases = [case for file in sorted((ROOT / "tests/hard-cases" / half).glob("*.jsonl"))
                 for case in texts.read_jsonl(file)]
        answers = settle.measure.answers(model.logits(cases))
        right = [str(LABELS[task][answers[row, t]]) == str(case["expect"][task])
                 for row, case in enumerate(cases) for t, task in enumerate(TASKS)
                 if task in case["expect"]]
        found[half] = f"{sum(right) / len(right):.1%} of the {half} half's {len(right)} tags"
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--full", type=Path, required=True, help="folder of the full model")
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--leave", default="1/20", help="as it was given to the trainer")
    parser.add_argument("--test", action="store_true", help="look at test: once a choice is made")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    given = parser.parse_args()
    weights, target = load_file(given.weights), given.out
    target.mkdir(parents=True, exist_ok=True)
    data = fast_graph.Fast(weights).build().SerializeToString(deterministic=True)
    assert len(data) <= LARGEST, len(data)
    (target / "model.onnx").write_bytes(data)
    shutil.copyfile(given.full / "tokenizer.json", target / "tokenizer.json")
    shipped = Fast(data, target / "tokenizer.json")
    dev = texts.read_jsonl(given.data / "journey/dev.jsonl")
    kept = dev + settle.rows_left(given.data, given.leave)
    temperatures, unclear, covered = settle.settle(
        shipped.logits(kept), settle.measure.truth(kept))
    settled = {"temperatures": temperatures, "unclear_below": unclear,
               "provenance": {"settled_on": len(kept), "risk": settle.RISK,
                              "covered": round(covered, 3)}}
    provenance = {"weights_sha256": sha256(given.weights.read_bytes()), "recipe": recipe()}
    plain = fast_graph.Fast(weights, "float").build().SerializeToString()
    provenance["agreement_of_int8_with_float"] = agreement(
        plain, data, *parts(shipped.tok, kept))
    write_reference(target, shipped.tok, plain, temperatures)
    described = manifest(target, settled, provenance, VERSION, len(weights["vector.bias"]))
    (target / "model.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    measured = {"dev": settle.assessed(shipped, dev, temperatures, unclear)}
    if given.test:
        test = texts.read_jsonl(given.data / "journey/test.jsonl")
        measured["test"] = settle.assessed(shipped, test, temperatures, unclear)
        told = json.loads((given.full / "model.json").read_text())["heads"]
        full = settle.Model(given.full)
        measured["test, full model"] = settle.assessed(
            full, test, {task: told[task]["temperature"] for task in LABELS},
            told["unclear_below"])
        measured["vectors"] = vectors.quality(shipped.vectors, given.data)
        measured["hard"] = hard_cases(shipped)
    (HERE / "measured.json").write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    for name, found in measured.items():
        print(name, json.dumps(found.get("figures", found)))
    print(len(data), json.dumps(described["provenance"]))


if __name__ == "__main__":
    main()
