/// How people are told: channels, what they are sent, and who sends it. May use `core`, `edge.config`, `edge.node` and `edge.view`.
/// Start reading at [Channel].
package dev.muster.edge.alert;
