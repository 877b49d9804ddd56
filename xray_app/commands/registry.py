"""All commands by name. To add one, write it in a module of this room and register it there."""

from xray_app.commands import diagnosing, fitting, gating, listing, measuring, modelling
from xray_app.commands.common import Command

COMMANDS: dict[str, Command] = {
    **diagnosing.COMMANDS,
    **modelling.COMMANDS,
    **measuring.COMMANDS,
    **gating.COMMANDS,
    **fitting.COMMANDS,
    **listing.COMMANDS,
}
