/* SPDX-License-Identifier: BSD-2-Clause */
#include "source.h"

#include <errno.h>
#include <stdio.h>

#include "cli.h"
#include "io/control-client.h"

static int tell(const struct io_control_answer *answer)
{
	if (answer->status)
		fprintf(stderr, "tcpmss: %s\n", answer->error);
	return answer->status;
}

static int ask(struct io_control *c, json_t *request, int fd, json_t **document)
{
	struct io_control_answer answer;
	struct tm_error e;
	int err = io_control_ask(c, request, fd, &answer, &e), status;

	status = err ? cli_fail(err, &e) : tell(&answer);
	if (!status && document)
		*document = json_incref(answer.document);
	io_control_answer_free(&answer);
	return status;
}

bool cli_ask_if_there(json_t *request, json_t **document, int *status)
{
	struct io_control c;
	struct tm_error e;

	*document = NULL;
	if (io_control_open(&c, &e)) {
		json_decref(request);
		return false;
	}
	*status = ask(&c, request, -1, document);
	io_control_close(&c);
	return true;
}

/* An exit status, told where it is not 0. */
static int open_daemon(struct io_control *c)
{
	struct tm_error e;
	int err = io_control_open(c, &e);

	if (!err)
		return CLI_OK;
	fprintf(stderr, "tcpmss: %s\n", e.text);
	return err == -EACCES ? CLI_PRIVILEGE : err == -ENOMEM ? CLI_FAILED : CLI_NO_DAEMON;
}

static int ask_once(json_t *request, int fd, json_t **document)
{
	struct io_control c;
	int status = open_daemon(&c);

	if (status) {
		json_decref(request);
		return status;
	}
	status = ask(&c, request, fd, document);
	io_control_close(&c);
	return status;
}

int cli_ask(json_t *request, int fd)
{
	return ask_once(request, fd, NULL);
}

int cli_ask_document(json_t *request, json_t **document)
{
	*document = NULL;
	return ask_once(request, -1, document);
}

int cli_ask_parts(json_t *request, int (*take)(void *ctx, json_t *request, const json_t *document), void *ctx)
{
	struct io_control c;
	int status = open_daemon(&c), more = 1;

	while (!status && more > 0) {
		json_t *document = NULL;

		status = ask(&c, json_incref(request), -1, &document);
		more = status ? 0 : take(ctx, request, document);
		json_decref(document);
	}
	io_control_close(&c);
	json_decref(request);
	return more < 0 ? CLI_FAILED : status;
}
