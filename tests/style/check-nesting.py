#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""No function with more than 7 parameters or control nested deeper than 4, and no goto.

An `else if` is as deep as its `if`. Signatures that libnice published are excepted, and goto is
for the wire codecs of stun/ alone.
"""

import re

import house

PARAMETERS = 7
NESTING = 4
# Published by libnice with this many parameters.
PUBLIC = {
    'stun_usage_turn_create_refresh', 'stun_usage_turn_create_permission',
    'stun_usage_turn_process',
    'nice_agent_set_relay_info', 'nice_agent_recv_messages_nonblocking',
    'stun_agent_build_unknown_attributes_error', 'stun_usage_ice_conncheck_create',
    'stun_usage_ice_conncheck_create_reply', 'stun_usage_turn_create',
}
GOTO = {'stun/wire.c', 'stun/bytes.c', 'stun/attributes.c'}
TOKEN = re.compile(r'[A-Za-z_]\w*|"[^"]*"|[{}();:?,=\[\]]|\n|[^\s\w]')
HEAD = re.compile(r'^([A-Za-z_]\w*) \(([^;{}]*)\)\s*^\{', re.MULTILINE | re.DOTALL)


class Body:
    """A parser of statements that knows just enough to see how deep they stand."""

    def __init__(self, text, line):
        self.tokens = []
        for match in TOKEN.finditer(text):
            if match.group(0) == '\n':
                line += 1
            else:
                self.tokens.append((match.group(0), line))
        self.at = 0
        self.deepest = (0, line)

    def peek(self, ahead=0):
        index = self.at + ahead
        return self.tokens[index][0] if index < len(self.tokens) else ''

    def skip_group(self, opening, closing):
        depth = 0
        while self.at < len(self.tokens):
            token = self.peek()
            self.at += 1
            depth += (token == opening) - (token == closing)
            if depth == 0:
                return

    def skip_to_semicolon(self):
        while self.at < len(self.tokens):
            token = self.peek()
            if token in ('(', '{', '['):
                self.skip_group(token, {'(': ')', '{': '}', '[': ']'}[token])
                continue
            if token == '}':
                return
            self.at += 1
            if token == ';':
                return

    def enter(self, depth):
        if depth > self.deepest[0]:
            self.deepest = (depth, self.tokens[self.at][1])

    def block(self, depth):
        self.at += 1
        while self.at < len(self.tokens) and self.peek() != '}':
            self.statement(depth)
        self.at += 1

    def branch(self, depth):
        self.at += 1
        self.skip_group('(', ')')
        self.statement(depth + 1)
        if self.peek() == 'else':
            self.at += 1
            self.statement(depth if self.peek() == 'if' else depth + 1)

    def statement(self, depth):
        token = self.peek()
        if token == '{':
            self.block(depth)
        elif token == 'if':
            self.enter(depth + 1)
            self.branch(depth)
        elif token in ('for', 'while', 'switch'):
            self.enter(depth + 1)
            self.at += 1
            self.skip_group('(', ')')
            self.statement(depth + 1)
        elif token == 'do':
            self.enter(depth + 1)
            self.at += 1
            self.statement(depth + 1)
            self.skip_to_semicolon()
        elif token in ('case', 'default') or self.peek(1) == ':':
            while self.at < len(self.tokens) and self.peek() != ':':
                self.at += 1
            self.at += 1
        elif token.startswith('G_GNUC_'):
            self.at += 1
        else:
            self.skip_to_semicolon()


def count_parameters(text):
    if text.strip() in ('', 'void'):
        return 0
    depth = 0
    count = 1
    for c in text:
        depth += (c in '([') - (c in ')]')
        count += c == ',' and depth == 0
    return count


def check(name):
    text = house.code_only(house.read(name))
    for head in HEAD.finditer(text):
        function = head.group(1)
        line = text.count('\n', 0, head.start()) + 1
        count = count_parameters(head.group(2))
        if count > PARAMETERS and function not in PUBLIC:
            yield f'{name}:{line}: {function} has {count} parameters, limit {PARAMETERS}'
        end = text.find('\n}', head.end())
        first = text.count('\n', 0, head.end()) + 1
        body = Body('{' + text[head.end():end + 2], first)
        body.statement(0)
        depth, where = body.deepest
        if depth > NESTING:
            yield f'{name}:{where}: {function} nests {depth} deep, limit {NESTING}'
    if name not in GOTO:
        for match in re.finditer(r'\bgoto\b', text):
            yield f'{name}:{text.count(chr(10), 0, match.start()) + 1}: goto'


def main():
    faults = []
    for name in house.walk(house.ALL, ('.c', '.h')):
        faults.extend(check(name))
    house.finish(faults, f'parameters <= {PARAMETERS}, nesting <= {NESTING}, no goto')


main()
