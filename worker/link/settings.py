"""Django's settings of the link's server: no sessions, no cookies, no pages; the certificate says who asks."""

from apresa.settings import *  # noqa: F403 -- the same machine, databases and apps
from apresa.settings import APRESA
from worker.link.guard import MOST_JSON

ROOT_URLCONF = "worker.link.urls"
MIDDLEWARE = ["apresa.logging.RequestLogMiddleware", "worker.link.errors.ErrorMiddleware"]
DATA_UPLOAD_MAX_MEMORY_SIZE = MOST_JSON
FILE_UPLOAD_TEMP_DIR = str(APRESA.data)  # an upload may be larger than a /tmp in memory
APPEND_SLASH = False
