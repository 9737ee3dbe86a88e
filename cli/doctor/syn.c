/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor: SYNs through a hook.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "doctor.h"
#include "io/hook/attached.h"
#include "io/net/device.h"
#include "io/doctor/syn-trial.h"

#define PATIENCE 1000 /* milliseconds for a SYN to come out */
#define IMPATIENCE 200 /* for those after one that did not */

struct trials {
	struct doctor *d;
	struct io_hook *hook;
	const struct tm_device_facts *device; /* of the program */
	uint32_t mtu; /* of the device; of a wire's two the smaller */
	uint32_t exit; /* index of the device where it comes out */
	struct tm_rules rules;
	enum tm_direction direction;
	enum tm_way way;
	uint32_t program; /* TM_RUN: its id */
	bool lost; /* one did not come out */
};

static uint64_t counted(const struct trials *t, enum pk_family family)
{
	struct tm_hook_counters counters;
	struct tm_error ignored;

	if (io_hook_counters(t->hook, &counters, &ignored))
		return 0;
	return counters.by[t->direction][family].syn_packets;
}

/* Sends it, or what comes nearest to that. 0 or −errno with *e filled. */
static int go(const struct trials *t, struct tm_syn_facts *s, struct tm_error *e)
{
	int err;

	switch (t->way) {
	case TM_SENT:
		return io_trial_send(t->device->ifindex, &s->trial, &s->sent, e);
	case TM_FROM_PEER:
		return io_trial_send(t->device->peer.ifindex, &s->trial, &s->sent, e);
	case TM_PUT:
	case TM_CARRIED:
	case TM_COUNTED:
		return io_trial_put(t->device->ifindex, &s->trial, &s->sent, e);
	case TM_RUN:
		s->got = s->sent;
		err = io_trial_run(t->program, io_mode_is_xdp(t->hook->meta.mode), t->device->ifindex, &s->got,
				   &s->verdict, e);
		s->seen = !err;
		s->passed = s->verdict == (io_mode_is_wire(t->hook->meta.mode) ? XDP_REDIRECT : XDP_PASS);
		return err;
	}
	return 0;
}

static void try_one(struct trials *t, struct tm_syn_facts *s)
{
	struct io_caught caught;
	struct tm_error e;
	uint64_t before;
	int tap = -1, err = 0;

	tm_trial_build(&s->trial, &s->sent);
	s->expected = s->sent;
	s->expected_mss = tm_trial_expect(&s->trial, &t->rules, t->mtu, 0, &s->expected);
	before = counted(t, s->trial.family);
	if (t->way != TM_RUN)
		tap = io_trial_tap(t->exit, &s->trial, t->way == TM_SENT || t->way == TM_CARRIED, &e);
	if (tap < 0 && t->way != TM_RUN)
		err = tap;
	if (!err)
		err = go(t, s, &e);
	if (!err && tap >= 0 && io_trial_wait(tap, t->lost || t->way == TM_COUNTED ? IMPATIENCE : PATIENCE, &caught)) {
		s->seen = true;
		s->got = caught.frame;
		s->got_partial = caught.partial;
	}
	if (tap >= 0)
		close(tap);
	if (err) {
		t->d->denied |= err == -EPERM;
		tm_find(&t->d->f, TM_WARNING, "syn", s->hook, "%s %s: not tried: %s", s->leaving ? "out" : "in",
			s->trial.family == PK_IPV4 ? "IPv4" : "IPv6", e.text);
		return;
	}
	s->counted = counted(t, s->trial.family) - before;
	t->lost |= !s->seen && !s->counted;
	t->d->syns += s->counted != 0;
	tm_judge_syn(&t->d->f, s);
}

static void try_direction(struct trials *t)
{
	static const enum pk_family families[] = { PK_IPV4, PK_IPV6 };
	struct io_device device = { .type = t->device->type };
	const struct pk_rules_head *head = (const struct pk_rules_head *)t->rules.image.image;
	bool leaving = t->direction == TM_OUT;

	for (int i = 0; i < 2; i++) {
		for (int partial = 0; partial <= (t->way == TM_SENT || t->way == TM_FROM_PEER); partial++) {
			struct tm_syn_facts s = {
				.hook = t->hook->meta.name,
				.device = t->device->name,
				.way = t->way,
				.leaving = leaving,
				.by_route = head->hooks[t->rules.hook].flags & PK_HOOK_ROUTE,
				.trial = { .link = io_device_link(&device), .family = families[i], .partial = partial },
			};

			memcpy(s.trial.source, t->device->address, sizeof(s.trial.source));
			if (getrandom(&s.trial.sequence, sizeof(s.trial.sequence), 0) < 0)
				s.trial.sequence = 0x544d5353;
			try_one(t, &s);
		}
	}
}

/* The most real way that there is. A driver's own XDP sees only what its hardware, or a veth's peer, sends. */
static enum tm_way way_of(const struct trials *t)
{
	const struct tm_neighbour_facts *peer = &t->device->peer;

	switch ((enum io_mode)t->hook->meta.mode) {
	case IO_TC:
		if (t->direction == TM_OUT)
			return TM_SENT;
		break;
	case IO_WIRE_TC:
		return TM_CARRIED;
	case IO_WIRE_XDP:
		return TM_RUN;
	case IO_XDP:
		return peer->known && !peer->elsewhere && peer->up ? TM_FROM_PEER : TM_RUN;
	case IO_XDP_GENERIC:
		break;
	}
	return t->device->master ? TM_COUNTED : TM_PUT;
}

void doctor_trials(struct doctor *d, struct io_hook *hook, const struct tm_image *image,
		   const struct tm_device_facts ends[2])
{
	bool wire = io_mode_is_wire(hook->meta.mode);
	struct tm_attached list[IO_ATTACHED];

	for (int direction = TM_IN; direction < TM_DIRECTIONS; direction++) {
		struct trials t = { .d = d, .hook = hook, .direction = direction };

		if (!(hook->meta.directions >> direction & 1))
			continue;
		t.device = &ends[wire && direction == TM_OUT];
		t.exit = ends[wire && direction == TM_IN].ifindex;
		t.mtu = wire && ends[1].mtu < ends[0].mtu ? ends[1].mtu : ends[0].mtu;
		t.rules = (struct tm_rules){ .image = tm_image_rules(image), .hook = wire ? direction : 0 };
		t.way = way_of(&t);
		t.program = t.way == TM_RUN ? io_attached_xdp(t.device->ifindex, hook->meta.mode) : 0;
		if (ends[0].up && ends[0].carrier && (!wire || (ends[1].up && ends[1].carrier)))
			try_direction(&t);
		tm_judge_order(&d->f, hook->meta.name, direction == TM_OUT ? "out" : "in", list,
			       io_attached(hook, direction, list), t.lost);
	}
}
