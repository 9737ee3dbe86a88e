/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/net/device-features.h"

/* The name of a hook that is a wire with an end on the device; false for none. */
static bool find_wire(const struct io_bpffs *fs, const char *but, uint32_t ifindex, char name[IO_NAME])
{
	int count;
	char(*names)[IO_NAME] = io_hook_list(fs, false, &count);
	struct io_hook_meta meta;
	bool found = false;

	for (int i = 0; names && i < count && !found; i++) {
		if (!strcmp(names[i], but) || !io_hook_read_meta(fs, names[i], &meta) || !io_mode_is_wire(meta.mode))
			continue;
		found = meta.ifindex == ifindex || meta.peer_ifindex == ifindex;
		if (found)
			strcpy(name, names[i]);
	}
	free(names);
	return found;
}

int io_wire_check(const struct io_bpffs *fs, const char *name, const struct io_device devices[TM_DIRECTIONS],
		  struct tm_error *e)
{
	char other[IO_NAME];

	if (devices[TM_IN].index == devices[TM_OUT].index)
		return tm_error_code(e, -EINVAL, "%s is both ends of the wire: it needs two devices",
				     devices[TM_IN].name);
	for (int d = 0; d < TM_DIRECTIONS; d++) {
		if (io_device_link(&devices[d]) != PK_LINK_ETHERNET)
			return tm_error_code(
				e, -EOPNOTSUPP,
				"device %s has no Ethernet frames: a wire is between two devices that have",
				devices[d].name);
		if (find_wire(fs, name, devices[d].index, other))
			return tm_error_code(
				e, -EBUSY,
				"device %s is an end of wire '%s' already: 'tcpmss detach %s' first, or take another device",
				devices[d].name, other, other);
	}
	return 0;
}

bool io_wire_xdp_fits(const struct io_device devices[TM_DIRECTIONS])
{
	const uint64_t wanted = IO_XDP_BASIC | IO_XDP_REDIRECT | IO_XDP_RX_SG;
	uint64_t features;

	for (int d = 0; d < TM_DIRECTIONS; d++)
		if (*devices[d].kind || io_xdp_features(devices[d].index, &features) || (features & wanted) != wanted)
			return false;
	return true;
}

/* Notes what the driver did let go. */
static void stop_vlan_offload(struct io_hook_meta *meta, int end, const char *device)
{
	unsigned on = io_vlan_offload_get(device);

	if (!on)
		return;
	io_vlan_offload_set(device, on, false);
	meta->changed[end] |= on & ~io_vlan_offload_get(device);
}

int io_wire_take(struct io_hook_meta *meta, struct tm_error *e)
{
	const char *const names[TM_DIRECTIONS] = { meta->device, meta->peer };
	struct io_device device;
	int err = 0;

	for (int d = 0; d < TM_DIRECTIONS && !err; d++) {
		err = io_device_find(&device, names[d], e);
		if (!err && !(device.flags & IFF_PROMISC)) {
			err = io_device_promisc(device.index, true);
			if (err)
				return io_bpf_error(e, err, "letting a device take in all frames");
			meta->changed[d] |= IO_WIRE_PROMISC;
		}
		if (!err && meta->mode == IO_WIRE_XDP)
			stop_vlan_offload(meta, d, names[d]);
	}
	return err;
}

int io_wire_sends(const struct io_hook_meta *meta, struct tm_error *e)
{
	const uint64_t wanted = IO_XDP_XMIT | IO_XDP_XMIT_SG;
	uint64_t features;

	for (int d = 0; d < TM_DIRECTIONS; d++) {
		if (io_xdp_features(io_hook_ifindex(meta, d), &features) == 0 && (features & wanted) != wanted)
			return tm_error_code(e, -EOPNOTSUPP,
					     "device %s does not send%s what XDP redirects to it: use --via tc",
					     d == TM_IN ? meta->device : meta->peer,
					     features & IO_XDP_XMIT ? " all frames (none in several buffers) of" : "");
	}
	return 0;
}

void io_wire_let_go(const struct io_hook_meta *meta)
{
	char name[IF_NAMESIZE];

	for (int d = 0; d < TM_DIRECTIONS; d++) {
		uint32_t ifindex = d == TM_IN ? meta->ifindex : meta->peer_ifindex;

		if (meta->changed[d] & IO_WIRE_PROMISC)
			io_device_promisc(ifindex, false);
		if (meta->changed[d] & (IO_WIRE_CTAG | IO_WIRE_STAG) && if_indextoname(ifindex, name))
			io_vlan_offload_set(name, meta->changed[d], true);
	}
}
