"""Each layer of a model at each level: float, simulated int8, integer reference, array.

Every level's values are really computed there. The reference model and the array run a variant of
the program whose outputs are all its int8 tensors between layers; its operators are the model's
own, so are its kernels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from adfc.driver.files import portable_path
from adfc.driver.options import CompileOptions
from adfc.frontend.activations import float_values, isolated_values, quantized_values
from adfc.frontend.emit.walker import Probe, emit_probed
from adfc.frontend.quantize import Quantized
from adfc.frontend.tosa_model import TosaModel
from adfc.frontend.tosa_probes import TosaProbe, probe_tosa
from adfc.metrics import Comparison, compare
from adfc.model_io import TensorSpec
from adfc.oracle import ReferenceModel
from adfc.program import compile_tosa
from adfc.runtime import supported_isas

Arrays = Sequence[NDArray[np.float32]]
Levels = NDArray[np.int8]


@dataclass(frozen=True)
class LayerFigures:
    """How one layer's result differs from level to level, over all inputs tried.

    Values are in steps of the layer's int8 scale, so an error of 1 is one level. `simulation` is
    torch's simulation of int8 against float, `alone` the same for a layer that reads the float
    model's values (rounded), `inputs` the float model on rounded inputs against itself: what it
    makes of that one rounding. `integer` is the reference model against the simulation, `array` the
    array against the reference model, `total` the array against float. None where a level is
    missing: a model that came as TOSA has no float.
    """

    name: str
    file: str
    line: int
    shape: tuple[int, ...]
    simulation: Comparison | None
    alone: Comparison | None
    inputs: Comparison | None
    integer: Comparison | None
    array: Comparison
    total: Comparison | None

    def to_json(self) -> dict[str, Any]:
        """A JSON object; levels that are missing are null."""
        levels = {
            "float_vs_simulation": self.simulation,
            "float_vs_simulation_alone": self.alone,
            "float_vs_float_on_rounded_inputs": self.inputs,
            "simulation_vs_integer": self.integer,
            "integer_vs_array": self.array,
            "float_vs_array": self.total,
        }
        return {
            "name": self.name,
            "file": portable_path(self.file),
            "line": self.line,
            "shape": list(self.shape),
            **{key: None if c is None else c.to_json() for key, c in levels.items()},
        }


def first_difference(layers: Iterable[LayerFigures]) -> LayerFigures | None:
    """The first layer for which the array and the reference model differ in a byte."""
    return next((layer for layer in layers if layer.array.differing), None)


def first_below(layers: Iterable[LayerFigures], least_db: float) -> LayerFigures | None:
    """The first layer whose SQNR between float and the array is below `least_db`."""
    return next(
        (layer for layer in layers if layer.total is not None and layer.total.sqnr_db < least_db),
        None,
    )


class LayerChecker:
    """Compares the layers of one model, input by input."""

    def __init__(self, model: Quantized | TosaModel, options: CompileOptions) -> None:
        """Compiles the variant; raises as `adfc.program.compile_tosa`."""
        if isinstance(model, Quantized):
            variant = emit_probed(model.graph, keep_outputs=False)
            whole = emit_probed(model.graph, keep_outputs=True)
            self._simulator = _Simulator(model, variant.probes, variant.tosa.inputs)
        else:
            variant = probe_tosa(model, keep_outputs=False)
            whole = probe_tosa(model, keep_outputs=True)
            self._simulator = None
        self._probes = variant.probes
        self._outputs = whole.outputs
        self._reference = ReferenceModel(whole.tosa)
        self._program = compile_tosa(
            variant.tosa, options, name="layers", isas=supported_isas()[:1]
        )
        self._table = _Table(variant.probes, variant.tosa.outputs)

    def reference(self, inputs: Sequence[Levels]) -> tuple[list[Levels], list[Levels]]:
        """(outputs of the model, of each layer) by the reference model, for inputs as it takes."""
        found = self._reference.run(inputs)
        return [found[index] for index in self._outputs], found[: len(self._probes)]

    def add(self, sample: Arrays, inputs: Sequence[Levels], expected: Sequence[Levels]) -> None:
        """Compares the layers for float `sample` in the user's shapes.

        `inputs` is the sample in levels, `expected` what `reference` gave of its layers.
        """
        measured = self._program.execute(inputs).outputs
        simulated = None if self._simulator is None else self._simulator.of(sample)
        self._table.add(expected, measured, simulated)

    def layers(self) -> tuple[LayerFigures, ...]:
        """The layers in the order in which they run; raises ValueError before the first `add`."""
        return self._table.rows()


@dataclass(frozen=True)
class _Simulated:
    """A layer's values above the integer levels, in the user's shape."""

    exact: torch.Tensor | None
    simulation: torch.Tensor
    alone: torch.Tensor | None = None
    inputs: torch.Tensor | None = None


class _Simulator:
    """Gives the probed layers' values in float and in simulation."""

    def __init__(
        self, model: Quantized, probes: Sequence[Probe], inputs: Sequence[TensorSpec]
    ) -> None:
        self._model = model
        self._probes = probes
        self._inputs = inputs

    def of(self, sample: Arrays) -> list[_Simulated]:
        tensors = tuple(torch.from_numpy(values) for values in sample)
        names = [probe.quantize for probe in self._probes]
        simulation = quantized_values(self._model.graph, tensors, names)
        if self._model.float_graph is None:
            return [_Simulated(None, simulation[name]) for name in names]
        origins = {probe.origin for probe in self._probes}
        floats = float_values(self._model.float_graph, tensors, origins)
        exact = {probe.quantize: floats[probe.origin] for probe in self._probes}
        alone = isolated_values(self._model.graph, tensors, exact)
        rounded = float_values(self._model.float_graph, self._rounded(sample), origins)
        return [
            _Simulated(
                exact[p.quantize], simulation[p.quantize], alone[p.quantize], rounded[p.origin]
            )
            for p in self._probes
        ]

    def _rounded(self, sample: Arrays) -> tuple[torch.Tensor, ...]:
        """The inputs rounded to their int8 scales; indices as they are."""
        return tuple(
            torch.from_numpy(values if spec.index_rows else spec.dequantize(spec.quantize(values)))
            for spec, values in zip(self._inputs, sample, strict=True)
        )


class _Table:
    """Sums of comparisons, one row for each probe."""

    _KEYS = ("simulation", "alone", "inputs", "integer", "array", "total")

    def __init__(self, probes: Sequence[Probe | TosaProbe], specs: Sequence[TensorSpec]) -> None:
        self._probes = probes
        self._specs = specs
        self._sums: list[dict[str, Comparison]] = [{} for _ in probes]

    def add(
        self,
        expected: Sequence[Levels],
        measured: Sequence[Levels],
        simulated: Sequence[_Simulated] | None,
    ) -> None:
        for index, sums in enumerate(self._sums):
            spec = self._specs[index]
            integer, array = (_steps(spec, levels[index]) for levels in (expected, measured))
            found = {"array": compare(integer, array)}
            if simulated is not None:
                values = simulated[index]
                simulation = _real(spec, values.simulation)
                found["integer"] = compare(simulation, integer)
                if values.exact is not None:
                    exact = _real(spec, values.exact)
                    found["simulation"] = compare(exact, simulation)
                    found["total"] = compare(exact, array)
                    for key, seen in (("alone", values.alone), ("inputs", values.inputs)):
                        if seen is not None:
                            found[key] = compare(exact, _real(spec, seen))
            for key, comparison in found.items():
                sums[key] = sums.get(key, Comparison()) + comparison

    def rows(self) -> tuple[LayerFigures, ...]:
        return tuple(
            LayerFigures(
                probe.label,
                probe.file,
                probe.line,
                probe.shape if isinstance(probe, Probe) else spec.shape,
                array=sums["array"],
                **{key: sums.get(key) for key in self._KEYS if key != "array"},
            )
            for probe, spec, sums in zip(self._probes, self._specs, self._sums, strict=True)
        )


def _steps(spec: TensorSpec, levels: Levels) -> NDArray[np.float64]:
    """Levels in array order as steps in the user's order, flat."""
    inverse = sorted(range(len(spec.permutation)), key=spec.permutation.__getitem__)
    return spec.levels(levels).transpose(inverse).astype(np.float64).ravel()


def _real(spec: TensorSpec, values: torch.Tensor) -> NDArray[np.float64]:
    """Real values in the user's order as steps, flat."""
    return (values.to(torch.float64) / spec.scale).numpy().ravel()
