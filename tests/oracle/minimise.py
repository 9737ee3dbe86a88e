# SPDX-License-Identifier: BSD-2-Clause
"""Makes a case on which two judges disagree as simple as it gets, and writes it in vector format."""

import hashlib

import limits
import oracle
from vectorfile import Vector

ROUNDS = 200


def disagree(judges, frames, link, options):
    """For each frame the two reasons, or None where the judges agree."""
    first, second = (judge(frames, link, options) for judge in judges)
    return [None if a == b or not a or not b else (a[0], b[0]) for a, b in zip(first, second)]


def minimise(judges, frame, link, options):
    """The simplest (frame, options) found with the same disagreement."""
    wanted = disagree(judges, [frame], link, options)[0]
    for shorter in fewer_options(options):
        if works(shorter) and disagree(judges, [frame], link, shorter)[0] == wanted:
            options = shorter
            break
    for _ in range(ROUNDS):
        simpler = list(simpler_frames(frame))
        good = [f for f, d in zip(simpler, disagree(judges, simpler, link, options)) if d == wanted] if simpler else []
        if not good:
            break
        frame = good[0]
    return frame, options


def works(options):
    return any(word in options for word in ("--mss", "--mtu", "--prefix"))


def fewer_options(options):
    """Option lists with one option or all but one taken away, the shortest first."""
    groups = [f"--{group}".strip() for group in options.split("--") if group]
    lists = [[group] for group in groups] + [groups[:n] + groups[n + 1 :] for n in range(len(groups))]
    return sorted((" ".join(one) for one in lists if one), key=len)


def simpler_frames(frame):
    """Shorter ones first, then those with more bytes 0."""
    for size in 512, 128, 32, 8, 4, 2, 1:
        for at in range(len(frame) - size, -1, -size):
            yield frame[:at] + frame[at + size :]
    for size in 16, 4, 1:
        for at in range(0, len(frame), size):
            if any(frame[at : at + size]):
                yield frame[:at] + bytes(len(frame[at : at + size])) + frame[at + size :]


def as_vector(frame, link, options, answers):
    """The vector the oracle expects; what the judges said is in the comment."""
    reason, also, out = oracle.clamp(frame, link, limits.parse(options))
    name = "differential-" + hashlib.sha256(frame + options.encode()).hexdigest()[:8]
    said = "; ".join(f"{who}: {text_of(answer, frame)}" for who, answer in answers.items())
    return Vector(name, frame, reason, out, link, options, frozenset(also), said).text()


def text_of(answer, frame):
    reason, also, out = answer
    return f"{' '.join([reason, *sorted(also)])} {'same' if out == frame else out.hex()}"
