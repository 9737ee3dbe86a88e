/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When a protect block answers SYNs itself: the controller. Pure: it is told the counters and the time, and tells the state.
 *
 * While SYNs pass, half-open connections are those of the last TM_PROTECT_WINDOW seconds whose client has not answered, which is as long as
 * a server keeps one (SYN-ACKs again after 1, 3, 7, 15 and 31 s). While they are answered, no server has any, so it is those that
 * there would come to be: cookies that nobody brought back in the last TM_PROTECT_RECENT seconds, as many as they would be in a window.
 *
 *   idle ──more than high──► armed ──more than high for TM_PROTECT_FLOODED_MS──► flooded
 *    ▲                         │ ◄──no more than high for as long───────────────────┘
 *    │                         └──no more than low for the hold time──► draining ──after TM_PROTECT_DRAIN_MS──► idle
 *    └ from draining, too, more than high arms at once; and no more than low for the hold time ends flooded, too
 */
#ifndef TM_PROTECT_CONTROL_H
#define TM_PROTECT_CONTROL_H

#include "bpf/protect/map.h"
#include "lib/config/config.h"

#define TM_PROTECT_TICK_MS 200 /* how often to tick; any other pace works, too */
#define TM_PROTECT_WINDOW 60 /* s */
#define TM_PROTECT_RECENT 10 /* s */
#define TM_PROTECT_HOLD_MS 10000
#define TM_PROTECT_FLOODED_MS 3000
#define TM_PROTECT_DRAIN_MS 10000 /* cookies in flight are taken that long */

enum tm_protection {
	TM_PROTECTION_IDLE,
	TM_PROTECTION_DRAINING,
	TM_PROTECTION_ARMED,
	TM_PROTECTION_FLOODED,
	TM_PROTECTIONS
};

/* What a tick has changed: one step of the picture above. */
enum tm_protect_change {
	TM_PROTECT_SAME,
	TM_PROTECT_ARMS, /* SYNs are to be answered from now on */
	TM_PROTECT_FLOODS, /* it goes on */
	TM_PROTECT_CALMS, /* armed still, no longer flooded */
	TM_PROTECT_DISARMS, /* SYNs are to pass again */
	TM_PROTECT_DRAINED, /* nothing is left of it */
	TM_PROTECT_CHANGES
};

/* Totals since ever. They may begin anew: a total below the last one counts nothing. */
struct tm_protect_totals {
	uint64_t opened; /* of the sample: SYNs that passed, each flow once */
	uint64_t ended; /* of these, completed by the client or refused by the server */
	uint64_t answered; /* SYNs answered with cookies, and those over the budget of what passes while armed */
	uint64_t good, bad; /* ACKs with a right cookie, and without */
};

struct tm_protect_settings {
	enum tm_protect_mode mode;
	unsigned high, low; /* half-open connections, low < high */
	unsigned sample; /* of so many flows one is in the sample; 0: all are, as with 1 */
	bool synproxy; /* it answers by itself: while armed, what passes is what it answers, and what ends came back with a good cookie */
};

/* All of it is the controller's own business. No pointers: it may be copied. */
struct tm_protect_control {
	struct tm_protect_settings settings;
	struct tm_protect_totals last;
	struct tm_protect_totals past[TM_PROTECT_WINDOW]; /* what each second has added, the sample multiplied: a ring */
	uint64_t now; /* ms: of the last tick */
	uint64_t since; /* ms: when the state began */
	uint64_t above, calm,
		below; /* ms: since when there are more than high, no more than high, no more than low; UINT64_MAX: not */
	uint64_t half_open;
	uint64_t armed; /* how often it was */
	enum tm_protection state;
	bool ticked;
};

/* Idle, with nothing known. */
void tm_protect_control_init(struct tm_protect_control *c, const struct tm_protect_settings *settings);

/* Other settings, with all that is known kept. The next tick acts on them. */
void tm_protect_control_set(struct tm_protect_control *c, const struct tm_protect_settings *settings);

/*
 * Takes the totals of now (ms of a clock that never goes back; if it does, it counts as standing still). One step at most; always and
 * off take theirs at once.
 */
enum tm_protect_change tm_protect_control_tick(struct tm_protect_control *c, uint64_t now,
					       const struct tm_protect_totals *totals);

/* Before the first tick: takes up what was found in the kernel after a restart. */
void tm_protect_control_resume(struct tm_protect_control *c, enum tm_protect_arm arm);

/* Per second, over the last TM_PROTECT_RATE whole seconds. */
#define TM_PROTECT_RATE 5
struct tm_protect_rates {
	uint64_t opened, answered, good, bad;
};
struct tm_protect_rates tm_protect_control_rates(const struct tm_protect_control *c);

/* The event that tells of a change (not TM_PROTECT_SAME) of the block `name`; time in ns since 1970. */
struct tm_event;
void tm_protect_control_event(struct tm_event *e, const struct tm_protect_control *c, enum tm_protect_change change,
			      uint64_t time, const char *name);

/* What the programs are told of a state. */
enum tm_protect_arm tm_protection_arm(enum tm_protection state);

/* "idle", "draining", "armed", "flooded" */
const char *tm_protection_name(enum tm_protection state);

/* The totals that the counters of a block (summed over CPUs) come to. */
struct tm_protect_totals tm_protect_totals(const struct tm_protect_counters *counters);

/* How large a sample does: 1 of 16 flows, or of so many fewer that the smallest high is made of 64 (sample_mask in the maps is one less). */
unsigned tm_protect_sample(const struct tm_config_protect *blocks, size_t count);

#endif
