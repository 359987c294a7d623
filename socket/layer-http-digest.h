/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Proxy credentials as header values: Basic (RFC 7617) and Digest (RFC 7616). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "Basic dXNlcjpwYXNz" (transfer full). */
gchar *nice_http_basic (const gchar *username, const gchar *password);

typedef struct
{
  const gchar *username, *password;
  const gchar *method, *uri;
  const gchar *cnonce; /* printable, unguessable, without quotes */
} NiceHttpRequest;

/* Answers the value of one Proxy-Authenticate header; NULL: no Digest challenge, or one
 * that asks for what is not known here. */
gchar *nice_http_digest (const gchar *challenge, const NiceHttpRequest *request);

G_END_DECLS
