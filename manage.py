#!/usr/bin/env python
"""The one command of Apresa."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apresa.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 -- the variable above comes first

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
