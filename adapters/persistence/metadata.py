"""The tables as SQLAlchemy has them: for Alembic, who compares and migrates."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from adapters.persistence import tables
from adapters.persistence.tables import TABLES, Kind, Unique

_TYPES: Final = {Kind.TEXT: Text, Kind.TIME: BigInteger, Kind.FLAG: SmallInteger}


def _table(table: tables.Table) -> Table:
    columns = map(_column, table.columns)
    return Table(table.name, metadata, *columns, *map(_index, table.indexes))


def _column(column: tables.Column) -> Column[object]:
    return Column(
        column.name,
        _TYPES[column.kind],
        primary_key=column.is_key,
        nullable=column.is_nullable,
        server_default=column.default,
    )


def _index(index: tables.Index | Unique) -> Index | UniqueConstraint:
    if isinstance(index, Unique):
        return UniqueConstraint(*index.columns, name=index.name)
    where = None if index.where is None else text(index.where)
    return Index(index.name, *index.columns, sqlite_where=where, postgresql_where=where)


metadata: Final = MetaData()
for each in TABLES:
    _table(each)
