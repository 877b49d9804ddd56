from .arguments import (
    add_study_arguments,
    add_train_arguments,
    run_study_command,
    run_train_command,
)

__all__ = [
    "add_study_arguments",
    "add_train_arguments",
    "run_study_command",
    "run_train_command",
]
