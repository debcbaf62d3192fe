"""What must stand before the programs start, done as the service user: `python -m worker.run.prepare`.

Prints one JSON object on its last line: the node's name for the spool, and from its settings the interfaces and where
HEP agents are heard.
"""

import json
import os
import sys

import django
from django.core.management import call_command
from django.core.management.base import CommandError


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apresa.settings")
    django.setup()
    from apresa.config import domain as config  # noqa: PLC0415 -- models come after setup
    from apresa.node.domain import identity  # noqa: PLC0415 -- models come after setup

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    facts = {
        "node": str(identity().uuid),
        "interfaces": list(config.get("capture.interfaces")),
        "hep": list(config.get("capture.hep_listen")),
        "hep_sources": list(config.get("capture.hep_sources")),
    }
    sys.stdout.write(json.dumps(facts) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
