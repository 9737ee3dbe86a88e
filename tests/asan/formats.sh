#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tests/capture/formats.py with sanitizers.
export TM_BUILD=build-asan
TCPMSS=$(dirname "$0")/../../build-asan/tcpmss exec "$(dirname "$0")/../capture/formats.py"
