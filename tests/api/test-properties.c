/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of an agent and what its constructors set. Facts of the contract 1.8,
 * 1.16, 1.4-a. */
#include "agents.h"

#include <string.h>

/* Exported, but in no header that libnice installs. */
GType nice_nomination_mode_get_type (void);

typedef struct
{
  const gchar *name;
  GType type;
  GParamFlags construct;  /* G_PARAM_CONSTRUCT, G_PARAM_CONSTRUCT_ONLY or neither */
  guint minimum, maximum; /* of a guint */
  guint declared, fresh;  /* default of the specification, and what a fresh agent reads */
} Row;

#define CO G_PARAM_CONSTRUCT_ONLY
#define C G_PARAM_CONSTRUCT

static const Row rows[] = {
  { "compatibility", G_TYPE_UINT, CO, 0, 5, 0, 0 },
  { "stun-server-port", G_TYPE_UINT, 0, 1, 65536, 1, 3478 },
  { "controlling-mode", G_TYPE_BOOLEAN, 0, 0, 0, FALSE, TRUE },
  { "full-mode", G_TYPE_BOOLEAN, CO, 0, 0, TRUE, TRUE },
  { "stun-pacing-timer", G_TYPE_UINT, C, 1, G_MAXUINT, 20, 20 },
  { "max-connectivity-checks", G_TYPE_UINT, 0, 0, G_MAXUINT, 0, 100 },
  { "proxy-type", G_TYPE_UINT, 0, 0, 2, 0, 0 },
  { "proxy-port", G_TYPE_UINT, 0, 1, 65536, 1, 0 },
  { "upnp-timeout", G_TYPE_UINT, C, 100, 60000, 200, 200 },
  { "reliable", G_TYPE_BOOLEAN, CO, 0, 0, FALSE, FALSE },
  { "ice-udp", G_TYPE_BOOLEAN, 0, 0, 0, TRUE, TRUE },
  { "ice-tcp", G_TYPE_BOOLEAN, 0, 0, 0, TRUE, TRUE },
  { "bytestream-tcp", G_TYPE_BOOLEAN, 0, 0, 0, FALSE, FALSE },
  { "keepalive-conncheck", G_TYPE_BOOLEAN, 0, 0, 0, FALSE, FALSE },
  { "force-relay", G_TYPE_BOOLEAN, 0, 0, 0, FALSE, FALSE },
  { "stun-max-retransmissions", G_TYPE_UINT, C, 1, 99, 3, 3 },
  { "stun-initial-timeout", G_TYPE_UINT, C, 20, 9999, 500, 500 },
  { "stun-reliable-timeout", G_TYPE_UINT, C, 20, 99999, 2000, 2000 },
  { "ice-trickle", G_TYPE_BOOLEAN, 0, 0, 0, FALSE, FALSE },
  { "support-renomination", G_TYPE_BOOLEAN, 0, 0, 0, FALSE, FALSE },
  { "idle-timeout", G_TYPE_UINT, C, 50, 60000, 5000, 5000 },
};

static NiceAgent *
agent_new (NiceAgentOption options)
{
  return nice_agent_new_full (NULL, NICE_COMPATIBILITY_RFC5245, options);
}

static guint
get_number (NiceAgent *agent, const Row *row)
{
  gboolean truth;
  guint number;

  if (row->type == G_TYPE_BOOLEAN)
    {
      g_object_get (agent, row->name, &truth, NULL);
      return truth;
    }
  g_object_get (agent, row->name, &number, NULL);
  return number;
}

/* contract 1.16-a 1.16-b */
static void
test_numbers_and_booleans (void)
{
  g_autoptr (NiceAgent) agent = agent_new (NICE_AGENT_OPTION_NONE);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const Row *row = &rows[i];
      GParamSpec *spec =
          g_object_class_find_property (G_OBJECT_GET_CLASS (agent), row->name);

      g_test_message ("%s", row->name);
      g_assert_nonnull (spec);
      g_assert_true (spec->value_type == row->type);
      g_assert_cmpuint (spec->flags & (G_PARAM_READWRITE | CO | C), ==,
                        G_PARAM_READWRITE | row->construct);
      if (row->type == G_TYPE_UINT)
        {
          g_assert_cmpuint (G_PARAM_SPEC_UINT (spec)->minimum, ==, row->minimum);
          g_assert_cmpuint (G_PARAM_SPEC_UINT (spec)->maximum, ==, row->maximum);
          g_assert_cmpuint (G_PARAM_SPEC_UINT (spec)->default_value, ==, row->declared);
        }
      else
        g_assert_cmpint (G_PARAM_SPEC_BOOLEAN (spec)->default_value, ==, row->declared);
      g_assert_cmpuint (get_number (agent, row), ==, row->fresh);
    }
}

/* contract 1.16-a 1.16-b: those that are neither numbers nor booleans */
static void
test_texts_and_others (void)
{
  static const gchar *const texts[] = { "stun-server", "proxy-ip", "proxy-username",
                                        "proxy-password" };
  g_autoptr (NiceAgent) agent = agent_new (NICE_AGENT_OPTION_NONE);
  GObjectClass *class = G_OBJECT_GET_CLASS (agent);
  GParamSpec *mode = g_object_class_find_property (class, "nomination-mode");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      GParamSpec *spec = g_object_class_find_property (class, texts[i]);
      g_autofree gchar *text = NULL;

      g_assert_true (spec->value_type == G_TYPE_STRING);
      g_assert_cmpuint (spec->flags & (G_PARAM_READWRITE | CO | C), ==,
                        G_PARAM_READWRITE);
      g_object_get (agent, texts[i], &text, NULL);
      g_assert_null (text);
    }
  g_assert_true (mode->value_type == nice_nomination_mode_get_type ());
  g_assert_cmpuint (mode->flags & (G_PARAM_READWRITE | CO), ==, G_PARAM_READWRITE | CO);
  g_assert_cmpint (G_PARAM_SPEC_ENUM (mode)->default_value, ==,
                   NICE_NOMINATION_MODE_AGGRESSIVE);
  g_assert_true (g_object_class_find_property (class, "main-context")->value_type
                 == G_TYPE_POINTER);
  g_assert_true (g_object_class_find_property (class, "proxy-extra-headers")->value_type
                 == G_TYPE_HASH_TABLE);
}

/* contract 1.16-g */
static void
test_what_is_set_is_read (void)
{
  g_autoptr (NiceAgent) agent = agent_new (NICE_AGENT_OPTION_NONE);
  g_autofree gchar *server = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const Row *row = &rows[i];
      guint value = row->type == G_TYPE_BOOLEAN ? !row->fresh : row->maximum / 2 + 1;

      if (row->construct == CO || strcmp (row->name, "bytestream-tcp") == 0)
        continue;
      g_test_message ("%s", row->name);
      g_object_set (agent, row->name, value, NULL);
      g_assert_cmpuint (get_number (agent, row), ==, value);
      g_object_set (agent, row->name, MAX (row->fresh, row->minimum), NULL);
    }
  g_object_set (agent, "stun-server", "stun.example.org", NULL);
  g_object_get (agent, "stun-server", &server, NULL);
  g_assert_cmpstr (server, ==, "stun.example.org");
  g_object_set (agent, "stun-server", NULL, NULL);
}

typedef struct
{
  const gchar *name;
  NiceAgentOption option;
  gboolean without, with; /* what it reads */
} Option;

static const Option options[] = {
  { "reliable", NICE_AGENT_OPTION_RELIABLE, FALSE, TRUE },
  { "full-mode", NICE_AGENT_OPTION_LITE_MODE, TRUE, FALSE },
  { "ice-trickle", NICE_AGENT_OPTION_ICE_TRICKLE, FALSE, TRUE },
  { "support-renomination", NICE_AGENT_OPTION_SUPPORT_RENOMINATION, FALSE, TRUE },
  { "consent-freshness", NICE_AGENT_OPTION_CONSENT_FRESHNESS, FALSE, TRUE },
  { "bytestream-tcp", NICE_AGENT_OPTION_BYTESTREAM_TCP, FALSE, TRUE },
};

static void
assert_options (NiceAgentOption given)
{
  g_autoptr (NiceAgent) agent = agent_new (given);
  NiceNominationMode mode;

  g_object_get (agent, "nomination-mode", &mode, NULL);
  g_assert_cmpint (mode, ==,
                   (given & NICE_AGENT_OPTION_REGULAR_NOMINATION) != 0
                       ? NICE_NOMINATION_MODE_REGULAR
                       : NICE_NOMINATION_MODE_AGGRESSIVE);
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      gboolean on;

      g_test_message ("%#x: %s", given, options[i].name);
      g_object_get (agent, options[i].name, &on, NULL);
      g_assert_cmpint (on, ==,
                       (given & options[i].option) != 0 ? options[i].with
                                                        : options[i].without);
    }
}

/* contract 1.16-c: each its own, and no other */
static void
test_options_are_properties (void)
{
  NiceAgentOption all = NICE_AGENT_OPTION_REGULAR_NOMINATION;

  assert_options (all);
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      all |= options[i].option;
      if (options[i].option == NICE_AGENT_OPTION_BYTESTREAM_TCP)
        assert_options (options[i].option | NICE_AGENT_OPTION_RELIABLE);
      else
        assert_options (options[i].option);
    }
  assert_options (all);
}

/* contract 1.16-d */
static void
test_one_transport_stays (void)
{
  g_autoptr (NiceAgent) agent = agent_new (NICE_AGENT_OPTION_NONE);
  gboolean udp, tcp;

  g_object_set (agent, "ice-tcp", FALSE, "ice-udp", FALSE, NULL);
  g_object_get (agent, "ice-tcp", &tcp, "ice-udp", &udp, NULL);
  g_assert_true (udp && !tcp);
  g_object_set (agent, "ice-tcp", TRUE, "ice-udp", FALSE, "ice-tcp", FALSE, NULL);
  g_object_get (agent, "ice-tcp", &tcp, "ice-udp", &udp, NULL);
  g_assert_true (tcp && !udp);
}

static void
assert_same_property (NiceAgent *one, NiceAgent *other, GParamSpec *spec)
{
  g_auto (GValue) first = G_VALUE_INIT, second = G_VALUE_INIT;

  g_test_message ("%s", spec->name);
  g_object_get_property (G_OBJECT (one), spec->name, &first);
  g_object_get_property (G_OBJECT (other), spec->name, &second);
  g_assert_cmpint (g_param_values_cmp (spec, &first, &second), ==, 0);
}

/* contract 1.16-e */
static void
test_agents_made_by_hand (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (NiceAgent) agent =
      g_object_new (NICE_TYPE_AGENT, "compatibility", NICE_COMPATIBILITY_OC2007R2,
                    "main-context", context, "reliable", TRUE, "full-mode", FALSE,
                    "nomination-mode", NICE_NOMINATION_MODE_REGULAR, NULL);
  g_autoptr (NiceAgent) other =
      nice_agent_new_full (context, NICE_COMPATIBILITY_OC2007R2,
                           NICE_AGENT_OPTION_RELIABLE | NICE_AGENT_OPTION_LITE_MODE
                               | NICE_AGENT_OPTION_REGULAR_NOMINATION);
  g_autofree GParamSpec **specs = NULL;
  gpointer kept;
  guint compatibility, n;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (agent), &n);
  for (guint i = 0; i < n; i++)
    assert_same_property (agent, other, specs[i]);
  g_object_get (agent, "main-context", &kept, "compatibility", &compatibility, NULL);
  g_assert_true (kept == context);
  g_assert_cmpuint (compatibility, ==, NICE_COMPATIBILITY_OC2007R2);
  g_assert_cmpuint (nice_agent_add_stream (agent, 1), ==, 1);
}

static void
note_end (gpointer ended)
{
  *(gboolean *)ended = TRUE;
}

static gboolean
do_nothing (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* contract 1.1-f: what is attached to a context goes with its last reference */
static void
test_the_context_is_kept (void)
{
  GMainContext *context = g_main_context_new ();
  NiceAgent *agent = nice_agent_new (context, NICE_COMPATIBILITY_RFC5245);
  GSource *source = g_timeout_source_new_seconds (1000);
  gboolean ended = FALSE;

  g_source_set_callback (source, do_nothing, &ended, note_end);
  g_source_attach (source, context);
  g_source_unref (source);
  g_main_context_unref (context);
  g_assert_false (ended);
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_object_unref (agent);
  g_assert_true (ended);
}

static gboolean
has_tcp (NiceAgent *agent)
{
  gboolean tcp;

  g_object_get (agent, "ice-tcp", &tcp, NULL);
  return tcp;
}

/* contract 1.16-f: Google, MSN, WLM. A library may warn of what it cannot speak. */
static void
test_modes_without_tcp (void)
{
  const GLogLevelFlags fatal =
      g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);

  for (guint mode = 0; mode <= NICE_COMPATIBILITY_LAST; mode++)
    {
      g_autoptr (NiceAgent) agent = nice_agent_new (NULL, (NiceCompatibility)mode);
      const gboolean allowed = mode < 1 || mode > 3;

      g_assert_cmpint (has_tcp (agent), ==, allowed);
      g_object_set (agent, "ice-tcp", TRUE, NULL);
      g_assert_cmpint (has_tcp (agent), ==, allowed);
    }
  g_log_set_always_fatal (fatal);
}

/* contract 1.8-d: in Google's dialect they always are */
static void
test_bytestreams_are_reliable (void)
{
  const GLogLevelFlags fatal =
      g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  g_autoptr (NiceAgent) google =
      nice_agent_new_full (NULL, NICE_COMPATIBILITY_GOOGLE, NICE_AGENT_OPTION_RELIABLE);
  g_autoptr (NiceAgent) plain = agent_new (NICE_AGENT_OPTION_NONE);
  g_autoptr (NiceAgent) reliable = agent_new (NICE_AGENT_OPTION_RELIABLE);
  gboolean on;

  g_object_get (reliable, "bytestream-tcp", &on, NULL);
  g_assert_false (on);
  g_object_set (plain, "bytestream-tcp", TRUE, NULL);
  g_object_get (plain, "bytestream-tcp", &on, NULL);
  g_assert_false (on);
  g_object_set (reliable, "bytestream-tcp", TRUE, NULL);
  g_object_get (reliable, "bytestream-tcp", &on, NULL);
  g_assert_true (on);
  g_object_get (google, "bytestream-tcp", &on, NULL);
  g_assert_true (on);
  g_log_set_always_fatal (fatal);
}

static gboolean
has_upnp (NiceAgent *agent)
{
  gboolean on;

  g_object_get (agent, "upnp", &on, NULL);
  return on;
}

/* contract 1.8-a: it is on where the build can have it on */
static void
test_upnp_can_be_set (void)
{
  g_autoptr (NiceAgent) agent = agent_new (NICE_AGENT_OPTION_NONE);
  const gboolean built = has_upnp (agent);

  g_object_set (agent, "upnp", FALSE, NULL);
  g_assert_false (has_upnp (agent));
  g_object_set (agent, "upnp", TRUE, NULL);
  g_assert_cmpint (has_upnp (agent), ==, built);
}

/* contract 1.8-b */
static void
test_proxies_are_kept (void)
{
  g_autoptr (NiceAgent) agent = agent_new (NICE_AGENT_OPTION_NONE);
  g_autoptr (GHashTable) headers = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) kept = NULL;
  g_autofree gchar *ip = NULL, *user = NULL, *password = NULL;
  guint port, type;

  g_hash_table_insert (headers, (gpointer) "X-One", (gpointer) "1");
  g_object_set (agent, "proxy-type", NICE_PROXY_TYPE_HTTP, "proxy-ip", "192.0.2.1",
                "proxy-port", 8080, "proxy-username", "ann", "proxy-password", "secret",
                "proxy-extra-headers", headers, NULL);
  g_hash_table_remove_all (headers);
  g_object_get (agent, "proxy-type", &type, "proxy-ip", &ip, "proxy-port", &port,
                "proxy-username", &user, "proxy-password", &password,
                "proxy-extra-headers", &kept, NULL);
  g_assert_cmpuint (type, ==, NICE_PROXY_TYPE_HTTP);
  g_assert_cmpuint (port, ==, 8080);
  g_assert_cmpstr (ip, ==, "192.0.2.1");
  g_assert_cmpstr (user, ==, "ann");
  g_assert_cmpstr (password, ==, "secret");
  g_assert_cmpstr (g_hash_table_lookup (kept, "X-One"), ==, "1");
}

/* --- Signals --- */

typedef struct
{
  const gchar *name;
  const gchar *arguments; /* u: guint, s: text, c: candidate, p: pointer */
} SignalRow;

static const SignalRow signals[] = { { "component-state-changed", "uuu" },
                                     { "candidate-gathering-done", "u" },
                                     { "new-selected-pair-full", "uucc" },
                                     { "new-selected-pair", "uuss" },
                                     { "new-candidate-full", "c" },
                                     { "new-candidate", "uus" },
                                     { "new-remote-candidate-full", "c" },
                                     { "new-remote-candidate", "uus" },
                                     { "initial-binding-request-received", "u" },
                                     { "reliable-transport-writable", "uu" },
                                     { "streams-removed", "p" } };

static gchar
letter_of (GType type)
{
  type &= ~G_SIGNAL_TYPE_STATIC_SCOPE;
  if (type == G_TYPE_UINT)
    return 'u';
  if (type == G_TYPE_STRING)
    return 's';
  if (type == NICE_TYPE_CANDIDATE)
    return 'c';
  return g_type_is_a (type, G_TYPE_POINTER) ? 'p' : '?';
}

/* contract 1.4-a */
static void
test_signals (void)
{
  g_type_class_unref (g_type_class_ref (NICE_TYPE_AGENT));
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autoptr (GString) arguments = g_string_new (NULL);
      GSignalQuery query;

      g_signal_query (g_signal_lookup (signals[i].name, NICE_TYPE_AGENT), &query);
      g_assert_cmpstr (query.signal_name, ==, signals[i].name);
      g_assert_true (query.return_type == G_TYPE_NONE);
      g_assert_cmpuint (query.signal_flags, ==, G_SIGNAL_RUN_LAST);
      for (guint j = 0; j < query.n_params; j++)
        g_string_append_c (arguments, letter_of (query.param_types[j]));
      g_assert_cmpstr (arguments->str, ==, signals[i].arguments);
    }
}

#define ADD(name, function) g_test_add_func ("/properties/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("numbers-and-booleans", test_numbers_and_booleans);
  ADD ("texts-and-others", test_texts_and_others);
  ADD ("what-is-set-is-read", test_what_is_set_is_read);
  ADD ("options", test_options_are_properties);
  ADD ("one-transport-stays", test_one_transport_stays);
  ADD ("agents-made-by-hand", test_agents_made_by_hand);
  ADD ("the-context-is-kept", test_the_context_is_kept);
  ADD ("modes-without-tcp", test_modes_without_tcp);
  ADD ("bytestreams-are-reliable", test_bytestreams_are_reliable);
  ADD ("upnp", test_upnp_can_be_set);
  ADD ("proxies-are-kept", test_proxies_are_kept);
  g_test_add_func ("/properties/signals", test_signals);
  return g_test_run ();
}
