/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Protect blocks that clients add and take away: each time, the configuration in force is put together again as text, with them or
 * without, so that it is checked as a whole.
 */
#include "reload-parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/daemon.h"

#define IN_FORCE "what is in force"

static bool is_added(const struct reload_added *a, const char *name)
{
	for (size_t i = 0; i < a->count; i++)
		if (!strcmp(a->names[i], name))
			return true;
	return false;
}

static void forget(struct reload_added *a, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->names[i], name))
			memmove(a->names[kept++], a->names[i], sizeof(a->names[i]));
	a->count = kept;
}

static const struct tm_config_protect *find(const struct tm_config *config, const char *name)
{
	for (size_t i = 0; i < config->protect_count; i++)
		if (!strcmp(config->protects[i].name, name))
			return &config->protects[i];
	return NULL;
}

/* The text of a configuration with these blocks in place of its own. */
static char *text_with(const struct tm_config *config, struct tm_config_protect *blocks, size_t count)
{
	struct tm_config other = *config; /* owns nothing */

	other.protects = blocks;
	other.protect_count = count;
	return tm_config_text(&other);
}

/* Takes the configuration that both texts make, which it frees, in place of *config. An exit status. */
static int join(struct tm_config *config, char *first, char *second, char **why)
{
	struct tm_config both = { 0 };
	char *text = NULL;
	int status;

	if (!first || !second || asprintf(&text, "%s%s", first, second) < 0) {
		*why = reload_sentence("out of memory");
		status = DAEMON_FAILED;
	} else {
		status = reload_parse(&both, IN_FORCE, text, strlen(text), why);
		free(text);
	}
	free(first);
	free(second);
	if (status)
		return status;
	tm_config_free(config);
	*config = both;
	return 0;
}

int reload_keep_added(const struct reload *r, struct tm_config *config, struct reload_added *kept, char **why)
{
	const struct tm_config *now = &r->hooks->config;
	struct tm_config_protect *blocks;
	struct tm_config none = { 0 };
	size_t count = 0;
	int status;

	*kept = r->added;
	for (size_t i = 0; i < config->protect_count; i++)
		forget(kept, config->protects[i].name);
	if (!kept->count)
		return 0;
	blocks = calloc(now->protect_count + 1, sizeof(*blocks));
	for (size_t i = 0; i < now->protect_count && blocks; i++)
		if (is_added(kept, now->protects[i].name))
			blocks[count++] = now->protects[i];
	status = join(config, tm_config_text(config), blocks ? text_with(&none, blocks, count) : NULL, why);
	free(blocks);
	return status;
}

/* Only protect blocks, with names that are new. An exit status. */
static int check_added(const struct tm_config *now, const struct tm_config *added, char **why)
{
	if (!added->protect_count || added->hook_count || added->set.count || added->path_count ||
	    added->discovery.present || added->metrics.family || added->control.at.line) {
		*why = reload_sentence("only protect blocks can be added, and one at least");
		return DAEMON_CONFIG;
	}
	for (size_t i = 0; i < added->protect_count; i++) {
		if (find(now, added->protects[i].name)) {
			*why = reload_sentence(
				"there is a protect block '%s' already: take it away first, or choose another name",
				added->protects[i].name);
			return DAEMON_FAILED;
		}
	}
	return 0;
}

static int parse_added(const struct reload *r, int fd, struct tm_config *added, char **why)
{
	char *text = NULL;
	size_t len;
	int status = reload_read_passed(fd, &text, &len, why);

	if (!status)
		status = reload_parse(added, "added", text, len, why);
	free(text);
	return status ? status : check_added(&r->hooks->config, added, why);
}

static void note_added(struct reload_added *list, const struct tm_config *config, const struct tm_config *added)
{
	for (size_t i = 0; i < added->protect_count; i++)
		if (find(config, added->protects[i].name) && list->count < TM_PROTECT_BLOCKS)
			strcpy(list->names[list->count++], added->protects[i].name);
}

int reload_add_protect(struct reload *r, int fd, char **why)
{
	struct tm_config config = { 0 }, added = { 0 };
	int status;

	*why = NULL;
	if (r->before) {
		*why = reload_pending(r);
		status = DAEMON_FAILED;
	} else {
		status = parse_added(r, fd, &added, why);
	}
	if (!status)
		status = join(&config, tm_config_text(&r->hooks->config), tm_config_text(&added), why);
	if (!status)
		status = reload_put_in_force(r, &config, 0, why);
	if (!status) {
		note_added(&r->added, &r->hooks->config, &added);
		reload_tell(r, "protect %s%s: added, until tcpmssd stops", added.protects[0].name,
			    added.protect_count > 1 ? " and others" : "");
	}
	tm_config_free(&config);
	tm_config_free(&added);
	close(fd);
	return status;
}

int reload_remove_protect(struct reload *r, const char *name, char **why)
{
	const struct tm_config *now = &r->hooks->config;
	struct tm_config_protect *blocks = calloc(now->protect_count + 1, sizeof(*blocks));
	struct tm_config config = { 0 };
	size_t count = 0;
	int status = DAEMON_FAILED;

	*why = NULL;
	for (size_t i = 0; i < now->protect_count && blocks && name; i++)
		if (strcmp(now->protects[i].name, name))
			blocks[count++] = now->protects[i];
	if (r->before)
		*why = reload_pending(r);
	else if (name && !find(now, name))
		*why = reload_sentence("there is no protect block '%s'", name);
	else
		status = join(&config, blocks ? text_with(now, blocks, count) : NULL, strdup(""), why);
	free(blocks);
	if (!status)
		status = reload_put_in_force(r, &config, 0, why);
	if (!status && name)
		forget(&r->added, name);
	else if (!status)
		r->added.count = 0;
	if (!status)
		reload_tell(r, "protect %s: taken away", name ? name : "blocks");
	tm_config_free(&config);
	return status;
}
