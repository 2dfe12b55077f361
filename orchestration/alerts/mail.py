"""Digests by e-mail: encrypted, with the server's certificate verified."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from orchestration.alerts.items import Digest, Mail, NotSent, Recipient
from orchestration.core.refusal import SourceError


def message_of(mail: Mail, recipient: Recipient, digest: Digest, now: datetime) -> EmailMessage:
    """The message. Its ID is derived from its content, so that a mail server can recognise a repeat."""
    message = EmailMessage()
    message["From"], message["To"] = mail.sender, recipient.email
    message["Subject"] = digest.subject
    message["Date"] = format_datetime(now)
    content = "\n".join((recipient.name, f"{now:%Y-%m-%d}", *sorted(i.key for i in digest.items)))
    identity = hashlib.sha256(content.encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{identity}@{mail.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(digest.text)
    return message


def send(mail: Mail, recipient: Recipient, digest: Digest, now: datetime) -> None:
    """Hand the digest to the mail server.

    Raises:
        NotSent: it was not accepted. The sentence names no address and repeats nothing from the server.
    """
    message = message_of(mail, recipient, digest, now)
    try:
        password = mail.password.read() if mail.password else ""
        context = ssl.create_default_context(cafile=mail.ca_file)
        with _connected(mail, context) as server:
            if mail.security == "starttls":
                server.starttls(context=context)
            if mail.user:
                server.login(mail.user, password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException, SourceError) as problem:
        raise NotSent(_why(problem)) from problem


def _connected(mail: Mail, context: ssl.SSLContext) -> smtplib.SMTP:
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=mail.timeout_seconds, context=context)
    return smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout_seconds)


def _why(problem: Exception) -> str:
    reasons: tuple[tuple[type[Exception], str], ...] = (
        (ssl.SSLCertVerificationError, "the certificate of the mail server cannot be verified"),
        (ssl.SSLError, "the mail server does not speak TLS as agreed"),
        (smtplib.SMTPAuthenticationError, "the mail server refused the login"),
        (smtplib.SMTPRecipientsRefused, "the mail server refused the recipient"),
        (smtplib.SMTPSenderRefused, "the mail server refused the sender"),
        (smtplib.SMTPNotSupportedError, "the mail server offers no encryption or no login"),
        (smtplib.SMTPException, "the mail server did not take the message"),
        (TimeoutError, "the mail server did not answer in time"),
        (ConnectionError, "the mail server could not be reached"),
    )
    if isinstance(problem, SourceError):
        return f"the password for the mail server cannot be used: {problem}"
    found = (sentence for kind, sentence in reasons if isinstance(problem, kind))
    return next(found, "the mail server could not be reached")
