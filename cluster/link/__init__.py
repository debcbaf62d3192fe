"""The link between the two nodes: mutual TLS, JSON and files, asked by the one and answered by the other."""
