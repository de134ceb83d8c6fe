"""Weights as bytes."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Quantised:
    """Weights in integers: `weight[k, n] * scale[n]`."""

    weight: np.ndarray
    scale: np.ndarray

    def numbers(self):
        return self.weight * self.scale


# Processors without VNNI multiply bytes in pairs and add each pair in 16 bits
# that saturate: 255 * (a + b) must not pass 32767, so two weights of one sign
# may add up to 128 at most. Which weights meet in a pair is the engine's affair;
# they are always two of the same four.
PAIR_LIMIT = 128
# Share of the mean of the Gram matrix's diagonal that is added to the diagonal.
DAMPING = 0.01


def rows(table):
    """Symmetric 8-bit integers, one scale for each row: for the embeddings."""
    scale = (np.abs(table).max(axis=1, keepdims=True) / 127).astype(np.float32)
    return Quantised(np.rint(table / scale).clip(-127, 127).astype(np.int8), scale)


def pair_sums(weight):
    """The largest sum of two weights of one sign among each four, by column."""
    depth, columns = weight.shape
    fours = weight.reshape(depth // 4, 4, columns).astype(np.float64)
    sums = [np.sort(np.maximum(sign * fours, 0), axis=1)[:, -2:].sum(1) for sign in (1, -1)]
    return np.maximum(*sums).max(axis=0)


def scales(weight, safe=True):
    """One for each output channel. Safe weights cannot saturate on any processor; that
    costs a little less than half a bit on average, where seven bits throughout would
    cost one."""
    scale = np.abs(weight).max(axis=0) / 127
    if safe:
        scale = np.maximum(scale, pair_sums(weight) / (PAIR_LIMIT - 1))
    return np.where(scale == 0, 1, scale).astype(np.float32)


def nearest(weight, safe=True):
    """Symmetric integers, each the nearest. `weight` is [in, out]."""
    scale = scales(weight, safe)
    rounded = np.rint(weight / scale).clip(-127, 127).astype(np.int8)
    assert not safe or pair_sums(rounded).max() <= PAIR_LIMIT
    return Quantised(rounded, scale)


def compensated(weight, gram, before=None, slack=0.0):
    """Symmetric integers, row by row; what rounding one row costs, the rows after it
    make good as far as they can (Frantar et al. 2023, "GPTQ"). `gram` is the inputs'
    transpose times the inputs. With an earlier version, its scales, and its integers
    wherever they are off by no more than `slack` steps: see `near`."""
    depth = len(weight)
    gram = gram.astype(np.float64) + np.eye(depth) * DAMPING * np.trace(gram) / depth
    spread = np.linalg.cholesky(np.linalg.inv(gram)).T
    scale = before.scale if before else scales(weight)
    left = weight.astype(np.float64)
    rounded = np.zeros(weight.shape)
    for row in range(depth):
        beside = rounded[row - row % 4 : row]
        high = PAIR_LIMIT - 1 - beside.max(axis=0, initial=0)
        low = -(PAIR_LIMIT - 1 + beside.min(axis=0, initial=0))
        wanted = left[row] / scale
        found = stays(wanted, before.weight[row], slack) if before else np.rint(wanted)
        rounded[row] = np.clip(found, low, high)
        error = (left[row] - rounded[row] * scale) / spread[row, row]
        left[row + 1 :] -= np.outer(spread[row, row + 1 :], error)
    assert pair_sums(rounded).max() <= PAIR_LIMIT
    return Quantised(rounded.astype(np.int8), scale)


def stays(wanted, before, slack):
    """The nearest integers; those of before, where they are off by no more than `slack`."""
    return np.where(np.abs(wanted - before) <= slack, before, np.rint(wanted))


def near(weight, before, slack):
    """Integers with the scales of an earlier version, and where they can be its integers:
    one that is off by no more than `slack` steps stays what it was. Half a step is what
    any rounding costs; the rest is paid for differences that are mostly nothing."""
    found = give_way(stays(weight / before.scale, before.weight, slack).clip(-127, 127))
    assert pair_sums(found).max() <= PAIR_LIMIT
    return Quantised(found.astype(np.int8), before.scale)


def give_way(integers):
    """Where two of four together are too large, the larger one loses a step, until they
    are not."""
    depth, columns = integers.shape
    fours = integers.reshape(depth // 4, 4, columns).copy()
    for sign in (1, -1):
        while True:
            order = np.argsort(-sign * fours, axis=1, kind="stable")[:, :2]
            two = np.maximum(sign * np.take_along_axis(fours, order, 1), 0)
            over = two.sum(1, keepdims=True) > PAIR_LIMIT
            if not over.any():
                break
            largest = np.take_along_axis(fours, order[:, :1], 1)
            np.put_along_axis(fours, order[:, :1], largest - sign * over, 1)
    return fours.reshape(depth, columns)
