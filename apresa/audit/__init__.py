"""Who did what. Record an act with `apresa.audit.domain.record`."""
