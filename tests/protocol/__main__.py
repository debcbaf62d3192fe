"""`python -m tests.protocol --help`"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.protocol.command import main  # noqa: E402 -- the product's modules need Django

main()
