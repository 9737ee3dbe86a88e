#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tests/netns/tcpmssd-hostile.sh with sanitizers, which keep 4 MiB of what is freed.
cd "$(dirname "$0")/../.." || exit 1
export ASAN_OPTIONS="quarantine_size_mb=4:$ASAN_OPTIONS"
TM_BUILD=build-asan TCPMSS=$PWD/build-asan/tcpmss exec tests/netns/tcpmssd-hostile.sh
