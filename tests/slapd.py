"""A small directory on this machine: Debian's slapd with a certificate of its own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SLAPD = shutil.which("slapd", path="/usr/sbin:/usr/bin")
READER, READER_PASSWORD = "cn=reader,dc=test", "reads"
GROUP = "cn={},ou=groups,dc=test"
_CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile {folder}/pid
TLSCertificateFile {folder}/certificate.pem
TLSCertificateKeyFile {folder}/key.pem
security simple_bind=128
database mdb
suffix dc=test
rootdn {reader}
rootpw {password}
directory {folder}/data
overlay memberof
"""


@dataclass(frozen=True)
class Directory:
    """Where it answers, and the certificate to trust it by."""

    url: str
    certificate: Path


@contextmanager
def running_directory(
    folder: Path, people: Mapping[str, tuple[str, Sequence[str]]]
) -> Iterator[Directory]:
    """A directory of these people: password and groups by name. It takes passwords by TLS alone."""
    assert SLAPD is not None
    certificate = new_certificate(folder)
    (folder / "data").mkdir()
    configuration = folder / "slapd.conf"
    configuration.write_text(
        _CONFIGURATION.format(folder=folder, reader=READER, password=READER_PASSWORD)
    )
    subprocess.run(
        [Path(SLAPD).with_name("slapadd"), "-f", str(configuration)],
        input=_entries(people),
        text=True,
        check=True,
        capture_output=True,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"ldap://localhost:{port}"
    process = subprocess.Popen([SLAPD, "-f", str(configuration), "-h", url, "-d", "0"])
    try:
        _wait(port)
        yield Directory(url, certificate)
    finally:
        process.terminate()
        process.wait(timeout=30)


def new_certificate(folder: Path) -> Path:
    """A certificate of `localhost`, signed by itself, and its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    # The client asks for the machine's own name where it is told localhost.
    own = {"localhost", socket.gethostname(), socket.getfqdn()}
    names = [x509.DNSName(host) for host in sorted(own)]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def _entries(people: Mapping[str, tuple[str, Sequence[str]]]) -> str:
    entries = ["dn: dc=test\nobjectClass: dcObject\nobjectClass: organization\no: test\n"]
    for name, (password, groups) in people.items():
        lines = [f"dn: uid={name},dc=test", "objectClass: inetOrgPerson", f"uid: {name}"]
        lines += ["cn: x", "sn: x", f"userPassword: {password}"]
        lines += [f"memberOf: {GROUP.format(group)}" for group in groups]
        entries.append("\n".join(lines) + "\n")
    return "\n".join(entries)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
