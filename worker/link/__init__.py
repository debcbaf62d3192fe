"""The link's server: what the paired node, and nobody else, may ask this one."""
