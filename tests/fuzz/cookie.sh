#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A short run of fuzz_cookie.c.
exec "$(dirname "$0")/smoke" cookie
