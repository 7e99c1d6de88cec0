"""Inferences on a board in a network."""

from __future__ import annotations

import json
import secrets
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from adfc.errors import AdfcError, ExecutionError, ImageError, ToolError
from adfc.image import IoTable
from adfc.model_io import TensorSpec
from adfc.remote.address import Address
from adfc.remote.upload import BoardStatus
from adfc.remote.wire import ANSWER, PART_BYTES, Datagram, Kind, State, part_count
from adfc.runtime import Cost
from adfc.runtime.blocks import Levels, pack_inputs, unpack_outputs

_WINDOW = 8  # questions that may be without an answer
_RETRY_SECONDS = 0.3
_FIRST_ANSWER_SECONDS = 10.0
_STATE_SECONDS = 0.05
_DONE = struct.Struct("<4I6Q")  # struct wire_done


@dataclass(frozen=True)
class RemoteRun:
    """One inference: outputs in array order, its cost on the array, the processor's cycles."""

    outputs: tuple[Levels, ...]
    cost: Cost
    engine_instructions: int
    processor_cycles: int


@dataclass(frozen=True)
class RemoteModel:
    """The model in a board's active image, as its section meta.json tells."""

    name: str
    device: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    @staticmethod
    def parse(section: bytes) -> RemoteModel:
        """Read the section. Raises ImageError."""
        try:
            data = json.loads(section)
            return RemoteModel(
                name=str(data["model"]),
                device=str(data["device"]),
                inputs=tuple(TensorSpec.from_json(entry) for entry in data["inputs"]),
                outputs=tuple(TensorSpec.from_json(entry) for entry in data["outputs"]),
            )
        except (AdfcError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ImageError(f"the board's section meta.json: {error}") from error


class InferenceClient:
    """Asks one board. `time_limit` is in seconds, for each call.

    Every method raises ToolError where the board does not answer in time, and ExecutionError where
    it refuses, or reports a fault.
    """

    def __init__(self, address: Address, *, time_limit: float = 120.0) -> None:
        self._address = address
        self._peer = address.resolve()
        self._time_limit = time_limit
        self._request = secrets.randbits(32)  # other clients choose other ones
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def __enter__(self) -> InferenceClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def status(self) -> BoardStatus:
        """What the board says of itself."""
        return BoardStatus.parse(self._read("status").decode("ascii", "replace"))

    @cached_property
    def io(self) -> IoTable:
        """Inputs and outputs of the board's image."""
        return IoTable.decode(memoryview(self._read("io")))

    @cached_property
    def model(self) -> RemoteModel:
        """What the board's image says of itself."""
        return RemoteModel.parse(self._read("meta.json"))

    def run(self, inputs: Sequence[Levels]) -> RemoteRun:
        """Run once on int8 inputs in array order."""
        deadline = time.monotonic() + self._time_limit
        self._request = (self._request + 1) % 2**32
        block = pack_inputs(self.io, inputs)
        crc = zlib.crc32(block)
        parts = (
            Datagram(
                Kind.input,
                self._request,
                index,
                len(block),
                crc,
                block[index * PART_BYTES : (index + 1) * PART_BYTES],
            )
            for index in range(part_count(len(block)))
        )
        self._ask_all(parts, deadline, lambda _: None)
        done = self._await_end(deadline)
        return self._result(done, deadline)

    def _await_end(self, deadline: float) -> bytes:
        wait = _STATE_SECONDS
        while True:
            (answer,) = self._ask([Datagram(Kind.state, self._request)], deadline)
            state = int.from_bytes(answer.payload[:4], "little")
            if state == State.done:
                return answer.payload
            if state == State.fault:
                text = answer.payload[4:].decode("utf-8", "replace").strip()
                raise ExecutionError(f"{self._address}: {text}")
            time.sleep(wait)
            wait = min(2 * wait, 1.0)

    def _result(self, done: bytes, deadline: float) -> RemoteRun:
        _, instructions, size, crc, processor, *cost = _DONE.unpack(done)
        parts = [Datagram(Kind.output, self._request, index) for index in range(part_count(size))]
        output = self._joined(self._ask(parts, deadline))
        if len(output) != size or zlib.crc32(output) != crc:
            raise ExecutionError(f"{self._address}: the output arrived damaged")
        outputs = unpack_outputs(self.io, output)
        return RemoteRun(outputs, Cost(*cost), instructions, processor)

    def _read(self, name: str) -> bytes:
        """A text of the board, or a section of its image."""
        limit = min(self._time_limit, _FIRST_ANSWER_SECONDS)
        wanted = name.encode("ascii")
        (first,) = self._ask(
            [Datagram(Kind.read, self._request, payload=wanted)], time.monotonic() + limit
        )
        deadline = time.monotonic() + self._time_limit
        rest = [
            Datagram(Kind.read, self._request, index, payload=wanted)
            for index in range(1, part_count(first.total))
        ]
        content = first.payload + self._joined(self._ask(rest, deadline))
        if len(content) != first.total or zlib.crc32(content) != first.crc:
            raise ExecutionError(f"{self._address}: '{name}' changed while it was read")
        return content

    @staticmethod
    def _joined(answers: Sequence[Datagram]) -> bytes:
        return b"".join(answer.payload for answer in answers)

    def _ask(self, questions: Sequence[Datagram], deadline: float) -> list[Datagram]:
        """Answers by index, in order."""
        answers: dict[int, Datagram] = {}

        def keep(answer: Datagram) -> None:
            answers[answer.index] = answer

        self._ask_all(questions, deadline, keep)
        return [answers[question.index] for question in questions]

    def _ask_all(
        self,
        questions: Iterable[Datagram],
        deadline: float,
        on_answer: Callable[[Datagram], None],
    ) -> None:
        """Ask with up to _WINDOW questions open; what is not answered is asked again."""
        todo = iter(questions)
        pending: dict[int, tuple[Datagram, float]] = {}
        more = True
        while more or pending:
            while more and len(pending) < _WINDOW:
                question = next(todo, None)
                if question is None:
                    more = False
                    break
                self._send(question)
                pending[question.index] = (question, time.monotonic())
            if not pending:
                return
            answer = self._receive(min(deadline, time.monotonic() + _RETRY_SECONDS), pending)
            if answer is not None:
                del pending[answer.index]
                on_answer(answer)
            if time.monotonic() >= deadline and pending:
                raise ToolError(
                    f"{self._address} does not answer",
                    hint="check that the board runs, and host and port; --time-limit waits longer",
                )
            for index, (question, sent) in pending.items():
                if time.monotonic() - sent >= _RETRY_SECONDS:
                    self._send(question)
                    pending[index] = (question, time.monotonic())

    def _send(self, question: Datagram) -> None:
        try:
            self._socket.sendto(question.encode(), self._peer)
        except OSError:
            time.sleep(0.01)  # as if it had been lost

    def _receive(self, until: float, pending: dict[int, tuple[Datagram, float]]) -> Datagram | None:
        """The answer to one of the open questions, None where none comes. Raises ExecutionError."""
        while (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                data, _ = self._socket.recvfrom(65536)
            except TimeoutError:
                return None
            except OSError:  # nobody listens there, so far
                time.sleep(min(left, 0.05))
                continue
            answer = Datagram.decode(data)
            if answer is None or answer.request != self._request or answer.index not in pending:
                continue
            if answer.kind == Kind.refused:
                text = answer.payload.decode("utf-8", "replace")
                raise ExecutionError(f"{self._address} refuses: {text}")
            if answer.kind == ANSWER | pending[answer.index][0].kind:
                return answer
        return None
