/* SPDX-License-Identifier: BSD-2-Clause */
#include "json.h"

#include <stdlib.h>
#include <string.h>

json_t *tm_json_name(const char *name)
{
	json_t *string = json_string(name);
	char *copy;

	if (string)
		return string;
	copy = strdup(name);
	for (char *c = copy; c && *c; c++)
		if (*c < 0)
			*c = '?';
	string = json_string(copy ? copy : "?");
	free(copy);
	return string;
}
