/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts coturn, waits until it says that it listens, and ends it by its id. */
#include "config.h"

#include "coturn.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/tls-bench.h"
#include "folder.h"
#include "ports.h"

static gchar *
write_certificate (Coturn *self)
{
  g_autofree gchar *name = g_strdup_printf ("authority of %u", self->port);
  g_auto (TlsIdentity) authority = tls_identity_new (name, 10, NULL);
  g_auto (TlsIdentity) identity =
      tls_identity_new (COTURN_NAME, self->is_expired ? -1 : 10, &authority);
  gchar *file = g_build_filename (self->folder, "server.pem", NULL);
  FILE *stream = fopen (file, "w");

  g_assert_cmpint (PEM_write_X509 (stream, identity.certificate), ==, 1);
  g_assert_cmpint (PEM_write_PrivateKey (stream, identity.key, NULL, NULL, 0, NULL, NULL),
                   ==, 1);
  fclose (stream);
  self->trust_file = tls_write_certificate (authority.certificate);
  return file;
}

static gchar *
write_configuration (Coturn *self, const gchar *options)
{
  g_autofree gchar *certificate = write_certificate (self);
  g_autofree gchar *text = g_strdup_printf (
      "listening-ip=127.0.0.1\nlistening-ip=::1\nrelay-ip=127.0.0.1\n%s"
      "listening-port=%u\ntls-listening-port=%u\ncert=%s\npkey=%s\n"
      "realm=example.org\nlt-cred-mech\nuser=" COTURN_USER ":" COTURN_PASSWORD "\n"
      "allow-loopback-peers\nno-cli\nno-rfc5780\nlog-file=stdout\nsimple-log\n"
      "pidfile=%s/pid\nuserdb=%s/users\n%s\n",
      self->has_no_ipv6 ? "" : "relay-ip=::1\n", self->port, self->tls_port, certificate,
      certificate, self->folder, self->folder, options != NULL ? options : "");
  gchar *file = g_build_filename (self->folder, "coturn.conf", NULL);

  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  return file;
}

static gboolean
read_line (Coturn *self, const gchar *words)
{
  g_autofree gchar *line = g_data_input_stream_read_line (self->log, NULL, NULL, NULL);

  g_assert_nonnull (line);
  return strstr (line, words) != NULL;
}

static gboolean
has_line (Coturn *self)
{
  GInputStream *pipe = g_subprocess_get_stdout_pipe (self->process);

  return g_buffered_input_stream_get_available (G_BUFFERED_INPUT_STREAM (self->log)) > 0
         || g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (pipe));
}

gboolean
coturn_says (Coturn *self, const gchar *words)
{
  gboolean is_there = FALSE;

  while (!is_there && has_line (self))
    is_there = read_line (self, words);
  return is_there;
}

static gboolean
on_readable (GObject *pipe, gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
coturn_wait_for (Coturn *self, const gchar *words)
{
  GInputStream *pipe = g_subprocess_get_stdout_pipe (self->process);
  g_autoptr (GSource) source =
      g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (pipe), NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (on_readable), NULL, NULL);
  g_source_attach (source, NULL);
  while (!coturn_says (self, words))
    g_main_context_iteration (NULL, TRUE);
  g_source_destroy (source);
}

void
coturn_add_option (Coturn *self, const gchar *option)
{
  FILE *stream = fopen (self->configuration, "a");

  g_assert_nonnull (stream);
  fprintf (stream, "%s\n", option);
  fclose (stream);
}

void
coturn_resume (Coturn *self)
{
  g_autofree gchar *program = g_find_program_in_path ("turnserver");

  g_assert_null (self->process);
  self->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                        | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                                    NULL, program, "-c", self->configuration, NULL);
  g_assert_nonnull (self->process);
  self->log = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  /* Its users are the last thing it opens, when all listeners are there. */
  coturn_wait_for (self, "DB connection success");
}

void
coturn_freeze (Coturn *self)
{
  const gint pid = atoi (g_subprocess_get_identifier (self->process));
  siginfo_t info;

  g_assert_cmpint (kill (pid, SIGSTOP), ==, 0);
  g_assert_cmpint (waitid (P_PID, pid, &info, WSTOPPED | WNOWAIT), ==, 0);
}

void
coturn_kill (Coturn *self)
{
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_clear_object (&self->log);
  g_clear_object (&self->process);
}

gboolean
coturn_start (Coturn *self, const gchar *options)
{
  g_autofree gchar *program = g_find_program_in_path ("turnserver");

  if (program == NULL)
    {
      g_test_skip ("coturn is not installed");
      return FALSE;
    }
  self->folder = g_dir_make_tmp ("icecold-coturn-XXXXXX", NULL);
  self->port = find_port ();
  self->tls_port = find_port ();
  self->configuration = write_configuration (self, options);
  coturn_resume (self);
  return TRUE;
}

void
coturn_stop (Coturn *self)
{
  if (self->folder == NULL)
    return;
  if (self->process != NULL)
    coturn_kill (self);
  folder_remove (self->folder);
  g_unlink (self->trust_file);
  g_clear_pointer (&self->configuration, g_free);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->trust_file, g_free);
}
