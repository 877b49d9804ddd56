"""What a person may choose about how a file is read."""

import math
from dataclasses import dataclass

from xray_app.core import InputError, UnknownChoice


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """The choices; all optional, and hashable so that they can be part of a cache's key.

    Attributes:
        frame: frame of a DICOM file or page of a TIFF, counted from 1 as in both standards.
        window: name of one of ``radiograph.controls.offers``; None for the file's default.
        low, high: a window of one's own, in modality values: black at ``low``, white at ``high``.

    Raises:
        InputError: the choices contradict one another, or aren't finite numbers.
    """

    frame: int = 1
    window: str | None = None
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.frame < 1:
            raise InputError(f"Expected a frame from 1 on, received {self.frame}. Count from 1.")
        if self.low is None and self.high is None:
            return
        if self.low is None or self.high is None or self.window is not None:
            raise InputError(
                "Expected either the name of a window or both ends of one, received a mixture. "
                "Give one of the two."
            )
        check_window(self.low, self.high)

    @classmethod
    def parse(cls, frame: int, window: str | None) -> "ReadOptions":
        """Take the choices as a user writes them: a window by name, or as "LOW,HIGH".

        Raises:
            InputError: as for the class itself.

        >>> ReadOptions.parse(1, "-200,300")
        ReadOptions(frame=1, window=None, low=-200.0, high=300.0)
        """
        try:
            low, high = map(float, (window or "").split(","))
        except ValueError:  # not two numbers, so a name or nothing
            return cls(frame, window)
        return cls(frame, low=low, high=high)


def check_window(low: float, high: float) -> None:
    """Check the ends of a window, in modality values.

    Raises:
        InputError: they are not two finite numbers in rising order.

    >>> try:
    ...     check_window(300.0, -200.0)
    ... except InputError as error:
    ...     print(error)
    Expected a window whose lower end is below its upper end, received 300 to -200. Widen it.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(
            f"Expected a window whose lower end is below its upper end, received {low:g} to "
            f"{high:g}. Widen it."
        )


def check_frame(frame: int, frames: int) -> None:
    """Check that a file that holds ``frames`` images holds the one asked for, counted from 1.

    Raises:
        UnknownChoice: it does not.

    >>> try:
    ...     check_frame(3, frames=2)
    ... except UnknownChoice as error:
    ...     print(error)
    Expected a frame or page from 1 to 2, received 3. Choose one that the file holds.
    """
    if frame > frames:
        received = f"Expected a frame or page from 1 to {frames}, received {frame}."
        raise UnknownChoice(f"{received} Choose one that the file holds.")
