"""Opens an archive for questions: what options choose, what watches the layers, and the session over both."""

from __future__ import annotations

from imgtar.answers.base import given_of
from imgtar.answers.options import DEFAULT_OPTIONS, InspectOptions
from imgtar.answers.session import Session
from imgtar.answers.watching import watching_of
from imgtar.archive.input.input_name import Input, input_name, parse_input
from imgtar.errors import errors_about
from imgtar.image.opening import open_images
from imgtar.limits import Meter


def open_session(source: Input, options: InspectOptions = DEFAULT_OPTIONS) -> Session:
    """Opens `source`: a path, `-` for standard input, either with one of skopeo's prefixes, or a binary file object.

    Of a file or directory only the catalog is read; a pipe or a compressed file passes once and is read to its end.
    Raises InputError where it or a base image cannot be used, or where it holds no image, UsageError where the choice
    is ambiguous. Damage is not an error: it is among the findings. With `options.spool` OutputError, too.
    """
    with errors_about(input_name(source)):
        return _opened(source, options)


def _opened(source: Input, options: InspectOptions) -> Session:
    limits = options.limits.within(options.timeout)
    watching, given = watching_of(limits, options), given_of(limits, options)
    reader = open_images(
        parse_input(source),
        Meter(limits, options.ignores),
        options,
        contents=watching.wants_contents or options.one_pass,
        probes=watching.probes,
        passing_probes=watching.passing_probes,
        places=watching.places,
    )
    return Session(reader, options, watching, given)
