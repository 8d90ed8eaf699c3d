"""The claims in words, with their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def lines(measured: dict[str, Any]) -> Iterator[str]:
    """Yield the lines to print."""
    one, koch = measured["construction"], measured["koch"]
    yield "1. Tied by construction: one encoder, called twice."
    yield (
        f"   {one['calls_of_the_encoder']} calls, {one['weights']:,} weights in {one['variables']} "
        f"variables; two copies: {one['copied_weights']:,} in {one['copied_variables']}."
    )
    yield f"   The paper's network: {koch['tied']:,} weights tied, {koch['copied']:,} copied."
    yield f"   Largest |p(a,b) - p(b,a)|: {one['largest_asymmetry']:g}."

    two = measured["additive"]
    yield "2. The gradient is additive: tied = left copy's + right copy's, layer by layer."
    for row in two["layers"]:
        yield (
            f"   {row['layer']:<10} |left| {row['left']:.4f}  |right| {row['right']:.4f}  cosine "
            f"{row['cosine']:+.2f}  |tied| {row['tied']:.4f}  off by {row['difference']:.1e}"
        )

    three = measured["copies"]
    yield f"3. Two copies from equal weights, after {three['steps']} steps:"
    for rule, label in (
        ("sum", "(a) each the sum"),
        ("own", "(b) each its own"),
        ("average", "(c) own, averaged"),
        ("tied", "    tied"),
        ("half", "    tied, half the step"),
    ):
        run = three["runs"][rule]
        yield (
            f"   {label:<23} apart {run['apart']:.3f}, bit-identical {run['bit_identical']!s:<5}, "
            f"|p(a,b)-p(b,a)| {run['asymmetry']:.3f}, one-shot {run['accuracy']:.1%}"
        )
    step = measured["first_step"]
    yield (
        f"   The averaged copies' first step is {step['average']:.6f} of the tied one; the sum's "
        f"{step['sum']:.6f}."
    )

    yield "4. Reusing one network twice is tying: same loss, same gradient."
    for way, row in measured["reuse"]["ways"].items():
        memory = "" if row["megabytes"] is None else f", {row['megabytes']:.0f} MB"
        yield (
            f"   {way:<18} loss {row['loss']:.7f}, gradient off by {row['difference']:.1e}, "
            f"{row['seconds']:.2f} s of processor{memory}"
        )

    hand, forms = measured["hand"], measured["forms"]
    yield "5. The update rule: one step of a 2x2 layer."
    yield f"   by hand {hand['after']['meant']['w']}"
    yield f"   LayerwiseSGD {hand['library']}, off by {hand['difference']:.1e}"
    yield f"   The last term in four forms, lambda {forms['l2']}, after {forms['steps']} steps:"
    for form, run in forms["runs"].items():
        yield (
            f"   {form:<12} mean |w| x{run['growth']:.2f} (began positive "
            f"x{run['growth_of_positive']:.2f}, negative x{run['growth_of_negative']:.2f}), loss "
            f"{run['loss']:.3f}, one-shot {run['accuracy']:.1%}"
        )

    yield from benefit_lines("6. What tying buys, on glyphs", measured["benefit"])


def benefit_lines(title: str, benefit: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of claim 6 on one data set."""
    yield (
        f"{title}: {benefit['steps']} steps, {len(benefit['seeds'])} seeds, "
        f"{benefit['trials']} held-out trials each."
    )
    for kind, own in benefit["summary"].items():
        low, high = own["interval"]
        yield (
            f"   {kind:<20} {own['accuracy']:.1%} [{low:.1%}, {high:.1%}], {own['weights']:,} "
            f"weights, |p(a,b)-p(b,a)| {own['asymmetry']:.3f}, tied ahead by "
            f"{100 * own['tied_ahead_by']:+.1f} points"
        )
