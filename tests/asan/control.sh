#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tests/netns/tcpmssd-control.sh with sanitizers.
cd "$(dirname "$0")/../.." || exit 1
TM_BUILD=build-asan TCPMSS=$PWD/build-asan/tcpmss exec tests/netns/tcpmssd-control.sh
