#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The same where conntrack cannot be asked: every packet of no SYN counts as known then.
cd "$(dirname "$0")/../.." || exit 1
program=${TM_BUILD:-build}/tests/protect-cookie
[ -x "$program" ] || { echo "1..0 # SKIP $program is not built"; exit 0; }
why=$(cd tests/oracle && python3 -B -c 'import judges; print(judges.why_no_bpf() or "")') || exit 1
[ -z "$why" ] || { echo "1..0 # SKIP $why"; exit 0; }
TCPMSS_NO_CONNTRACK=1 exec "$program" tc tests/protect/cookie.txt
