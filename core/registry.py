"""What can be added to an area by adding one file: classes found in one package, by their names."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Generic, TypeVar

from core.errors import UnknownNameError

__all__ = ["Registry"]

T = TypeVar("T")


class Registry(Generic[T]):
    """The classes that the modules of `package` register; they are imported when first asked for.

    Parameters
    ----------
    package : str
        Its dotted name; every module in it is imported.
    kind : str
        What one of them is, in words: "reply provider".
    name_of : callable
        Returns the name of a class, an identifier.
    first : sequence of str
        Names that stand before the others, which follow in alphabetical order.
    """

    def __init__(
        self,
        package: str,
        kind: str,
        name_of: Callable[[type[T]], str],
        first: tuple[str, ...] = (),
    ) -> None:
        self._package = package
        self._kind = kind
        self._name_of = name_of
        self._first = first
        self._registered: dict[str, type[T]] = {}
        self._is_loaded = False

    def register(self, one: type[T]) -> type[T]:
        """Make `one` known under its name; a class decorator.

        Raises
        ------
        ValueError
            The name is no identifier, or another class has it.
        """
        name = self._name_of(one)
        if not name.isidentifier():
            raise ValueError(f"a {self._kind} is named like a variable, not {name!r}")
        other = self._registered.get(name)
        # The same class again is a module that failed on its first import and is tried once more.
        if other is not None and _origin(other) != _origin(one):
            raise ValueError(
                f"two {self._kind}s are named {name!r}: {_origin(other)} and {_origin(one)}"
            )
        self._registered[name] = one
        return one

    def classes(self) -> dict[str, type[T]]:
        """Return every class by its name."""
        if not self._is_loaded:
            package = importlib.import_module(self._package)
            for module in pkgutil.iter_modules(package.__path__):
                importlib.import_module(f"{self._package}.{module.name}")
            self._is_loaded = True
        return self._registered

    def names(self) -> tuple[str, ...]:
        """Return the names of all: those that come first, then the others by alphabet."""
        known = self.classes()
        first = [name for name in self._first if name in known]
        return (*first, *sorted(known.keys() - set(first)))

    def find(self, name: str) -> type[T]:
        """Return the class of this name.

        Raises
        ------
        UnknownNameError
            No class has this name; the message lists those there are.
        """
        known = self.classes()
        if name not in known:
            raise UnknownNameError(
                f"No {self._kind} is named {name[:40]!r}; there are {', '.join(self.names())}."
            )
        return known[name]


def _origin(one: type[object]) -> str:
    return f"{one.__module__}.{one.__qualname__}"
