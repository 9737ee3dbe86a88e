#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The programs that learn path MTUs, on tc: what they hand on, clamp and change.
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
exec "${TM_BUILD:-build}/tests/learn" tc
