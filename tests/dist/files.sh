#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Every source file names its licence; scripts are sound and can be run.
set -u
. "$(dirname "$0")/tap.sh"

git rev-parse HEAD >/dev/null 2>&1 || { echo "1..0 # SKIP no git checkout"; exit 0; }

named()
{
	local file bad=0

	while IFS= read -r file; do
		head -n 3 "$file" | grep -q "SPDX-License-Identifier: $1" || { echo "$file"; bad=1; }
	done
	return "$bad"
}

# Scripts, by their first line.
scripts()
{
	git grep -lI -e '^#!' | while IFS= read -r file; do
		head -n 1 "$file" | grep -q "^#!.*$1" && echo "$file"
	done
}

ok "core/ and bpf/: either licence" \
	named '(GPL-2.0-only OR BSD-2-Clause)' < <(git ls-files 'core/*.h' 'bpf/*.c' 'bpf/*.h')
ok "all others: BSD-2-Clause" \
	named '.*BSD-2-Clause' < <(git ls-files '*.c' '*.h' '*.py' '*.sh' 'script/*' | grep -v '^core/\|^bpf/\|__init__')
while IFS= read -r file; do
	ok "$file can be run" test -x "$file"
	ok "$file is sound" bash -n "$file"
done < <(scripts 'sh$')
if command -v shellcheck >/dev/null; then
	ok "shellcheck finds no error" shellcheck --severity=error $(scripts 'sh$')
else
	skip "shellcheck finds no error" "shellcheck is not there"
fi
tap_done
