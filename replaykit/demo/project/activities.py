"""What an order does to the outside world."""

from __future__ import annotations

from temporalio import activity


@activity.defn
async def validate_order(order_id: str) -> None:
    """Look at the order before any money moves. Since version 2."""
    if not order_id:
        raise ValueError("an order needs an id")


@activity.defn
async def process_payment(order_id: str) -> str:
    """Charge the customer."""
    return f"receipt of {order_id}"


@activity.defn
async def ship_order(order_id: str) -> str:
    """Hand the parcel to the carrier."""
    return f"{order_id} is on its way"
