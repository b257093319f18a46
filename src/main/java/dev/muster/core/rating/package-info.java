/// Strength from counted games: the interval of a win rate, and ratings of many players at once.
///
/// May use `core.state`. Start reading at [Wilson], then [Elo].
package dev.muster.core.rating;
