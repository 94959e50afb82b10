# SPDX-License-Identifier: Apache-2.0
"""`poser datasync run`: the daemon that keeps this node in step."""

import click

from poser.cli.app import Node, pass_node


@click.command()
@pass_node
def command(node: Node) -> None:
    """Keep this node in step with the others until told to stop; systemd runs this.

    On every node it moves captured changes into the queue and tries again what the database
    refused. A node that is not the host also dials the host (datasync.host_url), brings it what
    was written here, and takes what is new. Stopping it at any moment loses nothing.

    \b
    Examples:
      systemctl status poser-datasync
      poser -c my.conf datasync run
    """  # noqa: D301 - click reads \b as "keep these lines"
    from poser import logs  # noqa: PLC0415 - slow
    from poser.datasync.daemon import serve  # noqa: PLC0415

    logs.configure()
    serve(node.config, node.extensions)
