"""One file to score."""

from dataclasses import dataclass, field

from xray_app.batch.storage import Opener, open_archive, read_bytes
from xray_app.core import UnreadableFile


@dataclass(frozen=True, slots=True)
class Item:
    """One file to score.

    Attributes:
        name: as the user gave it; below a folder or archive, with the way down from there.
        place: path or address of the file, or of the archive that holds it.
        member: its name in that archive; "" if it is in none.
        data: the bytes themselves, where no file holds them, such as an upload.
        problem: why it can't be read, where that is known already.
    """

    name: str
    place: str = ""
    member: str = ""
    data: bytes | None = field(default=None, repr=False)
    problem: str = ""

    def read(self, opened: Opener = open_archive) -> bytes:
        """The bytes.

        Args:
            opened: as for ``read_bytes``.

        Raises:
            InputError: they can't be read, or are too many.
        """
        if self.problem:
            raise UnreadableFile(self.problem)
        return self.data if self.data is not None else read_bytes(self.place, self.member, opened)
