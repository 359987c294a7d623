/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URIs of servers: whatever is accepted has a host and can be resolved or not. */
#include "config.h"

#include "fuzz.h"

#include "turn/resolve.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree gchar *text = g_strndup ((const gchar *)data, size);
  static const TurnRoad roads[] = { TURN_ROAD_UDP, TURN_ROAD_TCP, TURN_ROAD_TLS,
                                    TURN_ROAD_DTLS };
  TurnResolveResult result;
  TurnQuestion question;
  TurnUri uri;
  guint n = 0;

  if (turn_uri_parse (&uri, text) == TURN_URI_OK)
    {
      g_autoptr (TurnResolve) resolve =
          turn_resolve_new (&uri, roads, G_N_ELEMENTS (roads), NULL, &result);

      g_assert_true (uri.host[0] != '\0');
      while (resolve != NULL && turn_resolve_ask (resolve, &question))
        {
          g_assert_cmpuint (++n, <, 100);
          if (question.type == TURN_QUESTION_SRV)
            turn_resolve_answer_srv (resolve, NULL, 0);
          else
            turn_resolve_answer_naptr (resolve, NULL, 0);
        }
    }
  return 0;
}
