/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one side tells the other before they are connected, as one line that people can
 * paste: credentials and candidates of one stream. Text in and text out; it knows no
 * agent. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A line holds no more; both bounds are far above what an agent gathers. */
#define DESCRIPTION_MAX_CANDIDATES 256
#define DESCRIPTION_MAX_LINE 65536

typedef struct
{
  char *ufrag;
  char *password;
  GPtrArray *candidates; /* candidate lines of RFC 8839 section 5.1 */
} Description;

typedef enum
{
  DESCRIPTION_ERROR_EMPTY,
  DESCRIPTION_ERROR_FOREIGN, /* not ours at all */
  DESCRIPTION_ERROR_VERSION, /* of a later icecold */
  DESCRIPTION_ERROR_DAMAGED, /* something is missing or changed */
  DESCRIPTION_ERROR_INVALID, /* whole, but not what it should be */
} DescriptionError;

#define DESCRIPTION_ERROR description_error_quark ()

GQuark description_error_quark (void);

Description *description_new (const char *ufrag, const char *password);
void description_free (Description *self);
void description_add_candidate (Description *self, const char *line);

char *description_to_line (const Description *self);
/* White space anywhere in @line is ignored: terminals wrap what they are given. */
Description *description_from_line (const char *line, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Description, description_free)

G_END_DECLS
