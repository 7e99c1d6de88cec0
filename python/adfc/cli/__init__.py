"""The `adfc` command."""
