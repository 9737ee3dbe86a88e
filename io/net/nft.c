/* SPDX-License-Identifier: BSD-2-Clause */
#include "nft.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <nftables/libnftables.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/capability.h"

/* Addresses, ports, protocols and priorities as numbers; no counters. */
#define NUMERIC (NFT_CTX_OUTPUT_NUMERIC_ALL | NFT_CTX_OUTPUT_STATELESS)

static int not_permitted(struct tm_error *e)
{
	return tm_error_code(e, -EPERM, "changing or reading nftables needs CAP_NET_ADMIN: run as root");
}

/* libnftables ends the process where it gets no socket, and prints where it may not use it. */
static int check_socket(struct tm_error *e)
{
	struct mnl_socket *socket;

	if (!io_may(CAP_NET_ADMIN))
		return not_permitted(e);
	socket = mnl_socket_open(NETLINK_NETFILTER);
	if (!socket)
		return tm_error_code(e, -errno, "no netlink socket for nftables: %s", strerror(errno));
	mnl_socket_close(socket);
	return 0;
}

int io_nft_open(struct io_nft *nft, struct tm_error *e)
{
	struct nft_ctx *ctx;
	int err = check_socket(e);

	if (err)
		return err;
	ctx = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!ctx || nft_ctx_buffer_error(ctx) || nft_ctx_buffer_output(ctx)) {
		if (ctx)
			nft_ctx_free(ctx);
		return tm_error_code(e, -ENOMEM, "libnftables: out of memory");
	}
	nft_ctx_output_set_flags(ctx, NUMERIC);
	nft->context = ctx;
	return 0;
}

/* libnftables hands on the kernel's words only. */
static int code_of(const char *text)
{
	static const int codes[] = { EPERM, ENOENT, EEXIST, EOPNOTSUPP, EBUSY, ENOSPC, ENOMEM };

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (strstr(text, strerror(codes[i])))
			return -codes[i];
	return -EINVAL;
}

/*
 * The first of what may be many faults, each with its line and a mark below:
 *
 *	/dev/stdin:3:12-15: Error: Could not process rule: No such file or directory
 */
static int tell(const char *said, struct tm_error *e)
{
	static const char error[] = "Error: ", general[] = "Could not process rule: ";
	const char *fault = strstr(said, error);
	char text[200];
	int err;

	fault = fault ? fault + strlen(error) : *said ? said : "no reason given";
	if (!strncmp(fault, general, strlen(general)))
		fault += strlen(general);
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(fault, "\n"), fault);
	err = code_of(text);
	if (err == -EPERM)
		return not_permitted(e);
	return tm_error_code(e, err, "nftables: %s", text);
}

static int run(struct io_nft *nft, const char *text, struct tm_error *e)
{
	struct nft_ctx *ctx = nft->context;
	int failed = nft_run_cmd_from_buffer(ctx, text);
	const char *said = nft_ctx_get_error_buffer(ctx); /* which empties it, too */

	return failed ? tell(said, e) : 0;
}

int io_nft_run(struct io_nft *nft, const char *text, struct tm_error *e)
{
	int err = run(nft, text, e);

	nft_ctx_get_output_buffer(nft->context);
	return err;
}

int io_nft_ask(struct io_nft *nft, const char *command, char **out, struct tm_error *e)
{
	int err = run(nft, command, e);
	const char *said = nft_ctx_get_output_buffer(nft->context);

	if (err)
		return err;
	*out = strdup(said);
	return *out ? 0 : tm_error_code(e, -ENOMEM, "out of memory");
}

void io_nft_close(struct io_nft *nft)
{
	if (nft->context)
		nft_ctx_free(nft->context);
	nft->context = NULL;
}
