/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client side of protect without a daemon, in this network namespace, for the first block of what `protect-side up` has made:
 *
 *	protect-client up tc|xdp DEVICE	puts the program there; every flow is sampled
 *	protect-client off tc|xdp DEVICE
 *	protect-client on tc|xdp DEVICE	whether it is there, as exit status
 *	protect-client arm idle|draining|armed [none|tc|xdp]
 *	protect-client mss 4|6 MSS			what is announced at most
 *	protect-client routes DEVICE			routes to clients have MTUs of their own
 *	protect-client server ADDRESS PORT MSS WSCALE OFFERS	what is known of a server; WSCALE -1: none, OFFERS: enum tm_server_offers
 *	protect-client counters				prints reason=IPV4,IPV6 for all that were counted
 *	protect-client down				takes everything of protect away
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "io/bpf/error.h"
#include "io/protect/attach.h"

static struct io_protect_maps maps;
static struct tm_protect_state *state;

static void __attribute__((noreturn)) fail(const char *text)
{
	fprintf(stderr, "protect-client: %s\n", text);
	exit(1);
}

static void open_all(void)
{
	struct tm_error e;

	if (io_protect_maps_open(&maps, &e))
		fail(e.text);
	state = io_protect_state(&maps, &e);
	if (!state)
		fail(e.text);
}

/* Which of the words it is. */
static unsigned choose(const char *word, const char *const words[])
{
	for (unsigned i = 0; words[i]; i++)
		if (!strcmp(word, words[i]))
			return i;
	fail("no such word");
}

static const char *const kinds[] = { "tc", "xdp", NULL };
static const char *const arms[] = { "idle", "draining", "armed", NULL };
static const char *const accelerators[] = { "none", "tc", "xdp", NULL };

static void arm(const char *how, const char *accelerator)
{
	unsigned new = choose(how, arms);

	state->guarding = new != TM_PROTECT_IDLE;
	if (accelerator)
		state->blocks[0].accelerator = choose(accelerator, accelerators);
	__atomic_store_n(&state->blocks[0].arm, new, __ATOMIC_RELEASE);
}

static void set_server(char **word)
{
	struct tm_protect_server_key key = { .port = (uint16_t)atoi(word[1]),
					     .family = strchr(word[0], ':') ? PK_IPV6 : PK_IPV4 };
	struct tm_protect_server server = { .mss = (uint16_t)atoi(word[2]), .offers = (uint8_t)atoi(word[4]) };
	int wscale = atoi(word[3]);

	server.wscale = wscale < 0 ? TM_WSCALE_NONE : (uint8_t)wscale;
	server.known = server.offers | TM_SERVER_WSCALE;
	if (inet_pton(key.family == PK_IPV6 ? AF_INET6 : AF_INET, word[0], key.addr) != 1 ||
	    bpf_map_update_elem(maps.servers, &key, &server, BPF_ANY))
		fail("cannot write the server");
}

static void print_counters(void)
{
	static const char *const names[] = { "",
#define X(constant, name, text) name,
					     PK_PROTECT_REASONS(X)
#undef X
	};
	struct tm_protect_counters sum;

	if (io_protect_counters(&maps, 0, &sum))
		fail("cannot read the counters");
	for (int r = 1; r < PK_PROTECT_REASON_COUNT; r++)
		if (sum.packets[PK_IPV4][r] || sum.packets[PK_IPV6][r])
			printf("%s=%llu,%llu\n", names[r], sum.packets[PK_IPV4][r], sum.packets[PK_IPV6][r]);
}

static int with_device(const char *verb, enum io_protect_kind kind, const char *device)
{
	uint32_t ifindex = if_nametoindex(device);
	struct tm_error e;

	if (!strcmp(verb, "on"))
		return !io_protect_attached(&maps, ifindex, kind);
	if (!strcmp(verb, "off") ? io_protect_detach(&maps, ifindex, kind, &e) :
				   io_protect_attach(&maps, device, kind, NULL, NULL, &e))
		fail(e.text);
	state->sample_mask = 0;
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	struct tm_error e;

	io_bpf_verbose(getenv("TM_VERBOSE"));
	if (!strcmp(verb, "down")) {
		if (io_protect_remove_all(&e))
			fail(e.text);
		return 0;
	}
	open_all();
	if (argc == 4 && (!strcmp(verb, "up") || !strcmp(verb, "off") || !strcmp(verb, "on")))
		return with_device(verb, choose(argv[2], kinds), argv[3]);
	if (argc >= 3 && !strcmp(verb, "arm"))
		arm(argv[2], argv[3]);
	else if (argc == 4 && !strcmp(verb, "mss"))
		state->blocks[0].mss[atoi(argv[2]) == 4 ? PK_IPV4 : PK_IPV6] = (uint16_t)atoi(argv[3]);
	else if (argc == 3 && !strcmp(verb, "routes"))
		for (int i = 0; i < TM_PROTECT_DEVICES; i++)
			state->devices[i].ask_routes |= state->devices[i].ifindex == if_nametoindex(argv[2]);
	else if (argc == 7 && !strcmp(verb, "server"))
		set_server(argv + 2);
	else if (argc == 2 && !strcmp(verb, "counters"))
		print_counters();
	else
		return 2;
	return 0;
}
