"""Pictures as PNG files, drawn by Chromium."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from adfc.errors import ToolError
from adfc.external_tool import failure_text, find_tool, run_tool

_SCALE = 2  # pixels for each unit of the SVG file
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def as_png(svg: bytes) -> bytes:
    """An SVG file as a PNG of twice its size. Raises ToolError where Chromium is missing."""
    box = re.search(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if box is None:
        raise ValueError("the SVG file has no viewBox")
    width, height = (round(float(size)) for size in box.groups())
    browser = find_tool(_BROWSERS, hint="install Chromium (Debian: chromium), or write an .svg")
    with tempfile.TemporaryDirectory(prefix="adfc-") as scratch:
        folder = Path(scratch)
        (folder / "plot.html").write_bytes(
            b"<!doctype html><style>body{margin:0}svg{display:block;width:%dpx;height:%dpx}</style>"
            % (width, height)
            + svg
        )
        made = folder / "plot.png"
        result = run_tool(
            browser,
            [
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--user-data-dir={folder / 'profile'}",
                f"--force-device-scale-factor={_SCALE}",
                f"--window-size={width},{height}",
                f"--screenshot={made}",
                (folder / "plot.html").as_uri(),
            ],
            timeout=300.0,
        )
        if result.returncode or not made.is_file():
            raise ToolError(f"{browser.name} made no picture: {failure_text(result)}")
        return made.read_bytes()
