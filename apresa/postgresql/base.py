"""The database engine: as Django's, but while the server is known to be absent a connection fails at once."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError

from apresa import database
from apresa.database import DatabaseState


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        # Each query of a page would wait out the time limit again on a server that does not answer.
        if self.alias == "default" and database.state() is DatabaseState.ABSENT:
            raise OperationalError("the database was absent a moment ago")
        connection: Connection = super().get_new_connection(conn_params)
        return connection
