/* SPDX-License-Identifier: BSD-2-Clause */
#include "tproxy.h"

#include <linux/if_arp.h>

#include "daemon/log.h"
#include "io/net/policy.h"
#include "io/tproxy/tc.h"
#include "lib/clamp.h"

#define LOOK_MS 2000
#define QUIET_LOOKS 30

int tproxy_init(struct tproxy *t, uv_loop_t *loop)
{
	struct tm_error e;

	t->look.data = t;
	if (io_nft_open(&t->nft, &e))
		log_line(LOG_INFO, "%s", e.text);
	return uv_timer_init(loop, &t->look);
}

static int up(struct tproxy *t, const struct tm_config_tproxy *config, struct tm_error *e)
{
	const struct io_tproxy_order order = { .wish = config->wish, .via = config->via };
	struct tm_error why;
	int err = io_tproxy_up(&order, t->nft.context ? &t->nft : NULL, &t->done, &why);

	if (!err && t->done.via == TM_TPROXY_VIA_NFT)
		io_nft_mark(&t->table, TM_TPROXY_NFT);
	return err ? tm_error_code(e, err, "transparent-proxy: %s", why.text) : 0;
}

static int down(struct tproxy *t, struct tm_error *e)
{
	struct tm_error why;
	unsigned removed;
	int err = io_tproxy_down(t->nft.context ? &t->nft : NULL, &removed, &why);

	return err ? tm_error_code(e, err, "transparent-proxy: %s", why.text) : 0;
}

static void tell(const struct tproxy *t)
{
	for (int i = 0; i < TM_FAMILIES; i++) {
		const struct tm_tproxy_family *f = &t->done.plan.family[i];

		if (f->on)
			log_line(LOG_NOTICE, "transparent-proxy: %s: mark 0x%x, table %u, by %s",
				 i == TM_IPV6 ? "IPv6" : "IPv4", f->mark, f->table, tm_tproxy_via_name(t->done.via));
	}
}

static void again(struct tproxy *t)
{
	struct tm_error e;

	if (up(t, &t->config, &e))
		log_line(LOG_ERR, "%s", e.text);
}

/* What somebody has taken away, NULL for nothing. Cheap: some questions to the kernel. */
static const char *what_is_missing(struct tproxy *t)
{
	if (t->done.via == TM_TPROXY_VIA_NFT && !io_nft_unchanged(&t->table, TM_TPROXY_NFT))
		return "its table of nftables";
	for (int i = 0; i < TM_FAMILIES; i++) {
		const struct tm_tproxy_family *f = &t->done.plan.family[i];

		if (f->on && !io_policy_is_local(i == TM_IPV6, f->mark))
			return i == TM_IPV6 ? "the IPv6 route of marked packets to this machine" :
					      "the IPv4 route of marked packets to this machine";
	}
	return NULL;
}

static void on_look(uv_timer_t *timer)
{
	struct tproxy *t = timer->data;
	const char *what;

	if (t->quiet) {
		t->quiet--;
		return;
	}
	what = what_is_missing(t);
	if (!what)
		return;
	log_line(LOG_NOTICE, "transparent-proxy: somebody has taken away %s: putting it back", what);
	again(t);
	what = what_is_missing(t);
	if (!what)
		return;
	log_line(LOG_WARNING, "transparent-proxy: %s is still not there: 'tcpmss tproxy check' tells why", what);
	t->quiet = QUIET_LOOKS;
}

int tproxy_apply(struct tproxy *t, const struct tm_config_tproxy *config, struct tm_error *e)
{
	int err = 0;

	if (config->present)
		err = up(t, config, e);
	else if (t->config.present)
		err = down(t, e);
	if (err)
		return err;
	if (config->present) {
		tell(t);
		uv_timer_start(&t->look, on_look, LOOK_MS, LOOK_MS);
	} else if (t->config.present) {
		log_line(LOG_NOTICE, "transparent-proxy: taken away, the configuration names it no longer");
		uv_timer_stop(&t->look);
	}
	t->config = *config;
	t->quiet = 0;
	return 0;
}

void tproxy_device(struct tproxy *t, const struct io_device *device)
{
	if (t->config.present && t->done.via == TM_TPROXY_VIA_TC && device->type != ARPHRD_LOOPBACK &&
	    io_device_link(device) != PK_LINK_UNKNOWN && !io_tproxy_tc_on(device->index))
		again(t);
}

void tproxy_end(struct tproxy *t, bool leave)
{
	struct tm_error e;

	if (t->config.present && !leave && down(t, &e))
		log_line(LOG_ERR, "%s", e.text);
	uv_timer_stop(&t->look);
	io_nft_close(&t->nft);
	t->config = (struct tm_config_tproxy){ 0 };
}
