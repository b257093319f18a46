/// Machines by the hour, as providers speak of them: what they sell, what is wanted, what they list. Nothing of it is
/// replicated; what the cluster keeps is `core.state.Instance`.
///
/// Owns [Offer] with its true price, [OfferQuery] (the query words of Vast.ai and ours, checked again on our
/// side), the spellings of GPUs that are sold ([GpuName]), an order ([RentOrder]), and a machine as its provider lists
/// it ([Rented]). Knows no provider's wire format: `edge.provider` reads it. May use `core.state` and
/// `core.hosts`'s spellings. Start reading at [Offer], then [OfferQuery], then [Rented].
package dev.muster.core.rent;
