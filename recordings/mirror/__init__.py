"""Is my mirror right? What was heard, judged: plain Python; the words stand in `recordings.catalogue.mirror`."""
