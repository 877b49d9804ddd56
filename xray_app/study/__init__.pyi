from .catalogue import find_study, list_studies
from .conclusion import Answer, conclude
from .markdown import regime_note, study_markdown
from .records import (
    FORMAT,
    Cell,
    EpochRecord,
    Run,
    Study,
    mean_over_seeds,
    read_run,
    read_study,
    to_plain,
)
from .regimes import regime_words
from .table import regime_table

__all__ = [
    "FORMAT",
    "Answer",
    "Cell",
    "EpochRecord",
    "Run",
    "Study",
    "conclude",
    "find_study",
    "list_studies",
    "mean_over_seeds",
    "read_run",
    "read_study",
    "regime_note",
    "regime_table",
    "regime_words",
    "study_markdown",
    "to_plain",
]
