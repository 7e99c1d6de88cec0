"""From a control word to the user's Python line, and back."""

from adfc.explain.facts import Fact, as_json, as_text
from adfc.explain.fault import explain_fault
from adfc.explain.operator import explain_operator
from adfc.explain.tile import explain_tile
from adfc.explain.word import explain_word

__all__ = [
    "Fact",
    "as_json",
    "as_text",
    "explain_fault",
    "explain_operator",
    "explain_tile",
    "explain_word",
]
