/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of reload share.
 */
#ifndef DAEMON_RELOAD_PARTS_H
#define DAEMON_RELOAD_PARTS_H

#include "reload.h"

/* What to tell; NULL without memory, which whoever answers then tells of. */
char *reload_sentence(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *reload_pending(const struct reload *r); /* that a configuration awaits confirmation */

/* Tells the log, and whoever watches, what is in force. */
void reload_tell(const struct reload *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A text that nobody can change while it is read, for free(). An exit status, with *why. */
int reload_read_passed(int fd, char **text, size_t *len, char **why);

/* The text, or with NULL the file `name`, as a configuration. As above. */
int reload_parse(struct tm_config *config, const char *name, const char *text, size_t len, char **why);

/* Takes the configuration over where that succeeds. As above. */
int reload_put_in_force(struct reload *r, struct tm_config *config, unsigned confirm, char **why);

/* Puts the blocks that were added to the new configuration, but for those that it has under the same name: *kept. As above. */
int reload_keep_added(const struct reload *r, struct tm_config *config, struct reload_added *kept, char **why);

#endif
