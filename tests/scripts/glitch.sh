#!/bin/sh
# The reduced fault campaign: a skipped instruction that boots a refused kernel fails it.
set -eu
exec "$(dirname "$0")/../glitch/run" --quick
