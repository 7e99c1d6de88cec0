"""The facts of spec/*.toml, each told once: their Python forms and the generated C and TableGen."""
