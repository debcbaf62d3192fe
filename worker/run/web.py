"""The web server on a socket that the supervisor opened: `python -m worker.run.web --fd N`."""

import argparse
import socket

import uvicorn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="number of the listening socket")
    server = socket.socket(fileno=parser.parse_args().fd)
    config = uvicorn.Config(
        "apresa.asgi:application",
        lifespan="off",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=3,
        proxy_headers=False,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[server])


if __name__ == "__main__":
    main()
