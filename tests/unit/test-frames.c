/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames of `icecold connect` on a byte stream that is cut anywhere. */
#include "config.h"

#include "frames.h"

#include <string.h>

#define LIMIT 300

static GByteArray *
make_stream (const char *const *frames)
{
  GByteArray *stream = g_byte_array_new ();

  for (; *frames != NULL; frames++)
    {
      guint8 prefix[FRAMES_PREFIX];

      frames_write_prefix (prefix, strlen (*frames));
      g_byte_array_append (stream, prefix, sizeof prefix);
      g_byte_array_append (stream, (const guint8 *)*frames, strlen (*frames));
    }
  return stream;
}

static void
take_all (Frames *frames, GString *taken)
{
  const guint8 *frame;
  gsize len;

  while ((frame = frames_take (frames, &len)) != NULL)
    {
      g_string_append_len (taken, (const char *)frame, len);
      g_string_append_c (taken, '|');
    }
}

static void
test_stream_cut_in_pieces_of_any_size (void)
{
  static const char *const sent[] = { "hello", "", "x", "the last", NULL };
  g_autoptr (GByteArray) stream = make_stream (sent);

  for (gsize piece = 1; piece <= stream->len; piece++)
    {
      g_autoptr (GString) taken = g_string_new (NULL);
      Frames frames;

      frames_init (&frames, LIMIT);
      for (gsize at = 0; at < stream->len; at += piece)
        {
          frames_push (&frames, stream->data + at, MIN (piece, stream->len - at));
          take_all (&frames, taken);
        }
      g_assert_cmpstr (taken->str, ==, "hello||x|the last|");
      g_assert_false (frames_is_broken (&frames));
      frames_clear (&frames);
    }
}

static void
test_frame_above_the_limit_breaks_the_stream (void)
{
  static const guint8 evil[] = { 0xff, 0xff, 'a', 'b' };
  Frames frames;
  gsize len;

  frames_init (&frames, LIMIT);
  frames_push (&frames, evil, sizeof evil);
  g_assert_null (frames_take (&frames, &len));
  g_assert_true (frames_is_broken (&frames));
  frames_clear (&frames);
}

static void
test_longest_frame_is_whole (void)
{
  guint8 longest[FRAMES_PREFIX + LIMIT] = { 0 };
  Frames frames;
  gsize len = 0;

  frames_init (&frames, LIMIT);
  frames_write_prefix (longest, LIMIT);
  frames_push (&frames, longest, sizeof longest - 1);
  g_assert_null (frames_take (&frames, &len));
  frames_push (&frames, longest, 1);
  g_assert_nonnull (frames_take (&frames, &len));
  g_assert_cmpuint (len, ==, LIMIT);
  frames_clear (&frames);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tools/frames/pieces", test_stream_cut_in_pieces_of_any_size);
  g_test_add_func ("/tools/frames/limit", test_frame_above_the_limit_breaks_the_stream);
  g_test_add_func ("/tools/frames/longest", test_longest_frame_is_whole);
  return g_test_run ();
}
