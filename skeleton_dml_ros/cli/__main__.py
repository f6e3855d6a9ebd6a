# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""``python -m skeleton_dml_ros.cli`` runs ``skeleton-dml`` from a checkout."""

import sys

from skeleton_dml_ros.cli import main

sys.exit(main())
