/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmssd(8): the command line.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/classic.h"
#include "daemon.h"
#include "manager/full.h"
#include "lib/rules.h"
#include "listen-fds.h"
#include "log.h"
#include "notify.h"
#include "queue/rules.h"

#define USAGE                                                        \
	"usage: tcpmssd [-bv] -p port {-i iface | -m mtu}\n" \
	"       tcpmssd [-bFv] --learn -p port -i iface\n" \
	"       tcpmssd [-Fnv] [--leave] -f file\n"

static const char help[] =
	USAGE "\n"
	"Lowers the MSS of TCP SYNs that a firewall rule sends to an NFQUEUE, to what fits\n"
	"into an MTU; or keeps the hooks of a configuration on their devices. Runs in the\n"
	"background.\n\n"
	"  -p port            number of the NFQUEUE, 0 to 65535\n"
	"  -i iface           the MTU is that of this interface, followed when it changes\n"
	"  -m mtu             the MTU is this many bytes\n"
	"  -b                 incoming segments too (PREROUTING, INPUT), not only outgoing\n"
	"  --learn            learn the MTUs of paths through iface from what routers say\n"
	"  -f file            run the hooks of tcpmss.conf(5); HUP reads it again\n"
	"  -n                 only check it\n"
	"  --leave            at the end leave the hooks where they are\n"
	"  -v                 stay in the foreground, with diagnostics on standard error\n"
	"  -F, --foreground   stay in the foreground, as systemd wants it\n"
	"  --pid-file FILE    else /run/tcpmssd.PORT.pid, of -f /run/tcpmssd.pid\n"
	"  --print-rules[=W]  print the firewall rules for this and exit; W: iptables, nft\n"
	"  --version, --help\n\n"
	"Examples:\n"
	"  tcpmssd -p 5 -i ppp0 --print-rules=iptables | sh\n"
	"  tcpmssd -p 5 -i ppp0\n\n"
	"See tcpmssd(8).\n";

enum { OPT_PID_FILE = 0x100, OPT_PRINT_RULES, OPT_LEAVE, OPT_LEARN };

static const struct option long_options[] = {
	{ "pid-file", required_argument, NULL, OPT_PID_FILE },
	{ "print-rules", optional_argument, NULL, OPT_PRINT_RULES },
	{ "leave", no_argument, NULL, OPT_LEAVE },
	{ "learn", no_argument, NULL, OPT_LEARN },
	{ "foreground", no_argument, NULL, 'F' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

struct command {
	struct classic_options run;
	struct full_options full; /* with a file */
	bool port_given;
	bool learn;
	unsigned print; /* enum rules_kind, 0: run */
};

static int usage(const char *format, ...)
{
	va_list ap;

	fputs("tcpmssd: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputs("\n" USAGE, stderr);
	return DAEMON_USAGE;
}

static int finish_output(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return DAEMON_OK;
	fprintf(stderr, "tcpmssd: writing the output: %s\n", strerror(errno));
	return DAEMON_FAILED;
}

static bool number(const char *text, unsigned min, unsigned max, unsigned *value)
{
	unsigned long n;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	n = strtoul(text, &end, 10);
	*value = n;
	return !errno && !*end && n >= min && n <= max;
}

/* What a shell, iptables and nft all take between quotes. */
static bool plain_name(const char *name)
{
	for (const char *p = name; *p; p++)
		if (*p <= ' ' || *p >= 0x7f || strchr("'\"\\`$/:", *p))
			return false;
	return *name && strlen(name) < IF_NAMESIZE;
}

static bool rules_kind(const char *word, unsigned *kinds)
{
	*kinds = RULES_IPTABLES | RULES_NFT;
	if (!word)
		return true;
	*kinds = strcmp(word, "nft") ? strcmp(word, "iptables") ? 0 : RULES_IPTABLES : RULES_NFT;
	return *kinds;
}

/* 0, or DAEMON_USAGE and told. */
static int take(struct command *c, int opt, char **argv)
{
	unsigned n;

	switch (opt) {
	case 'p':
		if (!number(optarg, 0, 65535, &n))
			return usage("-p %s: the number of an NFQUEUE is 0 to 65535", optarg);
		c->run.port = n;
		c->port_given = true;
		return 0;
	case 'm':
		if (!number(optarg, TM_MTU_MIN, TM_MTU_MAX, &n))
			return usage("-m %s: an MTU is %d to %d bytes", optarg, TM_MTU_MIN, TM_MTU_MAX);
		c->run.mtu = n;
		return 0;
	case 'i':
		c->run.device = optarg;
		return 0;
	case 'b':
		c->run.both = true;
		return 0;
	case 'v':
		c->run.verbose = c->run.foreground = true;
		return 0;
	case 'F':
		c->run.foreground = true;
		return 0;
	case 'f':
		c->full.file = optarg;
		return 0;
	case 'n':
		c->full.check = true;
		return 0;
	case OPT_LEAVE:
		c->full.leave = true;
		return 0;
	case OPT_LEARN:
		c->learn = true;
		return 0;
	case OPT_PID_FILE:
		c->run.pid_file = optarg;
		return 0;
	case OPT_PRINT_RULES:
		if (!rules_kind(optarg, &c->print))
			return usage("--print-rules=%s: not 'iptables' or 'nft'", optarg);
		return 0;
	case ':':
		return usage("option '%s' needs a value", argv[optind - 1]);
	}
	if (optopt > ' ' && optopt < 0x7f)
		return usage("unknown option '-%c'", optopt);
	return usage("unknown option, or one that takes no value: '%s'", argv[optind - 1]);
}

static int check(const struct command *c, int argc, char **argv)
{
	if (optind < argc)
		return usage("'%s': no arguments, only options", argv[optind]);
	if (c->full.file) {
		if (c->port_given || c->run.device || c->run.mtu || c->run.both || c->print || c->learn)
			return usage("-f goes with -F, -v, -n, --leave and --pid-file only: the rest stands in the file");
		return 0;
	}
	if (c->full.check || c->full.leave)
		return usage("%s goes with -f", c->full.check ? "-n" : "--leave");
	if (!c->port_given)
		return usage("-p is missing: which NFQUEUE to read, as in '-p 5'");
	if (c->run.device && c->run.mtu)
		return usage("-i and -m: the MTU of %s or %u, one of them", c->run.device, c->run.mtu);
	if (c->learn && !c->run.device)
		return usage("--learn needs a device to learn on, as in '-i ppp0'");
	if (c->learn && !plain_name(c->run.device))
		return usage("-i %s: not a name that --learn takes", c->run.device);
	if (c->print && c->run.device && !plain_name(c->run.device))
		return usage("-i %s: not a name that a rule could have", c->run.device);
	if (!c->print && !c->run.device && !c->run.mtu)
		return usage("no MTU: '-i ppp0' for that of an interface, or '-m 1492'");
	return 0;
}

/*
 * So that a queue's descriptor never is standard error; and a daemon holds nothing open that is neither its own nor handed over to it.
 */
static void open_standard_files(void)
{
	int fd;

	close_range((unsigned)listen_fds_take(), ~0U, 0);
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* systemd names the socket of the journal that it has made standard error. */
static bool logs_to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat s;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && !fstat(STDERR_FILENO, &s) && s.st_dev == device &&
	       s.st_ino == inode;
}

/* Learning takes the whole daemon: this is its configuration then. */
static int run_learning(const struct command *c)
{
	char text[256], pid_file[64];
	struct full_options o = { .file = "--learn",
				  .text = text,
				  .verbose = c->run.verbose,
				  .foreground = c->run.foreground,
				  .pid_file = c->run.pid_file };

	snprintf(text, sizeof(text),
		 "hook queue%u { mode = nfqueue queue = %u device = '%s' direction = %s } path-mtu-discovery { }",
		 c->run.port, c->run.port, c->run.device, c->run.both ? "both" : "out");
	snprintf(pid_file, sizeof(pid_file), "/run/tcpmssd.%u.pid", c->run.port);
	if (!o.pid_file && !o.foreground)
		o.pid_file = pid_file;
	return full_run(&o);
}

int main(int argc, char **argv)
{
	struct command c = { 0 };
	int opt, status;

	open_standard_files();
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":bFvp:i:m:f:nhV", long_options, NULL)) != -1) {
		if (opt == 'h' || opt == 'V') {
			fputs(opt == 'h' ? help : "tcpmssd " TM_VERSION "\n", stdout);
			return finish_output();
		}
		status = take(&c, opt, argv);
		if (status)
			return status;
	}
	status = check(&c, argc, argv);
	if (status)
		return status;
	if (c.print) {
		rules_print(c.print, c.run.port, c.run.device, c.run.both);
		return finish_output();
	}
	notify_open();
	log_for_journal(c.run.foreground && (notify_wanted() || logs_to_journal()));
	if (c.full.file) {
		c.full.verbose = c.run.verbose;
		c.full.foreground = c.run.foreground;
		c.full.pid_file = c.run.pid_file;
		return full_run(&c.full);
	}
	listen_fds_unused();
	return c.learn ? run_learning(&c) : classic_run(&c.run);
}
