# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recognition in a continuous stream: what was done, against what was reported.

A clip that somebody has cut out is half of the work.  A robot sees people who idle, walk about, do
what it was taught, and do what it was never taught; it has to find the action, and to keep quiet.
No research set of skeletons comes as such a stream with a label at each moment, so one is built
here from real clips, and reports about it are matched with what was done in it.
"""
