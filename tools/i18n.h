/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the command's messages are marked for translation; the catalogue is po/. */
#pragma once

#include <libintl.h>

#define _(text) gettext (text)
#define N_(text) (text)
