# SPDX-License-Identifier: Apache-2.0
"""What holds for every plan, whatever the machine looks like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from poser.machine.facts import Facts
from poser.machine.plan import plan
from poser.machine.resource import Resource, Secret, encode
from poser.machine.resources.absent import Absent
from poser.machine.resources.apt import AptSource
from poser.machine.resources.command import Command
from poser.machine.resources.directory import Directory
from poser.machine.resources.file import File
from poser.machine.resources.link import Link
from poser.machine.resources.nftables import RECORD, Nftables
from poser.machine.resources.packages import Packages
from poser.machine.resources.postgresql import (
    PgCluster,
    PgDatabase,
    PgHba,
    PgRole,
    PgSettings,
)
from poser.machine.resources.release import Migrated, Release, ReleaseLink
from poser.machine.resources.service import Service
from poser.machine.resources.sysctl import Sysctl
from poser.machine.resources.unit import Unit
from poser.machine.resources.users import Group, User

if TYPE_CHECKING:
    from poser.machine.facts import Fact, Query

# A whole small shop, in the order of a role: what is read comes before what reads it.
POOL: tuple[Resource, ...] = (
    AptSource(name="debian", uris=("http://m.example/debian",), suites=("trixie",)),
    Packages(names=("nginx", "postgresql-17")),
    Group(name="poser"),
    User(name="poser", home="/var/lib/poser", groups=("adm",)),
    Directory(path="/var/lib/poser", mode=0o750, owner="poser", group="poser"),
    Absent(path="/etc/nginx/sites-enabled/default"),
    File(path="/etc/nginx/nginx.conf", content="workers 2;\n"),
    File(path="/etc/poser/secret", content=Secret("word"), mode=0o600),
    Link(path="/etc/nginx/sites-enabled/poser", target="../poser"),
    Sysctl(name="60-poser", values=(("kernel.sysrq", "0"), ("net.core.x", "1 2"))),
    Nftables(content="flush ruleset\ntable inet poser {\n}\n"),
    Service(unit="nftables.service", running=False, enabled=True),
    Service(unit="nginx.service", restart_on=("/etc/nginx/nginx.conf",)),
    PgCluster(version="17"),
    PgSettings(version="17", values=(("shared_buffers", "memory/4"), ("jit", "off"))),
    PgHba(version="17", lines=("local all postgres peer",), ident=("m a b",)),
    Service(
        unit="postgresql@17-main.service",
        restart_on=("/etc/postgresql/17/main/conf.d/poser.conf",),
        reload_on=("/etc/postgresql/17/main/pg_hba.conf",),
    ),
    PgRole(name="poser", createdb=True),
    PgDatabase(name="poser", owner="poser", extensions=("pg_trgm",)),
    Release(id="r7", bundle_sha256="ab"),
    Migrated(database="poser", branch_heads=("b", "a"), command=("true",), user="owner"),
    ReleaseLink(id="r7"),
    Unit(name="poser-web.service", content="[Service]\n"),
    Unit(name="poser-web.service.d/10.conf", content="[Service]\nNice=1\n"),
    Service(
        unit="poser-web.service",
        restart_on=("/opt/poser/current", "poser-web.service.d/10.conf"),
        reload_on=("/etc/poser/secret",),
    ),
    Command(name="a", run=("true",), creates="/var/lib/poser/done"),
    Command(name="b", run=("true",), unless=("true",)),
    Command(name="c", run=("true",), unless_sql=("poser", "select true")),
)

WORDS = st.sampled_from(("root", "poser", "998"))
TEXT_POOL = ("", "workers 2;\n", "[Service]\n", "jit = 'off'\n", '{"id": "r7"}\n', "word")
TEXTS = st.sampled_from(TEXT_POOL)
FLAGS = st.booleans()


def row(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[Fact]:
    return st.fixed_dictionaries(members)


def maybe(found: st.SearchStrategy[Fact]) -> st.SearchStrategy[Fact]:
    return st.one_of(st.none(), found)


def asked(found: st.SearchStrategy[Fact]) -> st.SearchStrategy[Fact]:
    """Facts of a server that may be down."""
    return st.one_of(st.just({"unknown": "PostgreSQL does not run"}), found)


OWNED = {"mode": st.sampled_from((0o600, 0o644, 0o750)), "owner": WORDS, "group": WORDS}
TARGETS = st.sampled_from(("../poser", "releases/6", "releases/7"))
PATHS = st.one_of(
    st.none(),
    row(type=st.just("file"), content=TEXTS, **OWNED),
    row(type=st.just("file"), sha256=st.just("00"), **OWNED),
    row(type=st.just("directory"), **OWNED),
    row(type=st.just("link"), target=TARGETS, **OWNED),
)
WORD_OF_A_FILE = st.sampled_from(("absent", "directory", "old"))
TABLES: dict[str, st.SearchStrategy[Fact]] = {
    "path": PATHS,
    "package": maybe(row(status=st.sampled_from(("installed", "unpacked")), version=st.just("1"))),
    "dpkg": row(broken=st.sampled_from(([], ["libc"])), interrupted=FLAGS),
    "group": maybe(row(gid=st.just(998))),
    "user": maybe(
        row(
            uid=st.just(998),
            gid=st.just(998),
            group=st.sampled_from(("", "poser")),
            home=st.sampled_from(("/", "/var/lib/poser")),
            shell=st.sampled_from(("/bin/sh", "/usr/sbin/nologin")),
            groups=st.sampled_from(([], ["adm"], ["video"])),
            in_shadow=FLAGS,
        )
    ),
    "unit": row(
        load=st.sampled_from(("loaded", "not-found", "masked")),
        active=st.sampled_from(("active", "inactive", "failed", "activating")),
        sub=st.just("x"),
        file_state=st.sampled_from(("", "enabled", "disabled", "static", "masked")),
        need_reload=FLAGS,
    ),
    "sysctl": maybe(row(value=st.sampled_from(("0", "1 2")), writable=FLAGS)),
    "nftables": asked(row(tables=st.sampled_from(({}, {"inet poser": "x"}, {"ip x": "y"})))),
    "memory": row(mib=st.integers(1, 100_000)),
    "pg_cluster": row(
        config=st.sampled_from(("none", "partial", "complete")),
        data=st.sampled_from(("none", "new", "used")),
        socket=FLAGS,
    ),
    "pg_pending": asked(row(names=st.sampled_from(([], ["shared_buffers"])))),
    "pg_role": asked(
        maybe(row(login=FLAGS, createdb=FLAGS, verifier=st.sampled_from(("", "md5x"))))
    ),
    "pg_database": asked(
        maybe(row(owner=WORDS, extensions=st.sampled_from(([], ["pg_trgm"], ["plpgsql"]))))
    ),
    "pg_heads": asked(maybe(row(heads=st.sampled_from(([], ["a"], ["a", "b"]))))),
    "pg_true": asked(row(true=FLAGS)),
    "guard": row(rc=st.sampled_from((0, 1))),
}


@st.composite
def machines(draw: st.DrawFn) -> tuple[tuple[Resource, ...], Facts]:
    """Draw some resources, in their order, and what was seen of them."""
    places = draw(st.sets(st.integers(0, len(POOL) - 1), min_size=1, max_size=7))
    resources = tuple(POOL[place] for place in sorted(places))
    facts = Facts()
    for query in dict.fromkeys(query for one in resources for query in one.queries()):
        facts.update({query: draw(answer(query, resources))})
    return resources, facts


def answer(query: Query, resources: tuple[Resource, ...]) -> st.SearchStrategy[Fact]:
    table, _ = query
    if table == "started":
        paths = [p for one in resources for t, p in one.queries() if t == "path"]
        files = st.dictionaries(st.sampled_from(paths), WORD_OF_A_FILE) if paths else st.just({})
        return maybe(row(files=files))
    if query == ("path", RECORD):
        return st.none()
    return TABLES[table]


@settings(max_examples=60, deadline=None)
@given(machine=machines())
def test_planning_after_the_predictions_is_empty(
    machine: tuple[tuple[Resource, ...], Facts],
) -> None:
    resources, facts = machine
    before = json.dumps(facts.tables, sort_keys=True)
    assert plan(resources, plan(resources, facts).after).steps == ()
    assert json.dumps(facts.tables, sort_keys=True) == before, "planning changes no fact"


@settings(max_examples=60, deadline=None)
@given(machine=machines())
def test_any_prefix_of_a_plan_followed_by_a_new_run_converges(
    machine: tuple[tuple[Resource, ...], Facts],
) -> None:
    resources, facts = machine
    keys = [step.key for step in plan(resources, facts).steps]
    for applied in range(len(keys) + 1):
        cut_off = facts.copy()
        for resource in resources:
            if resource.key in keys[:applied] and resource.wrong(cut_off):
                cut_off.update(resource.predict(cut_off))
        second = plan(resources, cut_off)
        assert [step.key for step in second.steps] == keys[applied:], "the rest, nothing twice"
        assert plan(resources, second.after).steps == ()


@settings(max_examples=25, deadline=None)
@given(machine=machines())
def test_no_secret_ever_comes_into_a_plan(machine: tuple[tuple[Resource, ...], Facts]) -> None:
    resources, facts = machine
    secret = next(one for one in POOL if one.key == "file /etc/poser/secret")
    facts.update({("path", "/etc/poser/secret"): {"type": "file", "content": "0ld-w0rd", **META}})
    steps = plan((*resources, secret), facts).steps
    assert any(step.key == secret.key for step in steps)
    assert "0ld-w0rd" not in repr(steps)
    assert "(secret changed)" in repr(steps)


META = {"mode": 0o600, "owner": "root", "group": "root"}


def test_the_pool_has_every_kind() -> None:
    folder = Path(__file__).parents[3] / "poser" / "machine" / "resources"
    text = "".join(path.read_text() for path in folder.glob("*.py"))
    for kind in {type(one).__name__ for one in POOL}:
        assert f"class {kind}(Resource)" in text
    assert text.count("(Resource):\n") == len({type(one).__name__ for one in POOL})
    assert len(encode(POOL)) == len(POOL)
