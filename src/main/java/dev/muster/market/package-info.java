/// A market of rented machines, after Vast.ai's, in virtual time: what is offered, who holds which GPU, what state each rented
/// instance is in, and what it costs, to the picodollar.
///
/// Pure and deterministic: time comes in by [dev.muster.market.Market#advance], chance from a seed of which every machine and every
/// instance has a stream of its own, so what a client does to one changes nothing at the others but by the GPUs it takes. It stands
/// alone: the JDK only, nothing of the rest of Muster. Whoever drives it (the server behind `muster vastsim`, a simulator) starts
/// and ends real or pretended processes by what [dev.muster.market.Happening] tells.
///
/// Start reading at [dev.muster.market.Market], then [dev.muster.market.Happening] and [dev.muster.market.MarketSettings].
package dev.muster.market;
