/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * protect-rules FILE COMMAND...: the nftables part of protect by hand, for tests, with the protect blocks of a configuration.
 *
 *	table, arm		apply the whole table; what changes with states
 *	text			print the whole table
 *	idle, draining, armed	state of all blocks from here on (idle)
 *	server ADDRESS PORT MSS WSCALE	something is known of a server
 *	gone			exit status 1 where the table is not as it was applied here
 *	wait FILE		until it is there
 *	hold, release		nf_conntrack_tcp_loose
 *	filter			only the system calls of tcpmssd's manager from here on
 *	conflicts		what is in the way of the blocks, a line each
 *	remove			table and setting
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/sandbox.h"
#include "io/net/conntrack.h"
#include "io/protect/conflicts.h"
#include "io/protect/rules.h"
#include "lib/protect/nft.h"
#include "lib/protect/services.h"

static struct tm_nft_block blocks[TM_PROTECT_BLOCKS];
static struct tm_service_block numbers[TM_PROTECT_BLOCKS];
static struct tm_nft_server servers[1024];
static struct tm_nft_input in = { .blocks = blocks, .servers = servers };
static struct tm_image image;
static struct tm_config config;
static struct tm_error e;

static int fail(const char *what)
{
	fprintf(stderr, "protect-rules: %s: %s\n", what, e.text);
	return 1;
}

static int read_blocks(const char *file)
{
	struct tm_config_errors errors = { 0 };
	const struct tm_synproxy usual = { .mss = 1460, .wscale = 7, .sack = true, .timestamps = true };

	if (tm_config_read(&config, file, &errors))
		return -1;
	for (uint32_t i = 0; i < config.protect_count; i++) {
		blocks[i].config = numbers[i].config = &config.protects[i];
		blocks[i].number = numbers[i].number = i;
		blocks[i].accelerated = config.protects[i].accelerator != TM_ACCELERATOR_NONE;
		blocks[i].usual[PK_IPV4] = blocks[i].usual[PK_IPV6] = usual;
		blocks[i].usual[PK_IPV6].mss -= 20;
	}
	in.block_count = config.protect_count;
	in.services = &image;
	return tm_services_build(&image, numbers, config.protect_count);
}

static int apply(struct io_protect_rules *rules, char *text)
{
	int err = text ? io_protect_rules_apply(rules, text, &e) : -1;

	free(text);
	return err;
}

static void set_arm(enum tm_protect_arm arm)
{
	for (size_t i = 0; i < in.block_count; i++)
		blocks[i].arm = arm;
}

static int add_server(char *const words[])
{
	struct tm_nft_server *s = &servers[in.server_count];

	s->key.family = strchr(words[0], ':') ? PK_IPV6 : PK_IPV4;
	s->key.port = atoi(words[1]);
	s->offer = (struct tm_synproxy){ atoi(words[2]), atoi(words[3]), true, true };
	in.server_count++;
	return inet_pton(s->key.family == PK_IPV6 ? AF_INET6 : AF_INET, words[0], s->key.addr) == 1 ? 0 : -1;
}

static int tell_conflicts(void)
{
	struct tm_findings f = { 0 };

	io_protect_conflicts(&f, config.protects, config.protect_count);
	for (size_t i = 0; i < f.count; i++)
		printf("%s %s: %s\n", tm_result_name(f.list[i].result), f.list[i].name, f.list[i].text);
	tm_findings_free(&f);
	return 0;
}

static int run(struct io_protect_rules *rules, const char *word)
{
	if (!strcmp(word, "table"))
		return apply(rules, tm_protect_nft_table(&in));
	if (!strcmp(word, "arm"))
		return apply(rules, tm_protect_nft_arm(&in));
	if (!strcmp(word, "text"))
		return fputs(tm_protect_nft_table(&in), stdout) < 0 || fflush(stdout);
	if (!strcmp(word, "conflicts"))
		return tell_conflicts();
	if (!strcmp(word, "gone"))
		return io_protect_rules_gone(rules);
	if (!strcmp(word, "hold"))
		return io_conntrack_hold(&e);
	if (!strcmp(word, "release"))
		return io_conntrack_release(&e);
	if (!strcmp(word, "filter"))
		return sandbox_drop(SANDBOX_MANAGER, &e) || sandbox_filter_calls(SANDBOX_MANAGER, &e);
	if (!strcmp(word, "remove"))
		return io_protect_rules_remove(&e);
	set_arm(!strcmp(word, "armed")	  ? TM_PROTECT_ARMED :
		!strcmp(word, "draining") ? TM_PROTECT_DRAINING :
					    TM_PROTECT_IDLE);
	return 0;
}

int main(int argc, char *argv[])
{
	struct io_protect_rules rules;

	if (argc < 3 || read_blocks(argv[1]))
		return fail("configuration");
	if (io_protect_rules_open(&rules, &e))
		return fail("open");
	for (int i = 2; i < argc; i++) {
		const char *word = argv[i];

		if (!strcmp(word, "server") && i + 4 < argc) {
			if (add_server(argv + i + 1))
				return fail(word);
			i += 4;
		} else if (!strcmp(word, "wait") && i + 1 < argc) {
			for (i++; access(argv[i], F_OK);)
				usleep(10000);
		} else if (run(&rules, word)) {
			return fail(word);
		}
	}
	io_protect_rules_close(&rules);
	return 0;
}
