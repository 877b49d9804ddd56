"""All commands by name. To add one, write it in a module of this room and register it there."""

from xray_app.commands import (
    batching,
    checking,
    diagnosing,
    documenting,
    evaluating,
    faithfulness,
    fitting,
    gating,
    heatmaps,
    listing,
    modelling,
    pacs,
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
    **heatmaps.COMMANDS,
    **gating.COMMANDS,
    **fitting.COMMANDS,
    **checking.COMMANDS,
    **pacs.COMMANDS,
    **serving.COMMANDS,
    **listing.COMMANDS,
}
