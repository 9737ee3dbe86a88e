/* SPDX-License-Identifier: BSD-2-Clause */
#include "learner-process.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <unistd.h>
#include <uv.h>

#include "daemon/channel.h"
#include "daemon/daemon.h"
#include "io/clock.h"
#include "io/hook/learn-maps.h"
#include "io/hook/learn-ring.h"
#include "learner-answers.h"
#include "learner-events.h"
#include "daemon/log.h"
#include "daemon/sandbox.h"

#define AGED_AT_ONCE 4096 /* entries, before others get their turn */
#define SLEEP_MOST 60000 /* ms */

struct learner_side {
	uv_loop_t loop;
	struct channel channel;
	struct io_learn_ring *ring;
	struct tm_learn_state *state; /* of the datapath */
	struct learn_shared *shared;
	struct learner_paths paths;
	struct learner_events events;
	struct learner_answers answers;
	uv_poll_t poll;
	uv_timer_t timer;
	uv_prepare_t before_sleep;
	uv_idle_t busy; /* active: there is work left over, so the loop does not sleep */
	uint64_t leased; /* ms: when the table was last vouched for */
};

static uint64_t now_ms(void)
{
	return io_clock_ns(CLOCK_BOOTTIME) / 1000000;
}

static void on_busy(uv_idle_t *idle)
{
	/* only keeps the loop awake: on_before_sleep() does the work */
}

/* ---- what the datapath tells */

static enum tm_way way_of(uint32_t direction)
{
	return direction == TM_IN ? TM_WAY_IN : TM_WAY_OUT;
}

static void on_ptb(void *ctx, const struct tm_bpf_ptb *b)
{
	struct learner_side *s = ctx;
	const struct tm_tag *tag = learner_tag(&s->paths, b->head.tag);
	const struct tm_ptb_seen seen = {
		.bytes = b->bytes,
		.len = b->captured,
		.tag = b->head.tag,
		.way = way_of(b->head.direction),
		.window = b->window.known,
		.una = b->window.una,
		.nxt = b->window.nxt,
		.first_hop_mtu = tag ? tag->mtu : 0,
	};

	if (tag) /* else of a hook that is about to go */
		tm_learn_ptb(s->paths.learn, &seen, b->head.time / 1000000);
}

static void on_segment(void *ctx, const struct tm_bpf_segment *b)
{
	struct learner_side *s = ctx;

	tm_learn_segment(s->paths.learn, &b->segment, b->head.tag, way_of(b->head.direction), b->head.time / 1000000);
}

static void on_ring(uv_poll_t *poll, int status, int events)
{
	struct learner_side *s = poll->data;
	int n;

	s->paths.now = now_ms();
	n = io_learn_ring_read(s->ring);
	if (n < 0 && n != -EAGAIN && n != -EINTR)
		log_line(LOG_ERR, "learning: reading the ring: %s", strerror(-n));
}

/* ---- time */

static void vouch(struct learner_side *s)
{
	uint64_t boot = io_clock_ns(CLOCK_BOOTTIME), lease = s->paths.order.lease ? 1000ull * s->paths.order.lease : 0;

	if (!lease || (s->leased && s->paths.now - s->leased < lease / 3))
		return;
	tm_learned_lease(&s->paths.table, s->paths.now + lease, boot - io_clock_ns(CLOCK_MONOTONIC));
	s->leased = s->paths.now;
}

static uint64_t sleep_ms(const struct learner_side *s)
{
	uint64_t next = tm_learn_next_ms(s->paths.learn), most = SLEEP_MOST;

	if (s->paths.order.lease && 1000ull * s->paths.order.lease / 3 < most)
		most = 1000ull * s->paths.order.lease / 3;
	if (!next || next > s->paths.now + most)
		return most;
	return next > s->paths.now ? next - s->paths.now : 1;
}

static void on_time(uv_timer_t *timer)
{
	/* It has woken the loop: on_before_sleep() does the work. */
}

/* Each turn: what is due, a piece of what takes long, and when to wake up. */
static void on_before_sleep(uv_prepare_t *prepare)
{
	struct learner_side *s = prepare->data;
	bool more;

	s->paths.now = now_ms();
	more = tm_learn_tick(s->paths.learn, s->paths.now, AGED_AT_ONCE) == AGED_AT_ONCE;
	more |= learner_paths_copy(&s->paths);
	more |= learner_answers_more(&s->answers);
	vouch(s);
	__atomic_store_n(&s->state->nodf, s->paths.table.head->nodf, __ATOMIC_RELAXED);
	learner_tell_numbers(&s->paths, s->shared);
	if (more)
		uv_idle_start(&s->busy, on_busy);
	else
		uv_idle_stop(&s->busy);
	uv_timer_start(&s->timer, on_time, sleep_ms(s), 0);
}

/* ---- the manager */

static void on_message(void *ctx, const struct channel_message *m)
{
	struct learner_side *s = ctx;

	s->paths.now = now_ms();
	learner_answers_take(&s->answers, m);
}

static void on_end(void *ctx, const char *why)
{
	uv_stop(&((struct learner_side *)ctx)->loop);
}

/* ---- set-up */

static int open_maps(struct learner_side *s, const struct learner_start *start, struct tm_error *e)
{
	const struct io_learn_take take = { .ptb = on_ptb, .segment = on_segment, .ctx = s };
	uint64_t seed[2];
	size_t size;
	void *memory = io_learn_maps_table(start->table, PROT_READ | PROT_WRITE, &size, e);
	int err;

	if (!memory)
		return -EIO;
	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		return tm_error_code(e, -EIO, "no random numbers");
	err = tm_learned_open(&s->paths.table, memory, size, seed, false);
	if (err)
		return tm_error_code(e, err, "the table of learned paths: %s", strerror(-err));
	s->state = io_learn_maps_state(start->state, e);
	s->ring = s->state ? io_learn_ring_open(start->ring, &take, e) : NULL;
	return s->ring ? 0 : -EIO;
}

static int open_engine(struct learner_side *s, const struct learner_start *start, struct tm_error *e)
{
	const struct tm_learn_callbacks callbacks = { learner_event_learned, learner_event_refused, &s->events };
	uint8_t seed[32];

	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		return tm_error_code(e, -EIO, "no random numbers");
	s->shared = start->shared;
	s->events = (struct learner_events){ .paths = &s->paths, .channel = &s->channel, .shared = start->shared };
	s->paths.now = now_ms();
	s->paths.changed = learner_event_changed;
	s->paths.ctx = &s->events;
	return learner_paths_open(&s->paths, start->entries, seed, &callbacks, e);
}

static int let_go(struct tm_error *e)
{
	pid_t manager = getppid();
	int err;

	json_object_seed(0); /* now, since it reads /dev/urandom */
	prctl(PR_SET_NAME, "tcpmssd-learn");
	err = sandbox_drop(SANDBOX_LEARNER, e);
	/* Behind that: a change of the user takes the signal back. */
	return err ? err : sandbox_die_with(manager, e);
}

static int set_up_loop(struct learner_side *s, int channel, struct tm_error *e)
{
	int err = uv_loop_init(&s->loop);

	s->poll.data = s->timer.data = s->before_sleep.data = s->busy.data = s;
	s->channel.take = on_message;
	s->channel.ended = on_end;
	s->channel.ctx = s;
	learner_answers_open(&s->answers, &s->paths, &s->channel);
	if (!err)
		err = channel_open(&s->channel, &s->loop, channel, true);
	if (!err)
		err = uv_timer_init(&s->loop, &s->timer);
	if (!err)
		err = uv_idle_init(&s->loop, &s->busy);
	if (!err)
		err = uv_prepare_init(&s->loop, &s->before_sleep);
	if (!err)
		err = uv_prepare_start(&s->before_sleep, on_before_sleep);
	if (!err)
		err = uv_poll_init(&s->loop, &s->poll, io_learn_ring_fd(s->ring));
	if (!err)
		err = uv_poll_start(&s->poll, UV_READABLE, on_ring);
	return err ? tm_error_code(e, err, "starting: %s", uv_strerror(err)) : 0;
}

int learner_process(int channel, const struct learner_start *start)
{
	static struct learner_side s;
	struct tm_error e;
	int err = open_maps(&s, start, &e);

	if (!err)
		err = open_engine(&s, start, &e);
	if (!err)
		err = let_go(&e);
	if (!err)
		err = set_up_loop(&s, channel, &e);
	if (!err)
		err = sandbox_filter_calls(SANDBOX_LEARNER, &e);
	if (err)
		return daemon_fail(err, &e);
	uv_run(&s.loop, UV_RUN_DEFAULT);
	return DAEMON_OK;
}
