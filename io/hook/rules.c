/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules.h"

#include <errno.h>

#include "parts.h"

static struct pk_hook *limits_in(const struct tm_image *image, enum tm_direction direction)
{
	return &((struct pk_rules_head *)image->words)->hooks[direction];
}

int io_hook_limits(const char *name, enum tm_direction direction, struct pk_hook *limits, struct tm_error *e)
{
	struct tm_image image;
	struct io_hook hook;
	int err = io_hook_open(&hook, name, e);

	if (err)
		return err;
	err = io_maps_read(hook.maps.rules, &image, e);
	if (!err) {
		*limits = *limits_in(&image, direction);
		tm_image_free(&image);
	}
	io_hook_close(&hook);
	return err;
}

int io_hook_set_mss(const char *name, enum tm_direction direction, uint16_t mss, struct tm_error *e)
{
	struct tm_image image;
	struct io_bpffs fs;
	struct io_hook hook;
	int err = io_hook_name_check(name, e);

	if (!err)
		err = io_bpffs_open(&fs, true, e);
	if (err)
		return err;
	err = io_hook_open_in(&fs, &hook, name, e);
	if (!err) {
		err = io_maps_read(hook.maps.rules, &image, e);
		if (!err) {
			limits_in(&image, direction)->mss = mss;
			err = io_maps_switch(&hook.maps, &image, e);
			tm_image_free(&image);
		}
		io_hook_close(&hook);
	}
	io_bpffs_close(&fs);
	return err;
}
