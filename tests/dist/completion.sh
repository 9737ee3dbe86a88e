#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The completion for bash offers what --help tells of, where it can stand.
set -u
. "$(dirname "$0")/tap.sh"

folder=$(dirname "$TCPMSS")
PATH=$folder:$PATH
. dist/completion/tcpmss.bash

# complete_words WORD...: what is offered for the last word, sorted, on one line.
complete_words()
{
	local COMP_WORDS=(tcpmss "$@") COMP_CWORD=$# COMPREPLY=()

	_tcpmss
	printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd ' '
}

verbs=$(tcpmss --help | sed -n 's/^  \([a-z]\+\)  .*/\1/p' | sort | paste -sd ' ')
is "$(complete_words '')" "$verbs" "the verbs"
is "$(complete_words de)" "detach" "a verb from its beginning"
is "$(complete_words -v rew)" "rewrite" "a verb behind an option"

# own_help VERB: its help without what names other verbs.
own_help()
{
	tcpmss "$1" --help | sed "s/'[^']*'//g; /^  tcpmss /d"
}

for verb in $verbs; do
	wanted=$(own_help "$verb" | grep -o -- '--[a-z][a-z-]*' | sort -u)
	for option in $wanted; do
		is "$(complete_words "$verb" "$option")" "$option" "$verb $option"
	done
	for option in $(complete_words "$verb" --); do
		[ "$option" = --help ] || ok "$option is one of $verb" grep -qx -- "$option" <<<"$wanted"
	done
done
ok "devices" grep -qw lo <<<"$(complete_words attach '')"
is "$(complete_words attach lo '')" "" "one device is enough"
is "$(complete_words attach --mtu 1400 lo --mode '')" "tc xdp xdp-generic" "modes"
is "$(complete_words attach --direction '')" "both in out" "directions"
is "$(complete_words attach lo --wire eth1 --via '')" "auto tc xdp" "what carries a wire"
ok "the other device of a wire" grep -qw lo <<<"$(complete_words attach eth0 --wire '')"
is "$(complete_words attach lo --mtu a)" "auto" "words for --mtu"
ok "a device behind a prefix, which bash splits" \
	grep -qw lo <<<"$(complete_words attach --prefix 2001 : db8 :: /32 = 1400 '')"
is "$(complete_words stats hook '')" "clear get getclear" "what stats can do"
is "$(complete_words msg hook g)" "getclrstats getstats" "messages"
is "$(complete_words attach lo --config LICENSES)" "LICENSES.md" "a configuration"
is "$(complete_words rewrite LICEN)" "LICENSE LICENSES.md" "files"
tap_done
