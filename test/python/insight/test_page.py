"""The HTML report in a browser: it stands alone, shows what the program is, and answers clicks."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from adfc.cli.report import PlotChoice, report_command
from adfc.html import PLOTS, View, html_page, make_view, plot
from adfc.html.png import as_png
from adfc.insight.memory import Memory, Use
from adfc.program import Program

CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (Debian: chromium)"
)


@pytest.fixture(scope="module")
def view(program: Program) -> View:
    return make_view(program, len(program.image))


@pytest.fixture(scope="module")
def page_file(view: View, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_bytes(html_page(view))
    return path


DEADLINE_MS = 180_000
"""Of each step in the browser: a machine that does much else is slow, and not wrong."""

READY_CPU_SECONDS = 5.0
"""Processor time until the page can be used, on whatever machine the tests run."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"], timeout=DEADLINE_MS
        )
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, page_file: Path) -> Iterator[Any]:
    """The page, opened offline; script errors and requests fail the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, offline=True)
    context.set_default_timeout(DEADLINE_MS)
    opened = context.new_page()
    problems: list[str] = []

    def on_error(error: Any) -> None:
        problems.append(str(error))

    def on_request(request: Any) -> None:
        if not request.url.startswith("file:"):
            problems.append(request.url)

    opened.on("pageerror", on_error)
    opened.on("request", on_request)
    opened.goto(page_file.as_uri())
    opened.wait_for_selector("html[data-ready]")
    yield opened
    assert problems == []
    context.close()


def test_same_run_same_bytes_and_no_address(program: Program, page_file: Path) -> None:
    again = html_page(make_view(program, len(program.image)))
    assert again == page_file.read_bytes()
    text = re.sub(r'xmlns="[^"]*"|const SVG = "[^"]*"', "", again.decode())
    assert "http://" not in text
    assert "https://" not in text
    assert "{{" not in text


def test_layer_times_split_into_all_that_cores_do(view: View) -> None:
    for layer in view.layers:
        assert sum(layer.time.spent.values()) == layer.time.cycles * len(layer.time.cores)
        assert all(cycles >= 0 for cycles in layer.time.spent.values())


def test_memory_in_use_stays_in_the_memory(view: View) -> None:
    names = {memory.name for memory in view.memories}
    assert names >= {"DDR input", "DDR output"}
    # Where a load program has brought the weights, a steady inference does not.
    assert ("DDR weights" in names) == (view.timeline.replay.load is None)
    for memory in view.memories:
        for use in memory.uses:
            assert 0 <= use.low < use.high <= memory.capacity, (memory.name, use)
            assert 0 <= use.start <= use.end <= view.timeline.cycles
        assert memory.peak() <= memory.capacity


def test_peak_counts_bytes_once() -> None:
    uses = (
        Use(0, 10, 0, 1, 0, "a", "read"),
        Use(5, 20, 0, 1, 1, "b", "read"),
        Use(30, 31, 0, 1, 1, "c", "read"),
    )
    memory = Memory("m", None, 100, uses)
    assert memory.peak() == 21
    assert memory.peak(1) == 16


def test_plots_are_svg(view: View, program: Program, tmp_path: Path) -> None:
    assert set(PLOTS) == set(PlotChoice)
    for name in PLOTS:
        root = ElementTree.fromstring(plot(view, name))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
    image = tmp_path / "m.rimfs"
    program.save(image)
    report_command(image, plot_name=PlotChoice.roofline, output_file=tmp_path / "r.svg")
    assert (tmp_path / "r.svg").read_bytes() == plot(view, "roofline")


@needs_chromium
def test_a_plot_as_png_has_twice_the_size(view: View) -> None:
    svg = plot(view, "roofline")
    width, height = map(float, re.findall(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0])
    png = as_png(svg)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    size = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    assert size == (2 * round(width), 2 * round(height))


@needs_chromium
def test_shows_all_layers_and_tiles(page: Any, view: View) -> None:
    assert page.locator("#layer-table tbody tr").count() == len(view.layers)
    assert page.locator("#array .tile:not(.unused)").count() == len(view.used_tiles)
    assert int(page.evaluate("document.documentElement.dataset.ready")) > 0


@needs_chromium
def test_can_be_used_at_once(browser: Any, page_file: Path) -> None:
    """Judged by the page's own processor time: what else the machine does is not in it."""
    context = browser.new_context(offline=True)
    context.set_default_timeout(DEADLINE_MS)
    opened = context.new_page()
    session = context.new_cdp_session(opened)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    opened.goto(page_file.as_uri())
    opened.wait_for_selector("html[data-ready]")
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    context.close()
    assert 0 < metrics["TaskDuration"] < READY_CPU_SECONDS


@needs_chromium
def test_click_on_a_layer_lights_up_its_tiles(page: Any, view: View) -> None:
    layer = view.layers[2]
    page.locator("#layer-table tbody tr").nth(2).locator("button.link").click()
    lit = page.locator("#array .tile.on")
    cores = {f"{c},{r}" for c, r in layer.time.cores}
    assert cores <= {lit.nth(i).get_attribute("data-tile") for i in range(lit.count())}
    assert page.locator("#details .big").inner_text() == layer.info.name
    assert page.locator("#array .route.on").count() > 0
    assert page.locator(f'#roofline .point.on[data-layer="{layer.phase}"]').count() == 1
    page.keyboard.press("Escape")
    assert page.locator("#array .tile.on").count() == 0


@needs_chromium
def test_click_on_a_tile_lights_up_its_layers(page: Any, view: View) -> None:
    column, row = next(layer.time.cores[0] for layer in view.layers if layer.time.cores)
    page.locator(f'#array .tile[data-tile="{column},{row}"]').click()
    expected = [x.info.name for x in view.layers if (column, row) in x.time.cores]
    lit = page.locator("#layer-table tbody tr.on")
    assert [lit.nth(i).locator("button.link").inner_text() for i in range(lit.count())] == expected
    assert f"{column},{row}" in page.locator("#details .big").inner_text()
    chosen = page.locator("#memory-choice option:checked").inner_text()
    assert f"({column},{row})" in chosen


@needs_chromium
def test_click_on_an_operator_names_its_line(page: Any, view: View) -> None:
    layer = next(layer for layer in view.layers if layer.info.ops)
    button = page.locator(f'#layer-table [data-op="{layer.phase}/0"]')
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    details = page.locator("#details").inner_text()
    op = layer.info.ops[0]
    assert layer.info.name in details
    assert op.aten[0].split(".")[1] in details
    assert op.place.split("/")[-1] in details


@needs_chromium
def test_table_sorts_by_number_and_by_name(page: Any, view: View) -> None:
    header = page.locator("#layer-table th", has_text="Cycles")
    header.locator("button").click()
    assert header.get_attribute("aria-sort") == "descending"
    slowest = max(view.layers, key=lambda layer: layer.time.cycles)
    first = page.locator("#layer-table tbody tr").first.locator("button.link")
    assert first.inner_text() == slowest.info.name
    header.locator("button").click()
    fastest = min(view.layers, key=lambda layer: layer.time.cycles)
    assert first.inner_text() == fastest.info.name


@needs_chromium
def test_works_by_keyboard(page: Any, view: View) -> None:
    first = page.locator('#array .tile[tabindex="0"]')
    first.focus()
    before = first.get_attribute("data-tile")
    page.keyboard.press("ArrowDown")
    now = page.evaluate("document.activeElement.dataset.tile")
    assert now != before
    page.keyboard.press("Enter")
    assert now in page.locator("#live").inner_text()
    page.locator("#timeline").focus()
    page.keyboard.press("n")
    assert view.layers[0].info.name in page.locator("#live").inner_text()
    page.keyboard.press("Enter")
    assert page.locator("#details .big").inner_text() == view.layers[0].info.name


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_schemes(browser: Any, page_file: Path, scheme: str) -> None:
    """Contrast of text on cards is at least 4.5 (WCAG 2.2, 1.4.3)."""
    context = browser.new_context(color_scheme=scheme)
    context.set_default_timeout(DEADLINE_MS)
    opened = context.new_page()
    opened.goto(page_file.as_uri())
    colours = [
        opened.evaluate(f"getComputedStyle(document.querySelector('{query}')).{name}")
        for query, name in (
            (".card", "backgroundColor"),
            ("h2", "color"),
            (".note", "color"),
            ("button.link", "color"),
        )
    ]
    context.close()
    card, *texts = [_luminance(colour) for colour in colours]
    for text in texts:
        assert (max(card, text) + 0.05) / (min(card, text) + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    """Relative luminance of "rgb(r, g, b)" (WCAG 2.2)."""
    parts = [int(value) / 255 for value in re.findall(r"\d+", colour)[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
