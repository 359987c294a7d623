/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one header that programs include. */
#pragma once

#include "nice-version.h"
#include "agent.h"
#include "interfaces.h"
#include "udpmux.h"
