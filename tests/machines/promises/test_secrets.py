# SPDX-License-Identifier: Apache-2.0
"""No secret is readable by other users or found in any log, process list or environment."""

from collections.abc import Callable

import pytest
from testinfra.backend.base import CommandResult
from testinfra.host import Host as Observed

from control.verify import Subject
from poser.machine.resources.file import File

PLACES = (
    "/etc /home /opt/poser/current/ /root /run /srv /tmp /usr/local"
    " /var/lib/poser /var/lib/poser-kit /var/spool"
)
PROMISE = "no secret is readable by other users or found in any log, process list or environment"


def needles(subject: Subject) -> list[str]:
    """Return what to search for, one line each: of every secret the longest."""
    secrets = (*subject.host.secrets.values(), subject.host.key_pem)
    return sorted({max(secret.reveal().splitlines(), key=len) for secret in secrets})


@pytest.fixture
def found(
    subject: Subject, with_stdin: Callable[[str, str], CommandResult]
) -> Callable[[str], list[str]]:
    """Search with a command that reads the secrets from its standard input; answers its lines."""

    def search(command: str) -> list[str]:
        answer = with_stdin(command, "\n".join(needles(subject)) + "\n")
        assert answer.rc in {0, 1}, f"{command}: {answer.stderr}"  # grep: 1 is nothing found
        return answer.stdout.splitlines()

    return search


@pytest.mark.promise(PROMISE)
def test_a_search_for_secrets_would_find_them(
    subject: Subject, found: Callable[[str], list[str]]
) -> None:
    """The same search finds each of them where it is meant to be, so silence means something."""
    where = {one.path for one in subject.role.resources if isinstance(one, File) and one.secret}
    assert where
    assert set(found(f"grep -lF -f /dev/stdin {' '.join(sorted(where))}")) == where


@pytest.mark.promise(PROMISE)
def test_no_file_but_the_declared_ones_holds_a_secret(
    subject: Subject, found: Callable[[str], list[str]]
) -> None:
    meant = {one.path for one in subject.role.resources if isinstance(one, File) and one.secret}
    search = "grep -rslIF --devices=skip -f /dev/stdin"
    # systemd shows a service its credentials in a folder that only it can enter.
    handed = "grep -v ^/run/credentials/"
    assert set(found(f"{search} {PLACES} | {handed}; :")) - meant == set()


@pytest.mark.promise(PROMISE)
def test_no_other_user_can_read_what_holds_a_secret(host: Observed, subject: Subject) -> None:
    for one in subject.role.resources:
        if isinstance(one, File) and one.secret:
            for user in ("nobody", "poser", "www-data"):
                assert host.run("runuser -u %s -- cat %s", user, one.path).rc != 0, user


@pytest.mark.promise(PROMISE)
def test_no_log_holds_a_secret(found: Callable[[str], list[str]]) -> None:
    assert found("grep -rslaF -f /dev/stdin --exclude=*.journal /var/log; :") == []
    # Only how many lines of the journal hold one is asked: what they say is not for a report.
    journal = "journalctl --quiet --no-pager -o cat </dev/null"
    assert found(f"exec 3<&0; {journal} | grep -acF -f /dev/fd/3; :") == ["0"]


@pytest.mark.promise(PROMISE)
def test_no_process_shows_a_secret(found: Callable[[str], list[str]]) -> None:
    for what in ("cmdline", "environ"):
        assert found(f"grep -slaF -f /dev/stdin /proc/[0-9]*/{what}; :") == []
