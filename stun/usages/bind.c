/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Binding: the messages, and the blocking exchange, which is the one place of this folder
 * that has a socket. RFC 8489 6, 14.1, 14.2. */
#include "config.h"

#include "stun/usages/bind.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <unistd.h>

#include "stun/usages/timer.h"

size_t
stun_usage_bind_create (StunAgent *agent, StunMessage *msg, uint8_t *buffer,
                        size_t buffer_len)
{
  if (!stun_agent_init_request (agent, msg, buffer, buffer_len, STUN_BINDING))
    return 0;
  return stun_agent_finish_message (agent, msg, NULL, 0);
}

size_t
stun_usage_bind_keepalive (StunAgent *agent, StunMessage *msg, uint8_t *buf, size_t len)
{
  if (!stun_agent_init_indication (agent, msg, buf, len, STUN_BINDING))
    return 0;
  return stun_agent_finish_message (agent, msg, NULL, 0);
}

static StunUsageBindReturn
process_error (StunMessage *msg, struct sockaddr *alternate_server,
               socklen_t *alternate_server_len)
{
  int code = -1;

  if (stun_message_find_error (msg, &code) != STUN_MESSAGE_RETURN_SUCCESS)
    return STUN_USAGE_BIND_RETURN_INVALID;
  /* RFC 8489 10: another server, when the message names one we can reach. */
  if (code / 100 != 3)
    return STUN_USAGE_BIND_RETURN_ERROR;
  if (alternate_server != NULL && alternate_server_len != NULL
      && stun_message_find_addr (msg, STUN_ATTRIBUTE_ALTERNATE_SERVER,
                                 (struct sockaddr_storage *)alternate_server,
                                 alternate_server_len)
             != STUN_MESSAGE_RETURN_SUCCESS)
    return STUN_USAGE_BIND_RETURN_ERROR;
  if ((alternate_server == NULL || alternate_server_len == NULL)
      && !stun_message_has_attribute (msg, STUN_ATTRIBUTE_ALTERNATE_SERVER))
    return STUN_USAGE_BIND_RETURN_ERROR;
  return STUN_USAGE_BIND_RETURN_ALTERNATE_SERVER;
}

StunUsageBindReturn
stun_usage_bind_process (StunMessage *msg, struct sockaddr *addr, socklen_t *addrlen,
                         struct sockaddr *alternate_server,
                         socklen_t *alternate_server_len)
{
  struct sockaddr_storage *to = (struct sockaddr_storage *)addr;
  socklen_t size = *addrlen;

  if (stun_message_get_method (msg) != STUN_BINDING)
    return STUN_USAGE_BIND_RETURN_INVALID;
  switch (stun_message_get_class (msg))
    {
    case STUN_REQUEST:
    case STUN_INDICATION:
      return STUN_USAGE_BIND_RETURN_INVALID;
    case STUN_ERROR:
      return process_error (msg, alternate_server, alternate_server_len);
    case STUN_RESPONSE:
      break;
    }
  if (stun_message_find_xor_addr (msg, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, to, addrlen)
      == STUN_MESSAGE_RETURN_SUCCESS)
    return STUN_USAGE_BIND_RETURN_SUCCESS;
  *addrlen = size;
  return stun_message_find_addr (msg, STUN_ATTRIBUTE_MAPPED_ADDRESS, to, addrlen)
                 == STUN_MESSAGE_RETURN_SUCCESS
             ? STUN_USAGE_BIND_RETURN_SUCCESS
             : STUN_USAGE_BIND_RETURN_ERROR;
}

/* Waits for one datagram at most until the timer is due. Its length; 0: nothing came; -1:
 * the socket failed. */
static ssize_t
receive (int fd, const StunTimer *timer, uint8_t *buffer, size_t size)
{
  struct pollfd pfd = { .fd = fd, .events = POLLIN };
  int ready = poll (&pfd, 1, stun_timer_remainder (timer) + 1);
  ssize_t len;

  if (ready < 0)
    return errno == EINTR ? 0 : -1;
  if (ready == 0)
    return 0;
  len = recv (fd, buffer, size, MSG_DONTWAIT);
  return len < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : len;
}

static StunUsageBindReturn
exchange (int fd, StunAgent *agent, struct sockaddr_storage *addr, socklen_t *addrlen)
{
  uint8_t request[STUN_MAX_MESSAGE_SIZE_IPV6], answer[STUN_MAX_MESSAGE_SIZE_IPV6];
  StunMessage msg;
  StunTimer timer;
  size_t len = stun_usage_bind_create (agent, &msg, request, sizeof request);

  if (len == 0 || send (fd, request, len, 0) != (ssize_t)len)
    return STUN_USAGE_BIND_RETURN_ERROR;
  stun_timer_start (&timer, STUN_TIMER_DEFAULT_TIMEOUT,
                    STUN_TIMER_DEFAULT_MAX_RETRANSMISSIONS);
  for (;;)
    {
      ssize_t got = receive (fd, &timer, answer, sizeof answer);

      if (got < 0)
        return STUN_USAGE_BIND_RETURN_ERROR;
      if (got > 0
          && stun_agent_validate (agent, &msg, answer, got, NULL, NULL)
                 == STUN_VALIDATION_SUCCESS)
        return stun_usage_bind_process (&msg, (struct sockaddr *)addr, addrlen, NULL,
                                        NULL);
      switch (stun_timer_refresh (&timer))
        {
        case STUN_USAGE_TIMER_RETURN_SUCCESS:
          break;
        case STUN_USAGE_TIMER_RETURN_RETRANSMIT:
          if (send (fd, request, len, 0) != (ssize_t)len)
            return STUN_USAGE_BIND_RETURN_ERROR;
          break;
        case STUN_USAGE_TIMER_RETURN_TIMEOUT:
          return STUN_USAGE_BIND_RETURN_TIMEOUT;
        }
    }
}

StunUsageBindReturn
stun_usage_bind_run_compat (const struct sockaddr *srv, socklen_t srvlen,
                            struct sockaddr_storage *addr, socklen_t *addrlen,
                            StunCompatibility compat)
{
  StunAgent agent;
  StunUsageBindReturn result = STUN_USAGE_BIND_RETURN_ERROR;
  int fd = socket (srv->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return result;
  stun_agent_init (&agent, STUN_ALL_KNOWN_ATTRIBUTES, compat, 0);
  /* Connected: only the server's datagrams come in, and its ICMP errors. */
  if (connect (fd, srv, srvlen) == 0)
    result = exchange (fd, &agent, addr, addrlen);
  close (fd);
  return result;
}

StunUsageBindReturn
stun_usage_bind_run (const struct sockaddr *srv, socklen_t srvlen,
                     struct sockaddr_storage *addr, socklen_t *addrlen)
{
  return stun_usage_bind_run_compat (srv, srvlen, addr, addrlen,
                                     STUN_COMPATIBILITY_RFC3489);
}
