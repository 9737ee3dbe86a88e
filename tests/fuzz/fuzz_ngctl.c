/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness over tm_ng_parse(). The input is a message of ng_tcpmss(4).
 *
 * Beside the sanitizers it checks that what is taken is within its limits, and that what is refused is told in one printable
 * sentence.
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "lib/ngctl.h"
#include "lib/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct tm_ng_message m;
	struct tm_error e = { "" }, ignored;
	int err;

	memcpy(text, data, size);
	text[size] = '\0';
	err = tm_ng_parse(&m, text, &e);
	free(text);
	if (err) {
		check(err == -EINVAL && strlen(e.text) > 10, "refused without a reason");
		for (const char *c = e.text; *c; c++)
			check(*c >= ' ' && *c <= '~', "a sentence with an odd byte");
		return 0;
	}
	check(!m.mss || (m.mss >= TM_MSS_MIN && m.mss <= TM_MSS_MAX), "an MSS out of bounds");
	check(!tm_hook_name_check(m.in, &ignored), "an odd name");
	check(m.command != TM_NG_CONFIG || !tm_hook_name_check(m.out, &ignored), "an odd name");
	return 0;
}
