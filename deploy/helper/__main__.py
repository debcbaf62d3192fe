"""The root helper: systemd starts it for one connection, which is its standard input and output."""

import sys

from apresa_helper.serve import main

sys.exit(main(sys.argv[1:]))
