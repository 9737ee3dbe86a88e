#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The vectors of protect are what their description says.
cd "$(dirname "$0")/../protect" || exit 1
if python3 -B make.py --check; then
	echo "ok 1 - cookie.txt is current"
else
	echo "not ok 1 - cookie.txt is current: run tests/protect/make.py"
fi
echo "1..1"
