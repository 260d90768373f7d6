"""Streams to nodes while others stream here; prints the sender and the Mbit/s of each stream that came in, one a line.

Usage: stream.py OWN_NAME [SENDER...] -- [RECEIVER...]. The nodes run it at the same time: senders by their names, receivers by address or name.
"""

import socket
import sys
import threading
import time

PORT = 5201
CONNECT_S = 15  # until a receiver listens, and until all senders have connected
SETTLE_S = 0.5  # the first bytes pass at once, out of the shaper's bucket
MEASURE_S = 2.0
NAME_BYTES = 64  # a sender tells its name first


def send_to(receiver, own_name):
    deadline = time.monotonic() + CONNECT_S
    while True:
        try:
            connection = socket.create_connection((receiver, PORT), timeout=CONNECT_S)
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    block = bytes(1 << 16)
    try:
        connection.sendall(own_name.encode().ljust(NAME_BYTES))
        while True:
            connection.sendall(block)
    except (ConnectionError, TimeoutError):
        pass  # the receiver has measured enough


def receive(connection, rates):
    with connection:
        connection.settimeout(CONNECT_S)
        name = connection.recv(NAME_BYTES, socket.MSG_WAITALL).decode().strip()
        block = bytearray(1 << 18)
        settled = time.monotonic() + SETTLE_S
        while time.monotonic() < settled:
            connection.recv_into(block)
        began, count = time.monotonic(), 0
        while time.monotonic() < began + MEASURE_S:
            count += connection.recv_into(block)
        rates[name] = count * 8 / (time.monotonic() - began) / 1e6


def main():
    own_name, *words = sys.argv[1:]
    senders, receivers = words[: words.index("--")], words[words.index("--") + 1 :]
    listener = socket.create_server(("", PORT))
    listener.settimeout(CONNECT_S)
    rates = {}
    streams = [threading.Thread(target=send_to, args=(receiver, own_name)) for receiver in receivers]
    for stream in streams:
        stream.start()
    for _ in senders:
        streams.append(threading.Thread(target=receive, args=(listener.accept()[0], rates)))
        streams[-1].start()
    for stream in streams:
        stream.join()
    if set(rates) != set(senders):
        sys.exit(f"no stream came from {', '.join(sorted(set(senders) - set(rates)))}")
    for name in senders:
        print(f"{name} {rates[name]:.2f}")


main()
