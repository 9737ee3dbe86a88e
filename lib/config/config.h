/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration of tcpmss.conf(5), read and checked: it is valid as a whole, or all that is wrong is told.
 */
#ifndef TM_CONFIG_H
#define TM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/config.h"
#include "bpf/protect/map.h"
#include "errors.h"
#include "lib/rules.h"
#include "lib/tproxy/tproxy.h"
#include "lib/words.h"

/* What carries the packets of a hook to the clamp. The first three are as in enum io_mode. */
enum tm_mode { TM_MODE_TC, TM_MODE_XDP, TM_MODE_XDP_GENERIC, TM_MODE_WIRE, TM_MODE_NFQUEUE };

/* A statement's place; `file` is an index into tm_config.files. */
struct tm_config_place {
	uint32_t file, line;
};

struct tm_config_hook {
	char name[TM_HOOK_NAME];
	enum tm_mode mode;
	char device[TM_DEVICE_NAME]; /* empty: a wire, or an nfqueue that belongs to no device */
	char in[TM_DEVICE_NAME], out[TM_DEVICE_NAME]; /* of a wire */
	enum tm_via via; /* of a wire */
	unsigned directions; /* 1 << TM_IN | 1 << TM_OUT */
	int queue; /* of mode nfqueue, else -1 */
	struct pk_hook limits; /* never without any */
	struct tm_config_place at;
};

#define TM_ENTRIES 100000
#define TM_ENTRIES_MAX 4000000
#define TM_LEASE 900
#define TM_LEASE_MIN 3
#define TM_LEASE_MAX 3600
#define TM_STATE_FILE "/var/lib/tcpmss/paths"
#define TM_STATE_PATH 256 /* bytes, NUL included */
#define TM_TABLE_MAX 32 /* MTUs in the table of common ones */
#define TM_TABLE_MIN 68

enum tm_old_router { TM_OLD_ROUTER_SEED, TM_OLD_ROUTER_RFC1191, TM_OLD_ROUTER_OFF };
enum tm_raise { TM_RAISE_PLATEAU, TM_RAISE_JUMP };

struct tm_config_discovery {
	bool present;
	bool no_aging;
	unsigned aging; /* minutes, 10 to 30 */
	enum tm_old_router old_router;
	enum tm_raise raise;
	bool symmetric;
	unsigned entries; /* paths that there is room for */
	unsigned lease; /* seconds that what was learned holds without the daemon */
	char state[TM_STATE_PATH]; /* file that keeps them while the daemon is away; empty: none */
	uint16_t table[TM_TABLE_MAX]; /* MTUs, rising; none: the usual ones */
	unsigned table_count;
	struct tm_config_place at;
};

/* A path whose MTU is given, not learned. */
struct tm_config_path {
	bool ipv6;
	uint8_t addr[16]; /* network order; IPv4 in the first four bytes */
	uint16_t mtu;
	char device[TM_DEVICE_NAME]; /* empty: through whichever hook */
	struct tm_config_place at;
};

struct tm_config_metrics {
	int family; /* AF_INET, AF_INET6, AF_UNIX; 0: no metrics */
	uint8_t address[16]; /* network order */
	uint16_t port;
	char path[108]; /* of a unix socket */
	bool remote; /* the address may be another than loopback */
	struct tm_config_place at;
};

struct tm_config_control {
	char socket[108]; /* empty: the usual one */
	char group[33]; /* empty: none of its own */
	struct tm_config_place at;
};

#define TM_PROTECT_DEVICES_MAX 16 /* of each kind in a block */
#define TM_HALF_OPEN_MAX 100000000
#define TM_HIGH 2000
#define TM_WSCALE_MAX 14 /* RFC 7323 */

enum tm_protect_mode { TM_PROTECT_ADAPTIVE, TM_PROTECT_ALWAYS, TM_PROTECT_OFF };

struct tm_config_server {
	struct tm_prefix range; /* its mtu means nothing */
	uint32_t line;
};

struct tm_port_range {
	uint16_t first, last; /* 1 to 65535; last is not below first */
};

/* Servers that get their SYNs answered for them. */
struct tm_config_protect {
	char name[TM_HOOK_NAME];
	enum tm_protect_mode mode;
	enum tm_protect_accelerator accelerator; /* what answers SYNs in front of the kernel's SYNPROXY */
	struct tm_config_server *servers; /* IPv4 first, rising, each once */
	size_t server_count; /* 1 at least, as of the others */
	struct tm_port_range *ports; /* rising, and none touches the next; all ports are 1 to 65535 */
	size_t port_count;
	char (*devices)[TM_DEVICE_NAME]; /* where clients come from; as they were given, each once */
	size_t device_count;
	char (*server_devices)[TM_DEVICE_NAME]; /* that lead to the servers; none: as the routes have it */
	size_t server_device_count;
	unsigned high, low; /* half-open connections; low < high */
	uint16_t mss; /* what is announced at most, bytes; 0: only what was learned counts */
	int wscale; /* that is announced, 0 to TM_WSCALE_MAX; -1: what was learned */
	struct tm_config_place at;
};

/* Whether a block has every port. */
static inline bool tm_protect_all_ports(const struct tm_config_protect *p)
{
	return p->port_count == 1 && p->ports[0].first == 1 && p->ports[0].last == 65535;
}

/* Packet-too-big messages for transparent sockets (lib/tproxy/tproxy.h). */
struct tm_config_tproxy {
	bool present;
	struct tm_tproxy_wish wish; /* 0: not given */
	enum tm_tproxy_via via;
	struct tm_config_place at;
};

/* Owns all that it points to: tm_config_free(). Zero-initialised it is empty. */
struct tm_config {
	struct tm_config_hook *hooks;
	size_t hook_count;
	struct tm_ruleset set; /* the prefixes only; limits are in the hooks */
	struct tm_config_place *prefix_at; /* of each prefix in the set */
	struct tm_config_discovery discovery;
	struct tm_config_path *paths;
	size_t path_count, path_room;
	struct tm_config_metrics metrics;
	struct tm_config_control control;
	struct tm_config_tproxy tproxy;
	struct tm_config_protect *protects;
	size_t protect_count;
	char **files; /* as they were named, the first is the one that was asked for */
	size_t file_count;
};

/*
 * Reads a file and what it includes. 0; -EINVAL with at least one error in the list; -ENOMEM. The configuration is empty after
 * an error. Not from two threads at once: libconfuse has one lexer for all.
 */
int tm_config_read(struct tm_config *c, const char *file, struct tm_config_errors *errors);

/* The same for a text in memory, which cannot include files. `name` stands for it in errors. */
int tm_config_parse(struct tm_config *c, const char *name, const char *text, size_t len,
		    struct tm_config_errors *errors);

void tm_config_free(struct tm_config *c);

/* The whole configuration with its defaults, as a file that reads back to the same. For free(); NULL without memory. */
char *tm_config_text(const struct tm_config *c);

/* The words of the file. */
const char *tm_mode_name(enum tm_mode mode);
const char *tm_directions_name(unsigned directions);
const char *tm_old_router_name(enum tm_old_router old_router);
const char *tm_raise_name(enum tm_raise raise);
const char *tm_protect_mode_name(enum tm_protect_mode mode);
const char *tm_accelerator_name(enum tm_protect_accelerator accelerator);

/* Reads a table of MTUs: numbers with commas between, rising, from TM_TABLE_MIN on. False where it is no such list. */
bool tm_config_table(uint16_t table[TM_TABLE_MAX], unsigned *count, const char *text);

#endif
