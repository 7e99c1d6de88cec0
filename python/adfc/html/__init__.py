"""A program and one run of it as pictures: one self-contained HTML page, or SVG plots."""

from adfc.html.page import html_page
from adfc.html.plots import PLOTS, plot
from adfc.html.view import View, make_view

__all__ = ["PLOTS", "View", "html_page", "make_view", "plot"]
