/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "parts.h"

#define NUMBERS 10 /* of the first device; the kernel's own (lo, a bridge) begin at 1 */

/* A lab in the making. */
struct making {
	const struct tm_lab *lab;
	const volatile bool *stop;
	int home; /* the namespace that we came from */
	int netns[TM_LAB_HOSTS];
	size_t made; /* hosts */
	struct tm_error *e;
};

/* Puts the host in front of what went wrong. */
static int at(struct making *m, const char *host, int err)
{
	struct tm_error first = *m->e;

	return err ? tm_error_code(m->e, err, "%s: %.280s", host, first.text) : 0;
}

static int enter(struct making *m, size_t host)
{
	if (*m->stop)
		return tm_error_code(m->e, -EINTR, "interrupted");
	if (setns(m->netns[host], CLONE_NEWNET))
		return tm_error_code(m->e, -errno, "entering the namespace of %s: %s", m->lab->hosts[host].name,
				     strerror(errno));
	return 0;
}

static size_t index_of(const struct tm_lab *lab, const char *host)
{
	return (size_t)(tm_lab_host(lab, host) - lab->hosts);
}

/* ---- steps */

static int check_names(const struct tm_lab *lab, struct tm_error *e)
{
	char path[IO_NETNS_PATH], record[TM_LAB_RECORD];

	for (size_t i = 0; i < lab->host_count; i++) {
		io_netns_path(lab->name, lab->hosts[i].name, path);
		if (access(path, F_OK))
			continue;
		if (io_netns_ours(path, lab->name, record))
			return tm_error_code(
				e, -EEXIST,
				"a lab called '%s' is there already: 'tcpmss lab down' takes it away, --name makes another beside it",
				lab->name);
		return tm_error_code(e, -EEXIST,
				     "%s is a network namespace that no lab has made: choose another name with --name",
				     path);
	}
	return 0;
}

static int make_host(struct making *m, size_t i)
{
	const struct tm_lab_host *host = &m->lab->hosts[i];
	char path[IO_NETNS_PATH], record[TM_LAB_RECORD];
	int err;

	if (*m->stop)
		return tm_error_code(m->e, -EINTR, "interrupted");
	io_netns_path(m->lab->name, host->name, path);
	tm_lab_record(m->lab, host->name, false, record);
	m->netns[i] = io_netns_make(path, record, m->e);
	if (m->netns[i] == -EEXIST)
		return tm_error_code(m->e, -EEXIST, "%s: somebody else has made it at the same time", path);
	if (m->netns[i] < 0)
		return m->netns[i];
	m->made++;
	err = io_lab_settings(host, m->e);
	if (!err && host->kind == TM_LAB_BRIDGE)
		err = io_lab_bridge(m->e);
	return at(m, host->name, err);
}

static int make_end(struct making *m, const struct tm_lab_link *link, const struct tm_lab_end *end)
{
	size_t host = index_of(m->lab, end->host);
	int err = enter(m, host);

	if (!err)
		err = io_lab_set_up(end->device, m->e);
	if (!err && end->last)
		err = io_lab_address(end->device, link->net, end->last, m->e);
	else if (!err && m->lab->hosts[host].kind == TM_LAB_BRIDGE)
		err = io_lab_join_bridge(end->device, m->e);
	return err;
}

static int make_link(struct making *m, const struct tm_lab_link *link)
{
	int err = enter(m, index_of(m->lab, link->end[0].host));

	if (!err)
		err = io_lab_veth(link, NUMBERS + 2 * (int)(link - m->lab->links),
				  m->netns[index_of(m->lab, link->end[1].host)], m->e);
	for (size_t i = 0; !err && i < 2; i++)
		err = make_end(m, link, &link->end[i]);
	return at(m, link->end[0].host, err);
}

static int finish_host(struct making *m, size_t number)
{
	const struct tm_lab_host *host = &m->lab->hosts[number];
	struct tm_lab_route routes[TM_LAB_LINKS];
	size_t count = tm_lab_routes(m->lab, host->name, routes);
	int err = enter(m, number);

	for (size_t i = 0; !err && i < m->lab->link_count * 2; i++)
		if (!strcmp(m->lab->links[i / 2].end[i % 2].host, host->name))
			io_lab_settle(m->lab->links[i / 2].end[i % 2].device);
	for (size_t r = 0; !err && r < count; r++)
		err = io_lab_route(&routes[r], m->e);
	for (size_t w = 0; !err && w < m->lab->way_count; w++)
		if (!strcmp(m->lab->ways[w].host, host->name))
			err = io_lab_way(&m->lab->ways[w], m->e);
	if (!err)
		err = io_lab_offloads(m->lab, host, m->e);
	if (!err && host->mute)
		err = io_lab_nft(tm_lab_mute_rules, m->e);
	if (!err && m->lab->proxied && !strcmp(host->name, "proxy")) {
		err = io_lab_proxy_routes(m->e);
		err = err ? err : io_lab_nft(tm_lab_proxy_rules, m->e);
	}
	return at(m, host->name, err);
}

static int make(struct making *m)
{
	const struct tm_lab *lab = m->lab;
	char record[TM_LAB_RECORD];
	int err = 0;

	for (size_t i = 0; !err && i < lab->host_count; i++)
		err = make_host(m, i);
	for (size_t i = 0; !err && i < lab->link_count; i++)
		err = make_link(m, &lab->links[i]);
	for (size_t i = 0; !err && i < lab->host_count; i++)
		err = finish_host(m, i);
	for (size_t i = 0; !err && i < lab->start_count; i++) {
		err = enter(m, index_of(lab, lab->starts[i].host));
		err = err ? err : at(m, lab->starts[i].host, io_lab_tcpmss(lab->starts[i].words, m->e));
	}
	if (!err)
		err = enter(m, 0);
	if (err)
		return err;
	tm_lab_record(lab, lab->hosts[0].name, true, record);
	return io_lab_set_record(record, m->e);
}

int io_lab_up(const struct tm_lab *lab, const volatile bool *stop, struct tm_error *e)
{
	struct making m = { .lab = lab, .stop = stop, .e = e, .home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC) };
	struct tm_error second;
	int err = m.home < 0 ? tm_error_code(e, -errno, "/proc/self/ns/net: %s", strerror(errno)) : io_netns_prepare(e);
	bool found;

	if (!err)
		err = check_names(lab, e);
	if (!err)
		err = make(&m);
	for (size_t i = 0; i < m.made; i++)
		close(m.netns[i]);
	if (m.home >= 0 && setns(m.home, CLONE_NEWNET) && !err)
		err = tm_error_code(e, -errno, "going back to the machine's network namespace: %s", strerror(errno));
	if (m.home >= 0)
		close(m.home);
	/* what a signal has ended fails in its own words */
	if (err && *stop)
		err = tm_error_code(e, -EINTR, "interrupted: what was made of lab '%s' is taken away again", lab->name);
	if (err && m.made)
		io_lab_down(lab->name, &found, &second);
	return err;
}
