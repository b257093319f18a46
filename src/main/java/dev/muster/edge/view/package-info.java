/// What people and programs see, as pure functions: a state becomes records that are the API's JSON ([NodeRow],
/// [JobRow], [StatusView] …), and that JSON becomes tables for a terminal ([NodeText], [JobText] …).
///
/// Nothing here reads a clock, a file or a socket. May use `core`, `edge.node` (its values) and Jackson's
/// annotations and tokens. Start reading at [Picture].
package dev.muster.edge.view;
