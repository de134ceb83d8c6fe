"""Short requests and questions, from which the vector's own layer learns further.

    python models/build/spoken.py

The texts of `varied.py` are what people write; what they say to a machine or to a desk is
shorter, and a vector of it has fewer words to go by. Forms and lists are ours
(`spoken.txt`), with the commoner words of a dictionary. Beside them goes a part of the
texts of `varied.py`, so that nothing that was learnt on those is lost.
"""

import argparse
import random
import re
import tempfile
from pathlib import Path

import texts
from pool import write
from varied import dictionaries

HERE = Path(__file__).parent
# Texts made here, and the share of the others that goes beside them.
REQUESTS, BESIDE = 40_000, 1 / 3
# In how many of its senses a word must occur in the dictionary's tagged texts, and the
# dictionary's names of its kinds.
COMMON, KINDS = 2, {"noun": "noun", "verb": "verb", "adjective": "adj"}
# What people say before and after; most say nothing.
BEFORE = {
    "!": ["", "", "", "please ", "can you ", "could you ", "i need you to ", "i want you to ",
          "would you ", "hey ", "ok ", "now ", "go ahead and ", "i would like you to "],
    "?": ["", "", "", "", "", "hey ", "so ", "ok ", "excuse me ", "quick question ",
          "can you tell me ", "do you know "],
    "-": ["", "", "", "", "well ", "hey ", "sorry ", "actually ", "um "],
}
AFTER = {
    "!": ["", "", "", "", "", " please", " thanks", " for me", " if you can", " right away"],
    "?": ["", "", "", "", "", "", " please", " exactly", " by the way"],
    "-": ["", "", "", "", "", "", " again", " i think", " unfortunately"],
}
ONE_OF, SLOT = re.compile(r"\(([^()]*)\)"), re.compile(r"{(\w+)}")
LENGTHS = range(1, 19)


def words(folder):
    """The dictionary's commoner single words, by kind."""
    found = {}
    for kind, name in KINDS.items():
        rows = (line.split() for line in open(folder / f"wordnet/index.{name}", encoding="utf-8")
                if not line.startswith("  "))
        # After the pointers' names, whose number is the fourth: senses, tagged senses.
        found[kind] = sorted(row[0] for row in rows if int(row[5 + int(row[3])]) >= COMMON
                             and re.fullmatch("[a-z]{3,12}", row[0]))
    return found


def forms(path):
    """The lists, and the forms with their kinds."""
    lists, found = {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line[:2] in ("! ", "? ", "- "):
            found.append((line[0], line[2:]))
        elif " = " in line:
            name, members = line.split(" = ")
            lists[name] = members.split(" | ")
    return lists, found


def filled(form, lists, chance):
    """One text of a form."""
    form = ONE_OF.sub(lambda found: chance.choice(found[1].split("|")), form)
    return SLOT.sub(lambda found: chance.choice(lists[found[1]]), form)


def said(kind, text, chance):
    """As people say or type it: with something around it, and often without capitals."""
    text = chance.choice(BEFORE[kind]) + text + chance.choice(AFTER[kind])
    text = " ".join(text.split())
    if chance.random() < 0.3:
        text = text.replace("n't", "nt").replace("i'm", "im").replace("i am", "i'm")
    if chance.random() < 0.4:
        text = re.sub(r"\bi\b", "I", text[0].upper() + text[1:])
        text += {"!": ".", "?": "?", "-": "."}[kind]
    elif kind == "?" and chance.random() < 0.3:
        text += "?"
    return text


def requests(lists, found, chance):
    """So many different texts, of each form as many as of any other where it has them."""
    made = {}
    while len(made) < REQUESTS:
        for kind, form in found:
            text = said(kind, filled(form, lists, chance), chance)
            if len(text.split()) in LENGTHS:
                made[text] = None
    return list(made)[:REQUESTS]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--others", type=Path, default=Path("target/pool/vector.jsonl"))
    parser.add_argument("--out", type=Path, default=Path("target/pool/spoken.jsonl"))
    given = parser.parse_args()
    chance = random.Random(7)
    lists, found = forms(HERE / "spoken.txt")
    with tempfile.TemporaryDirectory() as folder:
        lists |= words(dictionaries(Path(folder)))
    others = texts.read_jsonl(given.others)
    # A quarter, by the line, lets a recipe take fewer (`split`).
    rows = [{"text": text, "split": f"request {1 + at % 4}"}
            for at, text in enumerate(requests(lists, found, chance))]
    rows += others[: round(len(others) * BESIDE)]
    write(given.out, rows)
    print(f"{len(rows)} texts")


if __name__ == "__main__":
    main()
