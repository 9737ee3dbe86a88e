/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules.h"

#include <errno.h>
#include <string.h>

#include "io/net/conntrack.h"
#include "lib/protect/nft.h"

int io_protect_rules_open(struct io_protect_rules *r, struct tm_error *e)
{
	*r = (struct io_protect_rules){ 0 };
	return io_nft_open(&r->nft, e);
}

int io_protect_rules_apply(struct io_protect_rules *r, const char *text, struct tm_error *e)
{
	int err = io_nft_run(&r->nft, text, e);

	if (err)
		return err;
	if (io_nft_mark(&r->mark, TM_PROTECT_TABLE))
		r->mark = (struct io_nft_mark){ 0 }; /* which no table is like */
	return 0;
}

bool io_protect_rules_gone(struct io_protect_rules *r)
{
	return !io_nft_unchanged(&r->mark, TM_PROTECT_TABLE);
}

void io_protect_rules_close(struct io_protect_rules *r)
{
	io_nft_close(&r->nft);
}

bool io_protect_rules_there(void)
{
	struct io_nft_mark mark;

	return !io_nft_mark(&mark, TM_PROTECT_TABLE) && mark.handle;
}

int io_protect_rules_remove(struct tm_error *e)
{
	struct io_nft nft;
	int err = 0;

	/* Adding it to delete it would be told to everybody who listens. */
	if (io_protect_rules_there()) {
		err = io_nft_open(&nft, e);
		if (err)
			return err;
		err = io_nft_run(&nft, TM_PROTECT_NFT_REMOVE, e);
		io_nft_close(&nft);
	}
	return err ? err : io_conntrack_release(e);
}
