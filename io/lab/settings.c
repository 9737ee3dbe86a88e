/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Settings of a host: a new network namespace takes some from the machine, which may be hardened or a router itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/net/device-features.h"
#include "parts.h"

/* "F" stands for 1 at a router, 0 at others. "all" as well as "default": some are what the larger of the two says. */
static const char *const settings[][2] = {
	{ "ipv6/conf/all/disable_ipv6", "0" },
	{ "ipv6/conf/default/disable_ipv6", "0" },
	{ "ipv6/conf/all/accept_dad", "0" },
	{ "ipv6/conf/default/accept_dad", "0" },
	{ "ipv6/conf/default/accept_ra", "0" },
	{ "ipv6/conf/default/router_solicitations", "0" },
	{ "ipv6/conf/all/forwarding", "F" }, /* sets default, too */
	{ "ipv4/ip_forward", "F" }, /* the same */
	{ "ipv4/conf/all/rp_filter", "0" },
	{ "ipv4/conf/default/rp_filter", "0" },
	{ "ipv4/conf/all/src_valid_mark", "0" },
	{ "ipv4/conf/default/src_valid_mark", "0" },
	{ "ipv4/conf/all/arp_ignore", "0" },
	{ "ipv4/conf/default/arp_ignore", "0" },
	{ "ipv4/conf/all/arp_filter", "0" },
	{ "ipv4/conf/default/arp_filter", "0" },
	{ "ipv4/conf/all/log_martians", "0" },
	{ "ipv4/conf/default/log_martians", "0" },
	{ "ipv4/ip_no_pmtu_disc", "0" },
	{ "ipv4/ip_forward_use_pmtu", "0" },
	{ "ipv4/icmp_ratelimit", "1000" },
	{ "ipv4/tcp_mtu_probing", "0" },
	{ "ipv4/tcp_timestamps", "1" },
	{ "ipv4/tcp_sack", "1" },
	{ "ipv4/tcp_window_scaling", "1" },
};

static int set(const char *name, const char *value, struct tm_error *e)
{
	char path[80];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	if (err == -ENOENT && !strncmp(name, "ipv6", 4))
		return tm_error_code(e, -EOPNOTSUPP, "this kernel has no IPv6 (%s is not there)", path);
	return err ? tm_error_code(e, err, "writing %s: %s", path, strerror(-err)) : 0;
}

int io_lab_settings(const struct tm_lab_host *host, struct tm_error *e)
{
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(settings) / sizeof(*settings); i++)
		err = set(settings[i][0],
			  settings[i][1][0] != 'F'    ? settings[i][1] :
			  host->kind == TM_LAB_ROUTER ? "1" :
							"0",
			  e);
	return err;
}

/* What `ethtool -K` calls "tx" and "tso", and "gro". */
static const char *const sending[] = { "tx-checksum-ip-generic",
				       "tx-checksum-ipv4",
				       "tx-checksum-ipv6",
				       "tx-checksum-sctp",
				       "tx-tcp-segmentation",
				       "tx-tcp-ecn-segmentation",
				       "tx-tcp-mangleid-segmentation",
				       "tx-tcp6-segmentation",
				       "tx-tcp-accecn-segmentation" };
static const char *const receiving[] = { "rx-gro" };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static int offload(const char *device, const char *const names[], size_t count, bool on, struct tm_error *e)
{
	if (io_features_set(device, names, count, ~0U, on))
		return 0;
	return tm_error_code(e, -EOPNOTSUPP, "this kernel does not let the offloads of %s be set", device);
}

int io_lab_offloads(const struct tm_lab *lab, const struct tm_lab_host *host, struct tm_error *e)
{
	bool gateway = !strcmp(host->name, "gateway"),
	     end = !strcmp(host->name, "client") || !strcmp(host->name, "server");
	int err = 0;

	for (size_t i = 0; !err && i < lab->link_count * 2; i++) {
		const struct tm_lab_end *at = &lab->links[i / 2].end[i % 2];

		if (strcmp(at->host, host->name))
			continue;
		if (end && lab->choice.no_offload)
			err = offload(at->device, sending, COUNT(sending), false, e);
		if (!err && gateway && lab->network == TM_LAB_PATH)
			err = offload(at->device, receiving, COUNT(receiving), lab->choice.gro, e);
	}
	return err;
}
