/* SPDX-License-Identifier: BSD-2-Clause */
#include "report.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "io/clock.h"
#include "io/net/device.h"

static const char *attachment_name(const struct io_hook_meta *m)
{
	switch ((enum io_attachment)m->attachment) {
	case IO_TCX:
		return "tcx";
	case IO_CLSACT:
		return "clsact";
	case IO_LIBXDP:
		return "libxdp";
	case IO_XDP_LINK:
		return "xdp-link";
	}
	return "?";
}

/* What lies in the way of frames from one device to the other, and what show cannot tell of one limit. */
static void look_at_wire(struct tm_hook_report *r, const struct tm_image *image)
{
	const struct pk_hook *limits = tm_image_head(image)->hooks;
	const char *const names[TM_DIRECTIONS] = { r->device, r->out };
	struct io_device devices[TM_DIRECTIONS];
	struct tm_error ignored;

	for (int d = 0; d < TM_DIRECTIONS; d++) {
		if (io_device_find(&devices[d], names[d], &ignored))
			return; /* gone a moment ago */
		if (!(devices[d].flags & IFF_UP))
			tm_hook_report_warn(r, "device %s is down: nothing passes before 'ip link set %s up'", names[d], names[d]);
	}
	if (devices[TM_IN].mtu != devices[TM_OUT].mtu)
		tm_hook_report_warn(r, "the MTU of %s is %u, of %s %u: what is too large for one of them is lost there",
				    names[TM_IN], devices[TM_IN].mtu, names[TM_OUT], devices[TM_OUT].mtu);
	if (limits[TM_IN].mss != limits[TM_OUT].mss)
		tm_hook_report_warn(r, "what comes in on %s has a fixed MSS of its own, %u (0: none)", names[TM_OUT],
				    limits[TM_OUT].mss);
}

static void look_for_trouble(struct tm_hook_report *r, const struct io_hook *hook, const struct tm_image *image)
{
	bool routes = r->limits.flags & PK_HOOK_ROUTE;

	if (!r->alive)
		return;
	if (r->mode == TM_MODE_WIRE)
		look_at_wire(r, image);
	if (routes && !hook->meta.fib_mark)
		tm_hook_report_warn(
			r,
			"routes are looked up without the packet's mark: this kernel (before 6.10) gives BPF no way to");
	if (routes && tm_image_head(image)->routes4 | tm_image_head(image)->routes6)
		tm_hook_report_warn(
			r,
			"routes with 'mtu' but without 'lock' are as they were when the hook was attached: attach again "
			"after a change, or lock them");
	if (r->mode == TM_MODE_XDP || r->mode == TM_MODE_XDP_GENERIC)
		tm_hook_report_warn(
			r, "an XDP hook sees only what comes in: SYNs that leave through this device keep their MSS");
}

int io_hook_report(struct tm_hook_report *r, const struct io_hook *hook, struct tm_error *e)
{
	const struct io_hook_meta *m = &hook->meta;
	struct tm_image image = { 0 };
	int err;

	*r = (struct tm_hook_report){ .alive = hook->alive };
	snprintf(r->name, sizeof(r->name), "%s", m->name);
	if (*hook->trouble)
		tm_hook_report_warn(r, "%s", hook->trouble);
	if (hook->maps.rules < 0) /* nothing can be read of it */
		return 0;
	r->known = true;
	r->mode = io_mode_is_wire(m->mode) ? TM_MODE_WIRE : (enum tm_mode)m->mode; /* the others have the same values */
	r->directions = m->directions;
	r->learns = m->learned;
	snprintf(r->device, sizeof(r->device), "%s", m->device);
	snprintf(r->out, sizeof(r->out), "%s", m->peer);
	snprintf(r->attachment, sizeof(r->attachment), "%s", attachment_name(m));
	err = io_maps_read(hook->maps.rules, &image, e);
	if (!err)
		err = io_hook_counters(hook, &r->counters, e);
	if (err)
		goto out;
	tm_hook_report_limits(r, &image, io_hook_device_mtu(hook));
	look_for_trouble(r, hook, &image);
out:
	tm_image_free(&image);
	return err;
}

struct reports {
	struct tm_hook_reports *reports;
	struct tm_error *e;
};

static int add_report(struct io_hook *hook, void *ctx)
{
	const struct reports *to = ctx;
	struct tm_hook_report *r = tm_hook_reports_add(to->reports);

	return r ? io_hook_report(r, hook, to->e) : tm_error_code(to->e, -ENOMEM, "out of memory");
}

int io_hook_reports(struct tm_hook_reports *reports, struct tm_error *e)
{
	struct reports to = { reports, e };

	return io_hook_each(add_report, &to, e);
}

struct explanations {
	struct tm_hook_explanations *explanations;
	bool ipv6;
	const uint8_t *address;
	uint32_t route_mtu;
	struct tm_error *e;
};

/* What the hook's programs find in the table; 0: nothing, or they have none. */
static uint16_t learned_mtu(const struct io_hook *hook, bool ipv6, const uint8_t *address)
{
	struct tm_learned_path path = { .ipv6 = ipv6, .tag = hook->meta.ifindex };
	struct pk_learned_table table;
	struct io_learn_maps maps;
	struct tm_error ignored;
	uint16_t mtu = 0;
	size_t size;
	void *memory;

	if (!hook->meta.learned || io_learn_maps_open(&maps, &ignored))
		return 0;
	memory = io_learn_maps_table(maps.learned, PROT_READ, &size, &ignored);
	if (memory) {
		memcpy(path.address, address, ipv6 ? 16 : 4);
		table = tm_learned_table(memory, size);
		mtu = tm_learned_mtu(&table, &path, io_clock_ns(CLOCK_MONOTONIC));
		munmap(memory, size);
	}
	io_learn_maps_close(&maps);
	return mtu;
}

static int add_explanation(struct io_hook *hook, void *ctx)
{
	const struct explanations *to = ctx;
	struct tm_surroundings around = { .route_mtu = to->route_mtu,
					  .device_mtu = io_hook_device_mtu(hook),
					  .learned_mtu = learned_mtu(hook, to->ipv6, to->address) };
	struct tm_hook_explanation *x;
	struct tm_image image;
	int err;

	if (hook->maps.rules < 0)
		return 0;
	err = io_maps_read(hook->maps.rules, &image, to->e);
	if (err)
		return err;
	x = tm_hook_explanations_add(to->explanations);
	if (x) {
		snprintf(x->name, sizeof(x->name), "%s", hook->meta.name);
		snprintf(x->device, sizeof(x->device), "%s", hook->meta.device);
		snprintf(x->out, sizeof(x->out), "%s", hook->meta.peer);
		x->alive = hook->alive;
		tm_explain(&x->limits, &image, &around, to->ipv6, to->address);
	} else {
		err = tm_error_code(to->e, -ENOMEM, "out of memory");
	}
	tm_image_free(&image);
	return err;
}

int io_hook_explanations(struct tm_hook_explanations *explanations, bool ipv6, const uint8_t *address,
			 struct tm_error *e)
{
	struct explanations to = { .explanations = explanations, .ipv6 = ipv6, .address = address, .e = e };
	struct io_route route;

	if (!io_route_find(&route, ipv6, address, e) && !route.local)
		to.route_mtu = route.mtu;
	return io_hook_each(add_explanation, &to, e);
}
