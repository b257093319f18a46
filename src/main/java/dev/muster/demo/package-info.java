/// The sample workload: the game of Hex on a small board, learned from self-play.
///
/// Ordinary command-line programs that a cluster runs as jobs: play games, train on them, measure the result. It owns
/// the rules, the search, the network, the game files and the match counts. It may use the JDK and SQLite only, and
/// it knows nothing of the cluster, as the cluster knows nothing of Hex.
///
/// Start reading at [dev.muster.demo.Hex], the entry point, then [dev.muster.demo.Settings], every number that was
/// chosen, then [dev.muster.demo.SelfPlay], [dev.muster.demo.Training] and [dev.muster.demo.Gauntlet].
package dev.muster.demo;
