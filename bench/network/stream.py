"""Streams to the next node of a ring while the one before streams here; prints the Mbit/s that came in.

Usage: stream.py NEXT_NODE. All nodes run it at the same time.
"""

import socket
import sys
import threading
import time

PORT = 5201
CONNECT_S = 15  # until the next node listens, and until the one before has connected
SETTLE_S = 0.5  # the first bytes pass at once, out of the shaper's bucket
MEASURE_S = 2.0


def send_to(name):
    deadline = time.monotonic() + CONNECT_S
    while True:
        try:
            connection = socket.create_connection((name, PORT), timeout=CONNECT_S)
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    block = bytes(1 << 16)
    try:
        while True:
            connection.sendall(block)
    except (ConnectionError, TimeoutError):
        pass  # the receiver has measured enough


def receive(listener):
    connection, _ = listener.accept()
    connection.settimeout(CONNECT_S)
    block = bytearray(1 << 18)
    settled = time.monotonic() + SETTLE_S
    while time.monotonic() < settled:
        connection.recv_into(block)
    began, count = time.monotonic(), 0
    while time.monotonic() < began + MEASURE_S:
        count += connection.recv_into(block)
    return count * 8 / (time.monotonic() - began) / 1e6


def main():
    listener = socket.create_server(("", PORT))
    listener.settimeout(CONNECT_S)
    threading.Thread(target=send_to, args=(sys.argv[1],), daemon=True).start()
    print(f"{receive(listener):.2f}")


main()
