"""Uploads stay in memory, also on their way in."""

from starlette.formparsers import MultiPartParser


def keep_uploads_in_memory() -> None:
    """Let no upload of this server be spooled to the disk.

    Streamlit's server reads an upload with Starlette's form parser, which moves a file above 1 MB
    to a temporary file on the disk before Streamlit takes it into memory. A size of 0 means never
    (``tempfile.SpooledTemporaryFile``); ``server.maxUploadSize`` is enforced while the body comes.
    """
    MultiPartParser.spool_max_size = 0
