"""Prepare Superset's own database in one process: migrate, create the admin, sync permissions.

Three CLI calls (`db upgrade`, `fab create-admin`, `init`) would each spend ten seconds and more
on importing Superset. Run with Superset's python; the environment is that of the server, plus
SUPERSET_ADMIN_USER and SUPERSET_ADMIN_PASSWORD. Running it again changes nothing but the password.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
from superset.app import create_app

import superset


def main() -> None:
    """Migrate, sync permissions, create the administrator."""
    app = create_app()
    with app.app_context():
        flask_migrate.upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
        with _one_transaction():
            superset.appbuilder.add_permissions(update_perms=True)
            # One of roles.yaml; with another log-in than by password its view has another name.
            superset.security_manager.add_permission_view_menu("can_userinfo", "UserDBModelView")
            superset.security_manager.sync_role_definitions()
        _ensure_admin(os.environ["SUPERSET_ADMIN_USER"], os.environ["SUPERSET_ADMIN_PASSWORD"])


@contextmanager
def _one_transaction() -> Iterator[None]:
    """Commit once. Flask-AppBuilder does so after each of 600 rows, and reads all of them again.

    It goes on where a row is refused; here the transaction is left broken, and its end says so.
    """
    session = superset.db.session()
    session.commit, session.rollback = session.flush, lambda: None
    try:
        yield
    finally:
        del session.commit, session.rollback
    session.commit()


def _ensure_admin(username: str, password: str) -> None:
    manager = superset.security_manager
    known = manager.find_user(username)
    if known is None:
        role = manager.find_role("Admin")
        created = manager.add_user(
            username, "系统", "管理员", f"{username}@localhost", role, password=password
        )
        if not created:
            raise SystemExit(f"Superset refused to create its administrator {username!r}")
    elif not manager.auth_user_db(username, password):
        manager.reset_password(known.id, password)


if __name__ == "__main__":
    main()
