/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SDP and candidate lines from the peer. What is accepted as a candidate is written as
 * one that is accepted. */
#include "config.h"

#include "fuzz.h"

#include "agent/sdp.h"

static void
read_sections (const char *text)
{
  gboolean good = TRUE;

  while (good && *text != '\0')
    {
      const char *start = text;
      NiceSdpSection section = { NULL };

      good = nice_sdp_parse_section (&text, &section);
      nice_sdp_section_clear (&section);
      if (text == start)
        text++;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autoptr (NiceCandidate) candidate = nice_sdp_parse_candidate (text);

  if (candidate != NULL)
    {
      const NiceSdpPrivacy privacy = { FALSE };
      g_autoptr (GString) line = g_string_new (NULL);
      g_autoptr (NiceCandidate) again = NULL;

      nice_sdp_write_candidate (line, candidate, &privacy);
      again = nice_sdp_parse_candidate (line->str);
      g_assert_nonnull (again);
    }
  read_sections (text);
  return 0;
}
