/* SPDX-License-Identifier: BSD-2-Clause */
#include "reload-parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/log.h"

#define AGAIN_MS 1000 /* going back is tried until it succeeds */

void reload_tell(const struct reload *r, const char *format, ...)
{
	char text[LOG_LINE];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	log_line(LOG_NOTICE, "%s", text);
	if (r->told)
		r->told(r->ctx, text);
}

/* ---- reading */

static int read_new(const struct reload *r, int fd, struct tm_config *config, char **why)
{
	char *text = NULL;
	size_t len;
	int status;

	if (fd < 0)
		return reload_parse(config, r->file, r->text, r->text ? strlen(r->text) : 0, why);
	status = reload_read_passed(fd, &text, &len, why);
	if (!status)
		status = reload_parse(config, "reload", text, len, why);
	free(text);
	return status;
}

char *reload_pending(const struct reload *r)
{
	return reload_sentence(
		"a configuration awaits confirmation for %u seconds yet: 'tcpmss confirm' keeps it, 'tcpmss undo' goes back",
		reload_left(r));
}

/* ---- going back */

static void settled(struct reload *r)
{
	uv_timer_stop(&r->timer);
	free(r->before);
	r->before = NULL;
}

/* Devices that have vanished meanwhile are waited for, as ever. */
static int go_back(struct reload *r, char **why)
{
	struct tm_config config = { 0 };
	struct tm_error e;
	int status = reload_parse(&config, "before", r->before, strlen(r->before), why);

	if (!status && hooks_apply(r->hooks, &config, &e)) {
		*why = reload_sentence("%s", e.text);
		status = DAEMON_FAILED;
	}
	tm_config_free(&config);
	if (!status) {
		r->added = r->added_before;
		settled(r);
	}
	return status;
}

static void on_time(uv_timer_t *timer)
{
	struct reload *r = timer->data;
	char *why = NULL;

	if (!go_back(r, &why)) {
		reload_tell(r, "nobody has confirmed the configuration: the one before is in force again");
		return;
	}
	log_line(LOG_ERR, "going back to the configuration before: %s", why ? why : "out of memory");
	free(why);
	uv_timer_start(timer, on_time, AGAIN_MS, 0);
}

/* ---- what clients ask for */

int reload_init(struct reload *r, uv_loop_t *loop, struct hooks *hooks, const char *file,
		const struct tm_config *config)
{
	r->hooks = hooks;
	r->file = file;
	r->served = config->control;
	r->timer.data = r;
	return uv_timer_init(loop, &r->timer);
}

unsigned reload_left(const struct reload *r)
{
	uint64_t now = uv_now(r->timer.loop);

	if (!r->before)
		return 0;
	return r->until > now ? (unsigned)((r->until - now + 999) / 1000) : 1;
}

/* The socket and its group stay what they are. */
static void tell_of_control(const struct reload *r)
{
	const struct tm_config_control *now = &r->hooks->config.control;

	if (strcmp(now->socket, r->served.socket) || strcmp(now->group, r->served.group))
		log_line(LOG_WARNING, "'control' has changed: that counts when tcpmssd starts, so restart it for that");
}

int reload_put_in_force(struct reload *r, struct tm_config *config, unsigned confirm, char **why)
{
	char *before = confirm ? tm_config_text(&r->hooks->config) : NULL;
	struct tm_error e;
	int err;

	if (confirm && !before) {
		*why = reload_sentence("out of memory");
		return DAEMON_FAILED;
	}
	err = hooks_apply(r->hooks, config, &e);
	if (err) {
		free(before);
		*why = reload_sentence("%s", e.text);
		return err == -EOPNOTSUPP ? DAEMON_UNSUPPORTED : err == -EPERM ? DAEMON_PRIVILEGE : DAEMON_FAILED;
	}
	if (confirm) {
		r->before = before;
		r->added_before = r->added;
		uv_update_time(r->timer.loop); /* compiling takes its time, which is not the operator's */
		r->until = uv_now(r->timer.loop) + 1000ull * confirm;
		uv_timer_start(&r->timer, on_time, 1000ull * confirm, 0);
	}
	return 0;
}

int reload_apply(struct reload *r, int fd, unsigned confirm, char **why)
{
	struct tm_config config = { 0 };
	struct reload_added kept;
	int status;

	*why = NULL;
	if (r->before) {
		*why = reload_pending(r);
		status = DAEMON_FAILED;
	} else {
		status = read_new(r, fd, &config, why);
	}
	if (!status)
		status = reload_keep_added(r, &config, &kept, why);
	if (!status)
		status = reload_put_in_force(r, &config, confirm, why);
	tm_config_free(&config);
	if (!status) {
		r->added = kept;
		tell_of_control(r);
	}
	if (!status && confirm)
		reload_tell(r, "%s is in force, for %u seconds unless it is confirmed",
			    fd < 0 ? r->file : "a configuration from a client", confirm);
	else if (!status)
		reload_tell(r, "%s is in force", fd < 0 ? r->file : "a configuration from a client");
	if (fd >= 0)
		close(fd);
	return status;
}

static int nothing_to_confirm(char **why)
{
	*why = reload_sentence("no configuration awaits confirmation");
	return DAEMON_FAILED;
}

int reload_confirm(struct reload *r, char **why)
{
	*why = NULL;
	if (!r->before)
		return nothing_to_confirm(why);
	settled(r);
	reload_tell(r, "the configuration is confirmed");
	return 0;
}

int reload_undo(struct reload *r, char **why)
{
	int status;

	*why = NULL;
	if (!r->before)
		return nothing_to_confirm(why);
	status = go_back(r, why);
	if (!status)
		reload_tell(r, "the configuration before is in force again");
	return status;
}

void reload_end(struct reload *r)
{
	settled(r);
}
