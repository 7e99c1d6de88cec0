"""Accuracy on labelled images: float, integer reference and array side by side."""
