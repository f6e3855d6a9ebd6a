# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Joint layouts, frames and sequences of skeletons, and their preprocessing."""
