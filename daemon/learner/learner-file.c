/* SPDX-License-Identifier: BSD-2-Clause */
#include "learner-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/log.h"

#define EVERY_MS 300000

/* What it is called while it is written, and when it is of no use. */
#define NEW ".new"
#define BROKEN ".broken"

struct name {
	char text[TM_STATE_PATH + 8];
};

static struct name beside(const struct learner_file *f, const char *ending)
{
	struct name n;

	snprintf(n.text, sizeof(n.text), "%s%s", f->path, ending);
	return n;
}

/* Its directory; `path` "/paths" has "/". */
static struct name folder(const struct learner_file *f)
{
	struct name n = beside(f, "");
	char *slash = strrchr(n.text, '/');

	slash[slash == n.text] = '\0';
	return n;
}

/* ---- out */

/* Once, until it works again. */
static void tell_failure(struct learner_file *f, const char *why)
{
	unlink(beside(f, NEW).text);
	if (!f->failed)
		log_line(LOG_ERR, "%s: learned paths are not saved: %s", f->path, why);
	f->failed = true;
}

/* That the file has its name survives a loss of power, too. */
static void sync_folder(const struct learner_file *f)
{
	int fd = open(folder(f).text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static void on_saved(void *ctx, int status, const char *text, size_t len)
{
	struct learner_file *f = ctx;

	f->saving = false;
	if (status) {
		tell_failure(f, text);
	} else if (rename(beside(f, NEW).text, f->path)) {
		tell_failure(f, strerror(errno));
	} else {
		sync_folder(f);
		if (f->failed)
			log_line(LOG_NOTICE, "%s: learned paths are saved again", f->path);
		f->failed = false;
	}
}

bool learner_file_save(struct learner_file *f)
{
	const struct channel_request save = { .verb = CHANNEL_LEARN_SAVE };
	int fd;

	if (!*f->path || !f->asking || !f->loaded || f->saving)
		return f->saving;
	mkdir(folder(f).text, 0755); /* where it is missing and can be made */
	fd = open(beside(f, NEW).text, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		tell_failure(f, strerror(errno));
		return false;
	}
	f->saving = asking_ask(f->asking, &save, fd, on_saved, f) >= 0;
	return f->saving;
}

static void on_time(uv_timer_t *timer)
{
	learner_file_save(timer->data);
}

/* ---- in */

static void set_aside(const struct learner_file *f, const char *why)
{
	struct name broken = beside(f, BROKEN);

	if (rename(f->path, broken.text))
		log_line(LOG_ERR, "%s: %s; it is not read, and cannot be set aside: %s", f->path, why, strerror(errno));
	else
		log_line(LOG_ERR, "%s: %s; it is not read, and is now called %s", f->path, why, broken.text);
}

static void on_loaded(void *ctx, int status, const char *text, size_t len)
{
	struct learner_file *f = ctx;

	f->loaded = f->asking; /* else it was the learner's end that answered */
	if (!f->asking)
		return;
	if (status == DAEMON_CONFIG)
		set_aside(f, text);
	else if (status)
		log_line(LOG_ERR, "%s: learned paths are not read: %s", f->path, text);
}

static void load(struct learner_file *f)
{
	const struct channel_request request = { .verb = CHANNEL_LEARN_LOAD };
	int fd = open(f->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		f->loaded = errno == ENOENT;
		if (!f->loaded)
			log_line(LOG_ERR, "%s: learned paths are neither read nor saved: %s", f->path, strerror(errno));
		return;
	}
	asking_ask(f->asking, &request, fd, on_loaded, f);
}

/* ---- */

int learner_file_init(struct learner_file *f, uv_loop_t *loop)
{
	f->timer.data = f;
	return uv_timer_init(loop, &f->timer);
}

void learner_file_begin(struct learner_file *f, struct asking *asking)
{
	f->asking = asking;
	f->loaded = f->saving = false;
	if (!*f->path)
		return;
	load(f);
	uv_timer_start(&f->timer, on_time, EVERY_MS, EVERY_MS);
}

void learner_file_stop(struct learner_file *f)
{
	f->asking = NULL;
	uv_timer_stop(&f->timer);
}
