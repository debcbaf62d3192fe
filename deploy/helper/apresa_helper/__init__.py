"""What must be root, and nothing else: fixed verbs, validated values. Standard library only."""
