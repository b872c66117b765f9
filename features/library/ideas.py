"""Ideas: features that tell the same story share one, and a reason is what they contribute together."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

IDEAS: Mapping[str, str] = MappingProxyType(
    {
        "use": "How much and how lately it is used",
        "use trend": "Whether use grows or shrinks",
        "rhythm": "How regularly it is used, and whether a pause is longer than usual",
        "value": "What the use is worth",
        "reliability": "Whether it works: errors, incidents",
        "breadth": "How many products are in use",
        "people": "How many people use it",
        "taking on": "Whether further products were taken on",
        "early or late": "Whether it takes up what is new among the first or the last",
        "answers": "What customers say they feel",
        "support load": "How much help is needed",
        "resolution": "How fast and how well help comes",
        "promises": "Whether promised dates are kept",
        "price": "What is paid, and for what",
        "seats": "How many seats are paid for and used",
        "contract": "Term, renewal, notice",
        "stage": "Where it stands in the customer life cycle",
        "tenure": "How long it has been a customer",
        "loyalty": "Staying when there was a choice",
        "plan": "The plan and how it changed",
        "room to move up": "What a higher plan would bring",
        "limits": "How near the plan's limits are",
        "ease of moving up": "What a move up asks for",
        "accessories": "What is attached, and whether it would still fit",
        "attention": "How much contact there is",
        "advocacy": "Speaking for us",
        "getting started": "How far and how fast it got up and running",
        "contagion": "What accounts like it did lately",
        "offers": "What was offered, and what came of it",
        "product tried": "Whether this account tried this product",
        "product fit": "Whether this product is near to what this account uses",
        "product spread": "How this product spreads among all accounts",
        "product stage": "Which stage of its market this product is in",
        "product quality": "How well this product works for all accounts",
        "product age": "How long this product has been on offer",
        "scores": "How it stands on a rung, in a layer or at a moment of truth",
    }
)
"""What the features that share an idea tell together."""
