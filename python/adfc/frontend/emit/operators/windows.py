"""Sliding windows: TOSA wants an exact tiling of the padded input, PyTorch drops the rest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WindowAxis:
    """One axis of a window that slides over an image: extents in elements."""

    extent: int
    kernel: int
    stride: int
    dilation: int
    before: int
    after: int

    @property
    def _left_over(self) -> int:
        reach = self.dilation * (self.kernel - 1) + 1
        return (self.extent + self.before + self.after - reach) % self.stride

    @property
    def trimmed_after(self) -> int:
        """Trailing padding without what no window reaches."""
        return max(0, self.after - self._left_over)

    @property
    def trimmed_extent(self) -> int:
        """Extent without the trailing elements that no window reaches."""
        return self.extent - max(0, self._left_over - self.after)


@dataclass(frozen=True)
class Window:
    """A window over (H, W)."""

    rows: WindowAxis
    columns: WindowAxis

    @property
    def pad(self) -> tuple[int, int, int, int]:
        """top, bottom, left, right, trimmed."""
        return (
            self.rows.before,
            self.rows.trimmed_after,
            self.columns.before,
            self.columns.trimmed_after,
        )

    def trimmed(self, nhwc: tuple[int, ...]) -> tuple[int, ...]:
        """The input's NHWC shape without the trailing rows and columns that no window reaches."""
        return (nhwc[0], self.rows.trimmed_extent, self.columns.trimmed_extent, nhwc[3])
