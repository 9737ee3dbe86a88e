/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reload, confirm and undo: what is in force after what, with the timers of a real loop. The hooks are the test's own.
 */
#include "test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/manager/reload.h"

#define ALL_SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

static uv_loop_t loop;
static struct hooks hooks;
static struct reload r;
static char file[] = "/tmp/tm-reload-XXXXXX", told[200];
static char *why;
static int applied, fail_with; /* times; what the next ones end with */

/* Stands for that of daemon/manager/hooks.c: as there, nothing changes where something is wrong. */
int hooks_apply(struct hooks *h, struct tm_config *config, struct tm_error *e)
{
	applied++;
	if (fail_with)
		return tm_error_code(e, fail_with, "the test does not want to");
	tm_config_free(&h->config);
	h->config = *config;
	*config = (struct tm_config){ 0 };
	return 0;
}

static void on_told(void *ctx, const char *text)
{
	snprintf(told, sizeof(told), "%s", text);
}

static void write_file(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static int memory(const char *text, size_t len, int seals)
{
	int fd = memfd_create("test", MFD_ALLOW_SEALING);

	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static int apply(const char *text, unsigned confirm)
{
	free(why);
	return reload_apply(&r, memory(text, strlen(text), ALL_SEALS), confirm, &why);
}

static int apply_file(void)
{
	free(why);
	return reload_apply(&r, -1, 0, &why);
}

static int confirm(void)
{
	free(why);
	return reload_confirm(&r, &why);
}

static int undo(void)
{
	free(why);
	return reload_undo(&r, &why);
}

static unsigned in_force(void)
{
	return hooks.config.hook_count ? hooks.config.hooks[0].limits.mtu : 0;
}

#define OLD "hook wan { device = wan0 mtu = 1300 }\n"
#define NEW "hook wan { device = wan0 mtu = 1200 }\n"

static int set_up(void **state)
{
	int fd;

	strcpy(file + strlen(file) - 6, "XXXXXX");
	fd = mkstemp(file);
	close(fd);
	assert_int_equal(uv_loop_init(&loop), 0);
	r = (struct reload){ .told = on_told };
	hooks = (struct hooks){ 0 };
	assert_int_equal(reload_init(&r, &loop, &hooks, file, &hooks.config), 0);
	fail_with = 0;
	assert_int_equal(apply(OLD, 0), 0);
	applied = 0;
	*told = '\0';
	return 0;
}

static int tear_down(void **state)
{
	free(why);
	why = NULL;
	reload_end(&r);
	tm_config_free(&hooks.config);
	uv_close((uv_handle_t *)&r.timer, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	return unlink(file);
}

static void test_for_good(void **state)
{
	assert_int_equal(apply(NEW, 0), 0);
	assert_int_equal(in_force(), 1200);
	assert_int_equal(reload_left(&r), 0);
	write_file(OLD);
	assert_int_equal(apply_file(), 0);
	assert_int_equal(in_force(), 1300);
	assert_int_equal(confirm(), DAEMON_FAILED);
	assert_string_equal(why, "no configuration awaits confirmation");
	assert_int_equal(undo(), DAEMON_FAILED);
	assert_int_equal(in_force(), 1300);
	assert_int_equal(apply("", 0), 0);
	assert_int_equal(hooks.config.hook_count, 0);
}

static void test_wrong(void **state)
{
	assert_int_equal(apply("hook wan {\n device = a/b mtu = 1 }\ncolour { }\n", 0), DAEMON_CONFIG);
	assert_non_null(strstr(why, "reload:2: '1': is not "));
	assert_non_null(strstr(why, "\nreload:3: 'colour': is not known"));
	write_file("hook");
	assert_int_equal(apply_file(), DAEMON_CONFIG);
	assert_int_equal(strncmp(why, file, strlen(file)), 0);
	unlink(file);
	assert_int_equal(apply_file(), DAEMON_CONFIG);
	write_file("");
	assert_int_equal(applied, 0);
	assert_int_equal(in_force(), 1300);

	fail_with = -EIO;
	assert_int_equal(apply(NEW, 60), DAEMON_FAILED);
	assert_string_equal(why, "the test does not want to");
	fail_with = -EOPNOTSUPP;
	assert_int_equal(apply(NEW, 60), DAEMON_UNSUPPORTED);
	fail_with = -EPERM;
	assert_int_equal(apply(NEW, 0), DAEMON_PRIVILEGE);
	assert_int_equal(in_force(), 1300);
	assert_int_equal(reload_left(&r), 0);
}

static bool closed(int fd)
{
	return fcntl(fd, F_GETFD) < 0;
}

static void test_passed(void **state)
{
	const int seals[] = { 0, F_SEAL_WRITE | F_SEAL_SHRINK, F_SEAL_WRITE | F_SEAL_GROW,
			      F_SEAL_SHRINK | F_SEAL_GROW };
	int fd;

	for (size_t i = 0; i < sizeof(seals) / sizeof(*seals); i++) {
		fd = memory(NEW, strlen(NEW), seals[i]);
		free(why);
		assert_int_equal(reload_apply(&r, fd, 0, &why), DAEMON_FAILED);
		assert_non_null(strstr(why, "sealed"));
		assert_true(closed(fd));
	}
	fd = open("/dev/null", O_RDONLY);
	free(why);
	assert_int_equal(reload_apply(&r, fd, 0, &why), DAEMON_FAILED);
	assert_true(closed(fd));
	fd = memfd_create("test", MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(fd, RELOAD_TEXT_MAX + 1), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, ALL_SEALS), 0);
	free(why);
	assert_int_equal(reload_apply(&r, fd, 0, &why), DAEMON_CONFIG);
	assert_non_null(strstr(why, "more than 64 MiB"));
	assert_true(closed(fd));
	assert_int_equal(applied, 0);
}

static void test_confirmed(void **state)
{
	assert_int_equal(apply(NEW, 1), 0);
	assert_int_equal(in_force(), 1200);
	assert_int_equal(reload_left(&r), 1);
	assert_int_equal(confirm(), 0);
	assert_string_equal(told, "the configuration is confirmed");
	assert_int_equal(reload_left(&r), 0);
	assert_false(uv_is_active((uv_handle_t *)&r.timer));
	assert_int_equal(undo(), DAEMON_FAILED);
	assert_int_equal(confirm(), DAEMON_FAILED);
	assert_int_equal(in_force(), 1200);
}

static void test_undone(void **state)
{
	assert_int_equal(apply(NEW, 86400), 0);
	assert_int_equal(reload_left(&r), 86400);
	assert_int_equal(undo(), 0);
	assert_int_equal(in_force(), 1300);
	assert_false(uv_is_active((uv_handle_t *)&r.timer));
	assert_int_equal(confirm(), DAEMON_FAILED);
}

/* Where going back fails it is still awaited, so that it can be tried again. */
static void test_undo_fails(void **state)
{
	assert_int_equal(apply(NEW, 600), 0);
	fail_with = -EIO;
	assert_int_equal(undo(), DAEMON_FAILED);
	assert_string_equal(why, "the test does not want to");
	assert_int_equal(in_force(), 1200);
	assert_true(reload_left(&r) > 590);
	fail_with = 0;
	assert_int_equal(undo(), 0);
	assert_int_equal(in_force(), 1300);
}

static void test_one_at_a_time(void **state)
{
	assert_int_equal(apply(NEW, 600), 0);
	write_file("");
	assert_int_equal(apply("", 0), DAEMON_FAILED);
	assert_non_null(strstr(why, "awaits confirmation for 600 seconds"));
	assert_int_equal(apply(NEW, 5), DAEMON_FAILED);
	assert_int_equal(apply_file(), DAEMON_FAILED);
	assert_int_equal(applied, 1);
	assert_int_equal(confirm(), 0);
	assert_int_equal(apply_file(), 0);
	assert_int_equal(in_force(), 0);
}

static void again(uv_timer_t *timer)
{
	fail_with = 0;
}

/* Nobody confirms: it goes back, and tries that until it succeeds. */
static void test_by_itself(void **state)
{
	uv_timer_t timer;
	uint64_t begin;

	assert_int_equal(apply(NEW, 1), 0);
	*told = '\0';
	begin = uv_now(&loop);
	fail_with = -EIO;
	uv_timer_init(&loop, &timer);
	uv_timer_start(&timer, again, 1500, 0);
	while (!*told)
		uv_run(&loop, UV_RUN_ONCE);
	assert_non_null(strstr(told, "nobody has confirmed"));
	assert_int_equal(applied, 3);
	assert_true(uv_now(&loop) - begin >= 2000);
	assert_int_equal(in_force(), 1300);
	assert_int_equal(reload_left(&r), 0);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&loop, UV_RUN_NOWAIT);
}

#define BLOCK(name, port) "protect " name " { servers = 10.0.2.0/24  ports = " port "  device = eth0 }\n"

static int add(const char *text)
{
	free(why);
	return reload_add_protect(&r, memory(text, strlen(text), ALL_SEALS), &why);
}

static int take_away(const char *name)
{
	free(why);
	return reload_remove_protect(&r, name, &why);
}

/* The names in force, in their order. */
static const char *blocks(void)
{
	static char names[200];

	*names = '\0';
	for (size_t i = 0; i < hooks.config.protect_count; i++)
		sprintf(names + strlen(names), "%s%s", i ? " " : "", hooks.config.protects[i].name);
	return names;
}

static void test_added(void **state)
{
	assert_int_equal(add(BLOCK("web", "80")), 0);
	assert_string_equal(blocks(), "web");
	assert_int_equal(in_force(), 1300);
	assert_int_equal(add(BLOCK("mail", "25") BLOCK("dns", "53")), 0);
	assert_string_equal(blocks(), "web mail dns");
	assert_int_equal(add(BLOCK("web", "8080")), DAEMON_FAILED);
	assert_non_null(strstr(why, "there is a protect block 'web' already"));
	assert_int_equal(add(BLOCK("other", "80")), DAEMON_CONFIG);
	assert_non_null(strstr(why, "port 80 of it is protected by block 'web'"));
	assert_int_equal(add(NEW), DAEMON_CONFIG);
	assert_string_equal(why, "only protect blocks can be added, and one at least");
	assert_int_equal(add(""), DAEMON_CONFIG);
	assert_int_equal(add("protect x { }"), DAEMON_CONFIG);
	assert_string_equal(blocks(), "web mail dns");
	assert_int_equal(take_away("mail"), 0);
	assert_int_equal(take_away("mail"), DAEMON_FAILED);
	assert_string_equal(why, "there is no protect block 'mail'");
	assert_string_equal(blocks(), "web dns");
	assert_int_equal(take_away(NULL), 0);
	assert_string_equal(blocks(), "");
	assert_int_equal(in_force(), 1300);
}

/* What was added stays when a file is read, but where that has a block of the same name. */
static void test_added_stays(void **state)
{
	assert_int_equal(add(BLOCK("web", "80")), 0);
	assert_int_equal(apply(NEW BLOCK("mail", "25"), 0), 0);
	assert_string_equal(blocks(), "mail web");
	assert_int_equal(in_force(), 1200);
	assert_int_equal(apply(BLOCK("mail", "80"), 0), DAEMON_CONFIG);
	assert_non_null(strstr(why, "port 80"));
	assert_string_equal(blocks(), "mail web");
	assert_int_equal(apply(BLOCK("web", "443"), 0), 0);
	assert_string_equal(blocks(), "web");
	assert_int_equal(hooks.config.protects[0].ports[0].first, 443);
	assert_int_equal(apply("", 0), 0); /* it was the file's by then */
	assert_string_equal(blocks(), "");
}

static void test_added_on_trial(void **state)
{
	assert_int_equal(add(BLOCK("web", "80")), 0);
	assert_int_equal(apply(BLOCK("web", "443"), 60), 0);
	assert_int_equal(add(BLOCK("dns", "53")), DAEMON_FAILED);
	assert_non_null(strstr(why, "awaits confirmation"));
	assert_int_equal(take_away("web"), DAEMON_FAILED);
	assert_int_equal(undo(), 0);
	assert_int_equal(hooks.config.protects[0].ports[0].first, 80);
	assert_int_equal(apply("", 0), 0);
	assert_string_equal(blocks(), "web");
	fail_with = -EIO;
	assert_int_equal(take_away("web"), DAEMON_FAILED);
	assert_int_equal(add(BLOCK("dns", "53")), DAEMON_FAILED);
	fail_with = 0;
	assert_int_equal(apply("", 0), 0);
	assert_string_equal(blocks(), "web");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(test_for_good, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_wrong, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_passed, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_confirmed, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_undone, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_undo_fails, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_one_at_a_time, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_by_itself, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_added, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_added_stays, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_added_on_trial, set_up, tear_down),
};

TEST_MAIN(tests, NULL, NULL)
