"""How far the timing model is from published measurements: docs/fidelity.md.

    python -m adfc.fidelity [--check]

Each row is a small program, written in registers and core programs, on the emulated array.
"""
