/* SPDX-License-Identifier: BSD-2-Clause */
#include "learner.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/manager/hooks.h"
#include "learner-order.h"
#include "daemon/log.h"

#define SAVE_MS 5000 /* at the end, at most */

/* ---- its life */

static void on_event(void *ctx, const void *bytes, size_t len)
{
	struct learner *l = ctx;
	struct tm_event event;

	if (len != sizeof(event) || !l->event)
		return;
	memcpy(&event, bytes, sizeof(event));
	if (tm_event_check(&event))
		l->event(l->ctx, &event);
}

static void on_closed(uv_handle_t *handle)
{
	struct channel *c = handle->data;

	free((char *)c - offsetof(struct asking, channel));
}

/* Whoever waits for an answer hears that none comes. */
static void drop(struct learner *l)
{
	struct asking *a = l->asking;

	if (!a)
		return;
	l->asking = NULL;
	learner_file_stop(&l->file);
	asking_give_up(a, "the process that learns paths has ended: try again");
	if (a->channel.fd >= 0)
		channel_close(&a->channel, on_closed);
}

/* The channel has closed itself. */
static void on_end(void *ctx, const char *why)
{
	struct learner *l = ctx;

	log_line(LOG_WARNING, "%s: its channel is closed: %s", l->child.what, why);
	child_cut_off(&l->child);
	drop(l);
}

static int run(void *ctx, int channel)
{
	const struct learner *l = ctx;

	return learner_process(channel, &l->start);
}

static void send_order(struct learner *l)
{
	const struct channel_request request = { .verb = CHANNEL_LEARN_ORDER };
	struct tm_error e;
	int fd;

	if (!l->asking || !l->order)
		return;
	fd = learner_order_file(l->order, l->order_len, &e);
	if (fd < 0)
		log_line(LOG_ERR, "%s: %s", l->child.what, e.text);
	else
		asking_ask(l->asking, &request, fd, learner_order_done, l);
}

/* What it has to do comes first: only with its devices known it can take up what it knew. */
static void begin(struct learner *l)
{
	send_order(l);
	if (l->order)
		learner_file_begin(&l->file, l->asking);
}

static void started(void *ctx)
{
	struct learner *l = ctx;
	int fd = l->child.pid ? fcntl(l->child.channel, F_DUPFD_CLOEXEC, 0) : -1;

	drop(l);
	if (fd < 0)
		return;
	l->asking = calloc(1, sizeof(*l->asking));
	if (!l->asking) {
		close(fd);
		return;
	}
	l->asking->event = on_event;
	l->asking->ended = on_end;
	l->asking->ctx = l;
	l->asking->channel.closed = on_closed;
	if (!asking_open(l->asking, l->loop, fd)) {
		begin(l);
	} else if (l->asking->channel.fd >= 0) {
		drop(l);
	} else {
		free(l->asking);
		l->asking = NULL;
	}
}

static void ended(void *ctx)
{
	struct learner *l = ctx;

	memset(&l->start.shared->numbers.by_state, 0, sizeof(l->start.shared->numbers.by_state));
	drop(l);
}

int learner_init(struct learner *l)
{
	l->maps = IO_NO_LEARN_MAPS;
	return learner_file_init(&l->file, l->loop);
}

bool learner_there(const struct learner *l)
{
	return l->start.shared;
}

bool learner_runs(const struct learner *l)
{
	return l->asking;
}

int learner_start(struct learner *l, const struct tm_config *config, struct tm_error *e)
{
	struct learn_shared *shared;
	int err;

	if (learner_there(l) || !config->discovery.present)
		return 0;
	err = io_learn_maps_ensure(&l->maps, config->discovery.entries, e);
	if (err)
		return err;
	l->table = io_learn_maps_table(l->maps.learned, PROT_READ, &l->table_size, e);
	if (!l->table) {
		io_learn_maps_close(&l->maps);
		return -EIO;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		munmap(l->table, l->table_size);
		io_learn_maps_close(&l->maps);
		return tm_error_code(e, -errno, "%s", strerror(errno));
	}
	l->start = (struct learner_start){ .entries = config->discovery.entries,
					   .table = l->maps.learned,
					   .ring = l->maps.ring,
					   .state = l->maps.state,
					   .shared = shared };
	strcpy(l->file.path, config->discovery.state);
	l->child = (struct child){
		.what = "the process that learns paths", .run = run, .started = started, .ended = ended, .ctx = l
	};
	l->child.keep[0] = l->maps.learned;
	l->child.keep[1] = l->maps.ring;
	l->child.keep[2] = l->maps.state;
	if (child_start(&l->child, e)) /* it is tried again by itself */
		log_line(LOG_ERR, "%s: %s", l->child.what, e->text);
	return 0;
}

int learner_check(const struct learner *l, const struct tm_config *config, struct tm_error *e)
{
	const struct tm_config_discovery *d = &config->discovery;

	if (!learner_there(l) || !d->present || (d->entries == l->start.entries && !strcmp(d->state, l->file.path)))
		return 0;
	return tm_error_code(
		e, -EOPNOTSUPP,
		"%s:%u: 'entries' and 'state' of path-mtu-discovery count when learning begins, so restart tcpmssd for that",
		config->files[d->at.file], d->at.line);
}

/* ---- orders, questions */

void learner_follow(struct learner *l, const struct hooks *h)
{
	size_t len;
	char *order;
	bool first = !l->order;

	if (!learner_there(l))
		return;
	order = learner_order_make(h, &len);
	if (!order) {
		log_line(LOG_ERR, "%s: out of memory", l->child.what);
		return;
	}
	if (!first && len == l->order_len && !memcmp(order, l->order, len)) {
		free(order);
		return;
	}
	free(l->order);
	l->order = order;
	l->order_len = len;
	if (!first)
		send_order(l);
	else if (l->asking)
		begin(l);
}

static void on_forgotten(void *ctx, int status, const char *text, size_t len)
{
	/* Where no hook learns on that device there was nothing to forget. */
}

void learner_forget_device(struct learner *l, uint32_t ifindex)
{
	struct channel_request request = { .verb = CHANNEL_PMTU_FLUSH };
	char name[IF_NAMESIZE];

	if (!l->asking || !if_indextoname(ifindex, name))
		return;
	memcpy(request.device, name, sizeof(name));
	asking_ask(l->asking, &request, -1, on_forgotten, l);
}

/* A client waits for it. */
struct relay {
	struct front *front;
	pid_t of; /* the front whose client it is */
	uint32_t id;
	char before[];
};

static void on_answer(void *ctx, int status, const char *text, size_t len)
{
	struct relay *r = ctx;
	char *all;

	if (r->front->child.pid != r->of) {
		free(r);
		return;
	}
	if (!*r->before || status) {
		front_answer(r->front, r->id, status, text);
	} else if (asprintf(&all, "%s%s}", r->before, text) >= 0) {
		front_answer(r->front, r->id, status, all);
		free(all);
	} else {
		front_answer(r->front, r->id, 1, "out of memory");
	}
	free(r);
}

void learner_ask(struct learner *l, uint32_t id, const struct channel_request *r, const char *before)
{
	struct relay *relay;

	if (!l->asking) {
		front_answer(l->front, id, 1,
			     learner_there(l) ?
				     "the process that learns paths does not run just now: try again" :
				     "this tcpmssd learns no paths: its configuration has no path-mtu-discovery");
		return;
	}
	relay = malloc(sizeof(*relay) + (before ? strlen(before) : 0) + 1);
	if (!relay) {
		front_answer(l->front, id, 1, "out of memory");
		return;
	}
	*relay = (struct relay){ .front = l->front, .of = l->front->child.pid, .id = id };
	strcpy(relay->before, before ? before : "");
	if (asking_ask(l->asking, r, -1, on_answer, relay) < 0) {
		front_answer(l->front, id, 1, "the process that learns paths is busy: try again later");
		free(relay);
	}
}

void learner_watch(struct learner *l, bool watched)
{
	if (learner_there(l))
		__atomic_store_n(&l->start.shared->watched, watched, __ATOMIC_RELAXED);
}

void learner_numbers(const struct learner *l, struct tm_path_numbers *n)
{
	struct tm_bpf_learning kernel;

	*n = l->start.shared->numbers;
	if (io_learn_maps_counters(l->maps.learning, &kernel))
		return;
	n->left_out = kernel.ptbs_left_out + kernel.segments_left_out;
	n->df_cleared = kernel.df_cleared;
}

static void on_late(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

static void save(struct learner *l)
{
	uv_timer_t timer;
	bool late = false;

	if (!learner_file_save(&l->file) || uv_timer_init(l->loop, &timer))
		return;
	timer.data = &late;
	uv_timer_start(&timer, on_late, SAVE_MS, 0);
	while (l->file.saving && l->asking && !late)
		uv_run(l->loop, UV_RUN_ONCE);
	if (late)
		log_line(LOG_ERR, "%s: saving learned paths takes too long", l->file.path);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(l->loop, UV_RUN_NOWAIT);
}

void learner_end(struct learner *l)
{
	if (!learner_there(l))
		return;
	save(l);
	drop(l);
	child_stop(&l->child);
	munmap(l->table, l->table_size);
	l->table = NULL;
	munmap(l->start.shared, sizeof(*l->start.shared));
	l->start.shared = NULL;
	free(l->order);
	l->order = NULL;
}

const struct io_learn_maps *learner_maps(const struct learner *l)
{
	return l && learner_there(l) ? &l->maps : NULL;
}

struct pk_learned_table learner_table(const struct learner *l)
{
	return l && l->table ? tm_learned_table(l->table, l->table_size) : (struct pk_learned_table){ 0 };
}

void learner_tidy(struct learner *l)
{
	struct tm_error e;

	if (l->maps.learned >= 0 && io_learn_maps_release(&e))
		log_line(LOG_ERR, "%s", e.text);
	io_learn_maps_close(&l->maps);
}
