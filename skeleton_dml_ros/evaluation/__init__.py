# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Accuracy of models: one-shot, open-set and stream protocols, ablation, the paper's tables."""
