"""Writes the fast model's card from what `build.py --test` measured.

    python models/build/fast/card.py --model models/fast
"""

import argparse
import json
from pathlib import Path

HERE = Path(__file__).resolve().parent

CARD = """# Model card: {name} {version}

The fast tier, `--model fast`: the same labels and a vector of the same width as the
full model's, for large sets and slow machines. Written by
`models/build/fast/card.py`.

## What it is made of
- **A table of words** ({words} numbers a token, bytes with a scale for each row) of
  the full model's vocabulary, started from the full model's table on its axes of
  greatest variance.
- **{layers} layers over three neighbouring tokens each**, {channels} channels, ReLU. Of the
  passage, and of the context, are kept: the mean of the words, the mean and the
  largest of each channel. One hidden layer of {hidden} over both gives the answers, a
  linear map of what is kept of the passage gives the vector, which so cannot depend
  on the context.
- Weights in bytes ({size} in all), activations in single precision.
  Trained weights in f32: sha256 `{weights_sha256}`. The tokenizer is the full
  model's file.

## What it was taught
What the full model says (its probabilities, temperature {temperature}, and its vector) of
{sample} passages of the unlabelled corpora, and the labels that trained the full
model: {epochs} epochs, seed {seed}. Everything is in
`models/build/fast/recipe.toml`; the command is in the README beside it. Data, licences
and limits are those of the full model's card: English; several of the corpora are
for research only; the labels were made by a language model.

## How good it is
On journey/test ({rows} passages; 95 % intervals over documents), looked at once. The
full model as it ships is beside it.

| | this model | full model |
|---|---|---|
{figures}

Without the context the moment's accuracy is {alone:.3f}.

Expected calibration error on test (15 bins of equal count): {calibration}. Temperatures
and the threshold of `unclear` ({unclear}) come from {settled_on} passages of documents
that neither model's training saw. On test {clear:.0%} of passages are placed in a
moment, of which {wrong:.0%} wrongly.

Its labels in bytes and in single precision agree: {agreement}.

Vectors, measured as on the full model's card: {vectors}.
They will do for a first look at themes; search by meaning is much poorer than with the
full model.

## Speed
{speed}
## Known failures
It reads words and their close neighbours, not sentences: what a negation far off, a
contrast or an irony turns round, it often misses. Of the named hard cases it reads
{hard} right. Rare moments (need, discover) and mixed sentiment suffer most.
"""


def figure(values):
    value, low, high = values
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    given = parser.parse_args()
    measured = json.loads((HERE / "measured.json").read_text())
    manifest = json.loads((given.model / "model.json").read_text())
    told, test, full = manifest["provenance"], measured["test"], measured["test, full model"]
    rows = [f"| {name} | {figure(values)} | {figure(full['figures'][name])} |"
            for name, values in test["figures"].items()]
    listed = ", ".join
    (given.model / "MODEL_CARD.md").write_text(CARD.format(
        name=manifest["name"], version=manifest["version"],
        size=f"{(given.model / 'model.onnx').stat().st_size / 1e6:.1f} MB",
        weights_sha256=told["weights_sha256"], **told["recipe"], rows=f"{test['rows']:,}",
        figures="\n".join(rows), alone=test["without context"]["moment accuracy"],
        calibration=listed(f"{task} {figure(found['error'])}"
                           for task, found in test["calibration"].items()),
        unclear=manifest["heads"]["unclear_below"], settled_on=told["settled_on"],
        clear=test["clear share"], wrong=test["risk where clear"],
        agreement=listed(f"{key} {value}" for key, value in
                         told["agreement_of_int8_with_float"].items()),
        vectors=listed(f"{name} {value:.3f}" for name, value in measured["vectors"].items()),
        hard=" and ".join(measured["hard"].values()), speed=(HERE / "speed.md").read_text(encoding="utf-8"),
    ), encoding="utf-8")


if __name__ == "__main__":
    main()
