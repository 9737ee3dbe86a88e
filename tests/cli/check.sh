#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# tcpmss check, and --config of the verbs that need no privilege: exit status, what goes to standard output and what to standard
# error, all errors at once, a text that reads back to itself, and how long 100 000 prefixes take.
set -u
cd "$(dirname "$0")/../.." || exit 1

TCPMSS=${TCPMSS:-build/tcpmss}
[ -x "$TCPMSS" ] || { echo "1..0 # SKIP $TCPMSS is not built"; exit 0; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tm-$$-XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
count=0 failed=0

# is GOT WANTED DESCRIPTION
is()
{
	count=$((count + 1))
	if [ "$1" = "$2" ]; then
		echo "ok $count - $3"
	else
		echo "not ok $count - $3"
		printf 'got:    %s\nwanted: %s\n' "$1" "$2" | sed 's/^/# /'
		failed=1
	fi
}

# run ARGUMENTS...: status, out, err
run()
{
	"$TCPMSS" "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	out=$(<"$tmp/out") err=$(<"$tmp/err")
}

json()
{
	/usr/bin/python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$tmp/out" "$1"
}

cat >"$tmp/good" <<'CONF'
hook wan {
    device    = ppp0
    mode      = tc            # tc | xdp | xdp-generic | wire | nfqueue
    direction = both
    mtu       = auto          # auto | route | a number;  or  mss = 1452
}
hook transit { mode = wire  in = eth0  out = eth1  mss = 1400 }
prefix 203.0.113.0/24 { mtu = 1400 }
path-mtu-discovery { aging = 10  old-router = seed  raise = plateau  symmetric = false }
metrics { listen = 127.0.0.1:9469 }
CONF
cat >"$tmp/bad" <<'CONF'
hook wan {
    device = ppp0
    mtu = 71
    speed = 5
}
prefix 203.0.113.0/24 { mtu = 1400 }
prefix 203.0.113.0/24 { mtu = 1300 }
CONF

run check "$tmp/good"
is "$status:$out:$err" "0::" "a good file: exit 0 and silence"
run check -j "$tmp/good"
is "$status:$(json '[d["schema_version"], d["valid"], d["errors"]]')" "0:[1, True, []]" "the same as JSON"
run check -v "$tmp/good"
cp "$tmp/out" "$tmp/first"
is "$status:$(grep -c 'allow-increase = false' "$tmp/first")" 0:2 "-v: defaults are printed"
run check -v "$tmp/first"
is "$status:$out" "0:$(<"$tmp/first")" "-v: what is printed reads back to the same"

run check "$tmp/bad"
is "$status:$out" "3:" "a bad file: exit 3, nothing on standard output"
is "$(wc -l <"$tmp/err")" 3 "each error is told"
is "$(sed -n 1p "$tmp/err" | cut -d: -f1-3)" "$tmp/bad:3: '71'" "with file, line and word"
is "$(sed -n 3p "$tmp/err")" \
	"$tmp/bad:7: '203.0.113.0/24': has MTU 1300 here and 1400 in $tmp/bad:6; keep one of them" "two lines that contradict each other"
run check -j "$tmp/bad"
is "$status:$err" "3:" "as JSON: exit 3, nothing on standard error"
is "$(json '[d["valid"], [(e["line"], e["word"]) for e in d["errors"]]]')" \
	"[False, [(3, '71'), (4, 'speed'), (7, '203.0.113.0/24')]]" "as JSON: the same errors"
is "$(json 'sorted(d["errors"][0])')" "['file', 'line', 'message', 'word']" "as JSON: the keys of an error"

run check "$tmp/none"
is "$status:$err" "3:$tmp/none: cannot be read: No such file or directory" "a file that is not there"
run check "$tmp"
is "$status" 3 "a folder"
head -c 100000 /dev/urandom >"$tmp/noise"
run check "$tmp/noise"
is "$status" 3 "noise"
printf 'hook a { device = a \xff }' >"$tmp/odd"$'\xfe'
run check -j "$tmp/odd"$'\xfe'
is "$status:$(json 'd["valid"]')" 3:False "as JSON: a name and words that are not UTF-8"

mkdir "$tmp/conf.d"
echo 'include("conf.d/more")' >"$tmp/includes"
echo 'prefix 198.51.100.0/24 { mtu = 7 }' >"$tmp/conf.d/more"
run check "$tmp/includes"
is "$status:${err%%: \'*}" "3:$tmp/conf.d/more:1" "an included file is found beside the one that includes it, and named"

for arguments in "check" "check a b" "check -v -j a" "check -x a"; do
	# shellcheck disable=SC2086
	run $arguments
	is "$status" 2 "usage: tcpmss $arguments"
done
run check --help
is "$status:$(wc -l <"$tmp/out" | awk '{ print ($1 < 25) }')" 0:1 "help on one screen"

# Two SYNs with MSS 1460 and no link header, 198.51.100.1 and 203.0.113.1 to 192.0.2.1.
/usr/bin/python3 - "$tmp/in.pcap" <<'PY'
import struct, sys

out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101)
for source in ((198, 51, 100, 1), (203, 0, 113, 1)):
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 44, 1, 0, 64, 6, 0) + bytes(source) + bytes((192, 0, 2, 1))
    tcp = struct.pack(">HHIIBBHHH", 1025, 80, 1, 0, 0x60, 2, 65535, 0, 0) + bytes((2, 4, 1460 >> 8, 1460 & 255))
    out += struct.pack("<IIII", 1, 0, 44, 44) + ip + tcp
open(sys.argv[1], "wb").write(out)
PY
mss()
{
	/usr/bin/python3 -c 'd = open("'"$tmp"'/out.pcap", "rb").read(); print(*(d[24 + i * 60 + 58] << 8 | d[24 + i * 60 + 59] for i in (0, 1)))'
}
run rewrite --config "$tmp/good" "$tmp/in.pcap" "$tmp/out.pcap"
is "$status:$(mss)" "0:1460 1360" "rewrite --config: its prefixes count, the limits of its hooks do not"
run rewrite --mss 1380 --config "$tmp/good" "$tmp/in.pcap" "$tmp/out.pcap"
is "$status:$(mss)" "0:1380 1360" "rewrite --config: beside a limit of the command line"
run rewrite --config "$tmp/bad" "$tmp/in.pcap" "$tmp/never.pcap"
is "$status:$(wc -l <"$tmp/err"):$([ -e "$tmp/never.pcap" ]; echo $?)" 3:3:1 "rewrite --config: a bad file, exit 3 and no output"
echo 'hook a { device = a }' >"$tmp/none"
run rewrite --config "$tmp/none" "$tmp/in.pcap" "$tmp/never.pcap"
is "$status" 2 "rewrite --config: a file without prefixes is no limit"
run rewrite --config "$tmp/good" --config "$tmp/none" "$tmp/in.pcap" "$tmp/never.pcap"
is "$status" 2 "--config twice"

awk 'BEGIN { for (i = 0; i < 100000; i++) printf "prefix 10.%d.%d.%d/32 { mtu = %d }\n", i / 65536, i / 256 % 256, i % 256, 1300 + i % 100 }' >"$tmp/many"
start=$(date +%s%N)
run check "$tmp/many"
took=$((($(date +%s%N) - start) / 1000000))
is "$status" 0 "100 000 prefixes: good"
is "$((took < 3000))" 1 "100 000 prefixes: read in less than 3 s"
echo "# 100 000 prefixes: $took ms"

echo "1..$count"
exit "$failed"
