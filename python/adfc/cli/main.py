"""Entry point of the `adfc` command: the list of commands, and how errors reach the user."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer

import adfc
from adfc.cli import (
    bench,
    check,
    compiling,
    config,
    deploy,
    diff,
    doctor,
    eval,
    explain,
    fit,
    image,
    models,
    op,
    remote,
    report,
    running,
    serve,
    sign,
    trace,
)
from adfc.cli.console import print_error, print_internal_error
from adfc.errors import AdfcError

app = typer.Typer(
    name="adfc",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("compile")(compiling.compile_command)
app.command("run")(running.run_command)
app.command("check")(check.check_command)
app.command("eval")(eval.eval_command)
app.command("report")(report.report_command)
app.command("fit")(fit.fit_command)
app.command("trace")(trace.trace_command)
app.command("explain")(explain.explain_command)
app.command("diff")(diff.diff_command)
app.command("bench")(bench.bench_command)
app.command("deploy")(deploy.deploy_command)
app.command("serve")(serve.serve_command)
app.command("sign")(sign.sign_command)
app.command("upload")(remote.upload_command)
app.command("infer")(remote.infer_command)
app.command("dump")(image.dump_command)
app.command("assemble")(image.assemble_command)
app.command("verify")(image.verify_command)
app.command("doctor")(doctor.doctor_command)
app.command("models")(models.models_command)
app.command("config")(config.config_command)
app.add_typer(op.app, name="op")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"adfc {adfc.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Compile PyTorch models for AMD's AIE-ML tile array, and run them on its emulation."""


def main() -> None:
    """Run the command line. Exit status 0 only for success; user errors are one clear line.

    What no part of adfc foresaw is told as a bug, with status 70 (sysexits.h's EX_SOFTWARE).
    """
    try:
        app(prog_name="adfc")
    except AdfcError as error:
        print_error(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # every other one is a bug, and said to be one
        if "--verbose" in sys.argv:
            traceback.print_exc()
        print_internal_error(error)
        sys.exit(70)


if __name__ == "__main__":
    main()
