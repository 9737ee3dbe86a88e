#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The manual of tcpmssd is sound mdoc and tells of every option of the classic command line and every exit status; the completion
# offers those options.
set -u
. "$(dirname "$0")/tap.sh"

page=man/tcpmssd.8
. dist/completion/tcpmssd.bash
options='-b -F -f -i -m -n -p -v --foreground --leave --pid-file --print-rules --version --help'

# complete_words WORD...: what is offered for the last word, sorted, on one line.
complete_words()
{
	local COMP_WORDS=(tcpmssd "$@") COMP_CWORD=$# COMPREPLY=()

	_tcpmssd
	printf '%s\n' "${COMPREPLY[@]}" | sort | xargs
}

if command -v mandoc >/dev/null; then
	ok "mandoc finds nothing wrong" mandoc -Tlint -W warning "$page"
	text=$(mandoc -Tascii -O width=200 "$page" | col -bx)
	for option in $options; do
		[ "$option" = -b ] || ok "the manual tells of $option" grep -q -- "^ *\\(-version, \\)\\?$option\\|, $option" <<<"$text"
	done
	ok "the classic synopsis" grep -qF 'tcpmssd [-bv] -p port {-i iface | -m mtu}' <<<"$text"
	for status in 0 1 2 4 5; do
		ok "exit status $status" grep -q "^ *$status  *[A-Z]" <<<"$text"
	done
else
	skip "the manual" "mandoc is not there"
fi
help=$("${TCPMSS}d" --help)
for option in $options; do
	ok "--help tells of $option" grep -q -- "^  .*$option" <<<"$help"
	ok "completion offers $option" grep -qw -- "$option" <<<" $(complete_words '') "
done
ok "devices" grep -qw lo <<<"$(complete_words -p 5 -i '')"
is "$(complete_words --print-rules = '')" "iptables nft" "kinds of rules"
is "$(complete_words --print-rules =)" "iptables nft" "kinds of rules, at once"
is "$(complete_words -p '')" "" "nothing for a number"
tap_done
