"""One pipeline as people write it with the library that they use, and what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from tests.pipeline.synthetic import synthetic

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class LibraryPipeline:
    """A pipeline of a library.

    Attributes:
        code: the call, in short.
        colour: whether the image has colours.
        run: from the image to the tensor.
        expected: of the description's ``to_dict()``, what must be found; empty where the solver
            must say that it can't explain it.
    """

    library: str
    code: str
    colour: bool
    run: Callable[[Array], Array]
    expected: Mapping[str, Any] = field(default_factory=dict)

    def image(self) -> Array:
        """The image that goes in."""
        return synthetic(colour=self.colour)
