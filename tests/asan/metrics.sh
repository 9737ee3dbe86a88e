#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tests/metrics/server.py with sanitizers.
TM_BUILD=build-asan exec "$(dirname "$0")/../metrics/server.py"
