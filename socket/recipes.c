/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of paths, lowest layer first, and the makers that its rows name. Knows how
 * layers are made, not what they do. */
#include "config.h"

#include "socket/recipes.h"

#include "socket/layer-dtls.h"
#include "socket/layer-http.h"
#include "socket/layer-pseudossl.h"
#include "socket/layer-rfc4571.h"
#include "socket/layer-socks5.h"
#include "socket/layer-tls.h"
#include "socket/layer-turn-bind.h"
#include "socket/layer-turn-stream.h"
#include "socket/layer-turn.h"

typedef struct _Row Row;
typedef NiceLayer *(*Maker) (const Row *row, const NiceIngredients *from);

#define MAX_STEPS (NICE_CHAIN_MAX_LAYERS - 1) /* and the proxy's below them */

struct _Row
{
  gboolean is_stream;
  const gchar *alpn;
  Maker makers[MAX_STEPS];
};

static NiceLayer *
make_rfc4571 (const Row *row, const NiceIngredients *from)
{
  return nice_layer_rfc4571_new ();
}

static NiceLayer *
make_turn_stream (const Row *row, const NiceIngredients *from)
{
  return nice_layer_turn_stream_new ();
}

static NiceLayer *
make_pseudossl (const Row *row, const NiceIngredients *from)
{
  return nice_layer_pseudossl_new ();
}

static NiceTlsConfig
get_tls_config (const Row *row, const NiceIngredients *from)
{
  NiceTlsConfig config = from->tls;

  config.alpn = row->alpn;
  config.server = from->remote;
  return config;
}

static NiceLayer *
make_tls (const Row *row, const NiceIngredients *from)
{
  const NiceTlsConfig config = get_tls_config (row, from);

  return nice_layer_tls_new (&config);
}

static NiceLayer *
make_dtls (const Row *row, const NiceIngredients *from)
{
  const NiceTlsConfig config = get_tls_config (row, from);

  return nice_layer_dtls_new (&config);
}

static NiceLayer *
make_turn (const Row *row, const NiceIngredients *from)
{
  TurnConfig config = from->turn;

  config.reliable = row->is_stream;
  return nice_layer_turn_new (&config, &from->env, &from->remote);
}

static NiceLayer *
make_bind (const Row *row, const NiceIngredients *from)
{
  return nice_layer_turn_bind_new (from->bind, &from->peer);
}

static const Row rows[NICE_N_RECIPES] = {
  [NICE_RECIPE_ICE_TCP] = { TRUE, NULL, { make_rfc4571 } },
  [NICE_RECIPE_STUN_TCP] = { TRUE, NULL, { make_turn_stream } },
  [NICE_RECIPE_STUN_TLS] = { TRUE, NICE_ALPN_STUN, { make_tls, make_turn_stream } },
  [NICE_RECIPE_STUN_DTLS] = { FALSE, NICE_ALPN_STUN, { make_dtls } },
  [NICE_RECIPE_TURN_UDP] = { FALSE, NULL, { make_turn } },
  [NICE_RECIPE_TURN_TCP] = { TRUE, NULL, { make_turn_stream, make_turn } },
  [NICE_RECIPE_TURN_TLS] = { TRUE,
                             NICE_ALPN_TURN,
                             { make_tls, make_turn_stream, make_turn } },
  [NICE_RECIPE_TURN_DTLS] = { FALSE, NICE_ALPN_TURN, { make_dtls, make_turn } },
  [NICE_RECIPE_TURN_PSEUDOSSL] = { TRUE,
                                   NULL,
                                   { make_pseudossl, make_turn_stream, make_turn } },
  [NICE_RECIPE_TURN_DATA_TCP] = { TRUE, NULL, { make_bind, make_rfc4571 } },
  [NICE_RECIPE_TURN_DATA_TLS] = { TRUE,
                                  NICE_ALPN_TURN,
                                  { make_tls, make_bind, make_rfc4571 } },
};

static NiceLayer *
make_tunnel (const NiceIngredients *from)
{
  const NiceSocks5Config socks5 = { .target = from->remote,
                                    .username = from->proxy_username,
                                    .password = from->proxy_password };
  const NiceHttpConfig http = { .target = from->remote,
                                .username = from->proxy_username,
                                .password = from->proxy_password,
                                .headers = from->proxy_headers };

  switch (from->tunnel)
    {
    case NICE_TUNNEL_NONE:
      return NULL;
    case NICE_TUNNEL_SOCKS5:
      return nice_layer_socks5_new (&socks5);
    case NICE_TUNNEL_HTTP:
      return nice_layer_http_new (&http, &from->env);
    }
  g_assert_not_reached ();
}

NiceChain *
nice_recipe_make (NiceRecipe recipe, const NiceIngredients *ingredients, NiceLayer **turn)
{
  const Row *row = &rows[recipe];
  NiceChain *chain = nice_chain_new ();
  NiceLayer *layer = row->is_stream ? make_tunnel (ingredients) : NULL;

  if (layer != NULL)
    nice_chain_add (chain, layer);
  *turn = NULL;
  for (guint i = 0; i < MAX_STEPS && row->makers[i] != NULL; i++)
    {
      layer = row->makers[i](row, ingredients);
      nice_chain_add (chain, layer);
      if (row->makers[i] == make_turn)
        *turn = layer;
    }
  return chain;
}

gboolean
nice_recipe_is_stream (NiceRecipe recipe)
{
  return rows[recipe].is_stream;
}
