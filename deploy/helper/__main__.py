"""The root helper: systemd starts it with its socket when somebody asks. `recover STEP …`: one step of a recovery."""

import sys

from apresa_helper import serve, steps

sys.exit(steps.main(sys.argv[2:]) if sys.argv[1:2] == ["recover"] else serve.main(sys.argv[1:]))
