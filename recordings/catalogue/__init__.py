"""Codes as words for people: what is the matter, and what to do about it."""
