/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server side of protect without a daemon, in this network namespace:
 *
 *	protect-side up FILE       maps with the configuration's services, programs on the devices that lead to them, whose names are printed
 *	protect-side routes FILE   prints those devices only, and which of the clients' have routes with an MTU of their own
 *	protect-side guard 0|1     as if a block were armed
 *	protect-side servers       prints what was learned, a line for each
 *	protect-side repaired      prints how many echoes were repaired
 *	protect-side down
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "io/bpf/error.h"
#include "io/protect/routes.h"
#include "io/protect/server-side.h"
#include "lib/config/errors.h"
#include "lib/protect/services.h"

static int fail(const struct tm_error *e)
{
	fprintf(stderr, "protect-side: %s\n", e->text);
	exit(1);
}

static void read_config(struct tm_config *c, const char *file)
{
	struct tm_config_errors errors = { 0 };
	char text[600];

	if (!tm_config_read(c, file, &errors))
		return;
	tm_config_error_text(text, sizeof(text), &errors.list[0]);
	fprintf(stderr, "%s\n", text);
	exit(1);
}

/* Of the first block. */
static void look(const struct tm_config_protect *p, struct tm_protect_found *found)
{
	uint32_t clients[TM_PROTECT_DEVICES_MAX];
	struct tm_prefix *servers = calloc(p->server_count, sizeof(*servers));
	struct tm_error e;

	for (size_t i = 0; servers && i < p->server_count; i++)
		servers[i] = p->servers[i].range;
	for (size_t i = 0; i < p->device_count; i++)
		clients[i] = if_nametoindex(p->devices[i]);
	if (!servers || io_protect_routes(found, servers, p->server_count, clients, p->device_count, &e))
		fail(&e);
	free(servers);
}

static void print_routes(const struct tm_config_protect *p, const struct tm_protect_found *found)
{
	char name[IF_NAMESIZE];

	for (unsigned i = 0; i < found->device_count; i++)
		printf("%s\n", if_indextoname(found->devices[i], name));
	for (size_t i = 0; i < p->device_count; i++)
		if (found->own_mtu >> i & 1)
			printf("own-mtu %s\n", p->devices[i]);
}

static void up(const struct tm_config *c)
{
	struct tm_service_block blocks[TM_PROTECT_BLOCKS];
	struct io_protect_maps maps;
	struct tm_protect_found found;
	struct tm_image image;
	struct tm_error e;

	for (uint32_t i = 0; i < c->protect_count; i++)
		blocks[i] = (struct tm_service_block){ &c->protects[i], i };
	if (tm_services_build(&image, blocks, c->protect_count))
		exit(1);
	look(&c->protects[0], &found);
	if (io_protect_maps_ensure(&maps, image.count, &e) ||
	    io_protect_services(&maps, image.words, image.count, &e) ||
	    io_server_side_set(&maps, found.devices, found.device_count, true, &e))
		fail(&e);
	print_routes(&c->protects[0], &found);
	io_protect_maps_close(&maps);
	tm_image_free(&image);
}

static bool print_server(const struct tm_protect_server_key *key, const struct tm_protect_server *s, void *ctx)
{
	char address[INET6_ADDRSTRLEN];

	inet_ntop(key->family == PK_IPV6 ? AF_INET6 : AF_INET, key->addr, address, sizeof(address));
	printf("server=%s port=%u mss=%u wscale=%d sack=%d timestamps=%d ecn=%d known=%u\n", address, key->port, s->mss,
	       s->wscale == TM_WSCALE_NONE ? -1 : s->wscale, !!(s->offers & TM_SERVER_SACK),
	       !!(s->offers & TM_SERVER_TIMESTAMPS), !!(s->offers & TM_SERVER_ECN), s->known);
	return true;
}

static void print_repaired(const struct io_protect_maps *maps)
{
	struct tm_protect_counters sum;

	io_protect_counters(maps, 0, &sum);
	printf("%llu %llu\n", sum.packets[PK_IPV4][PK_PROTECT_ECHO_REPAIRED],
	       sum.packets[PK_IPV6][PK_PROTECT_ECHO_REPAIRED]);
}

static void down(const struct io_protect_maps *maps)
{
	struct tm_error e;
	struct io_bpffs fs;

	if (io_server_side_set(maps, NULL, 0, false, &e) || io_bpffs_open(&fs, true, &e))
		fail(&e);
	io_protect_maps_unpin(&fs);
	io_bpffs_close(&fs);
}

/* What needs maps that are there. */
static int use(const char *verb, const char *word)
{
	struct io_protect_maps maps;
	struct tm_protect_state *state;
	struct tm_error e;

	if (io_protect_maps_open(&maps, &e))
		fail(&e);
	if (!strcmp(verb, "servers")) {
		io_protect_servers(&maps, print_server, NULL);
	} else if (!strcmp(verb, "repaired")) {
		print_repaired(&maps);
	} else if (!strcmp(verb, "down")) {
		down(&maps);
	} else if (!strcmp(verb, "guard") && word) {
		state = io_protect_state(&maps, &e);
		if (!state)
			fail(&e);
		state->guarding = atoi(word);
		munmap(state, sizeof(*state));
	} else {
		return 2;
	}
	io_protect_maps_close(&maps);
	return 0;
}

int main(int argc, char **argv)
{
	struct tm_protect_found found;
	struct tm_config c;

	io_bpf_verbose(false);
	if (argc == 3 && (!strcmp(argv[1], "up") || !strcmp(argv[1], "routes"))) {
		read_config(&c, argv[2]);
		if (!strcmp(argv[1], "up")) {
			up(&c);
		} else {
			look(&c.protects[0], &found);
			print_routes(&c.protects[0], &found);
		}
		tm_config_free(&c);
		return 0;
	}
	return argc > 1 ? use(argv[1], argv[2]) : 2;
}
