"""Edges by Sobel and corners by Harris of a 64 x 64 image, pipelined over three tiles.

adfc compile examples/graphs/harris.py -o harris.rimfs

The image goes through in strips of 8 rows. Each strip comes with the two rows above and below it
that its neighbours have too: a window with a margin of 4 rows. The corners' threshold is a run-time
parameter.
"""

import numpy as np
from numpy.typing import NDArray

from adfc.graph import Graph, input_window, output_window, parameter

WIDTH, HEIGHT, ROWS, HALO = 64, 64, 8, 2


def graph() -> Graph:
    """From pixels (int16, 0 to 255) with 2 rows more above and below: edges and corners."""
    g = Graph("harris", iterations=HEIGHT // ROWS)
    image = g.input("image", "int16", (HEIGHT + 2 * HALO, WIDTH))
    threshold = g.input("threshold", "int32", 1)
    edges = g.output("edges", "int16", (HEIGHT, WIDTH))
    corners = g.output("corners", "uint8", (HEIGHT, WIDTH))
    source = "kernels/harris.cc"
    # Cycles: 16 lanes of 16 or 8 of 32 bits a cycle for the operations that are counted: estimates.
    strip = ROWS * WIDTH
    ports = [
        input_window("int16", strip, margin=2 * HALO * WIDTH),
        output_window("cint16", (ROWS + 2) * WIDTH),
        output_window("int16", strip),
    ]
    sobel = g.kernel("sobel", ports, source=source, cycles=1000)
    ports = [input_window("cint16", (ROWS + 2) * WIDTH), output_window("int32", strip)]
    harris = g.kernel("harris", ports, source=source, cycles=2400, macs=strip * 30)
    ports = [input_window("int32", strip), parameter("int32"), output_window("uint8", strip)]
    mark = g.kernel("corners", ports, source=source, cycles=150)
    g.connect(image, sobel[0])
    g.connect(sobel[1], harris[0])
    g.connect(sobel[2], edges)
    g.connect(harris[1], mark[0])
    g.connect(threshold, mark[1])
    g.connect(mark[2], corners)
    return g


def reference(
    image: NDArray[np.int16], threshold: NDArray[np.int32]
) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """What a run gives, by numpy."""
    pixels = np.pad(image.astype(np.int64), ((0, 0), (1, 1)), "edge")
    smooth = pixels[:-2] + 2 * pixels[1:-1] + pixels[2:]
    across = smooth[:, 2:] - smooth[:, :-2]
    wide = pixels[:, :-2] + 2 * pixels[:, 1:-1] + pixels[:, 2:]
    down = wide[2:] - wide[:-2]
    edges = (np.abs(across) + np.abs(down))[1:-1]
    xx, yy, xy = (_box(p) for p in (across * across, down * down, across * down))
    response = (xx * yy - xy * xy - (((xx + yy) ** 2) >> 4)) >> 12
    response = np.clip(response, -(2**31), 2**31 - 1)
    marks = np.where(response > threshold[0], 255, 0)
    return edges.astype(np.int16), marks.astype(np.uint8)


def _box(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sums over 3 x 3; the nearest column counts beyond the edge, the outer rows are dropped."""
    wide = np.pad(values, ((0, 0), (1, 1)), "edge")
    rows = wide[:, :-2] + wide[:, 1:-1] + wide[:, 2:]
    return rows[:-2] + rows[1:-1] + rows[2:]


def sample_inputs() -> tuple[NDArray[np.int16], NDArray[np.int32]]:
    """An image of bright rectangles with noise, and a threshold that finds their corners."""
    random = np.random.default_rng(0)
    image = random.integers(0, 20, (HEIGHT + 2 * HALO, WIDTH))
    for _ in range(5):
        y, x = random.integers(4, 40, 2)
        image[y : y + 16, x : x + 18] += 120
    return np.clip(image, 0, 255).astype(np.int16), np.array([400000], np.int32)
