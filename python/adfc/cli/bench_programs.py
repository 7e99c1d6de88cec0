"""`adfc bench MODEL|IMAGE`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adfc.bench import Expected, Measured, environment, load_data, measure
from adfc.cli import arguments
from adfc.cli.bench_tables import as_csv, print_measured
from adfc.cli.console import messages, print_json, progress_steps, write_text
from adfc.driver.files import check_writable
from adfc.errors import AdfcError, CapacityError, DeviceError, InputError
from adfc.frontend.samples import SampleSource
from adfc.frontend.source import ModelSource, TorchSource
from adfc.program import Program, compile_tosa
from adfc.spec import devices as known_devices


@dataclass(frozen=True)
class Subject:
    """What to measure: a model or an image, on which devices and tiles, and on which data."""

    target: str
    devices: Sequence[str] = ()
    tiles: Sequence[int] = ()
    weights: Path | None = None
    calibration: SampleSource | None = None
    data: str | None = None
    data_samples: int = 100
    preprocess: str | None = None


def bench_programs(
    subject: Subject, runs: int, csv_file: Path | None, *, json_output: bool
) -> None:
    """Measure an image, or a model compiled for each device and number of tiles."""
    check_writable(csv_file)
    measured, left_out = _measure_all(subject, runs)
    if csv_file is not None:
        write_text(as_csv(measured), csv_file)
    if json_output:
        print_json(
            {
                "environment": environment(),
                "programs": [entry.to_json() for entry in measured],
                "left_out": left_out,
            }
        )
    elif measured:
        print_measured(measured)
    for place, reason in left_out.items():
        messages.print(f"adfc: note: left out {place}: {reason}", markup=False)
    if not measured:
        raise CapacityError(
            f"{subject.target} could not be measured on any of the devices and tiles"
        )
    unsteady = [entry.key for entry in measured if not entry.deterministic]
    if unsteady:
        raise AdfcError(f"runs of one program differ: {', '.join(unsteady)}")


def _measure_all(subject: Subject, runs: int) -> tuple[list[Measured], dict[str, str]]:
    if subject.target.endswith(".rimfs"):
        return [_measure_image(subject, runs)], {}
    for name in subject.devices:
        known_devices.load(name)  # a wrong name is an error, and not left out
    source = arguments.load(subject.target, subject.weights)
    measured: list[Measured] = []
    left_out: dict[str, str] = {}
    with progress_steps(f"measuring {subject.target}") as step:
        step("quantizing")
        expected = _expected(subject, source)
        tosa = source.to_tosa(calibration=subject.calibration)
        for device in subject.devices or ("ve2802",):
            for count in subject.tiles or (None,):
                place = f"{'default' if count is None else count} tiles of {device}"
                step(place)
                try:
                    options = arguments.compile_options(device, count, None, None)
                    program = compile_tosa(tosa, options, name=source.name)
                except (CapacityError, DeviceError) as error:
                    left_out[place] = error.message
                    continue
                measured.append(measure(program, runs, expected))
    return measured, left_out


def _measure_image(subject: Subject, runs: int) -> Measured:
    for option, given in (
        ("--devices and --tiles", subject.devices or subject.tiles),
        ("--calib and --weights", subject.calibration or subject.weights),
        ("--data", subject.data),
    ):
        if given:
            raise InputError(
                f"{subject.target} is compiled already", hint=f"{option} go with a model"
            )
    with progress_steps(f"running {subject.target}"):
        return measure(Program.load(subject.target), runs)


def _expected(subject: Subject, source: ModelSource) -> Expected | None:
    """What the float model makes of the data, where there are any."""
    if subject.data is None:
        return None
    if not isinstance(source, TorchSource):
        raise InputError(
            f"{subject.target} has no float model to be held against",
            hint="--data goes with a PyTorch model",
        )
    data = load_data(source, subject.data, subject.data_samples, subject.preprocess)
    return Expected.of(source, data)
