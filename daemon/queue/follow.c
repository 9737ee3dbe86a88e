/* SPDX-License-Identifier: BSD-2-Clause */
#include "follow.h"

#include <string.h>

#include "daemon/log.h"

int follow_open(struct follow *f, const char *name, struct tm_error *e)
{
	int err = io_linkwatch_open(&f->watch, e);

	if (err)
		return err;
	/* After the watch is on, so that no change is missed in between. */
	err = io_device_find(&f->device, name, e);
	if (err)
		follow_close(f);
	else
		strncpy(f->device.name, name, sizeof(f->device.name) - 1); /* not an alternative name's real one */
	return err;
}

int follow_fd(const struct follow *f)
{
	return io_linkwatch_fd(&f->watch);
}

static void gone(struct follow *f)
{
	if (!f->device.index)
		return;
	f->device.index = 0;
	log_line(LOG_WARNING, "%s has gone: its last MTU, %u, stays until it comes back", f->device.name,
		 f->device.mtu);
}

static void take(void *ctx, const struct io_device *device, bool left)
{
	struct follow *f = ctx;

	if (left || strcmp(device->name, f->device.name)) {
		if (device->index == f->device.index) /* deleted, renamed, or moved to another namespace */
			gone(f);
		return;
	}
	if (!f->device.index)
		log_line(LOG_NOTICE, "%s is back", f->device.name);
	f->device.index = device->index;
	if (!device->mtu || device->mtu == f->device.mtu)
		return;
	log_line(LOG_NOTICE, "%s: MTU %u, was %u", f->device.name, device->mtu, f->device.mtu);
	f->device.mtu = device->mtu;
	f->changed(f->ctx, device->mtu);
}

int follow_read(struct follow *f)
{
	int err = io_linkwatch_read(&f->watch, take, f);

	if (f->watch.absent)
		gone(f);
	return !err && f->watch.lost ? follow_ask(f) : err;
}

int follow_ask(struct follow *f)
{
	return io_linkwatch_ask(&f->watch, f->device.name);
}

void follow_close(struct follow *f)
{
	io_linkwatch_close(&f->watch);
}
