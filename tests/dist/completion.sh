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

# own_help VERB [VERB]: its help without what names other verbs.
own_help()
{
	tcpmss "$@" --help | sed "s/'[^']*'//g; /^  tcpmss /d"
}

subs=$(tcpmss pmtu --help | sed -n 's/^  \([a-z]\+\)  .*/\1/p' | sort | paste -sd ' ')
is "$(complete_words pmtu '')" "$subs" "the verbs of pmtu"

protects=$(tcpmss protect --help | sed -n 's/^  \([a-z]\+\)  .*/\1/p' | sort | paste -sd ' ')
is "$(complete_words protect '')" "$protects" "the verbs of protect"

labs=$(tcpmss lab --help | sed -n '/^usage/,/^Networks:/s/^  \([a-z]\+\)  .*/\1/p' | sort | paste -sd ' ')
is "$(complete_words lab '')" "$labs" "the verbs of lab"

is "$(complete_words tproxy '')" "check down up" "the verbs of tproxy"
is "$(complete_words tproxy up --mark '')" "" "a mark is not completed"
ok "devices for tproxy" grep -qw lo <<<"$(complete_words tproxy up --tc '')"

while read -r verb; do
	read -ra path <<<"$verb"
	wanted=$(own_help "${path[@]}" | grep -o -- '--[a-z][a-z-]*' | sort -u)
	for option in $wanted; do
		is "$(complete_words "${path[@]}" "$option")" "$option" "$verb $option"
	done
	for option in $(complete_words "${path[@]}" --); do
		[ "$option" = --help ] || ok "$option is one of $verb" grep -qx -- "$option" <<<"$wanted"
	done
done < <(printf '%s\n' $verbs && printf 'pmtu %s\n' $subs && printf 'protect %s\n' $protects && printf 'lab %s\n' $labs)
is "$(complete_words lab up '')" "$(tcpmss lab --help | sed -n '/^Networks:/,$s/^  \([a-z]\+\)  .*/\1/p' | sort | paste -sd ' ')" "networks"
is "$(complete_words lab up proxy --mtu 1400 --narrow '')" "both client server" "sides"
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
is "$(complete_words pmtu show --state '')" "raising reduced static" "states of a path"
is "$(complete_words pmtu replay --old-router '')" "off rfc1191 seed" "what old routers' messages are worth"
is "$(complete_words pmtu replay --raise '')" "jump plateau" "how a path is raised"
is "$(complete_words pmtu replay --aging '')" "" "a number is not completed"
is "$(complete_words pmtu replay --aging 20 --table 296,576 LICEN)" "LICENSE LICENSES.md" "a capture"
is "$(complete_words pmtu set 2001 : db8 :: 7 '')" "mtu" "what an address is followed by"
is "$(complete_words pmtu set 192.0.2.1 mtu '')" "" "not by a choice"
is "$(complete_words pmtu set 192.0.2.1 mtu 1400 '')" "dev" "and the device of it"
is "$(complete_words pmtu delete 192.0.2.1 '') $(complete_words pmtu flush '')" "dev dev" "of what is forgotten, too"
ok "which is one that is there" grep -qw lo <<<"$(complete_words pmtu flush dev '')"
is "$(complete_words protect add --mode '')" "adaptive always off" "when SYNs are answered"
is "$(complete_words protect add web --accelerator '')" "none tc xdp" "what answers them"
ok "the device of clients" grep -qw lo <<<"$(complete_words protect add web --ports 80,443 --device '')"
is "$(complete_words attach lo --config LICENSES)" "LICENSES.md" "a configuration"
is "$(complete_words rewrite LICEN)" "LICENSE LICENSES.md" "files"
tap_done
