# SPDX-License-Identifier: BSD-2-Clause
# Completion of tcpmssd(8) for bash. Needs nothing but bash.

_tcpmssd_devices()
{
	local path

	for path in /sys/class/net/*; do
		[ -e "$path" ] && echo "${path##*/}"
	done
}

_tcpmssd()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} words

	# bash splits words at '='
	if [ "$cur" = = ]; then
		cur=''
	elif [ "$prev" = = ]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	COMPREPLY=()
	case $prev in
	-i | -bi | -vi) words=$(_tcpmssd_devices) ;;
	--print-rules) words='iptables nft' ;;
	-p | -m) return ;;
	--pid-file | -f)
		compopt -o default 2>/dev/null
		return
		;;
	*) words='-b -f -F -i -m -n -p -v --foreground --learn --leave --pid-file --print-rules --version --help' ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _tcpmssd tcpmssd
