"""Recovering: two sides compared, one survivor, and the steps that bring the other back (PROTOCOL sections 4 and 6)."""
