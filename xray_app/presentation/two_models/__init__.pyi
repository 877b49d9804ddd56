from .contract_table import ContractRow, contract_rows
from .results import (
    MARKS_OF,
    scheme_lines,
    two_models_text,
    two_models_to_dict,
)
from .sentences import result_under, two_model_sentences
from .sides import LETTERS, Sides

__all__ = [
    "LETTERS",
    "MARKS_OF",
    "ContractRow",
    "Sides",
    "contract_rows",
    "result_under",
    "scheme_lines",
    "two_model_sentences",
    "two_models_text",
    "two_models_to_dict",
]
