/// How people are told: channels, what they are sent, and who sends it. May use `core`, `edge.config`, `edge.node`, `edge.support` and
/// `edge.view`; no other package sees Jakarta Mail. Start reading at [Channel].
package dev.muster.edge.alert;
