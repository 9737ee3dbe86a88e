/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is protected, compiled for the programs, with the routes that have an MTU of their own: those the kernel does not tell them.
 */
#include "parts.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "daemon/log.h"
#include "io/net/routes.h"
#include "lib/protect/services.h"

static int add_routes(struct tm_image *image, struct tm_error *e)
{
	struct tm_ruleset routes = { 0 };
	int err = io_routes_read(&routes, e);

	if (!err) {
		tm_routes_reduce(&routes);
		err = tm_services_add_routes(image, &routes);
		if (err)
			tm_error_code(e, err, "compiling the routes to what is protected: %s", strerror(-err));
	}
	tm_ruleset_free(&routes);
	return err;
}

int protect_services_build(struct tm_image *image, const struct protect_block *blocks, size_t count, struct tm_error *e)
{
	struct tm_service_block list[TM_PROTECT_BLOCKS];
	int err;

	for (size_t i = 0; i < count; i++)
		list[i] = (struct tm_service_block){ blocks[i].config, blocks[i].number };
	err = tm_services_build(image, list, count);
	if (err)
		return tm_error_code(e, err, "compiling what is protected: %s", strerror(-err));
	err = add_routes(image, e);
	if (err)
		tm_image_free(image);
	return err;
}

void protect_services_follow(struct protect *p)
{
	struct tm_image image;
	struct tm_error e;
	int err = protect_services_build(&image, p->blocks, p->count, &e);

	if (!err && image.count == p->image.count &&
	    !memcmp(image.words, p->image.words, (size_t)image.count * sizeof(uint32_t))) {
		tm_image_free(&image);
		return;
	}
	if (!err) {
		err = io_protect_services(&p->maps, image.words, image.count, &e);
		if (err)
			tm_image_free(&image);
	}
	if (err == -E2BIG)
		log_line(
			LOG_ERR,
			"protect: there are many more routes with an MTU of their own than before: reload, and they count");
	else if (err)
		log_line(LOG_ERR, "protect: %s", e.text);
	if (err)
		return;
	tm_image_free(&p->image);
	p->image = image;
}
