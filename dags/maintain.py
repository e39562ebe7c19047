"""Airflow DAG: once a week, deep reloads and a verification of the whole ledger."""

from datetime import timedelta

from airflow.sdk import TriggerRule, dag, task

from qinglian import scheduling
from qinglian.settings import get_settings


@task(retries=0)
def list_sources() -> list[str]:
    """Every source of the installation."""
    from qinglian.pipeline import every_source

    return every_source()


@task(
    max_active_tis_per_dag=get_settings().sources_in_parallel,
    execution_timeout=timedelta(hours=6),
)
def reload(source_id: str) -> None:
    """Compare half a year of a source with what is known of it."""
    from qinglian.deep_reload import deep_reload
    from qinglian.pipeline import settings_and_server

    print(deep_reload(*settings_and_server(), source_id, scheduling.business_date()))


@task(retries=0, trigger_rule=TriggerRule.ALL_DONE, execution_timeout=timedelta(hours=6))
def rank_and_test() -> None:
    """Rank the insurer's providers, and run the tests that detection leaves to the week."""
    from qinglian.pipeline import detect_weekly

    detect_weekly(scheduling.business_date())


@task(retries=0, trigger_rule=TriggerRule.ALL_DONE)
def verify() -> None:
    """Prove the whole ledger; fails with what was found."""
    from qinglian.pipeline import settings_and_server, verify_ledger

    report = verify_ledger(*settings_and_server(), incremental=False)
    if not report.ok:
        raise RuntimeError("\n".join(report.faults))


@task(trigger_rule=TriggerRule.ALL_DONE, task_display_name="发送周简报")
def mail_briefs() -> None:
    """Send the week's briefs to those who ordered them; none is sent twice."""
    from qinglian.pipeline import mail_weekly_briefs

    print(mail_weekly_briefs(scheduling.business_date()))


@dag(
    dag_id="maintain",
    dag_display_name="维护",
    description="Weekly: deep reload for back-dated changes, ranking of providers, ledger verified",
    schedule=scheduling.WEEKLY,
    catchup=False,
    max_active_runs=1,
    default_args=scheduling.DEFAULT_ARGS,
    params={"as_of": scheduling.AS_OF},
    tags=[scheduling.MAINTAIN],
)
def maintain() -> None:
    """Verification comes last, and comes even when a source is down.

    Briefs are mailed after it, where a server for mails is configured.
    """
    verified = verify()
    reload.expand(source_id=list_sources()) >> [rank_and_test(), verified]
    if get_settings().smtp_host:
        verified >> mail_briefs()


maintain()
