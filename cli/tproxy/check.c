/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss tproxy check
 */
#include "tproxy.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "cli/cli.h"
#include "io/net/policy.h"

static json_t *document(const struct tproxy_trials *t)
{
	json_t *checks = json_array();

	for (size_t i = 0; i < t->f.count; i++) {
		const struct tm_finding *found = &t->f.list[i];

		json_array_append_new(checks, json_pack("{s:s, s:o, s:s, s:s, s:o}", "family", found->name, "device",
							*found->hook ? json_string(found->hook) : json_null(), "result",
							tm_result_name(found->result), "text", found->text, "advice",
							*found->advice ? json_string(found->advice) : json_null()));
	}
	return json_pack("{s:i, s:o, s:i, s:i}", "schema_version", 1, "checks", checks, "faults", (int)t->f.faults,
			 "warnings", (int)t->f.warnings);
}

static int print(const json_t *document)
{
	size_t i;
	json_t *found;

	json_array_foreach(json_object_get(document, "checks"), i, found)
	{
		const char *result = cli_text(found, "result"), *device = cli_text(found, "device");

		printf("%-5s  %s%s%s: %s\n",
		       *result == 'f' ? "FAULT" :
		       *result == 'w' ? "warn" :
					"ok",
		       cli_text(found, "family"), *device ? ", " : "", device, cli_text(found, "text"));
		if (*cli_text(found, "advice"))
			printf("       -> %s\n", cli_text(found, "advice"));
	}
	return cli_flush();
}

int tproxy_check(const char *const *devices, size_t count, bool json)
{
	struct tproxy_trials t = { 0 };
	struct tm_error e;
	int err = io_policy_read(&t.policy, &e), status = 0;

	if (!err)
		err = tproxy_try(&t, devices, count, &e);
	if (!err && !t.tried)
		err = tm_error_code(&e, -ENODEV, "no device that is up has an address: nothing could be tried");
	if (!err)
		status = json ? cli_print_json(document(&t)) : cli_print_text(document(&t), print);
	if (err)
		status = cli_fail(err, &e);
	else if (!status && t.f.faults)
		status = CLI_FAULT_FOUND;
	tproxy_trials_free(&t);
	return status;
}
