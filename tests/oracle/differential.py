#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Random packets through the backends: user space must do what the oracle says, and BPF what user space does.

    TM_DIFF_N       packets a family for BPF against user space (100000)
    TM_DIFF_ORACLE  packets a family for user space against the oracle (20000)
    TM_DIFF_SEED    the seed (random)
    TM_BUILD        the build directory (build)
"""

import os
import secrets
import sys

sys.dont_write_bytecode = True

import generate  # noqa: E402
import tap  # noqa: E402
from judges import Batch, Failed, Oracle  # noqa: E402
from minimise import as_vector, minimise  # noqa: E402

MANY = int(os.environ.get("TM_DIFF_N", 100000))
FEW = int(os.environ.get("TM_DIFF_ORACLE", min(MANY, 20000)))
SEED = os.environ.get("TM_DIFF_SEED") or secrets.token_hex(4)
LINKS = ("raw", "null", "loop", "sll", "sll2", "ppp", "pppoe")
SHOWN = 5  # kinds of disagreement printed for each test

PREFIXES4 = "--prefix 192.0.0.0/8=1300 --prefix 192.0.2.0/24=1500 --prefix 192.0.2.1/32=560 --prefix 10.0.0.0/15=1400"
PREFIXES6 = "--prefix 2001::/16=1290 --prefix 2001:db8::/32=1500 --prefix 2001:db8:1::/48=1400 --prefix ::1/128=1300"
OPTION_SETS = (
    "--mss 1400",
    "--mss 32",
    "--mss 65495",
    "--mss 255 --allow-increase",
    "--mss 1400 --allow-increase",
    "--mss 500 --add-missing",
    "--mss 535 --add-missing --allow-increase",
    "--mss 1219 --add-missing",
    "--mtu 72 --add-missing",
    "--mtu 1440",
    "--mss 1350 --mtu 1400",
    "--mss 1400 --mtu 1300 --allow-increase",
    "--add-missing",
    f"{PREFIXES4} {PREFIXES6}",
    f"--mtu 1492 --prefix 0.0.0.0/0=1480 --prefix ::/0=1480 {PREFIXES4} {PREFIXES6}",
    f"--mss 1400 --allow-increase --add-missing {PREFIXES4} {PREFIXES6}",
    "--prefix 10.0.0.0/8=576 --prefix 10.1.2.3/32=500 --add-missing",
)


def compare(test, name, judges, family, link, count):
    """One test: the second judge agrees with the first on so many packets, spread over the option sets."""
    done, wrong, cases = 0, 0, {}
    each = -(-count // len(OPTION_SETS))
    for number, options in enumerate(OPTION_SETS):
        frames = list(generate.frames(f"{SEED}/{number}", each, family, link))
        try:
            answers = list(zip(frames, *(judge(frames, link, options) for judge in judges)))
        except Failed as failure:
            test.ok(False, name, failure)
            return
        answers = [answer for answer in answers if None not in answer]
        done += len(answers)
        bad = [answer for answer in answers if answer[1] != answer[2]]
        wrong += len(bad)
        for frame, first, second in sorted(bad, key=lambda answer: len(answer[0])):
            kind = first[0], second[0]
            if kind not in cases and len(cases) < SHOWN:
                cases[kind] = case(judges, frame, link, options)
    test.ok(done and not wrong, f"{name}: {done} packets", f"{wrong} disagreements", *cases.values())


def case(judges, frame, link, options):
    try:
        frame, options = minimise(judges, frame, link, options)
    except Failed as failure:
        print(f"# not minimised: {failure}")
    answers = {judge.name: judge([frame], link, options)[0] for judge in judges}
    return as_vector(frame, link, options, answers)


def main():
    user, why = Batch("user"), Batch("user").why_not()
    if why:
        tap.skip_all(why)
    test = tap.Tap()
    test.note(f"TM_DIFF_SEED={SEED}")
    for family in "ipv4", "ipv6":
        compare(test, f"{family}: user as the oracle", (Oracle(), user), family, "ethernet", FEW)
        for link in LINKS:
            compare(test, f"{family} in {link}: user as the oracle", (Oracle(), user), family, link, FEW // 10)
    for backend in map(Batch, ("xdp", "tc")):
        why = backend.why_not()
        for family in "ipv4", "ipv6":
            name = f"{family}: {backend.name} as user"
            if why:
                test.skip(name, why)
            else:
                compare(test, name, (user, backend), family, "ethernet", MANY)
    test.done()


if __name__ == "__main__":
    main()
