# SPDX-License-Identifier: Apache-2.0
"""What the role declares is what testinfra's own modules see on the machine."""

import hashlib

import pytest
from testinfra.host import Host as Observed

from control.verify import Subject
from poser.machine.resource import reveal
from poser.machine.resources.absent import Absent
from poser.machine.resources.directory import Directory
from poser.machine.resources.file import File
from poser.machine.resources.packages import Packages
from poser.machine.resources.postgresql import PgDatabase
from poser.machine.resources.service import Service
from poser.machine.resources.sysctl import Sysctl
from poser.machine.resources.users import User


def test_every_package_is_installed(host: Observed, subject: Subject) -> None:
    wanted = [one for one in subject.role.resources if isinstance(one, Packages)]
    missing = [name for one in wanted for name in one.names if not host.package(name).is_installed]
    assert wanted
    assert not missing


def test_a_declared_file_is_there_word_for_word(host: Observed, a_file: File) -> None:
    file = host.file(a_file.path)
    assert file.is_file
    assert (oct(file.mode), file.user, file.group) == (
        oct(a_file.mode),
        a_file.owner,
        a_file.group,
    )
    assert file.sha256sum == hashlib.sha256(reveal(a_file.content).encode()).hexdigest()


def test_a_declared_directory_is_there(host: Observed, a_directory: Directory) -> None:
    seen = host.file(a_directory.path)
    assert seen.is_directory
    assert (oct(seen.mode), seen.user, seen.group) == (
        oct(a_directory.mode),
        a_directory.owner,
        a_directory.group,
    )


def test_what_must_not_be_there_is_not(host: Observed, an_absent: Absent) -> None:
    assert not host.file(an_absent.path).exists


def test_a_declared_user_is_there(host: Observed, a_user: User) -> None:
    user = host.user(a_user.name)
    assert user.exists
    assert (user.home, user.shell) == (a_user.home, a_user.shell)
    assert set(a_user.groups) <= set(user.groups)
    assert user.password in {"!", "*", "!*"}


def test_a_declared_service_runs_and_starts_at_boot(host: Observed, a_service: Service) -> None:
    service = host.service(a_service.unit)
    seen = service.systemd_properties
    if a_service.enabled and seen["UnitFileState"] != "static":
        assert service.is_enabled
    # A unit whose own conditions say "not on this machine" (time in a container) does not run.
    if a_service.running and seen["ConditionResult"] == "yes":
        assert service.is_running


@pytest.mark.usefixtures("recovered")
def test_an_own_service_runs_and_starts_at_boot(host: Observed, an_own_service: Service) -> None:
    assert host.service(an_own_service.unit).is_enabled
    assert host.service(an_own_service.unit).is_running


@pytest.mark.usefixtures("recovered")
def test_nothing_has_failed(host: Observed) -> None:
    failed = host.run("systemctl list-units --failed --plain --no-legend").stdout
    assert failed == ""


def test_a_declared_database_is_there(host: Observed, a_database: PgDatabase) -> None:
    query = (
        "select datname, pg_get_userbyid(datdba), pg_encoding_to_char(encoding) from pg_database"
    )
    psql = "runuser -u postgres -- psql -XAtq -d"
    seen = host.check_output(f"{psql} postgres -c %s", query).splitlines()
    assert f"{a_database.name}|{a_database.owner}|UTF8" in seen
    extensions = host.run(f"{psql} %s -c %s", a_database.name, "select extname from pg_extension")
    assert set(a_database.extensions) <= set(extensions.stdout.split())


def test_kernel_settings_hold_where_this_machine_may_set_them(
    host: Observed, subject: Subject
) -> None:
    for one in (each for each in subject.role.resources if isinstance(each, Sysctl)):
        names = [name.replace(".", "/") for name, _ in one.values]
        command = (
            "cd /proc/sys; for name in {}; do [ -w $name ] && echo $name $(cat $name); done; :"
        )
        lines = host.check_output(command.format(" ".join(names))).splitlines()
        seen = {
            name.replace("/", "."): value for name, _, value in (x.partition(" ") for x in lines)
        }
        assert {name: seen[name] for name, _ in one.values if name in seen} == {
            name: value for name, value in one.values if name in seen
        }
        file = host.file(f"/etc/sysctl.d/{one.name}.conf").content_string
        assert not [name for name, value in one.values if f"{name} = {value}" not in file]
