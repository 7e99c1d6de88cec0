"""The list of commands. A command's module is imported when it is called, not to list it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperGroup


@dataclass(frozen=True)
class Command:
    """Where a command is: a function of a module of adfc.cli, or its Typer `app` of several.

    `summary` is for the list of commands, and fits on its line.
    """

    module: str
    function: str
    summary: str


COMMANDS = {
    "compile": Command("compiling", "compile_command", "Compile MODEL to a program image."),
    "run": Command(
        "running", "run_command", "Run IMAGE once on the emulated array, here or on a board."
    ),
    "check": Command(
        "check", "check_command", "Compare float, int8, reference model and array, layer by layer."
    ),
    "eval": Command(
        "eval", "eval_command", "Tell the accuracy of MODEL on labelled images, as float and int8."
    ),
    "report": Command(
        "report", "report_command", "Tell what IMAGE costs: cycles, utilisation, bytes, by layer."
    ),
    "fit": Command(
        "fit", "fit_command", "Tell whether MODEL fits a device, and what would make it fit."
    ),
    "trace": Command(
        "trace", "trace_command", "Write one run of IMAGE as a timeline for ui.perfetto.dev."
    ),
    "explain": Command(
        "explain",
        "explain_command",
        "Tell what a control word or a tile has to do with which line.",
    ),
    "diff": Command(
        "diff", "diff_command", "Tell what differs between two programs, tile by tile."
    ),
    "bench": Command(
        "bench", "bench_command", "Measure latency, memory and accuracy; compare with old figures."
    ),
    "deploy": Command(
        "deploy", "deploy_command", "Build a bare-metal ELF that runs IMAGE on a board."
    ),
    "serve": Command(
        "serve", "serve_command", "Boot a board in QEMU that takes images and requests."
    ),
    "sign": Command(
        "sign", "sign_command", "Sign IMAGE for boards that take signed images, or make a key."
    ),
    "upload": Command("remote", "upload_command", "Send IMAGE to a board in the network."),
    "infer": Command(
        "remote", "infer_command", "Run the active image of a board in the network once."
    ),
    "dump": Command(
        "image", "dump_command", "Print IMAGE's programs as text, which adfc assemble reads."
    ),
    "assemble": Command(
        "image", "assemble_command", "Put the programs in TEXT in place of those of an image."
    ),
    "verify": Command(
        "image", "verify_command", "Check IMAGE as the engine does before its first register write."
    ),
    "doctor": Command(
        "doctor", "doctor_command", "Check the installation, and say what to install."
    ),
    "models": Command("models", "models_command", "List the models of the zoo."),
    "config": Command(
        "config", "config_command", "Print the flags for C programs that run images."
    ),
    "op": Command("op", "app", "Check operators of your own, and admit them."),
}


class Commands(TyperGroup):
    """The group of all commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names, in the order of the list."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or None."""
        del ctx
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        found = getattr(importlib.import_module(f"adfc.cli.{entry.module}"), entry.function)
        if isinstance(found, typer.Typer):
            command = typer.main.get_command(found)
        else:
            alone = typer.Typer(add_completion=False, rich_markup_mode=None)
            alone.command(cmd_name)(found)
            command = typer.main.get_command(alone)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The section of the help that lists them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])
