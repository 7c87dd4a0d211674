"""Traces cross Kafka: an event carries the W3C ``traceparent`` of the request or event that caused it.

Only the OpenTelemetry interface is used; where an operator installs its SDK, spans appear, otherwise the header alone
travels on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import context, trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.contracts.envelope import Envelope

_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("vernissage")


def current_traceparent() -> str | None:
    """The ``traceparent`` of what is going on, None outside of any trace."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def continue_trace(envelopes: Sequence[Envelope]) -> Iterator[None]:
    """Apply events inside the trace that caused them; a batch of several causes is a span that links to each."""
    parents = {envelope.traceparent for envelope in envelopes if envelope.traceparent is not None}
    if not parents:
        yield
        return
    contexts = [_propagator.extract({"traceparent": parent}) for parent in sorted(parents)]
    links = [trace.Link(trace.get_current_span(each).get_span_context()) for each in contexts]
    parent = contexts[0] if len(contexts) == 1 else context.Context()
    token = context.attach(parent)
    try:
        with _tracer.start_as_current_span("apply events", kind=trace.SpanKind.CONSUMER, links=links):
            yield
    finally:
        context.detach(token)
