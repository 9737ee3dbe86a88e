# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the tests of "watch" share; source it behind lib.sh.

# watch NAME [OPTIONS]: on the gateway, into $lab_tmp/NAME; its PID is in watcher.
watch()
{
	local name=$1

	shift
	on_bg gateway "$TCPMSS" watch "$@" >"$lab_tmp/$name" 2>"$lab_tmp/$name.err"
	watcher=$bg_pid
	sleep 0.4 # to open the rings
}

# Ends it as Ctrl-C does; its exit status is left in status.
end_watch()
{
	kill -INT "$watcher"
	wait "$watcher"
	status=$?
}

# events NAME EXPRESSION: of the list d of documents in $lab_tmp/NAME.
events()
{
	/usr/bin/python3 -c '
import json, sys
d = [json.loads(line) for line in open(sys.argv[1])]
syns = [e for e in d if e["event"] == "syn"]
left = [e for e in d if e["event"] == "left-out"]
print(eval(sys.argv[2]))' "$lab_tmp/$1" "$2"
}

# watch_word HOOK: which reasons are watched, as its programs have it.
watch_word()
{
	bpftool -j map lookup pinned "$(echo /sys/fs/bpf/tcpmss/*/$1/rules)" key 0 0 0 0 2>/dev/null |
		json 'int.from_bytes(bytes(int(b, 16) for b in d["value"][8:12]), "little")'
}
