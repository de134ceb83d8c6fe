"""BERTopic beside Throughline, on the same vectors.

    python benches/peers/bertopic.py FILE.jsonl… [--vectors FOLDER] [--seeds N]

makes a virtual environment in target/peers, installs BERTopic there, and prints one line
of JSON a method: adjusted mutual information with the `label` of each line (rows labelled
`oos` left out of the score), the share of rows in a topic, and the number of topics.
BERTopic runs with its defaults, and once more with its outliers placed by
`reduce_outliers`; it draws at random, so the mean of several seeds is given. Throughline
is `cargo bench --bench themes` on the same files.

Vectors are those of `throughline tag - --embedding` (target/release/throughline, which
must be built), or FOLDER/NAME.bin: signed bytes, one row a text.
"""

import argparse
import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "target" / "peers"
# Vectors are given, so none of the packages that would make them is needed.
ALONE = ["bertopic==0.17.4"]
PACKAGES = ["hdbscan", "llvmlite", "numpy", "pandas", "plotly", "pyyaml", "scikit-learn", "tqdm",
            "umap-learn"]


def inside():
    """Runs this script again in its own environment, which is made where it is missing."""
    python = PLACE / "bin" / "python"
    if Path(sys.prefix) == PLACE:
        return
    if not python.exists():
        venv.create(PLACE, with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, *PACKAGES], check=True)
        subprocess.run([*pip, "--no-deps", *ALONE], check=True)
    sys.exit(subprocess.run([python, __file__, *sys.argv[1:]]).returncode)


def own_vectors(texts):
    """The built-in model's vectors, by the program itself."""
    import numpy as np

    program = ROOT / "target" / "release" / "throughline"
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    out = subprocess.run([program, "tag", "-", "--embedding"], input=lines.encode(),
                         stdout=subprocess.PIPE, check=True).stdout
    return np.array([json.loads(line)["embedding"] for line in out.splitlines()], np.float32)


def read(file, folder):
    import numpy as np

    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    texts, labels = [row["text"] for row in rows], [row["label"] for row in rows]
    if folder is None:
        vectors = own_vectors(texts)
    else:
        vectors = np.fromfile(Path(folder, file.stem + ".bin"), np.int8).astype(np.float32)
        vectors = vectors.reshape(len(texts), -1)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return texts, labels, vectors / np.maximum(length, 1e-9)


def score(labels, topics):
    from sklearn.metrics import adjusted_mutual_info_score

    kept = [(label, topic) for label, topic in zip(labels, topics) if label != "oos"]
    known, found = zip(*kept)
    return {"ami": adjusted_mutual_info_score(known, found),
            "in_theme": sum(topic >= 0 for topic in found) / len(found),
            "themes": len(set(found) - {-1})}


def bertopic(texts, labels, vectors, seed):
    """Scores of the defaults, and of the same with outliers placed."""
    from bertopic import BERTopic
    from umap import UMAP

    # The defaults of BERTopic, with a seed.
    umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine",
                random_state=seed)
    model = BERTopic(umap_model=umap)
    topics, _ = model.fit_transform(texts, vectors)
    placed = topics
    if -1 in topics and len(set(topics)) > 1:
        placed = model.reduce_outliers(texts, topics, strategy="embeddings", embeddings=vectors)
    return score(labels, topics), score(labels, placed)


def mean(scores):
    return {key: sum(one[key] for one in scores) / len(scores) for key in scores[0]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--vectors")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    inside()
    for file in given.files:
        texts, labels, vectors = read(file, given.vectors)
        runs = [bertopic(texts, labels, vectors, seed) for seed in range(given.seeds)]
        for name, scores in zip(("BERTopic", "BERTopic, outliers placed"), zip(*runs)):
            line = {"set": file.stem, "method": name, "seeds": given.seeds, **mean(scores)}
            print(json.dumps(line), flush=True)
    files = [str(file.resolve()) for file in given.files]
    words = ["cargo", "bench", "--bench", "themes", "--", *files]
    if given.vectors:
        words += ["--vectors", str(Path(given.vectors).resolve())]
    subprocess.run(words, check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
