/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration: what is taken, how it is printed again, and that all that is wrong is told, each with line and word.
 */
#include "test.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "lib/config/config.h"
#include "lib/options.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct tm_config taken(const char *text)
{
	struct tm_config_errors errors = { 0 };
	struct tm_config c;
	char told[600];

	if (tm_config_parse(&c, "test", text, strlen(text), &errors)) {
		tm_config_error_text(told, sizeof(told), &errors.list[0]);
		fail_msg("refused: %s", told);
	}
	assert_int_equal(errors.count, 0);
	return c;
}

/* One error that says `told`, as the beginning of "test:LINE: 'WORD': …". */
static void refused(const char *text, const char *told)
{
	struct tm_config_errors errors = { 0 };
	char got[600] = "";
	struct tm_config c;
	int err = tm_config_parse(&c, "test", text, strlen(text), &errors);

	if (errors.count)
		tm_config_error_text(got, sizeof(got), &errors.list[0]);
	if (err != -EINVAL || errors.count != 1 || strncmp(got, told, strlen(told)))
		fail_msg("'%s': %d, %zu errors, the first '%s', not '%s'", text, err, errors.count, got, told);
	assert_null(c.hooks);
	assert_int_equal(c.set.count, 0);
	tm_config_errors_free(&errors);
}

static void test_the_example(void **state)
{
	struct tm_config c =
		taken("hook wan {\n device = ppp0\n mode = tc # a comment\n direction = both\n mtu = auto\n}\n"
		      "hook transit { mode = wire in = eth0 out = eth1 mss = 1400 } // another\n"
		      "prefix 203.0.113.0/24 { mtu = 1400 }\n"
		      "prefix 2001:db8::/32 { mtu = 1280 } /* and\n one more */\n"
		      "path-mtu-discovery { aging = 20 old-router = rfc1191 raise = jump symmetric = yes\n"
		      " entries = 5000 state = /tmp/paths table = \"576, 1492\" }\n"
		      "path 198.51.100.7 { mtu = 1400 }\n"
		      "path 2001:db8::7 { mtu = 1300 device = ppp0 }\n"
		      "metrics { listen = 127.0.0.1:9469 }\n");

	assert_int_equal(c.hook_count, 2);
	assert_string_equal(c.hooks[0].name, "wan");
	assert_string_equal(c.hooks[0].device, "ppp0");
	assert_int_equal(c.hooks[0].mode, TM_MODE_TC);
	assert_int_equal(c.hooks[0].directions, 3);
	assert_int_equal(c.hooks[0].queue, -1);
	assert_int_equal(c.hooks[0].limits.flags, PK_HOOK_AUTO);
	assert_int_equal(c.hooks[0].at.line, 1);
	assert_string_equal(c.hooks[1].in, "eth0");
	assert_string_equal(c.hooks[1].out, "eth1");
	assert_int_equal(c.hooks[1].via, TM_VIA_AUTO);
	assert_int_equal(c.hooks[1].limits.mss, 1400);
	assert_int_equal(c.hooks[1].limits.flags, 0);
	assert_int_equal(c.hooks[1].at.line, 7);
	assert_int_equal(c.set.count, 2);
	assert_int_equal(c.set.prefixes[0].len, 24);
	assert_int_equal(c.set.prefixes[0].mtu, 1400);
	assert_true(c.set.prefixes[1].ipv6);
	assert_int_equal(c.prefix_at[1].line, 9);
	assert_true(c.discovery.present && c.discovery.symmetric && !c.discovery.no_aging);
	assert_int_equal(c.discovery.aging, 20);
	assert_int_equal(c.discovery.old_router, TM_OLD_ROUTER_RFC1191);
	assert_int_equal(c.discovery.raise, TM_RAISE_JUMP);
	assert_int_equal(c.discovery.entries, 5000);
	assert_string_equal(c.discovery.state, "/tmp/paths");
	assert_int_equal(c.discovery.table_count, 2);
	assert_int_equal(c.discovery.table[1], 1492);
	assert_int_equal(c.path_count, 2);
	assert_true(!c.paths[0].ipv6 && c.paths[1].ipv6);
	assert_int_equal(c.paths[0].mtu, 1400);
	assert_string_equal(c.paths[0].device, "");
	assert_string_equal(c.paths[1].device, "ppp0");
	assert_int_equal(c.metrics.family, AF_INET);
	assert_int_equal(c.metrics.port, 9469);
	tm_config_free(&c);
}

static void test_defaults(void **state)
{
	struct tm_config c = taken(
		"hook a { device = x } hook b { device = x mode = xdp } hook c { mode = nfqueue queue = 7 mtu = 1400 }"
		"hook d { device = x mss = 1400 mtu = route } hook e { mode = wire in = y out = z via = tc } path-mtu-discovery { }");

	assert_int_equal(c.hooks[0].directions, 3);
	assert_int_equal(c.hooks[0].limits.flags, PK_HOOK_AUTO);
	assert_int_equal(c.hooks[1].directions, 1 << TM_IN);
	assert_int_equal(c.hooks[2].directions, 1 << TM_OUT);
	assert_int_equal(c.hooks[2].queue, 7);
	assert_int_equal(c.hooks[2].limits.mtu, 1400);
	assert_int_equal(c.hooks[3].limits.mss, 1400);
	assert_int_equal(c.hooks[3].limits.flags, PK_HOOK_ROUTE);
	assert_int_equal(c.hooks[4].via, TM_VIA_TC);
	assert_int_equal(c.discovery.aging, 10);
	assert_int_equal(c.discovery.entries, 100000);
	assert_string_equal(c.discovery.state, "/var/lib/tcpmss/paths");
	assert_int_equal(c.discovery.table_count, 0);
	assert_int_equal(c.metrics.family, 0);
	tm_config_free(&c);

	c = taken("control { group = adm socket = /run/x }");
	assert_string_equal(c.control.socket, "/run/x");
	assert_string_equal(c.control.group, "adm");
	tm_config_free(&c);
	c = taken("control { }");
	assert_string_equal(c.control.socket, "");
	assert_string_equal(c.control.group, "");
	tm_config_free(&c);

	c = taken("");
	assert_int_equal(c.hook_count, 0);
	assert_false(c.discovery.present);
	tm_config_free(&c);
}

static void test_protect(void **state)
{
	struct tm_config c =
		taken("protect web {\n servers = { 2001:db8::/32, 10.0.2.0/24,\n10.0.2.0/24 , 192.0.2.1, }\n"
		      " ports = {443, 80,8000-8100, 8101, 8050-8090}\n device = {eth0, \"e,1\", eth0}\n"
		      " server-device = eth2 mode = always accelerator = xdp high = 100 low = 99 mss = 1400 wscale = 0 }\n"
		      "protect b { servers = 10.0.2.0/24 ports = 81-442 device = eth0 }\n"
		      "protect c { servers = { ::/0, 0.0.0.0/0 } ports = all device = eth0 high = 3 mode = off accelerator = none }\n"
		      "protect d { servers = 10.0.0.0/8 ports = { 1-400, 300-65535 } device = eth0 low = 0 }\n");
	const struct tm_config_protect *p = c.protects;

	assert_int_equal(c.protect_count, 4);
	assert_string_equal(p->name, "web");
	assert_int_equal(p->server_count, 3);
	assert_int_equal(p->servers[0].range.addr[0], 10);
	assert_int_equal(p->servers[0].range.len, 24);
	assert_int_equal(p->servers[0].line, 2);
	assert_int_equal(p->servers[1].range.addr[0], 192);
	assert_int_equal(p->servers[1].range.len, 32);
	assert_int_equal(p->servers[1].line, 3);
	assert_true(p->servers[2].range.ipv6);
	assert_int_equal(p->port_count, 3);
	assert_int_equal(p->ports[0].last, 80);
	assert_int_equal(p->ports[2].first, 8000);
	assert_int_equal(p->ports[2].last, 8101);
	assert_int_equal(p->device_count, 2);
	assert_string_equal(p->devices[1], "e,1");
	assert_int_equal(p->server_device_count, 1);
	assert_string_equal(p->server_devices[0], "eth2");
	assert_int_equal(p->mode, TM_PROTECT_ALWAYS);
	assert_int_equal(p->accelerator, TM_ACCELERATOR_XDP);
	assert_int_equal(p->high, 100);
	assert_int_equal(p->low, 99);
	assert_int_equal(p->mss, 1400);
	assert_int_equal(p->wscale, 0);
	assert_int_equal(p->at.line, 1);
	p++;
	assert_int_equal(p->mode, TM_PROTECT_ADAPTIVE);
	assert_int_equal(p->accelerator, TM_ACCELERATOR_TC);
	assert_int_equal(p->high, 2000);
	assert_int_equal(p->low, 500);
	assert_int_equal(p->mss, 0);
	assert_int_equal(p->wscale, -1);
	assert_int_equal(p->server_device_count, 0);
	assert_int_equal(p->at.line, 7);
	assert_false(tm_protect_all_ports(p));
	p++;
	assert_int_equal(p->low, 0);
	assert_true(tm_protect_all_ports(p));
	p++;
	assert_true(tm_protect_all_ports(p));
	assert_int_equal(p->high, 2000);
	tm_config_free(&c);
}

/* Many servers in one block take no more time than their bytes. */
static void test_many_servers(void **state)
{
	const unsigned count = 200000;
	char *text = malloc(count * 24 + 200), *end = text, *again;
	struct tm_config c;

	end += sprintf(end, "protect p {\ndevice = x ports = { 80, 81 }\nservers = {\n");
	for (unsigned i = 0; i < count; i++)
		end += sprintf(end, "10.%u.%u.%u/31,\n", i * 2 >> 16 & 255, i * 2 >> 8 & 255, i * 2 & 255);
	strcpy(end, "} }");
	c = taken(text);
	assert_int_equal(c.protects[0].server_count, count);
	assert_int_equal(c.protects[0].servers[count - 1].line, count + 3);
	again = tm_config_text(&c);
	tm_config_free(&c);
	c = taken(again);
	assert_int_equal(c.protects[0].server_count, count);
	tm_config_free(&c);
	free(again);
	free(text);
}

/* Printed, read and printed again it is the same. */
static void test_round_trip(void **state)
{
	static const char *const texts[] = {
		"",
		"hook \"a+b@c:1.0_-\" { device = \"q\\\"u$o\\\\te\" mss = 32 allow-increase = on add-missing = yes direction = out }",
		"hook x { mode = wire in = 'a' out = c }",
		"hook x { mode = wire in = a out = c via = xdp }",
		"hook x { mode = nfqueue queue = 65535 mtu = 72 }",
		"prefix 0.0.0.0/0 { mtu = 72 } prefix ::/0 { mtu = 65535 } prefix 10.1.2.3/8 { mtu = 576 }",
		"path-mtu-discovery { no-aging = true }",
		"path-mtu-discovery { no-aging = false old-router = off }",
		"path-mtu-discovery { entries = 1000000 lease = 60 state = none table = '68, 576,1492 , 65535' }",
		"path-mtu-discovery { state = '/var/a b/$paths' } path 192.0.2.1 { mtu = 72 }"
		"path 2001:db8::1 { mtu = 1280 device = 'p\"0' } path 2001:db8::1 { mtu = 65535 }",
		"metrics { listen = [::1]:1 }",
		"metrics { listen = [::]:1 remote = yes }",
		"metrics { listen = 127.1.2.3:1 remote = no }",
		"metrics { listen = \"unix:/run/a b/\\\"\\$\" }",
		"transparent-proxy { }",
		"transparent-proxy { mark = 0x10 table = 4294967295 via = tc }",
		"control { }",
		"control { group = adm }",
		"control { socket = '/a b/$\"c\\\\d' group = \"n et\" }",
		"protect a { servers = { ::1, 10.0.0.0/8, ::/0, 10.0.0.0/9 } ports = { 80, 1-5 } device = 'a,\"b' }",
		"protect a { servers = 1.2.3.4 ports = all device = { a, b } server-device = { c, d } mode = off mss = 536 }"
		"protect b { servers = 1.2.3.0/24 ports = 65535 device = a low = 1 wscale = 14 accelerator = none }",
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		char *first, *second;
		struct tm_config c;

		c = taken(texts[i]);
		first = tm_config_text(&c);
		assert_non_null(first);
		tm_config_free(&c);
		c = taken(first);
		second = tm_config_text(&c);
		assert_string_equal(first, second);
		tm_config_free(&c);
		free(first);
		free(second);
	}
}

static const struct {
	const char *text, *told;
} wrong[] = {
	/* names */
	{ "hook { device = a }", "test:1: 'hook': " },
	{ "hook .a { device = a }", "test:1: '.a': is no name for a hook" },
	{ "hook \"\" { device = a }", "test:1: '': is no name for a hook" },
	{ "hook a/b { device = a }", "test:1: 'a/b': " },
	{ "hook a { device = \"x y\" }", "test:1: 'x y': is no name of a network device" },
	{ "hook a { device = 1234567890123456 }", "test:1: '1234567890123456': " },
	{ "hook a { device = .. }", "test:1: '..': " },
	{ "hook a { device = a }\nhook a { device = b }", "test:2: 'a': there is a hook of that name in test:1" },
	/* numbers */
	{ "hook a { device = a mss = 31 }", "test:1: '31': is not a number of bytes from 32 to 65495" },
	{ "hook a { device = a mss = 65496 }", "test:1: '65496': " },
	{ "hook a { device = a mss = -1400 }", "test:1: '-1400': " },
	{ "hook a { device = a mss = 1400b }", "test:1: '1400b': " },
	{ "hook a { device = a mss = 0x578 }", "test:1: '0x578': " },
	{ "hook a { device = a mss = \" 1400\" }", "test:1: ' 1400': " },
	{ "hook a { device = a mss = \"\" }", "test:1: '': " },
	{ "hook a { device = a mss = 18446744073709552016 }", "test:1: '18446744073709552016': " },
	{ "hook a { device = a mtu = 71 }", "test:1: '71': is not auto, route or a number of bytes from 72 to 65535" },
	{ "hook a { device = a mtu = 65536 }", "test:1: '65536': " },
	{ "hook a { mode = nfqueue queue = 65536 mtu = 1400 }", "test:1: '65536': is not the number of a queue" },
	{ "prefix 10.0.0.0/8 { mtu = auto }", "test:1: 'auto': is not a number of bytes" },
	/* modes */
	{ "hook a { device = a mode = bpf }", "test:1: 'bpf': is no mode" },
	{ "hook a { }", "test:1: 'a': mode tc needs 'device'" },
	{ "hook a { device = a in = b }", "test:1: 'b': mode tc has no 'in'" },
	{ "hook a { device = a queue = 1 }", "test:1: '1': mode tc has no 'queue'" },
	{ "hook a { device = a mode = xdp direction = out }", "test:1: 'out': mode xdp sees what comes in only" },
	{ "hook a { device = a mode = xdp-generic direction = both }", "test:1: 'both': mode xdp-generic" },
	{ "hook a { device = a direction = up }", "test:1: 'up': is not in, out or both" },
	{ "hook a { mode = wire in = b }", "test:1: 'a': mode wire needs 'out'" },
	{ "hook a { mode = wire in = b out = b }", "test:1: 'b': is both ends of the wire" },
	{ "hook a { mode = wire in = b out = c device = d }", "test:1: 'd': mode wire has no 'device'" },
	{ "hook a { mode = wire in = b out = c via = ip }", "test:1: 'ip': is not auto, xdp or tc" },
	{ "hook a { device = b via = tc }", "test:1: 'tc': mode tc has no 'via'" },
	{ "hook a { mode = nfqueue queue = 1 mtu = 1400 via = tc }", "test:1: 'tc': mode nfqueue has no 'via'" },
	{ "hook a { mode = wire in = b out = c direction = in }", "test:1: 'in': mode wire has no 'direction'" },
	{ "hook a { mode = wire in = b out = c }\nhook e { mode = wire in = c out = d }",
	  "test:2: 'e': shares a device" },
	{ "hook a { mode = nfqueue mtu = 1400 }", "test:1: 'a': mode nfqueue needs 'queue'" },
	{ "hook a { mode = nfqueue queue = 1 }", "test:1: 'a': has no limit" },
	{ "hook a { mode = nfqueue queue = 1 mtu = auto }", "test:1: 'auto': needs to know of which device" },
	{ "hook a { mode = nfqueue queue = 1 mtu = route }", "test:1: 'route': cannot be had in mode nfqueue" },
	{ "hook a { mode = nfqueue queue = 1 mtu = 99 } hook b { mode = nfqueue queue = 1 mtu = 99 }",
	  "test:1: 'b': has queue 1" },
	{ "hook a { device = a allow-increase = true }", "test:1: 'true': allow-increase" },
	{ "hook a { device = a add-missing = maybe }", "test:1: 'maybe': is neither true nor false" },
	{ "hook a { device = a\n mtu = 99\n mtu = 98 }",
	  "test:3: 'mtu': is given twice in one block, first in line 2" },
	/* prefixes */
	{ "prefix 10.0.0.0/33 { mtu = 99 }", "test:1: '10.0.0.0/33': the length" },
	{ "prefix 10.0.0/8 { mtu = 99 }", "test:1: '10.0.0/8': is not an IPv4 or IPv6 address" },
	{ "prefix ::/129 { mtu = 99 }", "test:1: '::/129': the length" },
	{ "prefix 10.0.0.0/8=1400 { mtu = 99 }", "test:1: 'prefix': " },
	{ "prefix 10.0.0.0/8 { }", "test:1: '10.0.0.0/8': has no MTU" },
	{ "prefix 10.0.0.0/8 { mtu = 99 }\n\nprefix 10.1.0.0/8 { mtu = 98 }",
	  "test:3: '10.0.0.0/8': has MTU 98 here and 99 in test:1" },
	/* the other blocks */
	{ "transparent-proxy { mark = 0 }", "test:1: '0': is not a number from 1" },
	{ "transparent-proxy {\n mark = 1\n table = 0x100000000 }", "test:3: '0x100000000': is not a number from 1" },
	{ "transparent-proxy { via = xdp }", "test:1: 'xdp': is not auto, nft or tc" },
	{ "transparent-proxy { }\ntransparent-proxy { }", "test:2: 'transparent-proxy': " },
	{ "hook a { device = a mark = 1 }", "test:1: 'mark': does not belong here, but in a block: transparent-proxy { mark = ... }" },
	{ "path-mtu-discovery { aging = 9 }", "test:1: '9': is not a number of minutes from 10 to 30" },
	{ "path-mtu-discovery { aging = 31 }", "test:1: '31': " },
	{ "path-mtu-discovery { aging = 10 no-aging = true }", "test:1: 'true': contradicts aging" },
	{ "path-mtu-discovery { entries = 0 }", "test:1: '0': is not a number of paths from 1 to 4000000" },
	{ "path-mtu-discovery { entries = 4000001 }", "test:1: '4000001': " },
	{ "path-mtu-discovery { lease = 2 }", "test:1: '2': is not a number of seconds from 3 to 3600" },
	{ "path-mtu-discovery { state = paths }", "test:1: 'paths': is neither none nor the path of a file" },
	{ "path-mtu-discovery { state = /var/ }", "test:1: '/var/': " },
	{ "path-mtu-discovery { table = '' }", "test:1: '': is not a list of 1 to 32 rising MTUs" },
	{ "path-mtu-discovery { table = '67' }", "test:1: '67': " },
	{ "path-mtu-discovery { table = '576, 576' }", "test:1: '576, 576': " },
	{ "path-mtu-discovery { table = '576,' }", "test:1: '576,': " },
	{ "path-mtu-discovery { table = '576 1492' }", "test:1: '576 1492': " },
	{ "path-mtu-discovery { table = '65536' }", "test:1: '65536': " },
	/* paths */
	{ "path-mtu-discovery { } path 10.0.0.0/8 { mtu = 1400 }", "test:1: '10.0.0.0/8': is not an IPv4 or IPv6 address" },
	{ "path-mtu-discovery { } path 10.0.0.1 { }", "test:1: '10.0.0.1': has no MTU" },
	{ "path-mtu-discovery { } path 10.0.0.1 { mtu = 71 }", "test:1: '71': is not a number of bytes from 72 to 65535" },
	{ "path-mtu-discovery { } path ::1 { mtu = 1279 }", "test:1: '1279': is not a number of bytes from 1280 to 65535" },
	{ "path-mtu-discovery { } path ::1 { mtu = 1280 device = a/b }", "test:1: 'a/b': is no name for a network device" },
	{ "path-mtu-discovery { } path ::1 { mtu = 1280 }\npath 0:0::1 { mtu = 1280 }",
	  "test:2: '::1': is given in test:1, too" },
	{ "path 10.0.0.1 { mtu = 1400 }", "test:1: 'path': needs path MTU discovery" },
	{ "path-mtu-discovery { old-router = new }", "test:1: 'new': is not seed, rfc1191 or off" },
	{ "path-mtu-discovery { raise = no }", "test:1: 'no': is not plateau or jump" },
	{ "path-mtu-discovery { }\npath-mtu-discovery { }",
	  "test:2: 'path-mtu-discovery': is there already, in test:1" },
	{ "metrics { }", "test:1: 'metrics': needs an address" },
	{ "metrics { listen = 9469 }", "test:1: '9469': has no port" },
	{ "metrics { listen = localhost:9469 }", "test:1: 'localhost:9469': does not begin with an IPv4 address" },
	{ "metrics { listen = 0.0.0.0:9469 }", "test:1: '0.0.0.0:9469': others than this machine could read it there" },
	{ "metrics { listen = [::ffff:127.0.0.1]:1 }", "test:1: '[::ffff:127.0.0.1]:1': others than this machine" },
	{ "metrics { listen = 192.0.2.1:1 remote = no }", "test:1: '192.0.2.1:1': others than this machine" },
	{ "metrics { listen = 127.0.0.1:1 remote = maybe }", "test:1: 'maybe': is neither true nor false" },
	{ "metrics { listen = 127.0.0.1:0 }", "test:1: '127.0.0.1:0': has no port" },
	{ "metrics { listen = ::1:80 }", "test:1: '::1:80': does not begin" },
	{ "metrics { listen = [::1:80 }", "test:1: '[::1:80': has no ']'" },
	{ "metrics { listen = []:80 }", "test:1: '[]:80': has no IPv6 address" },
	{ "metrics { listen = ]:80 }", "test:1: ']:80': " },
	{ "metrics { listen = [:80 }", "test:1: '[:80': " },
	{ "metrics { listen = unix:run }", "test:1: 'unix:run': the path" },
	/* control */
	{ "control {\n socket = run }", "test:2: 'run': is not a path that begins with '/'" },
	{ "control { socket = \"\" }", "test:1: '': is not a path" },
	{ "control { socket = /23456789_123456789_123456789_123456789_123456789_123456789_123456789_123456789_123456789_1"
	  "23456789_12345678 }",
	  "test:1: '/23456789_" },
	{ "control { group = \"\" }", "test:1: '': is not the name of a group" },
	{ "control {\n\n group = g23456789_123456789_123456789_123 }",
	  "test:3: 'g23456789_123456789_123456789_123': is not the name of a group, of at most 32 bytes" },
	{ "control { }\ncontrol { }", "test:2: 'control': " },
	{ "control { mode = 0666 }", "test:1: 'mode': " },
	{ "control x { }", "test:1: 'control': " },
	/* protect */
#define P(more) "protect a { servers = 10.0.0.0/8 ports = 80 device = e " more " }"
	{ "protect .a { servers = 10.0.0.0/8 ports = 80 device = e }", "test:1: '.a': is no name for what is protected" },
	{ "protect { servers = 10.0.0.0/8 }", "test:1: 'protect': " },
	{ "protect a { ports = 80 device = e }", "test:1: 'a': needs 'servers'" },
	{ "protect a { servers = 10.0.0.0/8 device = e }", "test:1: 'a': needs 'ports'" },
	{ "protect a { servers = 10.0.0.0/8 ports = 80 }", "test:1: 'a': needs 'device'" },
	{ "protect a { servers = { ::1,\n10.0.2.7/24 }\nports = 80 device = e }",
	  "test:2: '10.0.2.7/24': has bits behind its length; right would be 10.0.2.0/24" },
	{ "protect a { servers = 2001:db8::1/127 ports = 80 device = e }", "test:1: '2001:db8::1/127': has bits" },
	{ "protect a { servers = { web } ports = 80 device = e }", "test:1: 'web': is not an IPv4 or IPv6 address" },
	{ "protect a { servers = 10.0.0.0/33 ports = 80 device = e }", "test:1: '10.0.0.0/33': the length" },
	{ "protect a { servers = '' ports = 80 device = e }", "test:1: '': is not an IPv4 or IPv6 address" },
	{ "protect a { servers = ::1 ports = 0 device = e }", "test:1: '0': is not a port from 1 to 65535" },
	{ "protect a { servers = ::1 ports = { 80,\n65536 } device = e }", "test:2: '65536': is not a port" },
	{ "protect a { servers = ::1 ports = http device = e }", "test:1: 'http': is not a port" },
	{ "protect a { servers = ::1 ports = 90-80 device = e }", "test:1: '90-80': ends before it begins" },
	{ "protect a { servers = ::1 ports = 0-80 device = e }", "test:1: '0-80': is not a port" },
	{ "protect a { servers = ::1 ports = 80- device = e }", "test:1: '80-': is not a port" },
	{ "protect a { servers = ::1 ports = 000001-2 device = e }", "test:1: '000001-2': is not a port" },
	{ "protect a { servers = ::1 ports = 80 device = { e, a/b } }", "test:1: 'a/b': is no name of a network device" },
	{ "protect a { servers = ::1 ports = 80 device = { a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r } }",
	  "test:1: 'q': is one too many: 'device' has at most 16 devices" },
	{ P("server-device = ''"), "test:1: '': is no name of a network device" },
	{ P("mode = on"), "test:1: 'on': is not adaptive, always or off" },
	{ P("accelerator = bpf"), "test:1: 'bpf': is not tc, xdp or none" },
	{ P("high = 0"), "test:1: '0': is not a number of half-open connections from 1 to 100000000" },
	{ P("high = 100000001"), "test:1: '100000001': " },
	{ P("low = x"), "test:1: 'x': is not a number of half-open" },
	{ P("high = 500\nlow = 500"), "test:2: '500': is not below high, 500; right would be a quarter of that: low = 125" },
	{ P("low = 3000"), "test:1: '3000': is not below high, 2000" },
	{ P("mss = 31"), "test:1: '31': is not a number of bytes" },
	{ P("wscale = 15"), "test:1: '15': is not a number of bits from 0 to 14" },
	{ P("direction = in"), "test:1: 'direction': " },
	{ P("high = { 5, 6 }"), "test:1: '6': is one too many: 'high' has one word only" },
	{ P("device = { f,\ng }"), "test:1: 'device': is given twice in one block" },
	{ P("") "\nprotect a { servers = 10.0.0.0/9 ports = 80 device = e }",
	  "test:2: 'a': there is a protect block of that name in test:1" },
	{ P("") "\nprotect b { servers = { 9.0.0.0/8,\n10.0.0.0/8 } ports = 79-81 device = e }",
	  "test:3: '10.0.0.0/8': port 80 of it is protected by block 'a', too, in test:1" },
	{ P("") "protect b { servers = 10.0.0.0/8 ports = all device = f }", "test:1: '10.0.0.0/8': port 80 of it" },
	{ P("") "hook w { mode = wire in = e out = f }", "test:1: 'e': is an end of wire 'w' in test:1" },
	{ P("server-device = f") "\nhook w { mode = wire in = h out = f }", "test:1: 'f': is an end of wire" },
	{ "servers = ::1", "test:1: 'servers': does not belong here, but in a block: protect NAME { servers" },
	/* lists */
	{ "hook a { device = { a, b } }", "test:1: 'b': is one too many: 'device' has one word only" },
	{ "hook a { device = b colour = { red,\n blue } }", "test:1: 'colour': is not known" },
	{ "protect a { ports = 80, 81 }", "test:1: ',': means nothing here; a word that has it needs quotes, a list" },
	{ "protect a { ports = { 80 81 } }", "test:1: '81': a list needs a ','" },
	{ "protect a { ports = { , 81 } }", "test:1: ',': stands in a list without a word" },
	{ "protect a { ports = { 80,, 81 } }", "test:1: ',': stands in a list without a word" },
	{ "protect a { ports = { } }", "test:1: '}': a list without a word" },
	{ "protect a {\nports = {\n80, high = 5 }", "test:2: '{': a list that is never closed" },
	{ "protect a {\nports = { 80,\n", "test:1: '{': a block that is never closed" },
	{ "\nports = { 80,\n", "test:2: '{': a list that is never closed" },
	/* what is not known, or elsewhere */
	{ "mtu = 1400", "test:1: 'mtu': does not belong here, but in a block: hook NAME { mtu" },
	{ "hook a { device = a\n speed = 3 }", "test:2: 'speed': is not known; a block hook has: device" },
	{ "\n\nqos { a = 1 b = 2 }", "test:3: 'qos': is not known; a configuration has: hook" },
	{ "\nqos x {\n}", "test:2: 'qos': is not known" },
	{ "hook a { device = a prefix 10.0.0.0/8 { mtu = 99 } }", "test:1: 'prefix': does not belong into a block" },
	{ "hook a { device = a include(\"b\") }", "test:1: 'include': does not belong into a block" },
	{ "include(\"b\")", "test:1: 'b': files cannot be included here" },
	/* what cannot be read */
	{ "hook a {\n device = b\n", "test:1: '{': a block that is never closed" },
	{ "hook a { device = b } }", "test:1: '}': closes no block" },
	{ "hook a { device = \"b\n}", "test:1: '\"': a string that does not end on its line" },
	{ "\n/* hook", "test:2: '/*': a comment that never ends" },
	{ "hook a { device = b mtu = +1400 }", "test:1: '+': means nothing here" },
	{ "hook a { device = ${HOME} }", "test:1: '$': environment variables" },
	{ "hook a { device = \"${HOME}\" }", "test:1: '$': environment variables" },
	{ "hook a { device = \"a\\n\" }", "test:1: '\\': a backslash" },
	{ "hook a { device = \"a\\0\" }", "test:1: '\\': a backslash" },
	{ "\n\"\" = 5", "test:2: '\"': an empty word" },
	{ "hook a { device = a '' }", "test:1: ''': an empty word" },
	{ "include \"b\"", "test:1: 'include': " },
	{ "include()", "test:1: ')': does not end an include" },
	{ "include(\"a\"", "test:1: '(': an include without its ')'" },
	{ "foo(\"a\")", "test:1: '(': means nothing here" },
	{ "hook a { device b }", "test:1: 'device': needs a value" },
	{ "hook a { device = }", "test:1: '}': unexpected token" },
	{ "hook a b { device = c }", "test:1: 'hook': missing opening brace" },
	{ "\x01", "test:1: a control character" },
	{ "hook a {\n device = \"\x7f + + +", "test:2: a control character" },
	{ "include(a\x02", "test:1: a control character" },
};

static void test_wrong(void **state)
{
	for (size_t i = 0; i < COUNT(wrong); i++)
		refused(wrong[i].text, wrong[i].told);
}

/* A comment before it does not move the line. */
static void test_lines(void **state)
{
	refused("# one\n/* two\nthree */ // three\n\nhook a { device = a\n mtu = 1 }", "test:6: '1': ");
	refused("hook a { device = 'x' # '\n mtu = \"1#2//\" /* \" */ }", "test:2: '1#2//': ");
	refused("hook a { device = a//b }", "test:1: 'a//b': ");
	refused("\r\nhook a {\r\n\tdevice = a\r\n\tmtu = 7\r\n}\r\n", "test:4: '7': ");
}

/* Each statement of this is wrong, and every one is told. */
static void test_all_at_once(void **state)
{
	static const char text[] =
		"foo = 1\nbar { a = 1 }\nhook a {\nbaz = 1\nmtu = x\nmss = y\nlisten = 1\nmode = z\n}\n"
		"prefix a {\n}\nmetrics { listen = x }\nmss = 5\nhook b { device = a device = b }\n";
	static const unsigned lines[] = { 1, 2, 4, 5, 6, 7, 8, 10, 10, 12, 13, 14 };
	struct tm_config_errors errors = { 0 };
	struct tm_config c;

	assert_int_equal(tm_config_parse(&c, "test", text, strlen(text), &errors), -EINVAL);
	assert_int_equal(errors.count, COUNT(lines));
	for (size_t i = 0; i < COUNT(lines); i++)
		assert_int_equal(errors.list[i].line, lines[i]);
	tm_config_errors_free(&errors);
}

static void test_odd_bytes(void **state)
{
	static const char nul[] = "hook a { device = a\0b }";
	struct tm_config_errors errors = { 0 };
	struct tm_config c;

	assert_int_equal(tm_config_parse(&c, "test", nul, sizeof(nul) - 1, &errors), -EINVAL);
	tm_config_errors_free(&errors);
	assert_int_equal(tm_config_parse(&c, "test", "hook \x80\xff { device = a }", 22, &errors), -EINVAL);
	assert_string_equal(errors.list[0].word, "??");
	tm_config_errors_free(&errors);
}

/* What was wrong with one file is not held against the next. */
static void test_again(void **state)
{
	for (int i = 0; i < 20; i++) {
		struct tm_config c;

		refused("hook a { device = \"\n}", "test:1: ");
		refused("hook a { device }", "test:1: ");
		c = taken("hook a { device = b }");
		assert_string_equal(c.hooks[0].device, "b");
		tm_config_free(&c);
	}
}

static char folder[] = "/tmp/tm-config-XXXXXX";

static const char *put(const char *name, const char *text)
{
	static char path[100];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static void test_include(void **state)
{
	struct tm_config_errors errors = { 0 };
	struct tm_config c;

	put("b.conf", "prefix 10.0.0.0/8 { mtu = 1300 }\n");
	assert_int_equal(
		tm_config_read(&c, put("a.conf", "hook a { device = a }\ninclude(\"b.conf\")\nhook b { device = b }\n"),
			       &errors),
		0);
	assert_int_equal(c.hook_count, 2);
	assert_int_equal(c.set.count, 1);
	assert_int_equal(c.file_count, 2);
	assert_int_equal(c.prefix_at[0].file, 1);
	assert_int_equal(c.prefix_at[0].line, 1);
	assert_int_equal(c.hooks[1].at.line, 3);
	tm_config_free(&c);

	/* An error in there is told with its file, and does not hide those behind it. */
	put("b.conf", "\nprefix 10.0.0.0/8 { mtu = 1 }\nfoo }\n");
	assert_int_equal(tm_config_read(&c, put("a.conf", "include(\"b.conf\")\nhook b { mtu = 1 }\ninclude(\"none\")"),
					&errors),
			 -EINVAL);
	assert_int_equal(errors.count, 4);
	assert_int_equal(errors.list[0].line, 2);
	assert_non_null(strstr(errors.list[0].file, "/a.conf"));
	assert_int_equal(errors.list[2].line, 3);
	assert_non_null(strstr(errors.list[3].file, "/b.conf"));
	tm_config_errors_free(&errors);

	put("a.conf", "include(\"a.conf\")\ninclude(\"a.conf\")\n");
	assert_int_equal(tm_config_read(&c, put("a.conf", "include(\"a.conf\")\ninclude(\"a.conf\")\n"), &errors),
			 -EINVAL);
	assert_non_null(strstr(errors.list[0].message, "circle"));
	tm_config_errors_free(&errors);
	assert_int_equal(tm_config_read(&c, folder, &errors), -EINVAL);
	assert_int_equal(errors.list[0].line, 0);
	tm_config_errors_free(&errors);
}

/* --config: limits add up, and the smaller counts. */
static void test_options(void **state)
{
	struct tm_config c =
		taken("hook wan { device = ppp0 mss = 1400 add-missing = true }"
		      "hook lan { device = eth0 mtu = route mss = 1300 } hook lan2 { device = eth0 mtu = 1280 }"
		      "prefix 10.0.0.0/8 { mtu = 1300 }");
	static const struct {
		const char *hook, *device;
		uint16_t mss, mtu; /* on the command line */
		uint16_t new_mss, new_mtu;
		uint32_t flags;
		int err;
	} cases[] = {
		{ NULL, NULL, 1452, 0, 1452, 0, 0, 0 },
		{ "wan", "eth9", 0, 0, 1400, 0, PK_HOOK_ADD_MISSING, 0 },
		{ "ppp0", "ppp0", 1452, 0, 1400, 0, PK_HOOK_ADD_MISSING, 0 },
		{ "ppp0", "ppp0", 1200, 1400, 1200, 1400, PK_HOOK_ADD_MISSING, 0 },
		{ "lan", "eth0", 0, 0, 1300, 0, PK_HOOK_ROUTE, 0 },
		{ "lan2", "eth0", 0, 1400, 0, 1280, 0, 0 },
		{ "eth0", "eth0", 0, 0, 0, 0, 0, -EINVAL },
		{ "eth9", "eth9", 0, 0, 0, 0, 0, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tm_options o = { .hook = { .mss = cases[i].mss, .mtu = cases[i].mtu } };
		struct tm_config_errors errors = { 0 };

		assert_int_equal(tm_options_add_config(&o, &c, cases[i].hook, cases[i].device, &errors), cases[i].err);
		assert_int_equal(errors.count, cases[i].err ? 1 : 0);
		assert_int_equal(o.hook.mss, cases[i].new_mss);
		assert_int_equal(o.hook.mtu, cases[i].new_mtu);
		assert_int_equal(o.hook.flags, cases[i].flags);
		assert_int_equal(o.set.count, cases[i].err ? 0 : 1);
		tm_config_errors_free(&errors);
		tm_options_free(&o);
	}
	tm_config_free(&c);
}

static void test_many(void **state)
{
	size_t size = 0, n = 20000;
	char *text = malloc(n * 48);
	struct tm_config c;

	for (size_t i = 0; i < n; i++)
		size += (size_t)sprintf(text + size, "prefix 10.%zu.%zu.0/24 { mtu = 1400 }\n", i / 256, i % 256);
	c = taken(text);
	assert_int_equal(c.set.count, n);
	assert_int_equal(c.prefix_at[n - 1].line, n);
	tm_config_free(&c);
	free(text);
}

static int make_folder(void **state)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	unlink(put("a.conf", ""));
	unlink(put("b.conf", ""));
	return rmdir(folder);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_the_example), cmocka_unit_test(test_defaults), cmocka_unit_test(test_protect),
		cmocka_unit_test(test_many_servers),
		cmocka_unit_test(test_round_trip),
	cmocka_unit_test(test_wrong),	    cmocka_unit_test(test_lines),    cmocka_unit_test(test_all_at_once),
	cmocka_unit_test(test_odd_bytes),   cmocka_unit_test(test_again),    cmocka_unit_test(test_include),
	cmocka_unit_test(test_options),	    cmocka_unit_test(test_many),
};

TEST_MAIN(tests, make_folder, remove_folder)
