/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss pmtu set, delete, flush
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "lib/pmtu/pmtu.h"
#include "lib/words.h"
#include "pmtu.h"
#include "cli/source.h"

static const char set_help[] = "usage: tcpmss pmtu set ADDRESS mtu BYTES [dev DEV]\n\n"
			       "The path to ADDRESS has this MTU from now on, through DEV or any device: what is told\n"
			       "of it is not believed, and it does not age. It outlives the daemon.\n\n"
			       "Examples:\n"
			       "  tcpmss pmtu set 198.51.100.7 mtu 1400\n"
			       "  tcpmss pmtu set 2001:db8::7 mtu 1280 dev ppp0\n";

static const char delete_help[] = "usage: tcpmss pmtu delete ADDRESS [dev DEV]\n\n"
				  "Forgets what is known of the path to ADDRESS, learned or set; not what the\n"
				  "configuration has.\n\n"
				  "Examples:\n"
				  "  tcpmss pmtu delete 198.51.100.7\n"
				  "  tcpmss pmtu delete 2001:db8::7 dev ppp0\n";

static const char flush_help[] =
	"usage: tcpmss pmtu flush [dev DEV]\n\n"
	"Forgets all that was learned, or what was learned on DEV. Paths that were set stay.\n\n"
	"Examples:\n"
	"  tcpmss pmtu flush\n"
	"  tcpmss pmtu flush dev ppp0\n";

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* Takes "mtu BYTES" and "dev DEV" into the request. An exit status. */
static int take_words(const char *verb, int argc, char **argv, bool with_mtu, bool ipv6, json_t *request)
{
	unsigned mtu;

	for (int i = 0; i < argc; i += 2) {
		if (i + 1 == argc)
			return cli_usage(verb, "'%s' needs a value behind it", argv[i]);
		if (with_mtu && !strcmp(argv[i], "mtu")) {
			if (!tm_number(argv[i + 1], tm_pmtu_floor(ipv6), 65535, &mtu))
				return cli_usage(verb, "mtu %s: a path for IPv%d has an MTU from %u to 65535 bytes",
						 argv[i + 1], ipv6 ? 6 : 4, tm_pmtu_floor(ipv6));
			json_object_set_new(request, "mtu", json_integer(mtu));
		} else if (!strcmp(argv[i], "dev")) {
			if (!tm_device_name_good(argv[i + 1]))
				return cli_usage(verb, "dev %s: no name for a network device", argv[i + 1]);
			json_object_set_new(request, "device", json_string(argv[i + 1]));
		} else {
			return cli_usage(verb, "'%s': not %sdev", argv[i], with_mtu ? "mtu or " : "");
		}
	}
	if (with_mtu && !json_object_get(request, "mtu"))
		return cli_usage(verb, "needs an MTU, as in 'mtu 1400'");
	return CLI_OK;
}

static int change(int argc, char **argv, const char *verb, const char *asked, const char *help, bool with_address,
		  bool with_mtu)
{
	json_t *request, *document;
	uint8_t address[16];
	bool ipv6 = false;
	int opt, status;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, "+:h", long_options, NULL)) != -1) {
		if (opt != 'h')
			return cli_bad_option(verb, argv, opt);
		fputs(help, stdout);
		return cli_flush();
	}
	argc -= optind;
	argv += optind;
	request = json_pack("{s:s}", "verb", asked);
	if (with_address) {
		ipv6 = argc && inet_pton(AF_INET6, argv[0], address) == 1;
		if (!argc || (!ipv6 && inet_pton(AF_INET, argv[0], address) != 1))
			return cli_usage(verb, argc ? "'%s' is not an IPv4 or IPv6 address" : "needs an address",
					 argc ? argv[0] : "");
		json_object_set_new(request, "address", json_string(argv[0]));
		argc--;
		argv++;
	}
	status = take_words(verb, argc, argv, with_mtu, ipv6, request);
	if (!status)
		status = cli_ask_document(request, &document);
	if (!status && document)
		fprintf(stderr, "%" JSON_INTEGER_FORMAT " forgotten\n", cli_number(document, "deleted"));
	if (!status)
		json_decref(document);
	return status;
}

int cli_pmtu_set(int argc, char **argv)
{
	return change(argc, argv, "pmtu set", "pmtu-set", set_help, true, true);
}

int cli_pmtu_delete(int argc, char **argv)
{
	return change(argc, argv, "pmtu delete", "pmtu-delete", delete_help, true, false);
}

int cli_pmtu_flush(int argc, char **argv)
{
	return change(argc, argv, "pmtu flush", "pmtu-flush", flush_help, false, false);
}
