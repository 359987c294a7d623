/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rows, and the one thing that is not data: how names are put together. What they say
 * was read off the wire between two agents of libnice 0.1.21, for each dialect. Decides
 * nothing else; every branch on a dialect elsewhere reads a field of a row. */
#include "config.h"

#include "ice/dialect.h"

const IceQuirks *
ice_dialect_get (guint dialect)
{
  static const IceQuirks rows[] = {
    [ICE_DIALECT_RFC5245] = { .stun = STUN_DIALECT_RFC8489,
                              .ice = STUN_ICE_DIALECT_RFC8445,
                              .has_integrity = TRUE,
                              .has_tcp = TRUE,
                              .has_relays = TRUE },
    [ICE_DIALECT_GOOGLE] = { .stun = STUN_DIALECT_RFC3489,
                             .ice = STUN_ICE_DIALECT_GOOGLE,
                             .naming = ICE_NAMES_OF_CANDIDATE,
                             .echoes_username = TRUE,
                             .is_bytestream = TRUE,
                             .checks_keep_alive = TRUE,
                             .priorities = { 1000, 900, 900, 500 } },
    [ICE_DIALECT_MSN] = { .stun = STUN_DIALECT_RFC3489,
                          .ice = STUN_ICE_DIALECT_MSN,
                          .naming = ICE_NAMES_CODED,
                          .has_integrity = TRUE,
                          .replies_as_check = TRUE,
                          .priorities = { 830, 550, 550, 450 } },
    [ICE_DIALECT_WLM2009] = { .stun = STUN_DIALECT_MSICE2,
                              .ice = STUN_ICE_DIALECT_MSICE2,
                              .has_integrity = TRUE,
                              .echoes_username = TRUE },
    [ICE_DIALECT_OC2007] = { .stun = STUN_DIALECT_OC2007,
                             .ice = STUN_ICE_DIALECT_MSN,
                             .naming = ICE_NAMES_CODED,
                             .has_integrity = TRUE,
                             .echoes_username = TRUE,
                             .has_tcp = TRUE,
                             .priorities = { 830, 550, 550, 450 } },
    [ICE_DIALECT_OC2007R2] = { .stun = STUN_DIALECT_MSICE2,
                               .ice = STUN_ICE_DIALECT_MSICE2,
                               .has_integrity = TRUE,
                               .echoes_username = TRUE,
                               .has_tcp = TRUE,
                               .has_own_preference = TRUE },
  };

  return &rows[dialect < G_N_ELEMENTS (rows) ? dialect : ICE_DIALECT_RFC5245];
}

const IceQuirks *
ice_dialect_of (const IceSession *session)
{
  return ice_dialect_get (session->config.dialect);
}

/* dest holds half of ICE_MAX_USERNAME. */
static gsize
write_name (const IceComponent *component, const IceCredentials *credentials,
            guint8 *dest)
{
  const gboolean is_coded =
      ice_dialect_of (component->stream->session)->naming == ICE_NAMES_CODED;
  g_autofree guint8 *decoded = NULL;
  gchar suffix[16] = "";
  gsize len = strlen (credentials->ufrag);

  if (is_coded)
    {
      decoded = g_base64_decode (credentials->ufrag, &len);
      g_snprintf (suffix, sizeof suffix, ":%u", component->id);
    }
  memcpy (dest, is_coded ? (const gchar *)decoded : credentials->ufrag, len);
  memcpy (dest + len, suffix, strlen (suffix));
  return len + strlen (suffix);
}

guint
ice_dialect_write_username (const IceComponent *component, guint8 *dest)
{
  const IceStream *stream = component->stream;
  const IceQuirks *quirks = ice_dialect_of (stream->session);
  gsize len = write_name (component, &stream->remote, dest);

  if (quirks->naming != ICE_NAMES_OF_CANDIDATE)
    dest[len++] = ':';
  len += write_name (component, &stream->local, dest + len);
  if (quirks->stun != STUN_DIALECT_RFC8489)
    while (len % 4 != 0)
      dest[len++] = '\0'; /* and they count */
  return (guint)len;
}

gboolean
ice_dialect_is_for (const IceComponent *component, const guint8 *username, gsize len)
{
  const IceStream *stream = component->stream;
  guint8 own[ICE_MAX_USERNAME];
  gsize own_len = write_name (component, &stream->local, own);

  if (ice_dialect_of (stream->session)->naming != ICE_NAMES_OF_CANDIDATE)
    own[own_len++] = ':';
  return len >= own_len && memcmp (username, own, own_len) == 0;
}
