"""Texts of many kinds, on which the vector's own layer is trained (`vector.toml`).

    python models/build/varied.py --data DIR

They have no labels: the base encoder's vector of each is what is learnt. Passages of
the unlabelled corpora alone would be too narrow, for what a vector is used on (queries,
abstracts, questions on software) is not what a review is. So there are as many texts
of general and technical English beside them: the definitions and examples of a
dictionary, two dictionaries of computing, and the paragraphs of two libraries' own
documentation. Nothing of the sets on which vectors are measured is among them.

The dictionaries are packages of Debian 12, by name, version and hash; the libraries are
those of requirements.txt.
"""

import argparse
import ast
import gzip
import hashlib
import importlib.util
import random
import re
import subprocess
import tempfile
from pathlib import Path

from pool import lines, unlabelled, write

PACKAGES = {
    "wordnet-base=1:3.0-37": "61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752",
    "dict-foldoc=20230119-1": "745cbedb55c2da609cc88ee0284e9d11a67a11ae3709daf7bad0e895ac3294c3",
    "dict-jargon=4.4.7-3.1": "405f8168d7994ed2cb71407bb95493daec2e9aa66fc0461dafa74a9d6728a8c1",
}
LIBRARIES = ("sklearn", "scipy")
# Texts of each kind at most; long texts are several of one kind in a row, or a review.
PASSAGES, DEFINITIONS, PARAGRAPHS, LONG = 56_000, 30_000, 34_000, 6_000
LONGEST, LONG_ENOUGH = 1100, 12


def dictionaries(folder):
    """The files of the packages, fetched and unpacked below `folder`."""
    for package, digest in PACKAGES.items():
        subprocess.run(["apt-get", "download", package], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)
        file = next(folder.glob(f"{package.split('=')[0]}_*.deb"))
        if hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise SystemExit(f"{file.name} is not the package that was meant")
        subprocess.run(["dpkg", "-x", file, folder / "files"], check=True)
    return folder / "files/usr/share"


def definitions(folder):
    """Definitions, some with their word before them, and examples of use."""
    for part in ("noun", "verb", "adj", "adv"):
        for line in open(folder / f"wordnet/data.{part}", encoding="utf-8"):
            if line.startswith("  "):
                continue
            word = line.split(" ")[4].replace("_", " ")
            meaning, *examples = re.split(r';\s*"', line.split("|", 1)[1].strip())
            meaning = meaning.strip(" ;")
            named = hashlib.sha256(meaning.encode()).digest()[0] % 3 == 0
            yield f"{word}: {meaning}" if named else meaning
            yield from (example.strip('" ;') for example in examples)


def entries(folder):
    """Paragraphs of the dictionaries of computing."""
    for name, between in (("foldoc", r"\n\s*\n"), ("jargon", r"\n\s*\n|\n(?=\S)")):
        text = gzip.open(folder / f"dictd/{name}.dict.dz").read().decode("utf-8", "replace")
        for paragraph in re.split(between, text):
            yield re.sub(r"<[^>]*>|[{}]", "", paragraph)


def documentation():
    """Paragraphs of the libraries' documentation of themselves."""
    for library in LIBRARIES:
        root = Path(importlib.util.find_spec(library).origin).parent
        for file in sorted(root.rglob("*.py")):
            try:
                tree = ast.parse(file.read_text(encoding="utf-8"))
            except SyntaxError:
                continue
            for node in ast.walk(tree):
                if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)):
                    for paragraph in re.split(r"\n\s*\n", ast.get_docstring(node) or ""):
                        if ">>>" not in paragraph and "---" not in paragraph:
                            yield re.sub(r":\w+:(?=`)|`", "", paragraph)


def tidy(texts, most, words, chance):
    """At most so many different texts, in an order drawn by chance."""
    found = sorted({" ".join(text.split()) for text in texts})
    found = [text for text in found if 12 <= len(text) <= 1400 and len(text.split()) >= words]
    chance.shuffle(found)
    return found[:most]


def long_texts(kinds, data, chance):
    reviews = (row["text"] for row in lines(data / "sentiment/amazon_multidomain.jsonl.gz"))
    reviews = [text[:LONGEST] for text in tidy(reviews, LONG // 3, LONG_ENOUGH, chance)]
    for at in range(LONG - len(reviews)):
        kind, count = kinds[at % len(kinds)], chance.randint(3, 9)
        start = chance.randrange(len(kind) - count)
        reviews.append(" ".join(kind[start : start + count])[:LONGEST])
    return reviews


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of corpora")
    parser.add_argument("--out", type=Path, default=Path("target/pool/vector.jsonl"))
    given = parser.parse_args()
    chance = random.Random(5)
    with tempfile.TemporaryDirectory() as folder:
        shared = dictionaries(Path(folder))
        general = tidy(definitions(shared), DEFINITIONS, 1, chance)
        technical = tidy([*entries(shared), *documentation()], PARAGRAPHS, 5, chance)
    heard = (row["text"] for row in unlabelled(given.data) if row["source"] != "banking77")
    heard = tidy(heard, PASSAGES, 1, chance)
    kinds = {"heard": heard, "general": general, "technical": technical,
             "long": long_texts([heard, technical], given.data, chance)}
    texts = [(text, kind) for kind, some in kinds.items() for text in some]
    chance.shuffle(texts)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    # The half that an even or an odd line makes lets a recipe take fewer (`split`).
    write(given.out, ({"text": text, "split": f"{kind} {1 + at % 2}"}
                      for at, (text, kind) in enumerate(texts)))
    print(f"{len(texts)} texts")


if __name__ == "__main__":
    main()
