#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The vectors in user space under AddressSanitizer and UndefinedBehaviorSanitizer.
TM_BUILD=build-asan exec "$(dirname "$0")/../bpf/corpus" user
