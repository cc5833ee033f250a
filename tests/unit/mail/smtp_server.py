#!/usr/bin/python3
"""A mail server for tests: keeps each message it takes as a file.  Prints its port once it listens."""
import argparse
import asyncio
import os
import signal
import ssl
import time

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

parser = argparse.ArgumentParser()
parser.add_argument('folder')
parser.add_argument('--port', type=int, default=0)
parser.add_argument('--cert', help='offers STARTTLS, or speaks TLS from the start, with this certificate and key')
parser.add_argument('--smtps', action='store_true')
parser.add_argument('--password', help='asks for name:password')
parser.add_argument('--delay', type=float, default=0, help='seconds between a message and its acceptance')
options = parser.parse_args()


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith('refused'):
            return '550 no such mailbox'
        if address.startswith('deferred'):
            return '451 try again later'
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_DATA(self, server, session, envelope):
        if options.delay:
            await asyncio.sleep(options.delay)
        name = '%s/%s-%d-%d' % (options.folder, envelope.rcpt_tos[0], os.getpid(), time.monotonic_ns())
        with open(name + '.part', 'wb') as file:
            file.write(b'X-Tls: %s\r\nX-Sender: %s\r\n' % (str(bool(session.ssl)).encode(),
                                                           envelope.mail_from.encode()))
            file.write(envelope.original_content)
        os.rename(name + '.part', name + '.eml')
        return '250 taken'


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and options.password == '%s:%s' % (data.login.decode(),
                                                                               data.password.decode())
    return AuthResult(success=right, handled=right)


context = None
if options.cert:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert)


def serve():
    starttls = context if not options.smtps else None
    return SMTP(Handler(), hostname='localhost', tls_context=starttls, require_starttls=starttls is not None,
                authenticator=authenticate if options.password else None,
                auth_required=options.password is not None, auth_require_tls=not options.smtps)


async def main():
    server = await asyncio.get_running_loop().create_server(serve, '127.0.0.1', options.port,
                                                            ssl=context if options.smtps else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


asyncio.run(main())
