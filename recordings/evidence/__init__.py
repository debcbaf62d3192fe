"""Recordings that prove themselves: chains, trees, statements and packages in plain Python (docs/evidence.md)."""
