/* SPDX-License-Identifier: BSD-2-Clause */
#include "control-request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "lib/options.h"
#include "lib/pmtu/pmtu.h"

#define HOOK 1
#define WHAT 2
#define ADDRESS 4
#define CONFIRM 8
#define ANYTHING 16 /* its members are read elsewhere */
#define DESTINATION 32
#define DEVICE 64
#define STATES 128
#define MTU 256
#define CURSOR 512
#define BLOCK 1024
#define ALL 2048

static const struct verb {
	const char *name;
	enum channel_verb verb;
	unsigned members; /* beside "verb" */
	bool changes;
} verbs[] = {
	{ "hello", CHANNEL_HELLO, 0, false },		{ "show", CHANNEL_SHOW, 0, false },
	{ "stats", CHANNEL_STATS, HOOK | WHAT, false }, { "explain", CHANNEL_EXPLAIN, ADDRESS, false },
	{ "watch", CHANNEL_WATCH, ANYTHING, false },	{ "reload", CHANNEL_RELOAD, CONFIRM, true },
	{ "confirm", CHANNEL_CONFIRM, 0, true },	{ "undo", CHANNEL_UNDO, 0, true },
	{ "pmtu-show", CHANNEL_PMTU_SHOW, DESTINATION | DEVICE | STATES | CURSOR, false },
	{ "pmtu-set", CHANNEL_PMTU_SET, ADDRESS | DEVICE | MTU, true },
	{ "pmtu-delete", CHANNEL_PMTU_DELETE, ADDRESS | DEVICE, true },
	{ "pmtu-flush", CHANNEL_PMTU_FLUSH, DEVICE, true },
	{ "protect-show", CHANNEL_PROTECT_SHOW, 0, false },
	{ "protect-add", CHANNEL_PROTECT_ADD, 0, true },
	{ "protect-remove", CHANNEL_PROTECT_REMOVE, BLOCK | ALL, true },
};

/* jansson goes down with each bracket. Brackets inside of strings count too: no request has such. */
static bool shallow(const char *line, size_t len)
{
	unsigned depth = 0;

	for (size_t i = 0; i < len; i++) {
		if (line[i] == '{' || line[i] == '[') {
			if (++depth > CONTROL_DEPTH)
				return false;
		} else if ((line[i] == '}' || line[i] == ']') && depth) {
			depth--;
		}
	}
	return true;
}

static int take_hook(struct control_request *r, const json_t *value, struct tm_error *e)
{
	const char *name = json_string_value(value);
	struct tm_error ignored;

	if (!name || json_string_length(value) != strlen(name) || tm_hook_name_check(name, &ignored))
		return tm_error(e, "\"hook\" is not the name of a hook");
	strncpy(r->ask.hook, name, sizeof(r->ask.hook) - 1);
	return 0;
}

static int take_block(struct control_request *r, const json_t *value, struct tm_error *e)
{
	struct tm_error ignored;

	return take_hook(r, value, &ignored) ? tm_error(e, "\"name\" is not the name of a protect block") : 0;
}

static int take_all(struct control_request *r, const json_t *value, struct tm_error *e)
{
	r->ask.what = json_is_true(value);
	return json_is_boolean(value) ? 0 : tm_error(e, "\"all\" is not true or false");
}

static int take_what(struct control_request *r, const json_t *value, struct tm_error *e)
{
	static const char *const words[] = { "get", "clear", "getclear" }; /* enum io_stats */
	const char *word = json_string_value(value);

	for (uint32_t i = 0; word && i < 3; i++) {
		if (!strcmp(word, words[i])) {
			r->ask.what = i;
			r->changes = i > 0;
			return 0;
		}
	}
	return tm_error(e, "\"what\" is not \"get\", \"clear\" or \"getclear\"");
}

static int take_address(struct control_request *r, const json_t *value, struct tm_error *e)
{
	const char *text = json_string_value(value);

	r->ask.ipv6 = text && inet_pton(AF_INET6, text, r->ask.address) == 1;
	if (!text || (!r->ask.ipv6 && inet_pton(AF_INET, text, r->ask.address) != 1))
		return tm_error(e, "\"address\" is not an IPv4 or IPv6 address");
	return 0;
}

static int take_confirm(struct control_request *r, const json_t *value, struct tm_error *e)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < 1 || n > CHANNEL_CONFIRM_MAX)
		return tm_error(e, "\"confirm\" is not a number of seconds from 1 to %d", CHANNEL_CONFIRM_MAX);
	r->ask.confirm = (uint32_t)n;
	return 0;
}

/* An address or a prefix. */
static int take_destination(struct control_request *r, const json_t *value, struct tm_error *e)
{
	const char *text = json_string_value(value);
	struct tm_prefix p;

	if (!text || json_string_length(value) != strlen(text) || tm_prefix_range(&p, text, strlen(text)))
		return tm_error(e, "\"destination\" is not an IPv4 or IPv6 address or prefix");
	memcpy(r->ask.address, p.addr, sizeof(r->ask.address));
	r->ask.ipv6 = p.ipv6;
	r->ask.bits = p.len;
	r->ask.what = 1; /* a prefix of no bits is one family's addresses */
	return 0;
}

static int take_device(struct control_request *r, const json_t *value, struct tm_error *e)
{
	const char *name = json_string_value(value);

	if (!name || json_string_length(value) != strlen(name) || !tm_device_name_good(name))
		return tm_error(e, "\"device\" is not the name of a network device");
	strncpy(r->ask.device, name, sizeof(r->ask.device) - 1);
	return 0;
}

static int take_states(struct control_request *r, const json_t *value, struct tm_error *e)
{
	const json_t *state;
	size_t i;

	json_array_foreach(value, i, state)
	{
		const char *word = json_string_value(state);
		unsigned s = TM_PMTU_REDUCED;

		while (word && s <= TM_PMTU_STATIC && strcmp(word, tm_pmtu_state_name(s)))
			s++;
		if (!word || s > TM_PMTU_STATIC)
			return tm_error(e, "\"states\" has something that is not \"reduced\", \"raising\" or \"static\"");
		r->ask.states |= 1u << s;
	}
	return json_array_size(value) ? 0 : tm_error(e, "\"states\" is not a list of states");
}

static int take_mtu(struct control_request *r, const json_t *value, struct tm_error *e)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < TM_MTU_MIN || n > TM_MTU_MAX)
		return tm_error(e, "\"mtu\" is not a number of bytes from %d to %d", TM_MTU_MIN, TM_MTU_MAX);
	r->ask.mtu = (uint32_t)n;
	return 0;
}

static int take_cursor(struct control_request *r, const json_t *value, struct tm_error *e)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return tm_error(e, "\"cursor\" is not a number that an answer had");
	r->ask.cursor = (uint64_t)json_integer_value(value);
	return 0;
}

static const struct {
	const char *name;
	unsigned bit;
	int (*take)(struct control_request *r, const json_t *value, struct tm_error *e);
} members[] = {
	{ "hook", HOOK, take_hook },
	{ "what", WHAT, take_what },
	{ "address", ADDRESS, take_address },
	{ "confirm", CONFIRM, take_confirm },
	{ "destination", DESTINATION, take_destination },
	{ "device", DEVICE, take_device },
	{ "states", STATES, take_states },
	{ "mtu", MTU, take_mtu },
	{ "cursor", CURSOR, take_cursor },
	{ "name", BLOCK, take_block },
	{ "all", ALL, take_all },
};

#define MEMBERS (sizeof(members) / sizeof(*members))

static int take_members(struct control_request *r, const struct verb *v, const json_t *object, struct tm_error *e)
{
	size_t known = 1;

	for (size_t i = 0; i < MEMBERS; i++) {
		const json_t *value = v->members & members[i].bit ? json_object_get(object, members[i].name) : NULL;
		int err;

		if (!value)
			continue;
		known++;
		err = members[i].take(r, value, e);
		if (err)
			return err;
	}
	if (known < json_object_size(object))
		return tm_error(e, "a request \"%s\" does not have all of these members", v->name);
	if (v->members & HOOK && !*r->ask.hook)
		return tm_error(e, "\"hook\" is missing: which hook's counters");
	if (v->members & ADDRESS && !json_object_get(object, "address"))
		return tm_error(e, "\"address\" is missing");
	if (v->members & MTU && !r->ask.mtu)
		return tm_error(e, "\"mtu\" is missing");
	if (v->members & BLOCK && !*r->ask.hook == !r->ask.what)
		return tm_error(e, "either \"name\" or \"all\": true has to be there");
	return 0;
}

static int take(struct control_request *r, json_t *object, struct tm_error *e)
{
	const char *name = json_string_value(json_object_get(object, "verb"));

	for (size_t i = 0; name && i < sizeof(verbs) / sizeof(*verbs); i++) {
		const struct verb *v = &verbs[i];

		if (strcmp(v->name, name))
			continue;
		r->ask.verb = v->verb;
		r->changes = v->changes;
		if (!(v->members & ANYTHING))
			return take_members(r, v, object, e);
		r->watch = json_incref(object);
		return 0;
	}
	return tm_error(e, "\"verb\" is not one of hello, show, stats, explain, watch, reload, confirm, undo, pmtu-show, pmtu-set, "
			   "pmtu-delete, pmtu-flush, protect-show, protect-add, protect-remove");
}

int control_request_parse(struct control_request *r, const char *line, size_t len, struct tm_error *e)
{
	json_t *object;
	int err;

	*r = (struct control_request){ 0 };
	if (len >= CONTROL_LINE || !shallow(line, len))
		return tm_error(e, "a request has at most %d bytes and %d levels", CONTROL_LINE - 1, CONTROL_DEPTH);
	object = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	err = json_is_object(object) ? take(r, object, e) : tm_error(e, "a request is one JSON object on one line");
	json_decref(object);
	return err;
}
