/// Machines by the hour: what providers sell, what is wanted, what is rented, and what it costs. Nothing of it is
/// replicated by itself.
///
/// Owns [Money], [Offer] with its true price, [OfferQuery] (the query words of Vast.ai and ours, checked again on our
/// side), the spellings of GPUs that are sold ([GpuName]), an order ([RentOrder]), and a machine as its provider lists
/// it ([Rented], [Observed]). Knows no provider's wire format: `edge.provider` reads it. May use `core.state` and
/// `core.hosts`'s spellings. Start reading at [Offer], then [OfferQuery], then [Rented].
package dev.muster.core.rent;
