"""Evidence in a bucket of an S3-compatible object store, which several machines share.

The keys are those that boto3 finds, such as `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from s3transfer.exceptions import RetriesExceededError, S3DownloadFailedError
from storages.backends.s3 import S3Storage
from urllib3.exceptions import HTTPError

from commitments.exceptions import StorageUnavailable

# A file that is read is kept in memory up to this size; a larger one in a temporary file.
BYTES_KEPT_IN_MEMORY = 2 * 2**20
CLIENT = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 2},
    signature_version="s3v4",
    # Stores other than Amazon's may not know the newer checksums.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
# How often the content of a file is requested, each time by `CLIENT`, before it is given up.
DOWNLOADS = TransferConfig(num_download_attempts=2)


@contextmanager
def _outages() -> Iterator[None]:
    """Raise StorageUnavailable if the store refuses a request, does not answer, or cuts off what it
    sends."""
    try:
        yield
    except RetriesExceededError as error:
        raise StorageUnavailable(str(error.last_exception)) from error
    except (BotoCoreError, Boto3Error, ClientError, HTTPError, S3DownloadFailedError) as error:
        raise StorageUnavailable(str(error)) from error


class Bucket(S3Storage):
    """Storage that behaves as a folder does: FileNotFoundError is raised for a file that is not
    there, another OSError if the store cannot be asked. Files are never served from their addresses
    there."""

    def get_default_settings(self) -> dict[str, object]:
        defaults: dict[str, object] = super().get_default_settings()
        return defaults | {
            "client_config": CLIENT,
            "file_overwrite": False,
            "max_memory_size": BYTES_KEPT_IN_MEMORY,
            "transfer_config": DOWNLOADS,
            "object_parameters": {"ContentType": "application/octet-stream"},
        }

    @property
    def place(self) -> str:
        """The bucket, the folder in it and their setting, in words for an operator."""
        folder = f", folder {self.location}" if self.location else ""
        return f"the bucket {self.bucket_name}{folder} (EVIDENCE_STORE)"

    @contextmanager
    def _of_a_file(self) -> Iterator[None]:
        """As `_outages`, for a request about one file. That there is no bucket is told apart from
        a missing file, which the store reports alike."""
        with _outages():
            try:
                yield
            except FileNotFoundError:
                self._check_bucket()
                raise

    def _check_bucket(self) -> None:
        self.connection.meta.client.head_bucket(Bucket=self.bucket_name)

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        with self._of_a_file():
            file: File[bytes] = super()._open(name, mode)
            try:
                # The content is fetched by the first read, so a missing file is noticed here.
                file.read(0)
            except BaseException:
                file.close()
                raise
            return file

    @_outages()
    def _save(self, name: str, content: File[bytes]) -> str:
        saved: str = super()._save(name, content)
        return saved

    @_outages()
    def delete(self, name: str) -> None:
        super().delete(name)

    @_outages()
    def exists(self, name: str) -> bool:
        found = bool(super().exists(name))
        if not found:
            self._check_bucket()
        return found

    @_outages()
    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        folders, files = super().listdir(path)
        return folders, files

    def size(self, name: str) -> int:
        with self._of_a_file():
            return int(super().size(name))

    def get_modified_time(self, name: str) -> datetime:
        with self._of_a_file():
            time: datetime = super().get_modified_time(name)
            return time
