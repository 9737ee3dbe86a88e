#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The server-side programs of protect: what they learn, note and repair.
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
exec "${TM_BUILD:-build}/tests/protect-server"
