#!/usr/bin/env bash
# Makes this machine an Oven server, or brings the one that it is up to date; see docs/operating.md.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
