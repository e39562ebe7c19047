"""Puts the assets, roles and accounts of the repository into a running Superset."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import yaml

from qinglian.dashboards.assets import (
    KINDS,
    Asset,
    AssetError,
    Assets,
    Dashboard,
    Database,
    Dataset,
)
from qinglian.dashboards.client import SupersetClient
from qinglian.dashboards.english import twin_uuid
from qinglian.dashboards.held import PATH, Held, LastPublication
from qinglian.dashboards.languages import in_languages
from qinglian.dashboards.process import ADMIN_SECRET, ADMIN_USER
from qinglian.dashboards.roles import (
    RolesFile,
    apply_roles,
    apply_users,
    create_roles,
    datasets_of,
)
from qinglian.dashboards.row_scopes import apply_row_scopes, rules_of
from qinglian.secrets_file import SecretsFile
from qinglian.settings import Settings
from qinglian.warehouse.server import WAREHOUSE, Server

#: Accounts of an installation, in its state folder; those of the repository are the first ones.
ACCOUNTS = "accounts.yaml"
#: Groups of its directory, where people log in by OpenID Connect.
GROUPS = "groups.yaml"
#: What the last publication left, in the state folder of Superset.
LAST_PUBLICATION = "published.json"


@dataclass(frozen=True)
class PublishReport:
    """What a publication left in Superset."""

    assets: dict[str, int]  # kind -> number
    roles: list[str]
    users: list[str]
    retired: list[str]  # UUIDs removed by this publication
    dashboard_urls: dict[str, str]  # title -> address


def publish_dashboards(settings: Settings, server: Server, superset_url: str) -> PublishReport:
    """Import the assets, prove that all arrived, apply roles and accounts. Idempotent.

    Raises AssetError when an asset names what the marts do not have or did not arrive, and
    SupersetError when Superset refuses a request.
    """
    folder = settings.root / "superset"
    chinese = Assets.read(folder / "assets")
    assets = in_languages(chinese, settings.dashboard_languages, settings.root)
    require_sound(assets, server)
    accounts, groups = settings.state_dir / ACCOUNTS, settings.state_dir / GROUPS
    roles = RolesFile.read(folder / "roles.yaml", accounts, groups)
    # A rule names tables, and holds for every dataset of theirs, in whatever language.
    rules = rules_of(roles, chinese.datasets.values())
    secrets = SecretsFile(settings.secrets_path)
    with SupersetClient(superset_url, ADMIN_USER, secrets.get(ADMIN_SECRET)) as client:
        held = _brought_up_to_date(client, assets, settings, server)
        retired = _remove_retired(client, folder / "retired_assets.yaml", chinese, assets, held)
        # Rows are closed before anybody may read a dataset, and opened before accounts get roles.
        names = [*(role.name for role in roles.roles), *roles.scope_roles]
        ids = create_roles(client, names, held)
        tables = _dataset_ids(held, assets)
        apply_row_scopes(client, rules, ids, tables, held.rules)
        apply_roles(client, roles.roles, ids, chinese.datasets.values(), tables, held)
        _give_dashboards(client, assets, roles, ids, held)
        apply_users(client, roles.users, secrets, ids, held)
    base = superset_url.rstrip("/")
    return PublishReport(
        assets={kind: sum(a.kind == kind for a in assets.all) for kind in KINDS},
        roles=[role.name for role in roles.roles],
        users=[user.username for user in roles.users],
        retired=retired,
        dashboard_urls={d.title: f"{base}/superset/dashboard/{d.slug}/" for d in assets.dashboards},
    )


def _brought_up_to_date(
    client: SupersetClient, assets: Assets, settings: Settings, server: Server
) -> Held:
    """Import what is another than at the last publication; what Superset holds then.

    Raises AssetError unless all of the assets are there.
    """
    last = LastPublication(settings.state_dir / "superset" / LAST_PUBLICATION)
    given = _connections(assets, server)
    held = Held.read(client)
    outdated = last.outdated(assets, held, given)
    if outdated:
        _withdraw_dashboards(client, assets, held)
        held = _import(client, assets, outdated, server)
    _require_arrival(held, assets)
    if outdated:
        last.remember(assets, held, given)
    return held


def _connections(assets: Assets, server: Server) -> dict[str, list[Any]]:
    """What each connection is sent with beside its file, by UUID."""
    return {d.uuid: [server.host, server.port, server.password(d.role)] for d in assets.databases}


def _withdraw_dashboards(client: SupersetClient, assets: Assets, held: Held) -> None:
    """Take each dashboard that gains a dataset from all roles; `_give_dashboards` gives it again.

    Who holds a dashboard reads every dataset on it, whatever else he may read. Without this a new
    dataset would be open, with all its rows, from the import until its rows are closed.
    """
    known = held.numbers("datasets")
    for entry in held.dashboards:
        for dashboard in assets.dashboards:
            if dashboard.slug != entry["slug"] or not entry["roles"]:
                continue
            read = {known.get(dataset.uuid) for dataset in assets.datasets_on(dashboard)}
            if not read <= held.datasets_on(entry):
                client.request("PUT", f"dashboard/{entry['id']}", json={"roles": []})


def _give_dashboards(
    client: SupersetClient, assets: Assets, roles: RolesFile, ids: dict[str, int], held: Held
) -> None:
    """Give each dashboard to the roles that may read all of it, so that no chart is refused."""
    entries = {entry["slug"]: entry for entry in held.dashboards}
    for dashboard in assets.dashboards:
        readers = dashboard_readers(assets, dashboard, roles)
        wanted = sorted(ids[name] for name in readers)
        entry = entries[dashboard.slug]
        if sorted(entry["roles"]) != wanted:
            client.request("PUT", f"dashboard/{entry['id']}", json={"roles": wanted})


def dashboard_readers(assets: Assets, dashboard: Dashboard, roles: RolesFile) -> list[str]:
    """Names of the roles that may read every dataset of a dashboard."""
    needed = {dataset.title for dataset in assets.datasets_on(dashboard)}
    known = list(assets.datasets.values())
    return [role.name for role in roles.roles if needed <= datasets_of(role, known)]


def _dataset_ids(held: Held, assets: Assets) -> dict[str, list[int]]:
    """Superset's ids of the datasets by name; those of one name are one table in two languages."""
    ids = held.numbers("datasets")
    tables: dict[str, list[int]] = {}
    for dataset in assets.datasets.values():
        tables.setdefault(dataset.title, []).append(ids[dataset.uuid])
    return tables


def require_sound(assets: Assets, server: Server) -> None:
    """Raise AssetError unless every reference holds and every dataset's columns are in the marts.

    Each is read as the role that Superset reads it with, so that a missing grant shows too.
    """
    faults = list(assets.faults())
    for database in assets.databases:
        with server.connect(database.role) as connection:
            for dataset in assets.datasets.values():
                if str(dataset.content["database_uuid"]) == database.uuid:
                    faults += _missing_in_marts(dataset, connection)
    if faults:
        raise AssetError("Dashboards were not published:\n- " + "\n- ".join(faults))


def _missing_in_marts(dataset: Dataset, connection: psycopg.Connection) -> Iterator[str]:
    try:
        with connection.transaction():
            # The relation is a reviewed file of this repository.
            query = f"select * from {dataset.relation} limit 0"
            cursor = connection.execute(query.encode())
            present = {column.name for column in cursor.description or ()}
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        yield (
            f"{dataset}: cannot be read ({reason}); run `qinglian detect`, which builds the marts;"
            " `qinglian init` makes those of the weekly maintenance"
        )
        return
    for column in sorted(dataset.physical_columns - present):
        yield f"{dataset}: column {column} is not in the marts; add it to the model or drop it here"


def _import(client: SupersetClient, assets: Assets, sent: list[Asset], server: Server) -> Held:
    """Send these assets; what Superset holds with them."""
    connections = [asset for asset in sent if isinstance(asset, Database)]
    passwords = {f"databases/{d.path.name}": server.password(d.role) for d in connections}
    bundle = assets.bundle(sent, server.host, server.port, WAREHOUSE)
    answer = client.request(
        "POST",
        PATH,
        files={"bundle": ("assets.zip", bundle, "application/zip")},
        data={"passwords": json.dumps(passwords)},
    )
    return Held.of(answer["result"])


def require_arrival(client: SupersetClient, assets: Assets) -> None:
    """Raise AssetError unless every asset is in Superset, and every chart on its dashboard.

    Superset answers OK to a bundle of which it skipped a part.
    """
    _require_arrival(Held.read(client), assets)


def _require_arrival(held: Held, assets: Assets) -> None:
    skipped: list[str] = []
    ids = {kind: held.numbers(kind) for kind in KINDS}
    placed = {entry["id"]: set(entry["charts"]) for entry in held.dashboards}
    for asset in assets.all:
        if asset.uuid not in ids[asset.kind]:
            skipped.append(f"{asset}: was skipped; compare its keys with a file that arrived")
    for dashboard in assets.dashboards:
        if dashboard.uuid not in ids["dashboards"]:
            continue
        known = placed[ids["dashboards"][dashboard.uuid]]
        for uuid in dashboard.chart_uuids:
            if ids["charts"].get(uuid) not in known:
                skipped.append(f"{dashboard}: lost chart {uuid}; import it again")
    if skipped:
        raise AssetError("Superset did not take over every asset:\n- " + "\n- ".join(skipped))


def _remove_retired(
    client: SupersetClient, path: Path, chinese: Assets, published: Assets, held: Held
) -> list[str]:
    """Remove what left the files, and what is no longer published in English. Returns UUIDs."""
    entries = yaml.safe_load(path.read_text("utf-8"))["retired"]
    in_use: dict[str, Asset] = {asset.uuid: asset for asset in published.all}
    gone: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for entry in entries:
        if (uuid := str(entry["uuid"])) in in_use:
            raise AssetError(f"{in_use[uuid]}: is also in {path.name}; remove it from one")
        gone[entry["kind"]] |= {uuid, twin_uuid(uuid)}
    for asset in chinese.all:
        if (uuid := twin_uuid(asset.uuid)) not in in_use:
            gone[asset.kind].add(uuid)
    removed: list[str] = []
    # A dashboard goes before its charts, a chart before its dataset.
    for kind in reversed(KINDS):
        ids = held.numbers(kind)
        found = sorted(gone[kind] & set(ids))
        _delete(client, KINDS[kind], [ids[uuid] for uuid in found])
        removed += found
    return removed


def _delete(client: SupersetClient, kind: str, ids: list[int]) -> None:
    if kind == "database":  # which Superset removes one by one only
        for identifier in ids:
            client.request("DELETE", f"{kind}/{identifier}")
    elif ids:
        listed = ",".join(map(str, ids))
        client.request("DELETE", f"{kind}/", params={"q": f"!({listed})"})
