"""Send mail by SMTP: over TLS that is not given up, with a password from a file.

Raises Unusable for settings that do not fit together, and Unsent, whose text says why without
quoting a server's words.
"""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from typing import Final

from dicomveil.errors import KeyRefused, Unusable
from dicomveil.jobs.keyfile import read_content

_PATIENCE: Final = 30.0  # seconds for each answer


class Unsent(Exception):
    """A mail that nobody took."""


class Security(StrEnum):
    """How the line to the mail's host is kept from others."""

    STARTTLS = "starttls"
    TLS = "tls"  # from the first byte
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """How mail is sent, from whom and to whom."""

    host: str
    port: int
    security: Security
    sender: str
    to: tuple[str, ...]
    user: str = ""
    password_file: str = field(default="", repr=False)
    authorities: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be sent, or would be sent in clear."""
        if not self.sender or not self.to:
            raise Unusable("mail needs the settings mail_from and mail_to")
        if bool(self.user) != bool(self.password_file):
            raise Unusable("mail_user and mail_password_file are given together")
        if self.user and self.security is Security.NONE:
            raise Unusable("a password is not sent in clear: mail_security is starttls or tls")

    def send(self, subject: str, text: str) -> None:
        """Have the mail's host take it; Unsent when it did not."""
        message = EmailMessage()
        message["From"], message["To"] = self.sender, ", ".join(self.to)
        message["Subject"] = subject
        message.set_content(text)
        try:
            with self._line() as line:
                if self.user:
                    line.login(self.user, self._password())
                line.send_message(message)
        except smtplib.SMTPAuthenticationError:
            raise Unsent("the mail's host does not take the user and password") from None
        except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
            raise Unsent(f"the mail's host did not take it ({type(error).__name__})") from None

    def _line(self) -> smtplib.SMTP:
        trusted = ssl.create_default_context(cafile=self.authorities or None)
        if self.security is Security.TLS:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_PATIENCE, context=trusted)
        line = smtplib.SMTP(self.host, self.port, timeout=_PATIENCE)
        if self.security is Security.STARTTLS:
            try:
                line.starttls(context=trusted)
            except BaseException:
                line.close()
                raise
        return line

    def _password(self) -> str:
        try:
            return read_content(self.password_file).decode().strip()
        except (KeyRefused, UnicodeDecodeError) as error:
            raise Unsent(f"the file of the mail's password: {error}") from None


def security_of(text: str) -> Security:
    """What a setting says; Unusable for another word."""
    try:
        return Security(text)
    except ValueError:
        raise Unusable(f"mail_security is one of {', '.join(Security)}") from None
