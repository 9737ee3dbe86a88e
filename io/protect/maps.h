/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps of protect (bpf/protect/map.h), one set for a network namespace, pinned in a directory beside those of the hooks
 * (/sys/fs/bpf/tcpmss/<network namespace>/+~protect) together with the links of the programs that use them.
 */
#ifndef IO_PROTECT_MAPS_H
#define IO_PROTECT_MAPS_H

#include <stdint.h>

#include "bpf/protect/map.h"
#include "io/bpf/bpffs.h"
#include "lib/error.h"

#define IO_PROTECT_DIR "+~protect"

/* Open maps. Descriptors are the struct's, -1: none. */
struct io_protect_maps {
	int services;
	int state;
	int counters;
	int servers;
	int half_open;
	int answers;
	uint32_t services_words; /* room for one image of services */
};

#define IO_NO_PROTECT_MAPS         \
	((struct io_protect_maps){ \
		.services = -1, .state = -1, .counters = -1, .servers = -1, .half_open = -1, .answers = -1 })

/* Creates them, not pinned, with room for images of `words`. 0 or −errno with *e filled. io_protect_maps_close() in either case. */
int io_protect_maps_create(struct io_protect_maps *maps, uint32_t words, struct tm_error *e);

/* Opens those that are pinned in this network namespace. -ENOENT with *e filled where there are none. io_protect_maps_close(). */
int io_protect_maps_open(struct io_protect_maps *maps, struct tm_error *e);

/*
 * The same, and makes and pins what is not there: the maps that a killed daemon left are taken over with all that is in them. A map
 * of services without room for `words` is made anew, empty: programs go on with the old one until they are attached again
 * (io/protect/attach.h). 0 or −errno with *e filled. io_protect_maps_close().
 */
int io_protect_maps_ensure(struct io_protect_maps *maps, uint32_t words, struct tm_error *e);

void io_protect_maps_close(struct io_protect_maps *maps);

/*
 * Puts an image of services (core/service.h) in force at one moment. -E2BIG with *e filled where the map has no room: then
 * io_protect_maps_ensure(), attach again, and once more. One writer at a time.
 */
int io_protect_services(const struct io_protect_maps *maps, const uint32_t *image, uint32_t words, struct tm_error *e);

/* The state, mapped writable: munmap(…, sizeof(struct tm_protect_state)) by the caller; NULL with *e filled. */
struct tm_protect_state *io_protect_state(const struct io_protect_maps *maps, struct tm_error *e);

/* A block's counters of all CPUs, in one. 0 or −errno. */
int io_protect_counters(const struct io_protect_maps *maps, uint32_t block, struct tm_protect_counters *sum);

/* Has them begin anew. 0 or −errno. */
int io_protect_counters_clear(const struct io_protect_maps *maps, uint32_t block);

/* A learned server. 0, or −errno: -ENOENT where nothing is known of it. */
int io_protect_server(const struct io_protect_maps *maps, const struct tm_protect_server_key *key,
		      struct tm_protect_server *server);

/* Goes through the learned servers: `each` returns false to end it. 0 or −errno. */
int io_protect_servers(const struct io_protect_maps *maps,
		       bool (*each)(const struct tm_protect_server_key *key, const struct tm_protect_server *server,
				    void *ctx),
		       void *ctx);

/* The path of a pinned object, in an open file system. */
void io_protect_path(const struct io_bpffs *fs, const char *object, char path[IO_PATH]);

/* Removes the pins of the maps and the directory: in an open file system whose lock is held, once no program is attached. */
void io_protect_maps_unpin(const struct io_bpffs *fs);

#endif
