"""The state file of an evaluation: what is done, so that it can go on after an interruption.

Lines of JSON. The first says what is evaluated; each further one is an image's answers. A line that
was cut off by an interruption is dropped, and its image evaluated again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from adfc.driver.files import check_writable
from adfc.errors import InputError

Answers = dict[str, list[int]]


class StateFile:
    """Answers by image; each is in the file once `add` returns. Without a path, in memory only.

    `about` says what is evaluated. Raises InputError for a file that is of something else, or
    cannot be written. Use it in a `with`.
    """

    def __init__(self, path: Path | None, about: Mapping[str, Any]) -> None:
        self.answers: dict[str, Answers] = {}
        self._stream: TextIO | None = None
        if path is None:
            return
        check_writable(path)
        whole = self._read(path, about) if path.is_file() and path.stat().st_size else ""
        try:
            self._stream = path.open("r+" if path.exists() else "w", encoding="utf-8", newline="\n")
            self._stream.truncate(len(whole.encode()))
            self._stream.seek(0, 2)
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror}") from error
        if not whole:
            self._write({"about": dict(about)})

    def add(self, name: str, answers: Answers) -> None:
        """Notes an image's answers."""
        self.answers[name] = answers
        self._write({"image": name, "answers": answers})

    def _write(self, line: Mapping[str, Any]) -> None:
        if self._stream is not None:
            self._stream.write(json.dumps(line, sort_keys=True) + "\n")
            self._stream.flush()

    def _read(self, path: Path, about: Mapping[str, Any]) -> str:
        """The file's whole lines, as text; their answers are noted."""
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        if lines and not lines[-1].endswith("\n"):
            lines.pop()
        try:
            records = [json.loads(line) for line in lines]
            found = records[0]["about"] if records else dict(about)
            self.answers = {str(r["image"]): dict(r["answers"]) for r in records[1:]}
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path} is no state of an evaluation: {error}") from error
        different = sorted(key for key in {*found, *about} if found.get(key) != about.get(key))
        if different:
            raise InputError(
                f"{path} is the state of another evaluation ({', '.join(different)})",
                hint="name another file, or remove this one to begin anew",
            )
        return "".join(lines)

    def __enter__(self) -> StateFile:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()
