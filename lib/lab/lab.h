/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Networks that are broken on purpose, as tables: hosts, links, addresses, MTUs, and what is wrong with them. What makes them
 * in network namespaces (io/lab/lab.h), the drawing, the JSON document and the tests all follow from these.
 *
 * Network N of a lab is 198.18.N.0/24 and 2001:db8:N::/64; the last part of both addresses of a device is the same number.
 * Each host has routes to all networks, the shortest way.
 */
#ifndef TM_LAB_H
#define TM_LAB_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

#define TM_LAB_NAME 24 /* bytes of a lab's name, NUL included */
#define TM_LAB_HOSTS 12
#define TM_LAB_LINKS 12
#define TM_LAB_RECORD 200 /* bytes of a record, NUL included */
#define TM_LAB_DEFAULT "lab"
#define TM_LAB_PROXY_PORT 3129 /* where the small proxy listens */

/* What a host is. */
enum tm_lab_kind {
	TM_LAB_END, /* sends and receives; forwards nothing */
	TM_LAB_ROUTER,
	TM_LAB_BRIDGE, /* one bridge, br0, over all its devices */
	TM_LAB_BOX, /* between its devices is nothing but what runs there: a wire */
};

struct tm_lab_host {
	const char *name;
	enum tm_lab_kind kind;
	bool mute; /* drops the packet-too-big messages that it should send */
};

struct tm_lab_end {
	const char *host, *device;
	unsigned char last; /* of its addresses; 0: it has none */
};

struct tm_lab_link {
	struct tm_lab_end end[2];
	unsigned char net; /* 0: no addresses */
	bool narrow; /* may have the network's MTU; others have 1500 */
	unsigned mtu; /* filled in by tm_lab_plan() */
};

/* What people can choose; a network takes some of these (tm_lab_choose()). */
struct tm_lab_choice {
	unsigned mtu; /* of the narrow link, or of all; 0: as the network has it */
	unsigned raise_mss; /* what is written into the SYN-ACK or SYN that comes from behind it; 0: nothing */
	bool blackhole; /* beside the narrow link nobody hears a packet-too-big */
	bool server_wide,
		client_narrow; /* which sides of the proxy have a narrow link: by default that of the server */
	bool bare; /* nothing is started */
	bool no_offload; /* of checksums and segmentation, at client and server */
	bool gro; /* at the gateway's devices */
};

/* A route of a host beside those to the lab's networks. */
struct tm_lab_way {
	const char *host;
	const char *to; /* ADDRESS/LENGTH */
	unsigned char via_net, via_last;
};

/* A tcpmss command that makes the network what it is, run in a host once that is up. */
struct tm_lab_start {
	const char *host;
	char words[80]; /* arguments of tcpmss, a blank between each */
};

/* Something to try: a command on a host, and what it shows. */
struct tm_lab_hint {
	const char *host;
	char command[96], shows[96];
};

enum tm_lab_network {
	TM_LAB_GATEWAY,
	TM_LAB_PATH,
	TM_LAB_PROXY,
	TM_LAB_WIRE,
	TM_LAB_FLOOD,
	TM_LAB_BRIDGED,
	TM_LAB_NETWORKS,
};

/* A network as it is to be, or is. */
struct tm_lab {
	char name[TM_LAB_NAME];
	enum tm_lab_network network;
	struct tm_lab_choice choice;
	struct tm_lab_host hosts[TM_LAB_HOSTS];
	size_t host_count;
	struct tm_lab_link links[TM_LAB_LINKS];
	size_t link_count;
	const struct tm_lab_way *ways;
	size_t way_count;
	bool proxied; /* the host "proxy" diverts the TCP of its client to the small proxy */
	struct tm_lab_start starts[3];
	size_t start_count;
	char broken[5][160]; /* sentences */
	size_t broken_count;
	struct tm_lab_hint hints[5];
	size_t hint_count;
};

/* The next hop of a host to a network that it is not on. */
struct tm_lab_route {
	unsigned char net;
	unsigned char via_net, via_last; /* the neighbour's address */
};

/* "path", … and one line about it. */
const char *tm_lab_network_name(enum tm_lab_network network);
const char *tm_lab_network_help(enum tm_lab_network network);

/* The other way round; false for another word. */
bool tm_lab_network_find(const char *word, enum tm_lab_network *network);

/* 0, or -EINVAL with *e filled: a name is of letters, digits, '_' and '.', and shorter than TM_LAB_NAME. */
int tm_lab_name_check(const char *name, struct tm_error *e);

/* The choices of a network as it is best shown. */
void tm_lab_defaults(struct tm_lab_choice *choice, enum tm_lab_network network);

/*
 * Takes one choice: mtu, raise-mss (numbers), blackhole, bare, offload, gro (on, off), narrow (client, server, both). `value`
 * NULL is "on". 0, or -EINVAL with *e filled: no such choice in this network, or out of its range.
 */
int tm_lab_choose(struct tm_lab_choice *choice, enum tm_lab_network network, const char *key, const char *value,
		  struct tm_error *e);

/* Makes the network of that name with these choices; `name` is a good one. */
void tm_lab_plan(struct tm_lab *lab, const char *name, enum tm_lab_network network, const struct tm_lab_choice *choice);

const struct tm_lab_host *tm_lab_host(const struct tm_lab *lab, const char *name);

/* The host's way to each network that it is not on; how many. A bridge, a box and a host without addresses have none. */
size_t tm_lab_routes(const struct tm_lab *lab, const char *host, struct tm_lab_route routes[TM_LAB_LINKS]);

/* The address of a device; its prefix is /24, /64. */
struct in_addr tm_lab_address4(unsigned char net, unsigned char last);
struct in6_addr tm_lab_address6(unsigned char net, unsigned char last);

/*
 * A host's record: a line of words that its namespace carries, from which the whole network can be told again. `ready`: all
 * of it is up.
 */
void tm_lab_record(const struct tm_lab *lab, const char *host, bool ready, char text[TM_LAB_RECORD]);

/* Whether a text is the record of a host of the lab called `name`, of whatever version. */
bool tm_lab_recorded(const char *text, const char *name);

/* Reads a record. False where it is none, or of another version. */
bool tm_lab_read(struct tm_lab *lab, const char *text, bool *ready);

/* Fills in lab->hints; tm_lab_plan() calls it. */
void tm_lab_hints(struct tm_lab *lab);

/* Rules for nft that make a host drop its packet-too-big messages, and count them. */
extern const char tm_lab_mute_rules[];

/* Rules for nft that divert the TCP of the proxy's client: those that everybody copies. */
extern const char tm_lab_proxy_rules[];

#endif
