"""How two machines that share nothing become two nodes that trust each other."""
