# SPDX-License-Identifier: BSD-2-Clause
# Completion of tcpmss(8) for bash: verbs, options, devices, hooks. Needs nothing but bash.

_tcpmss_devices()
{
	local path

	for path in /sys/class/net/*; do
		[ -e "$path" ] && echo "${path##*/}"
	done
}

# Without the privilege to see them there are none to complete.
_tcpmss_hooks()
{
	tcpmss show -j 2>/dev/null | sed -n 's/^ \{6\}"name": "\(.*\)",*$/\1/p'
}

_tcpmss_blocks()
{
	tcpmss protect show -j 2>/dev/null | sed -n 's/^ \{6\}"name": "\(.*\)",*$/\1/p'
}

# Of all labs that are up.
_tcpmss_lab_hosts()
{
	tcpmss lab status -j 2>/dev/null | sed -n 's/^ \{10\}"name": "\(.*\)",*$/\1/p' | sort -u
}

_tcpmss_files()
{
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

# Options of the verb, which for pmtu are two words, or of tcpmss itself.
_tcpmss_options()
{
	local clamp='--mss --mtu --prefix --allow-increase --add-missing --config'

	case $1 in
	'') echo '-v --verbose -V --version -h --help' ;;
	show) echo '-j --json -h --help' ;;
	attach) echo "$clamp --mode --direction --wire --via --name -h --help" ;;
	detach) echo '--all -h --help' ;;
	stats) echo '-j --json -h --help' ;;
	'pmtu show') echo '-j --json --device --state -h --help' ;;
	'pmtu replay') echo '--aging --no-aging --old-router --raise --symmetric --table -j --json -h --help' ;;
	'protect show') echo '-j --json -h --help' ;;
	'protect add')
		echo '--servers --ports --device --server-device --mode --accelerator --high --low --mss --wscale -h --help'
		;;
	'protect remove') echo '--all -h --help' ;;
	pmtu* | protect) echo '-h --help' ;;
	watch) echo '-j --json --host --port --hook --reason --rate -h --help' ;;
	explain) echo '-j --json -h --help' ;;
	'tproxy up') echo '--mark --table --tc -h --help' ;;
	'tproxy check') echo '-j --json -h --help' ;;
	tproxy) echo '--mark --table --tc -j --json -h --help' ;;
	tproxy*) echo '-h --help' ;;
	'lab up' | 'lab run') echo '--mtu --blackhole --raise-mss --narrow --bare --offload --gro -n --name -q --quiet -h --help' ;;
	'lab exec') echo '-n --name -h --help' ;;
	'lab status') echo '-n --name -j --json -h --help' ;;
	'lab down') echo '-n --name -a --all -q --quiet -h --help' ;;
	'lab relay') echo '-p --port -b --background -h --help' ;;
	lab*) echo '-h --help' ;;
	doctor) echo '--probe -j --json -h --help' ;;
	reload) echo '--confirm -h --help' ;;
	confirm | undo) echo '-h --help' ;;
	check) echo '-v --verbose -j --json -h --help' ;;
	msg) echo '-h --help' ;;
	rewrite) echo "$clamp -j --json -h --help" ;;
	esac
}

_tcpmss()
{
	local verbs='show attach detach stats explain watch pmtu protect check reload confirm undo msg doctor tproxy lab rewrite'
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb='' path='' words='' i
	local -i arguments=0

	COMPREPLY=()
	# The verb, and how many arguments it has before the cursor.
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--mss | --mtu | --prefix | --config | --mode | --direction | --wire | --via | --name | --host | --port | \
			--hook | --reason | --rate | --device | --state | --aging | --old-router | --raise | --table | \
			--servers | --ports | --server-device | --accelerator | --high | --low | --wscale | --mark | \
			--raise-mss | --narrow | --offload | --gro) [ -z "$verb" ] || i+=1 ;;
		[:=]*) i+=1 ;; # bash splits words there
		-*) ;;
		*)
			if [ -z "$verb" ]; then
				verb=${COMP_WORDS[i]}
			else
				[[ $verb:$arguments == @(pmtu|protect|tproxy|lab):0 ]] && path=${COMP_WORDS[i]}
				arguments+=1
			fi
			;;
		esac
	done

	case $verb:$prev in
	attach:--mode) words='tc xdp xdp-generic' ;;
	attach:--direction) words='in out both' ;;
	attach:--wire) words=$(_tcpmss_devices) ;;
	attach:--via) words='auto xdp tc' ;;
	attach:--mtu) words='auto route' ;;
	*:--config)
		_tcpmss_files "$cur"
		return
		;;
	pmtu:--device | pmtu:dev) words=$(_tcpmss_devices) ;;
	pmtu:--state) words='reduced raising static' ;;
	pmtu:--old-router) words='seed rfc1191 off' ;;
	pmtu:--raise) words='plateau jump' ;;
	lab:--offload | lab:--gro) words='on off' ;;
	lab:--narrow) words='client server both' ;;
	lab:--raise-mss) words='no' ;;
	protect:--device | protect:--server-device) words=$(_tcpmss_devices) ;;
	protect:--mode) words='adaptive always off' ;;
	protect:--accelerator) words='tc xdp none' ;;
	protect:--ports) words='all' ;;
	watch:--hook) words=$(_tcpmss_hooks) ;;
	watch:--reason)
		words='clamped raised added within-limit no-mss-option no-limit signed malformed-options bad-tcp-header'
		words+=' fragment bad-ip-header truncated unwritable checksum-partial'
		;;
	*:--mss | *:--mtu | *:--prefix | *:--name | *:--host | *:--port | *:--rate | protect:--servers | protect:--high | protect:--low | protect:--wscale | pmtu:--aging | pmtu:--table | pmtu:mtu | tproxy:--mark | tproxy:--table) return ;;
	*)
		if [[ $cur == -* ]]; then
			words=$(_tcpmss_options "$verb${path:+ $path}")
		else
			case $verb:${path:+$path:}$arguments in
			:0) words=$verbs ;;
			attach:0) words=$(_tcpmss_devices) ;;
			pmtu:0) words='show set delete flush replay' ;;
			protect:0) words='show add remove' ;;
			tproxy:0) words='up down check' ;;
			lab:0) words='up exec status down run relay' ;;
			lab:up:1 | lab:run:1) words='gateway path proxy wire flood bridge' ;;
			lab:exec:1) words=$(_tcpmss_lab_hosts) ;;
			tproxy:up:* | tproxy:check:*) words=$(_tcpmss_devices) ;;
			protect:remove:1) words=$(_tcpmss_blocks) ;;
			pmtu:set:2) words='mtu' ;;
			pmtu:set:4 | pmtu:delete:2 | pmtu:flush:1) words='dev' ;;
			detach:0 | doctor:0) words="$(_tcpmss_hooks) $(_tcpmss_devices)" ;;
			stats:0 | msg:0) words=$(_tcpmss_hooks) ;;
			stats:1) words='get clear getclear' ;;
			msg:1) words='config getstats clrstats getclrstats' ;;
			check:0 | reload:0 | rewrite:* | pmtu:replay:1)
				_tcpmss_files "$cur"
				return
				;;
			esac
		fi
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _tcpmss tcpmss
