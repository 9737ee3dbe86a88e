/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness over what comes by the control socket: control_request_parse() gets a client's line, and channel_inbox_take() the
 * packets of a process that may not be trusted any more. The first byte says which: 0 the manager's end of the channel, 1 the
 * front's, anything else begins a line. Packets have their length in two bytes in front of them.
 *
 * Beside the sanitizers it checks that what is taken is within its limits, and that what is refused is told in one printable
 * sentence.
 */
#include "fuzz.h"

#include <string.h>

#include "daemon/front/control-request.h"

static void check_request(const struct channel_request *r)
{
	struct tm_error ignored;

	check(r->verb >= CHANNEL_HELLO && r->verb < CHANNEL_VERBS, "a verb out of bounds");
	check(r->what <= 2 && r->ipv6 <= 1, "a field out of bounds");
	check(r->confirm <= CHANNEL_CONFIRM_MAX, "seconds out of bounds");
	check(r->bits <= (r->ipv6 ? 128 : 32) && r->mtu <= 65535, "a path out of bounds");
	check(memchr(r->device, '\0', sizeof(r->device)), "a device without an end");
	check(!*r->device || tm_device_name_good(r->device), "an odd device");
	check(memchr(r->hook, '\0', sizeof(r->hook)), "a name without an end");
	check(!*r->hook || !tm_hook_name_check(r->hook, &ignored), "an odd name");
}

static void line(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1); /* exactly as long, for the sanitizer */
	struct control_request r;
	struct tm_error e = { "" };
	int err;

	memcpy(text, data, size);
	err = control_request_parse(&r, text, size, &e);
	free(text);
	if (!err) {
		check(size < CONTROL_LINE, "too long a line");
		check_request(&r.ask);
		json_decref(r.watch);
		return;
	}
	check(strlen(e.text) > 10, "refused without a reason");
	for (const char *c = e.text; *c; c++)
		check(*c >= ' ' && *c <= '~', "a sentence with an odd byte");
}

static void packets(const uint8_t *data, size_t size, bool manager)
{
	struct channel_inbox in;
	struct channel_message m;
	struct tm_error e;

	channel_inbox_init(&in, manager);
	while (size >= 2) {
		size_t len = data[0] | data[1] << 8;
		char *packet;
		int done;

		data += 2;
		size -= 2;
		if (len > size)
			len = size;
		packet = malloc(len + 1);
		memcpy(packet, data, len);
		done = channel_inbox_take(&in, packet, len, -1, &m, &e);
		free(packet);
		if (done > 0) {
			check(m.body[m.len] == '\0', "a body without an end");
			check(manager == (m.type == CHANNEL_ASK), "a message that goes the other way");
			check(m.type != CHANNEL_ASK || m.len == sizeof(struct channel_request),
			      "a request of an odd length");
			check(m.len <= CHANNEL_ANSWER_MAX, "too long a message");
		}
		data += len;
		size -= len;
	}
	channel_inbox_free(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && data[0] <= 1)
		packets(data + 1, size - 1, !data[0]);
	else
		line(data, size);
	return 0;
}
