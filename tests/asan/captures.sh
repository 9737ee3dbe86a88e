#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tests/oracle/captures.py with sanitizers.
TM_BUILD=build-asan exec "$(dirname "$0")/../oracle/captures.py"
