/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor: tcpmssd, the hooks that only it knows of, and its protect blocks.
 */
#include "lib/doctor/daemon.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "doctor.h"
#include "io/control-client.h"

#define PATIENCE 5 /* seconds */

/* The document that a verb without arguments is answered with, for json_decref(); NULL with *e filled. */
static json_t *ask(struct io_control *c, const char *verb, struct tm_error *e)
{
	struct io_control_answer answer = { 0 };
	json_t *document = NULL;

	if (io_control_ask(c, json_pack("{s:s}", "verb", verb), -1, &answer, e))
		return NULL;
	if (answer.document)
		document = json_incref(answer.document);
	else
		tm_error(e, "%s", answer.error ? answer.error : "the answer is empty");
	io_control_answer_free(&answer);
	return document;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* Whether a hook is one that is meant, and not looked at with all those that are on devices. */
static bool ours(const json_t *hook, const char *name)
{
	bool queue = !strcmp(text_of(hook, "mode"), "nfqueue");

	if (name && strcmp(name, text_of(hook, "name")) && strcmp(name, text_of(hook, "device")))
		return false;
	return queue || !*text_of(hook, "device");
}

/* Those that have pins are told of with these. */
struct pinned {
	const char *name;
	bool found;
};

static int look_for(struct io_hook *hook, void *ctx)
{
	struct pinned *p = ctx;

	p->found |= !strcmp(hook->meta.name, p->name);
	return 0;
}

static unsigned hooks(struct doctor *d, const json_t *list, const char *name)
{
	unsigned count = 0;
	size_t i;
	json_t *hook;

	json_array_foreach(list, i, hook)
	{
		const char *why = json_string_value(json_array_get(json_object_get(hook, "warnings"), 0));
		struct tm_daemon_hook facts = {
			.name = text_of(hook, "name"),
			.why = why ? why : "not attached",
			.queue = !strcmp(text_of(hook, "mode"), "nfqueue"),
			.alive = json_is_true(json_object_get(hook, "alive")),
		};
		struct pinned pinned = { .name = facts.name };
		struct tm_error ignored;

		if (!ours(hook, name) || io_hook_each(look_for, &pinned, &ignored) || pinned.found)
			continue;
		tm_judge_daemon_hook(&d->f, &facts);
		count++;
	}
	return count;
}

unsigned doctor_daemon(struct doctor *d, const char *name)
{
	struct tm_daemon_facts facts = { .state = TM_DAEMON_ANSWERS };
	struct timeval wait = { .tv_sec = PATIENCE };
	json_t *hello = NULL, *show = NULL, *protect = NULL;
	unsigned count = 0;
	struct io_control c;
	struct tm_error e;
	int err = io_control_open(&c, &e);

	if (!err) {
		setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
		hello = ask(&c, "hello", &e);
		show = hello ? ask(&c, "show", &e) : NULL;
		protect = json_object_get(show, "protect") ? ask(&c, "protect-show", &e) : NULL;
		io_control_close(&c);
	}
	facts.why = e.text;
	facts.file = text_of(hello, "file");
	facts.pid = json_integer_value(json_object_get(hello, "pid"));
	facts.seconds_to_confirm = json_integer_value(json_object_get(hello, "seconds_to_confirm"));
	if (err)
		facts.state = err == -ENOENT ? TM_DAEMON_NONE :
			      err == -EXDEV  ? TM_DAEMON_ELSEWHERE :
			      err == -EACCES ? TM_DAEMON_REFUSES :
					       TM_DAEMON_FAILS;
	else if (!show)
		facts.state = TM_DAEMON_FAILS;
	tm_judge_daemon(&d->f, &facts);
	if (show)
		count = hooks(d, json_object_get(show, "hooks"), name);
	if (protect)
		count += doctor_protect(d, protect, name);
	json_decref(hello);
	json_decref(show);
	json_decref(protect);
	return count;
}
