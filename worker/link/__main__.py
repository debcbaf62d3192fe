"""`python -m worker.link`: answer the paired node, at this node's own addresses."""

import argparse
import asyncio
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "worker.link.settings"  # before anything reads settings, whatever stood there


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m worker.link", description=__doc__)
    parser.add_argument("--listen", action="append", default=[], metavar="ADDRESS", help="instead of this node's own")
    parser.add_argument("--port", type=int, default=None)
    wanted = parser.parse_args()

    import django  # noqa: PLC0415 -- the settings are chosen above

    django.setup()
    from worker.link.serve import NotReady, serve  # noqa: PLC0415 -- needs Django's apps

    try:
        asyncio.run(serve(tuple(wanted.listen), wanted.port))
    except NotReady as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
