from .catalogue import find_study, list_studies
from .conclusion import conclude
from .markdown import study_markdown
from .records import FORMAT, Cell, EpochRecord, Run, Study, read_run, read_study, to_plain

__all__ = [
    "FORMAT",
    "Cell",
    "EpochRecord",
    "Run",
    "Study",
    "conclude",
    "find_study",
    "list_studies",
    "read_run",
    "read_study",
    "study_markdown",
    "to_plain",
]
