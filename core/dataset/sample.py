"""An even sample of a table that arrives in pieces."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Sample"]

_TEXT_CHARACTERS = 2_000  # of a text that may be megabytes long


class Sample:
    """At most `size` rows, each of all the rows added with the same chance; in their order.

    Every row draws a number, and the rows with the smallest stay (reservoir sampling with random
    sort keys: Efraimidis and Spirakis, Information Processing Letters 97, 2006).
    """

    def __init__(self, size: int, seed: int) -> None:
        self._size = size
        self._random = np.random.default_rng(seed)
        self._kept: list[pa.Table] = []
        self._keys: list[npt.NDArray[np.float64]] = []
        self._bound = 1.0

    def add(self, table: pa.Table) -> None:
        """Let the rows of a table take part."""
        keys = self._random.random(table.num_rows)
        chosen = keys < self._bound
        kept = table.take(pa.array(np.flatnonzero(chosen)))  # few of many
        for n, column in enumerate(kept.schema):
            if pa.types.is_string(column.type):
                short = pc.utf8_slice_codeunits(kept.column(n), 0, _TEXT_CHARACTERS)
                kept = kept.set_column(n, column, short)
        self._kept.append(kept)
        self._keys.append(keys[chosen])
        if sum(part.size for part in self._keys) > 2 * self._size:
            self._trim()

    def table(self) -> pa.Table:
        """Return the sample of the tables that were added, of which there must be one."""
        self._trim()
        return self._kept[0]

    def _trim(self) -> None:
        keys, table = np.concatenate(self._keys), pa.concat_tables(self._kept)
        if keys.size > self._size:
            self._bound = float(np.partition(keys, self._size)[self._size])
            chosen = keys < self._bound
            keys, table = keys[chosen], table.filter(pa.array(chosen))
        self._keys, self._kept = [keys], [table.combine_chunks()]
