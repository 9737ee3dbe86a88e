#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
exec "$(dirname "$0")/corpus" wire-xdp
