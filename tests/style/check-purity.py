#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The pure libraries call no clock, no randomness, no socket, no lock and no main loop.

Called with the static libraries; reads what they leave undefined. This is what makes a run of
the simulator repeat itself: everything that could differ comes in as an argument.
"""

import os
import re

import house

FORBIDDEN = {
    'a clock': r'(time|clock_gettime|gettimeofday|clock|ftime|g_get_(monotonic|real)_time'
               r'|g_get_current_time|g_date_time_new_now\w*|g_timer_\w+)',
    'randomness': r'(rand|srand|random|rand_r|drand48|arc4random\w*|getrandom|getentropy'
                  r'|RAND_\w+|g_random_\w+|g_rand_\w+|g_uuid_string_random)',
    'a socket': r'(socket|socketpair|bind|connect|listen|accept4?|sendto|send|sendm?msg|recv'
                r'|recvfrom|recvm?msg|setsockopt|getsockopt|getaddrinfo|getnameinfo|getifaddrs'
                r'|if_nametoindex|poll|ppoll|select|epoll_\w+|g_socket_\w+|g_resolver_\w+)',
    'a main loop': r'(g_main_\w+|g_source_\w+|g_timeout_\w+|g_idle_\w+|g_task_\w+)',
    'a thread or lock': r'(pthread_\w+|g_mutex_\w+|g_rec_mutex_\w+|g_rw_lock_\w+|g_cond_\w+'
                        r'|g_thread_\w+|g_async_queue_\w+)',
    'a file or the environment': r'(open|openat|fopen|read|write|getenv|secure_getenv|g_getenv'
                                 r'|g_file_\w+)',
}
# What the public interface demands of a module that is pure apart from it. The engine calls
# none of these.
PUBLISHED = {
    ('address.c', 'getaddrinfo'),       # nice_address_set_from_string (), numeric hosts only
    ('timer.c', 'gettimeofday'),        # stun_timer_start () has no `now`
    ('usages_timer.c', 'gettimeofday'),
}


def symbols(library):
    member = ''
    for line in house.run('nm', '-u', library).splitlines():
        head = re.match(r'^(?:.*[/(])?([\w.-]+)\.o\)?:$', line)
        if head:
            member = head.group(1)
        else:
            match = re.match(r'^\s+U (\w+)', line)
            if match and house.is_pure(library, member):
                yield member, match.group(1)


def main():
    faults = []
    for library in house.libraries():
        for member, symbol in symbols(library):
            for what, pattern in FORBIDDEN.items():
                if re.fullmatch(pattern, symbol) and (member, symbol) not in PUBLISHED:
                    source = f'{os.path.basename(library)}, {member}'
                    faults.append(f'{source}: calls {symbol}: {what}')
    house.finish(faults, 'pure libraries call no clock, randomness, socket, loop, lock or file')


main()
