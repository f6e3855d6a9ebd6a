# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""NTU RGB+D 120 and its one-shot protocol.

120 actions of 106 people, seen by three Kinects v2 (J. Liu, A. Shahroudy, M. Perez, G. Wang, L.-Y. Duan,
A. C. Kot, "NTU RGB+D 120: A large-scale benchmark for 3D human activity understanding", TPAMI 2020).
The one-shot protocol evaluates every sixth class with one reference sample each, and trains on the
other 100.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from skeleton_dml_ros.datasets.ntu import SampleName

CLASS_NAMES = (
    "drink water",
    "eat meal/snack",
    "brushing teeth",
    "brushing hair",
    "drop",
    "pickup",
    "throw",
    "sitting down",
    "standing up (from sitting position)",
    "clapping",
    "reading",
    "writing",
    "tear up paper",
    "wear jacket",
    "take off jacket",
    "wear a shoe",
    "take off a shoe",
    "wear on glasses",
    "take off glasses",
    "put on a hat/cap",
    "take off a hat/cap",
    "cheer up",
    "hand waving",
    "kicking something",
    "reach into pocket",
    "hopping (one foot jumping)",
    "jump up",
    "make a phone call/answer phone",
    "playing with phone/tablet",
    "typing on a keyboard",
    "pointing to something with finger",
    "taking a selfie",
    "check time (from watch)",
    "rub two hands together",
    "nod head/bow",
    "shake head",
    "wipe face",
    "salute",
    "put the palms together",
    "cross hands in front (say stop)",
    "sneeze/cough",
    "staggering",
    "falling",
    "touch head (headache)",
    "touch chest (stomachache/heart pain)",
    "touch back (backache)",
    "touch neck (neckache)",
    "nausea or vomiting condition",
    "use a fan (with hand or paper)/feeling warm",
    "punching/slapping other person",
    "kicking other person",
    "pushing other person",
    "pat on back of other person",
    "point finger at the other person",
    "hugging other person",
    "giving something to other person",
    "touch other person's pocket",
    "handshaking",
    "walking towards each other",
    "walking apart from each other",
    "put on headphone",
    "take off headphone",
    "shoot at the basket",
    "bounce ball",
    "tennis bat swing",
    "juggling table tennis balls",
    "hush (quite)",
    "flick hair",
    "thumb up",
    "thumb down",
    "make ok sign",
    "make victory sign",
    "staple book",
    "counting money",
    "cutting nails",
    "cutting paper (using scissors)",
    "snapping fingers",
    "open bottle",
    "sniff (smell)",
    "squat down",
    "toss a coin",
    "fold paper",
    "ball up paper",
    "play magic cube",
    "apply cream on face",
    "apply cream on hand back",
    "put on bag",
    "take off bag",
    "put something into a bag",
    "take something out of a bag",
    "open a box",
    "move heavy objects",
    "shake fist",
    "throw up cap/hat",
    "hands up (both hands)",
    "cross arms",
    "arm circles",
    "arm swings",
    "running on the spot",
    "butt kicks (kick backward)",
    "cross toe touch",
    "side kick",
    "yawn",
    "stretch oneself",
    "blow nose",
    "hit other person with something",
    "wield knife towards other person",
    "knock over other person (hit with body)",
    "grab other person's stuff",
    "shoot at other person with a gun",
    "step on foot",
    "high-five",
    "cheers and drink",
    "carry something with other person",
    "take a photo of other person",
    "follow other person",
    "whisper in other person's ear",
    "exchange things with other person",
    "support somebody with hand",
    "finger-guessing game (playing rock-paper-scissors)",
)
"""Actions A1 to A120 in the words of the data set's authors; labels count from 0."""

EVALUATION_ACTIONS = tuple(range(1, len(CLASS_NAMES) + 1, 6))
"""Numbers of the 20 evaluation classes: A1, A7, ..., A115."""

VALIDATION_ACTIONS = tuple(range(2, len(CLASS_NAMES) + 1, 6))
"""Numbers of the auxiliary classes used for validation: A2, A8, ..., A116."""

FIRST_ACTION_OF_120 = 61
"""Setups 1 to 17 belong to the first release, A1 to A60; later setups added A61 to A120."""

REFERENCES = tuple(
    SampleName(
        setup=1 if action < FIRST_ACTION_OF_120 else 18,
        camera=3,
        performer=8,
        replication=1,
        action=action,
    )
    for action in EVALUATION_ACTIONS
)
"""Reference samples of the protocol, one for each evaluation class."""


@cache
def missing_skeletons() -> frozenset[str]:
    """Names of the 535 samples whose skeletons are missing or incomplete.

    The data set's authors ask to exclude them.
    """
    text = files(__package__).joinpath("ntu120_missing_skeletons.txt").read_text("ascii")
    return frozenset(text.split())
