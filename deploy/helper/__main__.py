"""The root helper: systemd starts it with its socket when somebody asks."""

import sys

from apresa_helper.serve import main

sys.exit(main(sys.argv[1:]))
