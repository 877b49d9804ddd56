from .cluster import score_on_ray
from .decoding import Wanted
from .inputs import find_inputs, from_upload
from .item import Item
from .labelled import LabelledFigures, label_figures, read_labels
from .model import check_scheme
from .rows import Row
from .run import Job, Score, Summary, run_batch
from .scoring import BatchOptions, Pipeline, Scored, score_all
from .table import table_bytes

__all__ = [
    "BatchOptions",
    "Item",
    "Job",
    "LabelledFigures",
    "Pipeline",
    "Row",
    "Score",
    "Scored",
    "Summary",
    "Wanted",
    "check_scheme",
    "find_inputs",
    "from_upload",
    "label_figures",
    "read_labels",
    "run_batch",
    "score_all",
    "score_on_ray",
    "table_bytes",
]
