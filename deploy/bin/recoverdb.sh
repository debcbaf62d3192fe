#!/bin/sh
# recoverdb.sh ADDRESS [--yes]: the failed node's database anew from the node that still works; see docs/recovery.md.
exec "$(dirname "$(readlink -f "$0")")/manage" recoverdb "$@"
