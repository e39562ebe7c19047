"""Mails: who may be told what, how it is said, and how it is sent."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from smtp_sink import Sink, listening, mailing

from qinglian.notices.letter import LISTED, news_letter
from qinglian.notices.links import lead_link
from qinglian.notices.mail import (
    Mail,
    MailError,
    MailSettingsError,
    mail_server,
    open_mail_box,
)
from qinglian.notices.news import Batch, FailedRun, Lead, News
from qinglian.notices.recipients import (
    EXAMPLE,
    Recipient,
    RecipientsError,
    read_recipients,
)
from qinglian.secrets_file import SecretsFile
from qinglian.settings import Settings, repository_root

LEAD = Lead(
    lead_id="0123456789abcdef0123456789abcdef",
    indicator_id="RX03",
    indicator_name_zh="大处方",
    family="prescribing",
    family_zh="处方",
    org_code="H1",
    org_name="第一医院",
    district_code="500103",
    subject_label="心内科 医师 D0412",
    period_start=date(2025, 12, 1),
    period_end=date(2025, 12, 31),
    light_zh="红",
    risk_gross=Decimal("12345.60"),
)
CITY = Recipient(id="city", name="督查组", address="city@example.org", tell=["leads"], city=True)
MAIL = Mail("key", "清廉：标题", "正文", "<p>正文</p>")


def _letter(recipient: Recipient, news: News) -> Mail:
    address = "http://pages.example.org"
    return news_letter(recipient, news, date(2025, 12, 31), address, {"his_fee": "费用明细"})


def _write(folder: Path, *recipients: dict[str, Any]) -> Path:
    path = folder / "recipients.yaml"
    path.write_text(yaml.safe_dump({"recipients": list(recipients)}, allow_unicode=True), "utf-8")
    return path


def test_the_example_is_what_an_installation_can_begin_with() -> None:
    city, district, office = read_recipients(EXAMPLE)
    assert city.may_see("H1", None)
    assert office.may_see("H50010300001", "500103")
    assert not office.may_see("H50010300002", "500103")
    assert not office.may_see_family("procurement")
    assert district.may_see("H9", "500104")
    assert not district.may_see("H9", None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "say one of"),
        ({"city": True, "district": "500103"}, "say one of"),
        ({"city": True, "tell": ["everything"]}, "tell"),
        ({"city": True, "families": ["prescription"]}, "families"),
        ({"city": True, "address": "secret@example.org\nBcc: other@example.org"}, "address"),
        ({"city": True, "address": "secret陈@example.org"}, "address"),
    ],
)
def test_a_recipient_whose_scope_or_address_is_wrong_is_refused_without_repeating_it(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    given = {"id": "chen", "name": "陈", "address": "secret@example.org"} | change
    with pytest.raises(RecipientsError, match=said) as caught:
        read_recipients(_write(tmp_path, given))
    assert "secret" not in str(caught.value)


def test_two_recipients_of_one_id_are_refused(tmp_path: Path) -> None:
    one = {"id": "chen", "name": "陈", "address": "a@example.org", "city": True}
    with pytest.raises(RecipientsError, match="chen"):
        read_recipients(_write(tmp_path, one, one))


def test_a_link_leads_where_the_dashboards_lead() -> None:
    dataset = repository_root() / "superset/assets/datasets/warehouse/lead_listing.yaml"
    metrics = yaml.safe_load(dataset.read_text("utf-8"))["metrics"]
    (expression,) = [m["expression"] for m in metrics if m["metric_name"] == "detail_link"]
    there = expression.split('href="')[1].split('">')[0]
    number = LEAD.lead_id[:12]
    for _ in range(4):
        there = there.replace("''' || substr(lead_id, 1, 12) ||\n''')", f"'{number}')")
    there = "".join(there.replace("''' || substr(lead_id, 1, 12) || '''", f"'{number}'").split())
    link = lead_link("http://pages.example.org", LEAD.lead_id)
    assert link is not None
    assert unquote(link) == "http://pages.example.org" + there.replace("\n", "")
    assert not set("()!'") & set(link), "programs that read mails end a link at these"
    assert lead_link(None, LEAD.lead_id) is None


def test_a_line_tells_of_a_lead() -> None:
    mail = _letter(CITY, News((LEAD,), (), ()))
    for text in (mail.text, mail.html):
        for part in ("0123456789ab", "RX03 大处方", "第一医院", "医师 D0412", "12,345.60", "红"):
            assert part in text
        assert "工作人员以科室与工号表示" in text
        assert "不是对任何人的指控" in text
        assert "http://pages.example.org/superset/dashboard/lead-detail/" in text
    assert mail.subject == "清廉：新增红灯线索 1 条"


def test_what_a_hospital_wrote_is_text_on_the_page() -> None:
    lead = replace(LEAD, org_name="<b>医院</b>")
    mail = _letter(CITY, News((lead,), (), ()))
    assert "&lt;b&gt;医院&lt;/b&gt;" in mail.html
    assert "<b>医院</b>" in mail.text


def test_a_long_list_is_cut_and_says_so() -> None:
    leads = tuple(replace(LEAD, lead_id=f"{n:032d}") for n in range(LISTED + 7))
    mail = _letter(CITY, News(leads, (), ()))
    assert mail.text.count("RX03") == LISTED
    assert "另有 7 条" in mail.text
    assert "另有 7 条" in mail.html


def test_gates_are_told_by_table_and_what_a_step_said_to_the_city_alone() -> None:
    day = date(2025, 12, 31)
    batches = (
        Batch(1, 1, "his_01", "his_fee", day, 3, None, "金额应等于单价乘数量"),
        Batch(2, 2, "his_01", "his_fee", date(2026, 1, 1), 4, None, "科室代码不为空"),
        Batch(3, 2, "his_01", "his_rx", day, 0, "文件无行", None),
    )
    run = FailedRun(9, "ingest", "his_01", day, "no route to db.hospital.example")
    news = News((), batches, (run,))
    city = _letter(CITY, news)
    assert city.subject == "清廉：质量门与步骤未通过 3 项"
    assert "费用明细：7 行进入隔离区" in city.text
    assert "科室代码不为空、金额应等于单价乘数量（业务日期 2025-12-31 至 2026-01-01）" in city.text
    assert "1 批整批拒收、未入库（文件无行）" in city.text
    assert "数据接入 his_01 失败（业务日期 2025-12-31，运行 9）：no route" in city.text
    office = Recipient(
        id="o", name="办", address="o@example.org", tell=["gates"], organisation="H1"
    )
    assert "no route" not in _letter(office, news).text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"smtp_host": None}, "mails are off"),
        ({"smtp_sender": None}, "smtp_sender is not set"),
        ({"smtp_sender": "qinglian"}, "smtp_sender is no address"),
        ({"smtp_user": "qinglian"}, "QINGLIAN_SECRET_SMTP_PASSWORD"),
        ({"smtp_host": "mail.example.org"}, "smtp_security is none"),
    ],
)
def test_mails_configured_in_part_or_in_clear_are_refused(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    settings = mailing(Settings(home=tmp_path), Sink(), **change)
    with pytest.raises(MailSettingsError, match=said):
        mail_server(settings)
    assert not settings.secrets_path.exists(), "the password of another system cannot be generated"


def test_a_password_that_is_given_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = SecretsFile(tmp_path / "secrets.env")
    assert secrets.given("SMTP_PASSWORD") is None
    (tmp_path / "secrets.env").write_text("QINGLIAN_SECRET_SMTP_PASSWORD=from file\n")
    assert secrets.given("SMTP_PASSWORD") == "from file"
    monkeypatch.setenv("QINGLIAN_SECRETS_DIR", str(tmp_path))
    assert secrets.given("SMTP_PASSWORD") is None
    (tmp_path / "SMTP_PASSWORD").write_text("from folder\n")
    assert secrets.given("SMTP_PASSWORD") == "from folder"
    monkeypatch.setenv("QINGLIAN_SECRET_SMTP_PASSWORD", "from environment")
    assert secrets.given("SMTP_PASSWORD") == "from environment"


@pytest.fixture
def certificate(tmp_path: Path) -> Iterator[tuple[Path, ssl.SSLContext]]:
    """A certificate of this machine's own, and what a server needs of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sink")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path, key_path = tmp_path / "sink.pem", tmp_path / "sink.key"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key_path)
    yield path, context


def _takes(password: str) -> Any:
    def judge(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = (data.login, data.password) == (b"qinglian", password.encode())
        return AuthResult(success=right, handled=False)

    return judge


def test_a_mail_goes_encrypted_and_after_a_login(
    tmp_path: Path, certificate: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, context = certificate
    sink = Sink()
    monkeypatch.setenv("QINGLIAN_SECRET_SMTP_PASSWORD", "right")
    with listening(
        sink,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=_takes("right"),
    ):
        settings = mailing(
            Settings(home=tmp_path),
            sink,
            smtp_security="starttls",
            smtp_user="qinglian",
            smtp_ca_file=path,
        )
        with open_mail_box(mail_server(settings)) as box:
            box.send(MAIL, "陈静", "chen@example.org", "Wed, 31 Dec 2025 08:00:00 +0800")
        with (
            pytest.raises(MailError, match="certificate"),
            open_mail_box(mail_server(settings.model_copy(update={"smtp_ca_file": None}))),
        ):
            pass
        monkeypatch.setenv("QINGLIAN_SECRET_SMTP_PASSWORD", "wrong")
        with (
            pytest.raises(MailError, match="SMTPAuthenticationError 535"),
            open_mail_box(mail_server(settings)),
        ):
            pass
    ((address, message),) = sink.mails
    assert address == "chen@example.org"
    assert message["Subject"] == "清廉：标题"
    assert str(message["To"]) == "陈静 <chen@example.org>"
    assert sink.texts(address) == ["正文\n"]


def test_a_refusal_is_told_without_the_address(tmp_path: Path) -> None:
    sink = Sink()
    sink.refused = {"chen@example.org"}
    with listening(sink):
        settings = mailing(Settings(home=tmp_path), sink)
        with open_mail_box(mail_server(settings)) as box:
            with pytest.raises(MailError) as caught:
                box.send(MAIL, "陈静", "chen@example.org", "Wed, 31 Dec 2025 08:00:00 +0800")
            box.send(MAIL, "周", "zhou@example.org", "Wed, 31 Dec 2025 08:00:00 +0800")
    assert str(caught.value) == "SMTPRecipientsRefused 550"
    assert caught.value.__suppress_context__
    assert [address for address, _ in sink.mails] == ["zhou@example.org"]
