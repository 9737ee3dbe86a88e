/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vectors --backend user|xdp|tc [--watch] FILE…: runs the corpus (tests/vectors/) through one backend and prints TAP. With --watch every
 * SYN must make the event that it should.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "hex.h"
#include "lib/report/stats.h"

#define ROOM 4096

struct vector {
	char name[128];
	char link[16];
	char options[4096];
	char reason[32];
	uint32_t also;
	uint8_t in[ROOM], out[ROOM];
	long in_len, out_len;
	bool same;
};

static int number;
static bool failed, watched;
static struct backend backend = { .kind = BACKEND_NONE };

static void result(bool ok, const char *name, const char *skip)
{
	printf("%sok %d - %s%s%s\n", ok ? "" : "not ", ++number, name, skip ? " # SKIP " : "", skip ? skip : "");
	failed |= !ok;
}

/* The clamp options of a vector, as a shell would split them. */
static int parse_options(struct tm_options *o, char *text, struct tm_error *e)
{
	static const struct option long_options[] = { TM_CLAMP_OPTIONS, { 0 } };
	char *argv[512] = { (char *)"vector" }, *save = NULL;
	int argc = 1, opt, err;

	for (char *word = strtok_r(text, " \n", &save); word && argc < 511; word = strtok_r(NULL, " \n", &save))
		argv[argc++] = word;
	optind = 0;
	while ((opt = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		err = tm_options_take(o, opt, optarg, e);
		if (err)
			return err < 0 ? err : tm_error(e, "unknown option");
	}
	return tm_options_finish(o, e);
}

static void diagnose(const struct vector *v, const struct pk_result *r, const uint8_t *frame, uint32_t len)
{
	printf("#  options %s\n#  expected %s also %#x changed-to ", v->options, v->reason, v->also);
	hex_write(stdout, v->same ? v->in : v->out, v->same ? v->in_len : v->out_len);
	printf("\n#  got      %s also %#x changed-to ", tm_reason_name(r->reason), r->also);
	hex_write(stdout, frame, len);
	putchar('\n');
}

static void run(const struct vector *v, enum backend_kind kind)
{
	const uint8_t *expect = v->same ? v->in : v->out;
	long expect_len = v->same ? v->in_len : v->out_len;
	struct tm_options options = { 0 };
	uint8_t frame[ROOM + 64];
	uint32_t len = v->in_len;
	struct pk_result r = { 0 };
	char text[sizeof(v->options)];
	struct tm_error error = { "" };
	struct backend *b = &backend;
	bool ok;
	int err;

	if (!backend_can(kind, backend_link_find(v->link), v->in, len)) {
		result(true, v->name, "the hook sees no such frames");
		return;
	}
	strcpy(text, v->options);
	err = parse_options(&options, text, &error);
	if (!err)
		err = backend_reopen(b, kind, backend_link_find(v->link), &options, &error);
	if (!err && watched)
		err = backend_watch(b, &error);
	if (err) {
		printf("# %s\n", error.text);
		result(false, v->name, NULL);
		tm_options_free(&options);
		return;
	}
	memcpy(frame, v->in, len);
	err = backend_run(b, frame, &len, sizeof(frame), &r);
	ok = !err && r.reason == tm_reason_find(v->reason) && r.also == v->also && len == expect_len &&
	     !memcmp(frame, expect, len) && r.changed == !v->same;
	if (ok && watched && !(ok = backend_told(b, v->in, v->in_len, &r)))
		printf("# its event: %u of them, MSS %u to %u, limit %u, reason %s\n", b->events, b->event.outcome.from,
		       b->event.outcome.to, b->event.outcome.limit, tm_reason_name(b->event.outcome.reason));
	if (!ok) {
		printf("# %s\n", err ? strerror(-err) : "differs");
		diagnose(v, &r, frame, len);
	}
	result(ok, v->name, NULL);
	tm_options_free(&options);
}

static void broken(const char *file, const char *what)
{
	fprintf(stderr, "%s: %s\n", file, what);
	exit(1);
}

/* One line of a vector; `text` behind the keyword. */
static void take(struct vector *v, const char *file, const char *key, char *text)
{
	char *save = NULL;

	if (!strcmp(key, "vector")) {
		snprintf(v->name, sizeof(v->name), "%s", text);
	} else if (!strcmp(key, "link")) {
		snprintf(v->link, sizeof(v->link), "%s", text);
	} else if (!strcmp(key, "options")) {
		snprintf(v->options, sizeof(v->options), "%s", text);
	} else if (!strcmp(key, "reason")) {
		snprintf(v->reason, sizeof(v->reason), "%s", text);
		if (!tm_reason_find(text))
			broken(file, "a reason that is not in the list");
	} else if (!strcmp(key, "also")) {
		for (char *w = strtok_r(text, " ", &save); w; w = strtok_r(NULL, " ", &save))
			v->also |= 1u << tm_reason_find(w);
	} else if (!strcmp(key, "in")) {
		v->in_len = hex_read(text, v->in, ROOM);
	} else if (!strcmp(key, "out")) {
		v->same = !strcmp(text, "same");
		v->out_len = v->same ? 0 : hex_read(text, v->out, ROOM);
	} else {
		broken(file, key);
	}
	if (v->in_len < 0 || v->out_len < 0)
		broken(file, "bytes that are no hex, or too many");
}

static void run_file(const char *file, enum backend_kind kind)
{
	struct vector v = { .link = "ethernet" };
	char *line = NULL, pending[3 * ROOM] = "", *text;
	FILE *f = fopen(file, "r");
	size_t room = 0;
	bool more = true;

	if (!f)
		broken(file, strerror(errno));
	while (more) {
		more = getline(&line, &room, f) > 0;
		if (more && *line == '#')
			continue;
		if (more)
			line[strcspn(line, "\n")] = '\0';
		if (more && (*line == ' ' || *line == '\t')) { /* goes on */
			if (strlen(pending) + strlen(line) + 1 > sizeof(pending))
				broken(file, "a line that is too long");
			strcat(pending, line);
			continue;
		}
		if (*pending) {
			text = strchr(pending, ' ');
			if (text)
				*text++ = '\0';
			take(&v, file, pending, text ? text : (char *)"");
			*pending = '\0';
		}
		if (more && *line) {
			if (strlen(line) + 1 > sizeof(pending))
				broken(file, "a line that is too long");
			strcpy(pending, line);
			continue;
		}
		if (*v.name)
			run(&v, kind);
		v = (struct vector){ .link = "ethernet" };
	}
	free(line);
	fclose(f);
}

int main(int argc, char **argv)
{
	enum backend_kind kind;

	io_bpf_verbose(false);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 4 || strcmp(argv[1], "--backend") || !backend_kind_find(argv[2], &kind)) {
		fprintf(stderr, "usage: vectors --backend user|xdp|tc [--watch] FILE…\n");
		return 2;
	}
	watched = !strcmp(argv[3], "--watch");
	for (int i = 3 + watched; i < argc; i++)
		run_file(argv[i], kind);
	backend_close(&backend);
	printf("1..%d\n", number);
	return failed;
}
