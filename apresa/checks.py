"""Every misconfiguration as a Django system check: id, sentence, hint."""
