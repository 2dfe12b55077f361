"""What tests use of Dagster's private modules, where the product needs nothing like it."""

# Whether Dagster takes a configuration; publicly only by opening the instance, with its PostgreSQL.
from dagster._core.instance.config import dagster_instance_config

# When the daemon would evaluate a schedule; publicly only by waiting for it.
from dagster._utils.schedules import schedule_execution_time_iterator

__all__ = ["dagster_instance_config", "schedule_execution_time_iterator"]
