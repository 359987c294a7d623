/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which layers make which kind of path, as data. A new kind is one row of recipes.c. */
#pragma once

#include "socket/chain.h"
#include "socket/layer-tls-config.h"
#include "turn/bind.h"

G_BEGIN_DECLS

typedef enum
{
  NICE_RECIPE_ICE_TCP, /* RFC 6544 */
  NICE_RECIPE_STUN_TCP,
  NICE_RECIPE_STUN_TLS,
  NICE_RECIPE_STUN_DTLS,
  NICE_RECIPE_TURN_UDP,
  NICE_RECIPE_TURN_TCP,
  NICE_RECIPE_TURN_TLS,
  NICE_RECIPE_TURN_DTLS,
  NICE_RECIPE_TURN_PSEUDOSSL, /* Google's dialect */
  NICE_RECIPE_TURN_DATA_TCP,  /* RFC 6062: ICE-TCP through an allocation */
  NICE_RECIPE_TURN_DATA_TLS,
  NICE_N_RECIPES
} NiceRecipe;

/* The numbers of NiceProxyType. */
typedef enum
{
  NICE_TUNNEL_NONE,
  NICE_TUNNEL_SOCKS5,
  NICE_TUNNEL_HTTP
} NiceTunnel;

/* What layers are made of; each reads what concerns it. Strings are copied. */
typedef struct
{
  NiceAddress remote; /* the server or peer; the endpoint leads to it, or to the proxy */
  NiceTunnel tunnel;  /* how the proxy is spoken to; streams only */
  const gchar *proxy_username, *proxy_password;
  GHashTable *proxy_headers;
  NiceTlsConfig tls; /* alpn and server are the recipe's to fill in */
  TurnConfig turn;   /* reliable is the recipe's to fill in */
  TurnBind *bind;    /* TURN_DATA: the chain takes it; and whom it leads to */
  NiceAddress peer;
  NiceLayerEnv env;
} NiceIngredients;

/* turn: where the layer of the allocation goes, NULL when there is none. It is the
 * chain's. */
NiceChain *nice_recipe_make (NiceRecipe recipe, const NiceIngredients *ingredients,
                             NiceLayer **turn);
/* Whether the endpoint below is a connection, else datagrams. */
gboolean nice_recipe_is_stream (NiceRecipe recipe);

G_END_DECLS
