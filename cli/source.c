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

/* On an open connection, which it closes. */
static int ask(struct io_control *c, json_t *request, int fd, json_t **document)
{
	struct io_control_answer answer;
	struct tm_error e;
	int err = io_control_ask(c, request, fd, &answer, &e), status;

	status = err ? cli_fail(err, &e) : tell(&answer);
	if (!status && document)
		*document = json_incref(answer.document);
	io_control_answer_free(&answer);
	io_control_close(c);
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
	return true;
}

int cli_ask(json_t *request, int fd)
{
	struct io_control c;
	struct tm_error e;
	int err = io_control_open(&c, &e);

	if (!err)
		return ask(&c, request, fd, NULL);
	json_decref(request);
	fprintf(stderr, "tcpmss: %s\n", e.text);
	return err == -EACCES ? CLI_PRIVILEGE : err == -ENOMEM ? CLI_FAILED : CLI_NO_DAEMON;
}
