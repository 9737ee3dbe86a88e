#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The programs that learn path MTUs, on tc, as they are where conntrack cannot be asked.
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
export TCPMSS_NO_CONNTRACK=1
exec "${TM_BUILD:-build}/tests/learn" tc
