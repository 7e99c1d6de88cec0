"""A command line that is not one of adfc's: told as every other error, with status 2."""

from __future__ import annotations

import re
import sys
from typing import Any

import typer

from adfc.cli.commands import COMMANDS
from adfc.errors import InputError
from adfc.suggest import did_you_mean

STATUS = 2
"""Exit status for a command line that is not understood."""

USAGE_ERROR: Any = typer.BadParameter.__mro__[1]
"""Typer's class of all such errors, which it does not export itself."""

_ONE_OF = re.compile(r"'([^']*)' is not one of ((?:'[^']*'(?:, )?)+)")
_NO_COMMAND = re.compile(r"No such command '(.+?)'")


def as_input_error(error: Any) -> InputError | None:
    """What a usage error says; None for one that is the help itself, which it prints."""
    if type(error).show is not USAGE_ERROR.show:
        error.show()
        return None
    context: Any = error.ctx
    command: str = getattr(context, "command_path", "") or _called()
    if hasattr(error, "possibilities"):  # an option that there is not
        options = [
            name
            for parameter in context.command.params
            for name in (*parameter.opts, *parameter.secondary_opts)
            if name.startswith("-")
        ]
        hint = did_you_mean(error.option_name, options, f"{command} --help lists the options")
        return InputError(f"{command} has no option {error.option_name}", hint=hint)
    unknown = _NO_COMMAND.search(error.message)
    if unknown is not None:
        name, group = unknown.group(1), context.command
        hint = did_you_mean(
            name, group.list_commands(context), f"{command} --help lists the commands"
        )
        return InputError(f"{command} has no command {name}", hint=hint)
    message = error.format_message().removesuffix(".").replace("Value error, ", "")
    hint = f"{command} --help tells how it is used"
    choice = _ONE_OF.search(message)
    if choice is not None:
        hint = did_you_mean(choice.group(1), re.findall("'(.*?)'", choice.group(2)), hint)
    return InputError(f"{command}: {message.partition(', unable to parse')[0]}", hint=hint)


def _called() -> str:
    """The command that was called, as far as its name alone tells."""
    return " ".join(["adfc", *(word for word in sys.argv[1:2] if word in COMMANDS)])
