"""All commands by name. To add one, write it in a module of this room and register it there."""

from xray_app.commands import (
    artefacts,
    batching,
    checking,
    diagnosing,
    documenting,
    evaluating,
    faithfulness,
    fitting,
    gating,
    listing,
    modelling,
    serving,
)
from xray_app.commands.common import Command

COMMANDS: dict[str, Command] = {
    **diagnosing.COMMANDS,
    **documenting.COMMANDS,
    **batching.COMMANDS,
    **modelling.COMMANDS,
    **evaluating.COMMANDS,
    **faithfulness.COMMANDS,
    **artefacts.COMMANDS,
    **gating.COMMANDS,
    **fitting.COMMANDS,
    **checking.COMMANDS,
    **serving.COMMANDS,
    **listing.COMMANDS,
}
