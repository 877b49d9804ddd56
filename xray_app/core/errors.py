"""Every error that a person can cause or mend.

XrayAppError
├── InputError            the file or the choice that a person brought can't be used
│   ├── UnreadableFile    damaged, empty, or not what its first bytes claim
│   ├── UnsupportedFile   intact, but of a kind that is not read here
│   ├── FileTooLarge      over a stated limit
│   └── UnknownChoice     a scheme, model, class, explanation or layer that does not exist
├── ModelError            the model can't be used
│   ├── CardError         a field of its card is missing or wrong
│   ├── WeightsError      its weights are missing, altered or do not fit
│   └── EngineError       the runtime failed or stopped
├── PacsError             the PACS does not answer, refuses, or answers what was not asked for
└── ServerBusy            too many visitors are waiting

Each message is one sentence or two: what was expected, what came, what to do. The page and the
command line show the message alone; neither ever shows a traceback.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches


class XrayAppError(Exception):
    """Base of all errors that are shown to a person as one clear message."""


class InputError(XrayAppError):
    """The file or the choice that a person brought can't be used."""


class UnreadableFile(InputError):
    """The file is damaged, empty, or not what its first bytes claim."""


class UnsupportedFile(InputError):
    """The file is of a kind that is not read here."""


class FileTooLarge(InputError):
    """The file, or the image that it claims to hold, is over a stated limit."""


class UnknownChoice(InputError):
    """A name that is not in the registry it was looked up in."""

    @classmethod
    def of(cls, kind: str, received: str, known: Iterable[str]) -> "UnknownChoice":
        """Name what was received, what is known, and the closest match if there is one.

        >>> print(UnknownChoice.of("scheme", "mimax", ["minmax", "raw"]))
        Unknown scheme 'mimax'; expected one of minmax, raw. Did you mean 'minmax'?
        """
        names = sorted(known)
        close = get_close_matches(received, names, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        return cls(f"Unknown {kind} {received!r}; expected one of {', '.join(names)}.{hint}")


class ModelError(XrayAppError):
    """The model can't be used."""


class CardError(ModelError):
    """A field of the model's card is missing or wrong."""


class WeightsError(ModelError):
    """The model's weights are missing, altered or do not fit its architecture."""


class EngineError(ModelError):
    """The runtime that holds the model failed or stopped."""


class PacsError(XrayAppError):
    """The PACS does not answer, refuses, or answers what was not asked for."""


class ServerBusy(XrayAppError):
    """Too many visitors are waiting for the server already."""


def every_error() -> Iterator[type[XrayAppError]]:
    """The tree above, from its root on.

    >>> EngineError in every_error()
    True
    """
    waiting = [XrayAppError]
    while waiting:
        kind = waiting.pop()
        yield kind
        waiting += kind.__subclasses__()


def first_line(error: BaseException) -> str:
    r"""What an exception of the system or a library says, as part of one sentence.

    Returns:
        The first line with words in it, without a full stop; for an ``OSError`` the system's
        reason, which names no path; the exception's class where it says nothing.

    >>> first_line(ValueError("A number was expected.\nHere is why: ..."))
    'A number was expected'
    >>> first_line(KeyboardInterrupt())
    'KeyboardInterrupt'
    """
    message = getattr(error, "strerror", None) or str(error)
    lines = (line.strip().rstrip(".") for line in str(message).splitlines())
    return next(filter(None, lines), type(error).__name__)
