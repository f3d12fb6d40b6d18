"""The rows of `schema.sql` for SQLAlchemy's ORM."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Dialect, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench.peers import common

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Microseconds(TypeDecorator[datetime]):
    """A time as the whole number of microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> int | None:
        if value is None:
            return None
        since = value - _EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds

    def process_result_value(self, value: int | None, _: Dialect) -> datetime | None:
        return None if value is None else common.moment(value)


class Base(DeclarativeBase):
    type_annotation_map = {datetime: Microseconds}  # noqa: RUF012  (SQLAlchemy reads it so)


class LinkToken(Base):
    __tablename__ = "link_tokens"

    digest: Mapped[str] = mapped_column(primary_key=True)
    patient_id: Mapped[str]
    junction_user_id: Mapped[str]
    provider: Mapped[str | None]
    minted_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    bound_to: Mapped[str | None]


class Connection(Base):
    __tablename__ = "connections"
    __table_args__ = (UniqueConstraint("patient_id", "provider"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=common.new_id)
    patient_id: Mapped[str]
    provider: Mapped[str]
    junction_user_id: Mapped[str] = mapped_column(index=True)
    status: Mapped[str]
    connected_at: Mapped[datetime]
    last_synced_at: Mapped[datetime | None]


class ConnectionEvent(Base):
    __tablename__ = "connection_events"

    id: Mapped[str] = mapped_column(primary_key=True, default=common.new_id)
    at: Mapped[datetime]
    patient_id: Mapped[str] = mapped_column(index=True)
    connection_id: Mapped[str]
    provider: Mapped[str]
    cause: Mapped[str]
    outcome: Mapped[str]
    request_id: Mapped[str] = mapped_column(default=common.new_id)
