/* SPDX-License-Identifier: BSD-2-Clause */
#include "services.h"

#include <errno.h>
#include <string.h>

#include "lib/config/errors.h"
#include "lib/protect/services.h"

static int build(struct tm_image *image, const struct tm_config *c)
{
	struct tm_service_block blocks[TM_PROTECT_BLOCKS];

	for (uint32_t i = 0; i < c->protect_count && i < TM_PROTECT_BLOCKS; i++)
		blocks[i] = (struct tm_service_block){ &c->protects[i], i };
	return tm_services_build(image, blocks, c->protect_count);
}

int services_open(struct io_protect_maps *maps, const char *text, struct tm_error *e)
{
	struct tm_config_errors errors = { 0 };
	struct tm_image image = { 0 };
	struct tm_config c;
	int err = tm_config_parse(&c, "test", text, strlen(text), &errors);

	tm_config_errors_free(&errors);
	if (err)
		return tm_error_code(e, err, "the test's configuration is wrong");
	err = build(&image, &c);
	tm_config_free(&c);
	if (err)
		return tm_error_code(e, err, "compiling the test's services");
	err = io_protect_maps_create(maps, image.count, e);
	if (!err)
		err = io_protect_services(maps, image.words, image.count, e);
	tm_image_free(&image);
	return err;
}
