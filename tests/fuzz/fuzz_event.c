/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness over what comes from a client and from another process for "watch": the filter of a request (JSON), its words, and a
 * struct tm_event. The input is a text, a NUL, and the bytes of an event.
 *
 * Beside the sanitizers it checks that a filter that is taken is the same after it has been JSON, and that what tm_event_check() takes
 * can be written.
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "lib/report/event-json.h"

static void same_again(const struct tm_event_filter *f)
{
	struct tm_event_filter again;
	struct tm_error e;
	json_t *json = tm_event_filter_json(f);

	check(!tm_event_filter_read(&again, json, &e), "a filter that is not taken again");
	check(!memcmp(f, &again, sizeof(again)), "a filter that is another one as JSON");
	check(f->bits <= (f->family == PK_IPV6 ? 128 : 32) && !(f->reasons & ~TM_EVENT_REASONS), "a filter out of bounds");
	json_decref(json);
}

static void words(struct tm_event_filter *f, const char *text)
{
	struct tm_error e = { "" };
	int err = tm_event_filter_host(f, text, &e);

	if (err)
		*f = (struct tm_event_filter){ 0 };
	err |= tm_event_filter_port(f, text, &e) | tm_event_filter_hook(f, text, &e) | tm_event_filter_reason(f, text, &e);
	check(!err || strlen(e.text) > 10, "refused without a reason");
	same_again(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct tm_event_filter f = { 0 };
	struct tm_event event = { 0 };
	struct tm_error e = { "" };
	size_t len, rest;
	json_t *json;

	memcpy(text, data, size);
	text[size] = '\0';
	len = strlen(text);
	words(&f, text);
	json = json_loadb(text, len, 0, NULL);
	if (json_is_object(json) && !tm_event_filter_read(&f, json, &e))
		same_again(&f);
	json_decref(json);

	rest = len < size ? size - len - 1 : 0;
	if (rest)
		memcpy(&event, data + len + 1, rest < sizeof(event) ? rest : sizeof(event));
	free(text);
	if (!tm_event_check(&event))
		return 0;
	tm_event_wanted(&f, &event);
	json = tm_event_json(&event);
	check(json_string_value(json_object_get(json, "time")), "an event without a time");
	json_decref(json);
	return 0;
}
