"""Running what may crash or never end: in a process of its own, with a time limit."""

from __future__ import annotations

import faulthandler
import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection

import torch

from adfc.operators.checks.finding import CheckError

TIME_LIMIT = 120.0
"""Seconds that the kernel calls of one check may take."""


def sandboxed(work: Callable[[], str]) -> str:
    """What `work` returns, computed in a child process.

    Raises CheckError with what it failed of, with the signal that ended it, or where it does not
    end within TIME_LIMIT.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(work, sender), daemon=True)
    child.start()
    sender.close()
    try:
        if not receiver.poll(TIME_LIMIT):
            raise CheckError(f"kernel calls do not end within {TIME_LIMIT:g} s")
        passed, text = receiver.recv()
    except EOFError:
        child.join()
        raise CheckError(_death(child.exitcode or 0)) from None
    finally:
        if child.is_alive() and not receiver.poll(0):
            child.kill()
        child.join(5.0)
    if not passed:
        raise CheckError(text)
    return text


def _run(work: Callable[[], str], sender: Connection) -> None:
    faulthandler.disable()  # a crash is a finding, which the parent tells
    torch.set_num_threads(1)  # PyTorch's threads do not follow a fork: it would wait for them
    try:
        sender.send((True, work()))
    except CheckError as error:
        sender.send((False, str(error)))
    except Exception as error:
        sender.send((False, f"{type(error).__name__}: {error}"))


def _death(status: int) -> str:
    if status == -signal.SIGSEGV:
        return "the kernel reads or writes outside its windows (a page that may not be touched)"
    if status < 0:
        return f"the kernel's process was ended by {signal.Signals(-status).name}"
    return f"the kernel's process ended with status {status}"
