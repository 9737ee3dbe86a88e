#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# "pmtu replay" on captures of real flows, without privileges: what a gateway would have learned and clamped. The same capture with its second
# half moved on in time shows ageing.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pmtu.bash"

need tcpmss tcpdump setpriv
lab_enter "$@"
lab_path mtu=1300 offload=off && sink || tap_bail "cannot build the lab"
chmod 755 "$lab_tmp"

for half in first second; do
	on_bg gateway tcpdump -i wan0 --immediate-mode -U -Z root -w "$lab_tmp/$half.pcap" 2>"$lab_tmp/$half.tcpdump"
	wait_for 5 grep -q 'listening on' "$lab_tmp/$half.tcpdump" || tap_bail "no capture"
	capturing=$bg_pid
	forget client
	pour 4 && pour 6 || tap_bail "the flows do not arrive"
	sleep 0.3
	bg_stop "$capturing"
done

# join SECONDS: both halves as one capture on standard output, the second so much later.
join()
{
	/usr/bin/python3 -c '
import struct, sys
out = sys.stdout.buffer
for n, name in enumerate(sys.argv[2:]):
    data, at = open(name, "rb").read(), 24
    out.write(b"" if n else data[:24])
    while at < len(data):
        seconds, micros, caplen, length = struct.unpack_from("=IIII", data, at)
        out.write(struct.pack("=IIII", seconds + n * int(sys.argv[1]), micros, caplen, length) + data[at + 16 : at + 16 + caplen])
        at += 16 + caplen' "$1" "$lab_tmp/first.pcap" "$lab_tmp/second.pcap"
}

# told SECONDS: what replay tells of learning and clamping, a line each, without times and reporters.
told()
{
	join "$1" >"$lab_tmp/both.pcap" && chmod 644 "$lab_tmp/both.pcap"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$TCPMSS" pmtu replay "$lab_tmp/both.pcap" >"$lab_tmp/replayed" || echo "status $?"
	grep -v refused= "$lab_tmp/replayed" | cut -d ' ' -f 2-4
}

first="$server4 pmtu=1300 mss=1260
$server6 pmtu=1300 mss=1240"
is "$(told 0)" "$first
$server4>$client4 mss=1260
$server4 pmtu=1300 mss=1260
$server6>$client6 mss=1240
$server6 pmtu=1300 mss=1240" "two halves, one after the other: learned, clamped and confirmed"
like "$(<"$lab_tmp/replayed")" "reporter=198\.18\.2\.2 .*reporter=2001:db8:2::2" "with the routers' names"

# The path is tried larger; the connections of the second half meet the narrow link again.
is "$(told 700)" "$first
$server4 pmtu=1492 mss=1452
$server6 pmtu=1492 mss=1432
$server4>$client4 mss=1452
$server4 pmtu=1300 mss=1260
$server6>$client6 mss=1432
$server6 pmtu=1300 mss=1240" "ten minutes between: raised one step, tried, learned anew"
is "$(status_of "$TCPMSS" pmtu replay --no-aging "$lab_tmp/both.pcap") $(grep -c pmtu=1492 "$lab_tmp/out")" "0 0" "--no-aging: never raised"

tap_done
