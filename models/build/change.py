"""A later version of some parts of a model, as a file beside the encoder that it changes.

    python models/build/change.py --built target/built/throughline-l6 \
        --out models/throughline-l6 --name vector.zst --parts own. vector.

The weights of a model enter the history of the repository once. Where only some
constants are newer (`--parts`: how their names begin), the folder keeps its encoder and
gets a zstd frame that has it as its dictionary: what stayed the same is a reference.
`crates/nlp` puts both together when it opens the model, and `encoder` does here. Changes
add up: one more is made to what those before it give. Written again under its name, a
change replaces itself and those after it.

Everything else of the folder comes from the build.
"""

import argparse
import json
import shutil
from pathlib import Path

import onnx
import zstandard
from build import sha256

# Far enough to reach the whole encoder from any place in its successor: 64 MB.
WINDOW, LEVEL = 26, 19


def dictionary(before):
    return zstandard.ZstdCompressionDict(before, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def applied(before, change):
    """What a change makes of the bytes before it."""
    return zstandard.ZstdDecompressor(dict_data=dictionary(before)).decompress(change)


def frame(before, after):
    """What makes `after` of `before`."""
    settings = zstandard.ZstdCompressionParameters.from_level(
        LEVEL, window_log=WINDOW, enable_ldm=True, source_size=len(after))
    return zstandard.ZstdCompressor(
        dict_data=dictionary(before), compression_params=settings).compress(after)


def manifest(folder):
    return json.loads((folder / "model.json").read_text(encoding="utf-8"))


def encoder(folder, but=None):
    """The graph of a model folder, with its changes made; those before the one called
    `but`, and their entries, where one is."""
    entry = manifest(folder)["files"]["encoder"]
    data, made = (folder / entry["file"]).read_bytes(), []
    for change in entry.get("changes", []):
        if change["file"] == but:
            break
        data = applied(data, (folder / change["file"]).read_bytes())
        made.append(change)
    return data, made


def differing(before, after):
    """The names of the constants that differ, in two graphs that are otherwise alike."""
    graphs = [onnx.load_from_string(data) for data in (before, after)]
    constants = [{c.name: c.SerializeToString() for c in g.graph.initializer} for g in graphs]
    for graph in graphs:
        del graph.graph.initializer[:]
    if graphs[0] != graphs[1] or constants[0].keys() != constants[1].keys():
        raise SystemExit("the graphs differ in more than their constants")
    return sorted(name for name, data in constants[0].items() if constants[1][name] != data)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--built", type=Path, required=True, help="what build.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="the folder that is changed")
    parser.add_argument("--name", required=True, help="of the file that is written")
    parser.add_argument("--parts", nargs="+", required=True,
                        help="how the names of all constants begin that may differ")
    given = parser.parse_args()
    before, made = encoder(given.out, given.name)
    after, _ = encoder(given.built)
    other = differing(before, after)
    beyond = [name for name in other if not name.startswith(tuple(given.parts))]
    if beyond or not other:
        raise SystemExit(f"constants beyond these parts differ: {beyond}" if beyond
                         else "nothing differs")
    change = frame(before, after)
    assert applied(before, change) == after
    (given.out / given.name).write_bytes(change)
    entry = manifest(given.out)["files"]["encoder"]
    entry["changes"] = [*made, {"file": given.name, "sha256": sha256(change),
                                "gives": sha256(after)}]
    described = manifest(given.built)
    described["files"]["encoder"] = entry
    (given.out / "model.json").write_text(
        json.dumps(described, indent=2) + "\n", encoding="utf-8")
    for name in (described["files"]["tokenizer"]["file"], "reference.jsonl"):
        shutil.copyfile(given.built / name, given.out / name)
    print(f"{len(other)} constants differ: {len(change):,} bytes")


if __name__ == "__main__":
    main()
