"""Where classifiers run: in this process, in several, or on a Ray cluster."""

from __future__ import annotations

import importlib
import multiprocessing
from collections.abc import Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any

from adfc.errors import AdfcError, InputError, ToolError
from adfc.evaluation.classifier import Answer, Classifier, ClassifierParts, Job

AHEAD = 4
"""Inputs that are prepared for each worker before it asks for them."""

_own: list[Classifier] = []
"""A worker process's classifier: one, made when the process starts."""


def in_process(parts: ClassifierParts, jobs: Iterable[Job]) -> Generator[Answer]:
    """Answers in this process, in order."""
    classifier = Classifier(parts)
    for job in jobs:
        yield classifier.answer(job)


def in_processes(parts: ClassifierParts, jobs: Iterable[Job], workers: int) -> Generator[Answer]:
    """Answers of so many processes, as they come. Raises AdfcError where one dies."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start, (parts,)) as pool:
        waiting: set[Future[Answer]] = set()
        remaining = iter(jobs)
        try:
            while True:
                room = workers * AHEAD - len(waiting)
                waiting |= {pool.submit(_answer, job) for job in islice(remaining, room)}
                if not waiting:
                    return
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BrokenProcessPool as error:
            raise AdfcError(
                "a worker process ended before its work was done", hint="try fewer --workers"
            ) from error
        finally:
            for future in waiting:
                future.cancel()


def on_ray(
    parts: ClassifierParts, jobs: Iterable[Job], workers: int, address: str
) -> Generator[Answer]:
    """Answers of so many actors on the Ray cluster at `address`, as they come.

    Raises ToolError where Ray is not installed, InputError where there is no cluster at `address`.
    """
    ray = ray_module()
    try:
        ray.init(address=address, log_to_driver=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise InputError(
            f"no Ray cluster answers at {address}: {error}",
            hint="start one with `ray start --head`",
        ) from error
    try:
        shared = ray.put(parts)
        actor = ray.remote(Classifier)
        actors = [actor.remote(shared) for _ in range(workers)]
        remaining = iter(jobs)
        running: dict[Any, Any] = {}
        for worker in actors:
            for job in islice(remaining, AHEAD):
                running[worker.answer.remote(job)] = worker
        while running:
            (done, *_), _ = ray.wait(list(running), num_returns=1)
            worker = running.pop(done)
            for job in islice(remaining, 1):
                running[worker.answer.remote(job)] = worker
            yield ray.get(done)
    finally:
        ray.shutdown()


def _start(parts: ClassifierParts) -> None:
    import torch

    torch.set_num_threads(1)  # the processes share the machine
    _own.append(Classifier(parts))


def _answer(job: Job) -> Answer:
    return _own[0].answer(job)


def ray_module() -> Any:
    """The module `ray`. Raises ToolError where Ray is not installed."""
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise ToolError("Ray is not installed", hint="pip install ray, or use --workers") from error
