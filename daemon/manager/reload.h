/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Another configuration while the daemon runs: for good, or until it goes back by itself.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <uv.h>

#include "hooks.h"

#define RELOAD_TEXT_MAX (64u << 20) /* bytes of a configuration that is handed over */

/* Names of protect blocks. */
struct reload_added {
	char names[TM_PROTECT_BLOCKS][TM_HOOK_NAME];
	size_t count;
};

struct reload {
	struct hooks *hooks;
	const char *file; /* the configuration's own */
	const char *text; /* what it says, where there is no such file; else NULL */
	uv_timer_t timer;
	struct reload_added added; /* by clients; they stay beside whatever file is in force, until this process ends */
	struct reload_added added_before; /* with `before` */
	char *before; /* the configuration that the daemon goes back to, as text; NULL: nothing awaits confirmation */
	uint64_t until; /* ms, of the loop: when it does */
	struct tm_config_control served; /* where clients come, as long as the daemon lives */
	void (*told)(void *ctx, const char *text); /* what is in force from now on; may be NULL */
	void *ctx;
};

/* `config` is what the daemon starts with. 0 or a negative libuv error. */
int reload_init(struct reload *r, uv_loop_t *loop, struct hooks *hooks, const char *file,
		const struct tm_config *config);

/*
 * Puts another configuration in force: that in the sealed memory file `fd` (which it closes), or with -1 the daemon's own file. All is
 * read, checked and compiled first; where something is wrong, nothing changes. With `confirm` (seconds) it goes back after so long unless
 * reload_confirm() comes. An exit status; if not 0, *why tells all that is wrong, a line for each, for free().
 */
int reload_apply(struct reload *r, int fd, unsigned confirm, char **why);

/* Keeps what awaits confirmation; takes it back at once. As above: 1 where nothing awaits it. */
int reload_confirm(struct reload *r, char **why);
int reload_undo(struct reload *r, char **why);

/*
 * Adds the protect blocks in the sealed memory file `fd` (which it closes) to what is in force; takes one block away, or with NULL all of
 * them. As above.
 */
int reload_add_protect(struct reload *r, int fd, char **why);
int reload_remove_protect(struct reload *r, const char *name, char **why);

/* Seconds until the daemon goes back by itself; 0: it does not. */
unsigned reload_left(const struct reload *r);

void reload_end(struct reload *r);

#endif
