# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Joint layouts, sequences of skeletons, and the steps that bring them into one form."""
