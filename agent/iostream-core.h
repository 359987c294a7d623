/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The GIOStream of a reliable component and its two halves. Their constructors are
 * exported, as libnice's are, though no installed header declares them. */
#pragma once

#include "agent.h"
#include "reliable.h"

G_BEGIN_DECLS

#define NICE_TYPE_IO_STREAM nice_io_stream_get_type ()
#define NICE_TYPE_INPUT_STREAM nice_input_stream_get_type ()
#define NICE_TYPE_OUTPUT_STREAM nice_output_stream_get_type ()

G_DECLARE_FINAL_TYPE (NiceIOStream, nice_io_stream, NICE, IO_STREAM, GIOStream)
G_DECLARE_FINAL_TYPE (NiceInputStream, nice_input_stream, NICE, INPUT_STREAM,
                      GInputStream)
G_DECLARE_FINAL_TYPE (NiceOutputStream, nice_output_stream, NICE, OUTPUT_STREAM,
                      GOutputStream)

GIOStream *nice_io_stream_new (NiceAgent *agent, guint stream_id, guint component_id);
NiceInputStream *
nice_input_stream_new (NiceAgent *agent, guint stream_id, guint component_id);
NiceOutputStream *
nice_output_stream_new (NiceAgent *agent, guint stream_id, guint component_id);

/* What all three are made of: a component of an agent, which they do not keep alive. */
typedef struct
{
  GWeakRef agent;
  guint stream_id, component_id;
} NiceStreamTarget;

void nice_stream_target_install (GObjectClass *klass);
void nice_stream_target_set (NiceStreamTarget *self, guint property, const GValue *value);
void nice_stream_target_get (NiceStreamTarget *self, guint property, GValue *value);
void nice_stream_target_clear (NiceStreamTarget *self);
/* (transfer full): the component's bytes, and in alive the agent, to be kept meanwhile;
 * NULL, with G_IO_ERROR_CLOSED, if one of them is gone. */
NiceReliable *
nice_stream_target_dup_reliable (NiceStreamTarget *self, GObject **alive, GError **error);
gboolean nice_stream_target_is_ready (NiceStreamTarget *self, GIOCondition condition);
GSource *nice_stream_target_create_source (NiceStreamTarget *self, GIOCondition condition,
                                           GObject *stream, GCancellable *cancellable);
void nice_stream_target_shutdown (NiceStreamTarget *self, gboolean read, gboolean write);

G_END_DECLS
