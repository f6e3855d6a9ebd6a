# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Evaluate recognition in continuous streams.

A robot sees people who idle, walk about, and perform known and unknown actions; it has to find the
known ones and report nothing else.  Research data sets hold single clips, so labelled streams are
built from their clips here, and the robot's reports are matched with them.
"""
