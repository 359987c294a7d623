/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data before a pair is selected (RFC 8445 12.1). */
#pragma once

#include "ice/model.h"

G_BEGIN_DECLS

/* What is valid, or what is allowed, may have changed. */
void ice_data_path_consider (IceComponent *component);
/* A pair is selected, which says where data goes. */
void ice_data_path_forget (IceComponent *component);

G_END_DECLS
