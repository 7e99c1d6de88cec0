"""Resident schedules: what is chained, where tensors lie in the hub, which partitions there are."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from planner_layers import add, conv

from adfc.errors import CapacityError, InputError
from adfc.planner import Graph, Schedule, choose
from adfc.planner.graph import Axis, Layer
from adfc.planner.hub import Tensor, fits_hub
from adfc.planner.resident import search
from adfc.planner.resident.memory import STACK_BYTES, Memory
from adfc.planner.resident.partitions import Partition, partitions
from adfc.planner.resident.search import may_fit, plan_resident
from adfc.planner.resident.splits import Demands, splits_of
from adfc.planner.resident.steps import Step, chain_layers, is_possible
from adfc.planner.schedule import ResidentSchedule
from adfc.spec import devices

DEVICE = devices.load("ve2802")


def layer(of: Layer, name: str, *inputs: str) -> Layer:
    return replace(of, name=name, inputs=inputs)


def convolution(name: str, source: str, size: int = 14) -> Layer:
    return layer(conv(size, size, 16, out=16, kernel=3, pad=1), name, source)


def pool(name: str, source: str, span: int) -> Layer:
    extent = (14, 14, 16)
    rows = (14 - span) // 2 + 1
    axis = Axis(14, 2, span, 0)
    return Layer(
        name, "max_pool2d", 1, True, extent, (rows, rows, 16), axis, axis, 0, 0, 0, 0, 0, "m:1",
        inputs=(source,),
    )  # fmt: skip


def names(*layers: Layer) -> list[tuple[str, str | None]]:
    return [(s.head.name, s.tail.name if s.tail else None) for s in chain_layers(Graph(layers))]


# ---- chains


def test_an_addition_joins_the_layer_that_is_read_by_it_alone() -> None:
    a, b = convolution("a", "%0"), convolution("b", "a")
    assert names(a, b, layer(add(14, 14, 16), "s", "b", "a")) == [("a", None), ("b", "s")]


def test_a_chained_step_comes_when_its_other_operand_exists() -> None:
    """The shortcut's convolution stands first in the graph, but its sum needs both."""
    a, b = convolution("a", "%0"), convolution("b", "%0")
    assert names(a, b, layer(add(14, 14, 16), "s", "a", "b")) == [("b", None), ("a", "s")]


def test_a_skip_tensor_is_made_before_what_its_readers_head_reads() -> None:
    """A core has the skip tensor while the step before is at work, if it does not come of that."""
    a, b = convolution("a", "%0"), convolution("b", "%0")
    c, s = convolution("c", "a"), layer(add(14, 14, 16), "s", "c", "b")
    assert names(a, b, c, s) == [("b", None), ("a", None), ("c", "s")]
    assert names(b, a, c, s) == [("b", None), ("a", None), ("c", "s")]
    # Where the skip tensor comes of that very tensor, it cannot.
    d = convolution("b", "a")
    assert names(a, d, c, s) == [("a", None), ("b", None), ("c", "s")]


def test_what_others_read_is_not_chained() -> None:
    a, b = convolution("a", "%0"), convolution("b", "%0")
    s, c = layer(add(14, 14, 16), "s", "a", "b"), layer(add(14, 14, 16), "c", "a", "b")
    assert names(a, b, s, c) == [("a", None), ("b", None), ("s", None), ("c", None)]


def test_the_sum_of_a_tensor_and_itself_is_not_chained() -> None:
    a = convolution("a", "%0")
    assert names(a, layer(add(14, 14, 16), "s", "a", "a")) == [("a", None), ("s", None)]


def table(name: str, source: str) -> Layer:
    axis = Axis(14, 1, 1, 0)
    extent = (14, 14, 16)
    return Layer(
        name, "table", 1, True, extent, extent, axis, axis, 0, 256, 0, 0, 256, "m:1",
        inputs=(source,),
    )  # fmt: skip


def test_a_table_of_all_values_follows_its_layer() -> None:
    a, b = convolution("a", "%0"), convolution("b", "%0")
    assert names(a, table("t", "a")) == [("a", "t")]
    assert names(a, b, table("t", "a")) == [("a", None), ("b", None), ("t", None)]
    assert names(table("t", "%0"), table("u", "t")) == [("t", "u")]
    windows = replace(table("t", "a"), rows=Axis(14, 1, 3, 1))
    wide = replace(table("t", "a"), element_bytes=(2, 2))
    for other in (windows, wide, layer(a, "t", "a")):
        assert names(a, other) == [("a", None), ("t", None)]
    (step,) = chain_layers(Graph((a, table("t", "a"))))
    assert step.table_bytes == 256


@pytest.mark.parametrize(("span", "chained"), [(2, True), (4, True), (5, False)])
def test_a_small_pooling_follows_its_layer(span: int, chained: bool) -> None:
    expected = [("a", "p")] if chained else [("a", None), ("p", None)]
    assert names(convolution("a", "%0"), pool("p", "a", span)) == expected


def test_a_pooling_that_does_not_come_right_behind_is_not_chained() -> None:
    layers = (convolution("a", "%0"), convolution("b", "%0"), pool("p", "a", 2))
    assert names(*layers) == [("a", None), ("b", None), ("p", None)]


def test_forms_that_cannot_stay() -> None:
    good = convolution("a", "%0")
    for bad in (
        replace(good, streamed="b"),
        replace(good, column_weights=True),
        replace(good, all_channels=True),
        replace(good, inputs=("",)),
    ):
        graph = Graph((bad,))
        assert not is_possible(graph, chain_layers(graph)[0])
        assert plan_resident(graph, DEVICE, tiles=4) is None
    given = Graph((replace(good, given=True), convolution("b", "a")))
    assert not is_possible(given, chain_layers(given)[0])


def test_one_pixel_for_all_is_an_operand_that_is_computed() -> None:
    wide = layer(replace(add(14, 14, 16), activations=1, parameter_bytes=1), "s", "a")
    for pixel, possible in (("%1", True), ("", False)):
        graph = Graph((convolution("a", "%0"), replace(wide, streamed=pixel)))
        assert [is_possible(graph, step) for step in chain_layers(graph)] == [True, possible]
    assert not is_possible(graph, Step(replace(wide, streamed="%1", column_weights=True)))
    assert not Step(replace(wide, streamed="%1")).has_weights


# ---- the hub


def tensor(name: str, size: int, first: int, last: int, place: str | None = None) -> Tensor:
    return Tensor(name, size, 16, first, last, place)


def test_tensors_share_bytes_when_their_steps_are_apart() -> None:
    apart = [tensor("a", 64, 0, 1), tensor("b", 64, 1, 2), tensor("c", 64, 2, 3)]
    assert fits_hub(apart, 128, 64)
    assert not fits_hub(apart, 127, 64)


def test_a_tensor_takes_the_place_of_one_that_ends_with_it() -> None:
    old, new = tensor("a", 64, 0, 1), tensor("b", 64, 1, 2, "a")
    assert fits_hub([old, new], 64, 64)
    assert not fits_hub([old, replace(new, place=None)], 127, 64)
    assert not fits_hub([replace(old, last=2), new], 127, 64)
    assert not fits_hub([old, replace(new, size=65)], 127, 64)
    assert not fits_hub([old, replace(new, pitch=32)], 127, 64)


def test_inputs_lie_at_the_end_where_others_have_no_room_else() -> None:
    """The first one's 128 bytes are too few for the third: with it at the end, the second is before
    the third."""
    tensors = [tensor("a", 128, 0, 1), tensor("b", 192, 1, 2), tensor("c", 192, 2, 3)]
    assert fits_hub(tensors, 384, 64)
    assert not fits_hub(tensors, 383, 64)
    made = [replace(tensors[0], first=1), replace(tensors[1], first=1), tensors[2]]
    assert not fits_hub(made, 384, 64)


def test_locks_are_set_back_two_steps_later() -> None:
    """Each tensor has two locks; that of step 0 is free again for step 4, not for step 3."""
    first = tensor("a", 64, 0, 1)
    assert not fits_hub([first, tensor("b", 64, 3, 4)], 512, 2)
    assert fits_hub([first, tensor("b", 64, 4, 5)], 512, 2)


# ---- partitions and memory


@pytest.mark.parametrize("tiles", [1, 2, 7, 28, 304])
def test_partitions_fit_the_device(tiles: int) -> None:
    """A column for each core, join and hub; six channels of a memory tile in each direction. A
    seventh set's streams have a join's, which has some left beside cores and inputs."""
    found = list(partitions(DEVICE, tiles, ()))
    assert found
    for p in found:
        assert p.sets * p.cores <= tiles
        assert p.sets <= 6 or (p.sets == 7 and p.cores <= 4 and 2 * p.hubs <= p.sets)
        assert p.cores <= 5
        assert p.hubs <= p.sets <= 7 * p.hubs
        assert p.hubs > 1 or not p.divided
        assert p.sets * p.cores // p.stack + p.sets + p.hubs <= DEVICE.columns
        # Twelve columns reach DDR, by two channels each; streamed weights take one for each column
        # of cores, an input one.
        assert not p.streamed or p.sets * p.cores // p.stack < 24


def test_partitions_leave_out_columns_with_a_bad_core() -> None:
    lowest = DEVICE.core_rows[0]

    def left(columns: int) -> list[Partition]:
        avoid = [(column, lowest) for column in range(DEVICE.columns - columns)]
        return list(partitions(DEVICE, 28, avoid))

    # A core, its join and the hub.
    assert [(p.sets, p.cores, p.hubs) for p in left(3) if not p.streamed] == [(1, 1, 1)]
    assert all(p.columns <= 3 for p in left(3))
    assert left(2)
    assert all(p.shared for p in left(2))
    assert not left(1)


def test_a_plan_stays_within_a_cores_memory() -> None:
    found = plan_resident(Graph((convolution("a", "%0"),)), DEVICE, tiles=4)
    assert found
    shared = found[0].resident
    assert shared
    memory = Memory(shared.activations, shared.weights[0], shared.output)
    used = 2 * memory.activations + memory.ring + memory.output
    assert used <= DEVICE.core.data_bytes - STACK_BYTES
    rows, columns, _, channels = found[0].layers["a"].tile
    assert (rows + 2) * (columns + 2) * channels <= memory.activations


def test_a_short_layer_between_long_ones_is_done_by_all_cores() -> None:
    """A convolution of pixels by 28 cores takes less work but more control than by 24. The layers
    around it leave control that time."""
    wide, half = (conv(n, n, c, out=c, kernel=3, pad=1) for n, c in ((56, 64), (28, 128)))
    long = [layer(wide, f"a{i}", f"a{i - 1}") for i in range(4)]
    short = layer(conv(56, 56, 64, out=128, kernel=1, stride=2), "b", "a3")
    rest = [layer(half, f"c{i}", f"c{i - 1}") for i in range(8)]
    long[0], rest[0] = replace(long[0], inputs=("%0",)), replace(rest[0], inputs=("b",))
    found = plan_resident(Graph((*long, short, *rest)), DEVICE, tiles=28)
    assert found
    assert math.prod(found[0].layers["b"].grid) == 28


def test_more_steps_than_a_program_has_words_for_are_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """300 layers, each of which takes at least 17 words of the 4,096 that a core has: no partition
    is looked at."""
    looked: list[object] = []
    monkeypatch.setattr(search, "partitions", lambda *_: looked.append(_) or [])
    layers = tuple(convolution(f"c{i}", f"c{i - 1}" if i else "%0") for i in range(300))
    assert plan_resident(Graph(layers), DEVICE, tiles=4) is None
    assert not looked
    assert plan_resident(Graph(layers[:100]), DEVICE, tiles=4) is None
    assert looked


def test_weights_that_do_not_stay_are_streamed() -> None:
    """2.4 MB of weights on four cores: two memory tiles hold 1 MB for each, one core's 0.6 MB stay;
    with 9.4 MB they do not."""

    def network(channels: int) -> Graph:
        wide = layer(conv(4, 4, channels, out=channels, kernel=3, pad=1), "a", "%0")
        return Graph((wide,))

    stay, come = (plan_resident(network(c), DEVICE, tiles=4) for c in (512, 1024))
    assert stay
    assert come
    assert not stay[0].streams_weights
    assert come[0].streams_weights
    assert Schedule.from_json(come[0].to_json()) == come[0]
    # They come at 15.6 GB/s and 1.25 GHz: 12.48 bytes a cycle.
    assert come[1] >= 9 * 1024 * 1024 / 12.48


def test_weights_that_no_memtiles_hold_are_seen_at_once() -> None:
    """ve2302 has one row of memtiles, so that each of 6 tapes has 508 KB; 3.1 MB are more, 3.0 MB
    would fit if they could be cut so."""
    six = Partition(6, 1, 1)
    for size, fits in ((3_110_000, True), (3_130_000, False)):
        wide = replace(convolution("a", "%0"), weight_bytes=size)
        graph = Graph((wide,))
        steps = chain_layers(graph)
        assert may_fit(graph, steps, six, devices.load("ve2302")) is fits
        assert may_fit(graph, steps, replace(six, streamed=True), devices.load("ve2302"))


# ---- the choice and the file


def test_the_choice_obeys_and_refuses() -> None:
    graph = Graph((convolution("a", "%0"),))
    assert choose(graph, DEVICE, tiles=4, resident=True).schedule.resident
    assert choose(graph, DEVICE, tiles=4, resident=False).schedule.resident is None
    large = Graph((convolution("a", "%0", size=300),))  # 1.4 MB; a memory tile has 512 KB
    with pytest.raises(CapacityError, match="cannot stay on ve2802 with 4 core tiles"):
        choose(large, DEVICE, tiles=4, resident=True)
    assert choose(large, DEVICE, tiles=4).schedule.resident is None


def test_a_resident_schedule_file_gives_back_the_schedule() -> None:
    a, b = convolution("a", "%0"), convolution("b", "a")
    graph = Graph((a, b, layer(add(14, 14, 16), "s", "b", "a")))
    schedule = choose(graph, DEVICE, tiles=8, resident=True).schedule
    assert schedule.layers["s"].chained
    assert Schedule.from_json(schedule.to_json()) == schedule


def test_a_resident_schedule_file_names_what_is_wrong() -> None:
    graph = Graph((convolution("a", "%0"),))
    schedule = choose(graph, DEVICE, tiles=4, resident=True).schedule
    text = schedule.to_json()
    for old, new, message in (
        ('"hubs"', '"hub"', '"hub" is unknown'),
        ('"sets": ', '"sets": -', '"sets" must be a positive whole number'),
        ('"weights": [', '"weights": [1, ', '"weights" must hold 2'),
    ):
        with pytest.raises(InputError, match=message):
            Schedule.from_json(text.replace(old, new, 1), "s.json")
    with pytest.raises(KeyError):
        ResidentSchedule.from_json({"sets": 1})


def test_few_cores_with_resident_weights_give_way_to_many_with_streamed_ones() -> None:
    """npu1's five columns have room for four cores whose weights stay, or 16 whose weights come.
    A layer with 3,136 products for each byte of weights waits for no weights."""
    wide = layer(conv(56, 56, 64, out=64, kernel=3, pad=1), "a", "%0")
    found = plan_resident(Graph((wide,)), devices.load("npu1"), tiles=20)
    assert found
    assert found[0].streams_weights


# ---- weights


@pytest.mark.parametrize(
    ("rows", "quantum", "times"),
    [
        # Four blocks of 2,400 bytes are in one buffer of 2,432 bytes each, of a ring of eight:
        (1, 2432, 1),  # kept for seven tiles of one row
        (7, 2432, 1),  # needed once
        # in two of 1,216 bytes: eight in all; in four of 640 bytes: more than the ring has.
        (1, 1216, 1),
        (1, 640, 7),
    ],
)
def test_blocks_that_fit_the_ring_are_received_once(rows: int, quantum: int, times: int) -> None:
    """A 3x3 convolution of 32 channels in four tiles of eight: 9 x 32 x 8 bytes, and 12 for each
    of eight channels. Each of two cores has seven rows."""
    step = Step(layer(conv(14, 14, 32, out=32, kernel=3, pad=1), "a", "%0"))
    found = splits_of(step, Partition(sets=2, cores=1, hubs=1), DEVICE, Demands())
    wanted = ((2, 1), rows, 1, 4)
    split = next(s for s in found if (s.grid, s.rows, s.chunks, s.parts) == wanted)
    assert split.block == 2400
    memory = Memory(16384, quantum, 4608)
    assert split.times(memory) == times
    assert split.buffers(memory) == times * 4 * split.quanta(memory)
