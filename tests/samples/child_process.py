"""A child for tests: writes what it was given to the file named first, then waits to be ended, or ends when told so."""

import json
import os
import signal
import sys
from pathlib import Path

if __name__ == "__main__":
    blocked = signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, [])
    Path(sys.argv[1]).write_text(json.dumps({"environment": sorted(os.environ), "held": blocked, "pid": os.getpid()}))
    if "wait" in sys.argv:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        signal.pause()
