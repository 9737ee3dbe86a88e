/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness over tm_config_parse(). The input is a configuration.
 *
 * Beside the sanitizers it checks that what is refused is refused with a reason, that what is taken reads back from its own text
 * to the same text, and that a sound configuration is taken after whatever came before.
 */
#include "fuzz.h"

#include <string.h>

#include "lib/config/config.h"

static char *take(const char *text, size_t len)
{
	struct tm_config_errors errors = { 0 };
	struct tm_config c;
	int err = tm_config_parse(&c, "input", text, len, &errors);
	char *again = NULL, told[1024];

	check(!err == !errors.count, "errors and the answer disagree");
	for (size_t i = 0; i < errors.count; i++) {
		tm_config_error_text(told, sizeof(told), &errors.list[i]);
		check(strlen(told) > 20, "an error that says nothing");
	}
	check(!err || (!c.hooks && !c.set.prefixes && !c.protects), "something is left of what was refused");
	if (!err) {
		again = tm_config_text(&c);
		check(again, "no text");
	}
	tm_config_errors_free(&errors);
	tm_config_free(&c);
	return again;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char sound[] = "hook \"a\" {\n\tmode = tc\n\tdevice = \"b\"\n\tdirection = both\n\tmtu = auto\n"
				    "\tallow-increase = false\n\tadd-missing = false\n}\n"
				    "protect \"c\" {\n\tservers = {\n\t\t10.0.0.0/8,\n\t\t::1/128\n\t}\n"
				    "\tports = { 80, 90-99 }\n\tdevice = { \"d\", \"e\" }\n\tmode = adaptive\n"
				    "\taccelerator = tc\n\thigh = 9\n\tlow = 2\n}\n";
	char *first = take((const char *)data, size), *second;

	if (first) {
		second = take(first, strlen(first));
		check(second && !strcmp(first, second), "the text does not read back to itself");
		free(second);
	}
	free(first);
	second = take(sound, strlen(sound));
	check(second && !strcmp(second, sound), "a sound configuration is not taken");
	free(second);
	return 0;
}
