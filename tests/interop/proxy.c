/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes a proxy's configuration, starts it, waits until it takes connections, and ends
 * it by its id. */
#include "config.h"

#include "proxy.h"

#include <signal.h>
#include <string.h>

#include <glib/gstdio.h>

#include "folder.h"
#include "ports.h"

static gchar *
write_file (Proxy *self, const gchar *name, const gchar *text)
{
  gchar *path = g_build_filename (self->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static gchar *
configure_dante (Proxy *self)
{
  g_autofree gchar *text =
      g_strdup_printf ("logoutput: %s/log\ninternal: 127.0.0.1 port = %u\nexternal: lo\n"
                       "clientmethod: none\nsocksmethod: none\nuser.privileged: root\n"
                       "user.unprivileged: nobody\n"
                       "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n"
                       "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n",
                       self->folder, self->port);

  return write_file (self, "dante.conf", text);
}

static gchar *
configure_tinyproxy (Proxy *self, gboolean has_auth)
{
  g_autofree gchar *text = g_strdup_printf (
      "Port %u\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\nAllow 127.0.0.1\n%s"
      "LogFile \"%s/log\"\n",
      self->port, has_auth ? "BasicAuth " PROXY_USER " " PROXY_PASSWORD "\n" : "",
      self->folder);

  return write_file (self, "tinyproxy.conf", text);
}

static gchar *
configure_squid (Proxy *self)
{
  g_autofree gchar *users =
      write_file (self, "users", PROXY_USER ":" PROXY_PASSWORD "\n");
  g_autofree gchar *text = g_strdup_printf (
      "http_port 127.0.0.1:%u\npid_filename none\naccess_log none\n"
      "cache_log /dev/null\ncache deny all\nnetdb_filename none\n"
      "auth_param digest program /usr/lib/squid/digest_file_auth %s\n"
      "auth_param digest children 1\nauth_param digest realm somewhere\n"
      "acl known proxy_auth REQUIRED\nhttp_access allow known\nhttp_access deny all\n"
      "shutdown_lifetime 0\n",
      self->port, users);

  g_assert_cmpint (g_chmod (self->folder, 0755), ==, 0); /* it does not stay root */
  return write_file (self, "squid.conf", text);
}

/* What runs it; NULL-terminated. */
static GPtrArray *
make_command (Proxy *self, ProxyKind kind)
{
  GPtrArray *command = g_ptr_array_new_with_free_func (g_free);
  g_autofree gchar *port = g_strdup_printf ("%u", self->port);
  g_auto (GStrv) split = NULL;
  GString *line;
  const gchar *words = NULL;

  switch (kind)
    {
    case PROXY_MICROSOCKS:
    case PROXY_MICROSOCKS_AUTH:
      words = kind == PROXY_MICROSOCKS ? "microsocks -i 127.0.0.1 -p %u"
                                       : "microsocks -i 127.0.0.1 -u " PROXY_USER
                                         " -P " PROXY_PASSWORD " -p %u";
      break;
    case PROXY_DANTE:
      words = "danted -f";
      break;
    case PROXY_TINYPROXY:
    case PROXY_TINYPROXY_AUTH:
      words = "tinyproxy -d -c";
      break;
    case PROXY_SQUID_DIGEST:
      words = "squid -N -n icecold%u -f"; /* or its shared memory is everybody's */
      break;
    }
  line = g_string_new (words);
  g_string_replace (line, "%u", port, 0);
  split = g_strsplit (line->str, " ", -1);
  g_string_free (line, TRUE);
  for (guint i = 0; split[i] != NULL; i++)
    g_ptr_array_add (command, g_strdup (split[i]));
  if (kind == PROXY_DANTE)
    g_ptr_array_add (command, configure_dante (self));
  else if (kind == PROXY_SQUID_DIGEST)
    g_ptr_array_add (command, configure_squid (self));
  else if (kind >= PROXY_TINYPROXY)
    g_ptr_array_add (command, configure_tinyproxy (self, kind == PROXY_TINYPROXY_AUTH));
  g_ptr_array_add (command, NULL);
  return command;
}

/* It takes connections, at the latest when the time of the test is over. */
static void
wait_until_ready (const Proxy *self)
{
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string ("127.0.0.1", self->port);
  gboolean is_ready = FALSE;

  while (!is_ready)
    {
      g_autoptr (GSocket) socket = g_socket_new (
          G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

      is_ready = g_socket_connect (socket, address, NULL, NULL);
    }
}

gboolean
proxy_start (Proxy *self, ProxyKind kind)
{
  g_autoptr (GPtrArray) command = NULL;
  g_autofree gchar *program = NULL;

  self->port = find_port ();
  self->folder = g_dir_make_tmp ("icecold-proxy-XXXXXX", NULL);
  command = make_command (self, kind);
  program = g_find_program_in_path (g_ptr_array_index (command, 0));
  if (program == NULL)
    return FALSE;
  self->process = g_subprocess_newv (
      (const gchar *const *)command->pdata,
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
  g_assert_nonnull (self->process);
  wait_until_ready (self);
  return TRUE;
}

/* Politely: some of them have children that they alone know of. */
void
proxy_stop (Proxy *self)
{
  if (self->process != NULL)
    {
      g_subprocess_send_signal (self->process, SIGTERM);
      g_subprocess_wait (self->process, NULL, NULL);
      g_clear_object (&self->process);
    }
  if (self->folder != NULL)
    folder_remove (self->folder);
  g_clear_pointer (&self->folder, g_free);
}
