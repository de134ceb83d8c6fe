"""Trains the vector's own layer further on what it reads in the model that ships.

    pip install torch==2.4.0
    python models/build/adapt.py --model models/throughline-l6 \
        --weights target/models/spoken/model.safetensors --base target/base \
        --out target/models/final

The trainer's trunk is in float and of full width; the one that ships has narrower
layers and bytes, which alone moves a vector by a cosine of .014. Here the trunk is the
folder's graph. As it does not move, its states, and the base encoder's vectors, which
are learnt, are taken once; so an epoch takes a minute and there can be several. The
loss is the trainer's (`crates/train/src/losses.rs`).
"""

import argparse
import shutil
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper
from safetensors.numpy import load_file, save_file

import change
import graph
import plain
import texts

# Texts, from the first, and tokens of one at most; tokens of a step.
TEXTS, LONGEST, TOKENS = 58_000, 120, 2400
EPOCHS, RATE, LOWEST, WARMUP, SEED = 4, 3e-4, 0.02, 40, 3
DECAY, BETAS, CLIP, LIKENESS = 0.01, (0.9, 0.98), 5.0, 4.0
MEANS = [f"l{number}.mean" for number in graph.MEANS]
STATES = f"l{graph.MEANS[-1]}.in.first"


class Own:
    """The own layer and its map, in bfloat16 on weights in float."""

    def __init__(self, weights):
        self.weights = {name: torch.nn.Parameter(torch.tensor(array))
                        for name, array in weights.items() if name.startswith("vector.")}

    def of(self, name):
        prefix = graph.PREFIXES["own"] + name
        return self.weights[f"{prefix}.weight"], self.weights[f"{prefix}.bias"]

    def linear(self, x, name):
        weight, bias = (part.to(x.dtype) for part in self.of(name))
        return torch.nn.functional.linear(x, weight, bias)

    def norm(self, x, name):
        found = torch.nn.functional.layer_norm(
            x.float(), (graph.WIDTH,), *self.of(name), graph.EPSILON)
        return found.to(torch.bfloat16)

    def vectors(self, x, means):
        rows, tokens, _ = x.shape
        query, key, value = (
            self.linear(x, f"attention.self.{kind}")
            .view(rows, tokens, graph.HEADS, graph.HEAD).transpose(1, 2)
            for kind in ("query", "key", "value"))
        scores = (query @ key.transpose(2, 3)).float() / graph.HEAD**0.5
        mixed = torch.softmax(scores, -1).to(torch.bfloat16) @ value
        mixed = mixed.transpose(1, 2).reshape(rows, tokens, graph.WIDTH)
        x = self.norm(self.linear(mixed, "attention.output.dense") + x,
                      "attention.output.LayerNorm")
        inner = torch.nn.functional.gelu(self.linear(x, "intermediate.dense"))
        x = self.norm(self.linear(inner, "output.dense") + x, "output.LayerNorm")
        read = torch.cat([means, x.float().mean(1)], 1)
        return read @ self.weights["vector.weight"].T + self.weights["vector.bias"]


def trunk(folder):
    """The folder's graph, with what the own layer and its map read as outputs."""
    model = onnx.load_from_string(change.encoder(folder)[0])
    for name in (STATES, *MEANS):
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    return texts.session(model)


def taken(folder, base, rows):
    """By number of tokens: states, means and the base encoder's vectors of all texts."""
    tok = texts.tokenizer(folder / "tokenizer.json")
    first = [ids for ids in texts.first_part(tok, rows) if len(ids) <= LONGEST]
    second = texts.second_part(tok, [None]) * len(first)
    small, large = trunk(folder), texts.session(
        plain.Encoder(load_file(base / "model.safetensors")).build())
    groups = {}
    for members in texts.batches(first, second, 128):
        fed = texts.feed(first, second, members)
        states, *means = small.run([STATES, *MEANS], fed)
        wanted, = large.run(["vector"], {"input_ids": fed["input_ids"]})
        group = groups.setdefault(states.shape[1], ([], [], []))
        for kept, found in zip(group, (torch.tensor(states).to(torch.bfloat16),
                                       torch.tensor(np.concatenate(means, 1)),
                                       torch.tensor(wanted))):
            kept.append(found)
    return {tokens: [torch.cat(kept) for kept in group] for tokens, group in groups.items()}


def steps(groups, chance):
    """The steps of an epoch: texts of equal length."""
    found = []
    for tokens, (states, _, _) in groups.items():
        order = torch.tensor(chance.permutation(len(states)))
        found += [(tokens, rows) for rows in order.split(max(8, TOKENS // tokens))
                  if len(rows) > 1]
    return [found[at] for at in chance.permutation(len(found))]


def losses(vectors, wanted):
    """1 - cosine, and how far cosines between vectors are from those wanted."""
    a, b = (torch.nn.functional.normalize(rows, dim=1) for rows in (vectors, wanted))
    return 1 - (a * b).sum(1).mean(), ((a @ a.T - b @ b.T) ** 2).mean()


def train(own, groups):
    matrices, others = ([p for p in own.weights.values() if (p.ndim > 1) == wide]
                        for wide in (True, False))
    optimiser = torch.optim.AdamW([{"params": matrices, "weight_decay": DECAY},
                                   {"params": others, "weight_decay": 0}], betas=BETAS)
    chance, met, start = np.random.default_rng(SEED), [], time.time()
    plan = [step for _ in range(EPOCHS) for step in steps(groups, chance)]
    for number, (tokens, rows) in enumerate(plan):
        states, means, wanted = (kept[rows] for kept in groups[tokens])
        for group in optimiser.param_groups:
            group["lr"] = (RATE * min(1, (number + 1) / WARMUP)
                           * max(LOWEST, 1 - number / len(plan)))
        apart, unlike = losses(own.vectors(states, means), wanted)
        optimiser.zero_grad()
        (apart + LIKENESS * unlike).backward()
        torch.nn.utils.clip_grad_norm_(list(own.weights.values()), CLIP)
        optimiser.step()
        met.append(float(apart))
        if number % 100 == 99:
            print(f"step {number + 1} of {len(plan)}: {np.mean(met[-100:]):.4f}, "
                  f"{time.time() - start:.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="the folder of the trunk")
    parser.add_argument("--weights", type=Path, required=True, help="what is trained further")
    parser.add_argument("--base", type=Path, required=True, help="the base encoder's folder")
    parser.add_argument("--texts", type=Path, default=Path("target/pool/spoken.jsonl"))
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    given = parser.parse_args()
    torch.set_num_threads(2)
    rows = [row["text"] for row in texts.read_jsonl(given.texts)[:TEXTS]]
    weights = load_file(given.weights)
    own = Own(weights)
    train(own, taken(given.model, given.base, rows))
    given.out.mkdir(parents=True, exist_ok=True)
    weights |= {name: p.detach().numpy() for name, p in own.weights.items()}
    save_file(weights, given.out / "model.safetensors")
    shutil.copyfile(given.weights.with_name("tokenizer.json"), given.out / "tokenizer.json")


if __name__ == "__main__":
    main()
