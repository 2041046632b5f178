"""Which rows repeat others, and how many VMs there are: told by a 64-bit number for each."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["fingerprints", "joined", "n_different", "repetitions"]

UintArray = npt.NDArray[np.uint64]
IntArray = npt.NDArray[np.int64]

# Odd constants with well-mixed bits: the golden ratio's, and Stafford's variant 13 of the
# finaliser of MurmurHash3 (https://zimbry.blogspot.com/2011/09/better-bit-mixing-improving-on.html).
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_MISSING = -0x6C62272E07BB0142  # no number that a time or a flag is likely to be

_LOOKED_AT = 1_000  # cells, to see whether most are different
_LONGEST_NAME = 64  # bytes, of which eight at a time are hashed for all rows at once


def fingerprints(column: pa.Array) -> UintArray:
    """Return a number for each cell of a column: the same for equal cells of this process."""
    if pa.types.is_dictionary(column.type):
        words = pa.concat_arrays([column.dictionary, pa.nulls(1, pa.string())])
        places = pc.fill_null(column.indices, len(words) - 1).to_numpy()
        return np.asarray(_hashes(words)[places])
    if not pa.types.is_string(column.type):
        return _number_bits(column)
    if pc.count_distinct(column[:_LOOKED_AT]).as_py() > _LOOKED_AT // 2:
        return _hashes(column)
    return fingerprints(column.dictionary_encode())


def joined(columns: Iterable[UintArray]) -> UintArray:
    """Return a number for each row from those of its cells.

    Two of n different rows share theirs with a probability of about n² / 2^65 (10⁻⁷ for two
    million).
    """
    prints = np.zeros(1, np.uint64)
    for column in columns:
        prints = (prints + column) * _STEP
        prints ^= prints >> np.uint64(29)
        prints *= _MIX
        prints ^= prints >> np.uint64(32)
    return prints


def _hashes(texts: pa.Array) -> UintArray:
    """Return a number for each text; a Python object for each of the usual names would be slow."""
    prints = np.empty(len(texts), np.uint64)
    lengths = pc.fill_null(pc.binary_length(texts), 0).to_numpy()
    _, offsets, data = texts.buffers()
    starts = np.frombuffer(offsets, np.int32, len(texts), 4 * texts.offset).astype(np.int64)
    is_short = (lengths >= 8) & (lengths <= _LONGEST_NAME)
    for length in np.flatnonzero(np.bincount(lengths[is_short])).tolist():
        rows = np.flatnonzero(lengths == length)
        words = np.ndarray(data.size - 7, "<u8", data, strides=(1,))  # from each byte on
        begins = (min(begin, length - 8) for begin in range(0, length, 8))
        parts = (words[starts[rows] + begin] for begin in begins)
        prints[rows] = joined([np.array([length], np.uint64), *parts])
    others = np.flatnonzero(~is_short)
    found = texts.take(pa.array(others)).to_pylist()
    prints[others] = np.fromiter(map(hash, found), np.int64, len(found)).view(np.uint64)
    return prints


def _number_bits(column: pa.Array) -> UintArray:
    if pa.types.is_floating(column.type):
        return np.asarray(column.to_numpy(zero_copy_only=False).view(np.uint64))
    bits = pc.fill_null(column.cast(pa.int64()), _MISSING)
    return np.asarray(bits.to_numpy().view(np.uint64))


def repetitions(prints: UintArray) -> IntArray:
    """Return which rows have the fingerprint of a row before them, in their order."""
    ordered = np.sort(prints)
    if not (ordered[1:] == ordered[:-1]).any():
        return np.empty(0, np.int64)
    # A stable order keeps equal ones as they were: the first of them is the new one.
    order = np.argsort(prints, kind="stable")
    same = prints[order[1:]] == prints[order[:-1]]
    return np.sort(order[1:][same])


def n_different(prints: UintArray) -> int:
    """Return how many different fingerprints there are."""
    ordered = np.sort(prints)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + bool(prints.size)
