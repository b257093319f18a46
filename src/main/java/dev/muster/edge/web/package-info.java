/// The web page: what it shows, as functions of the rows that the command line prints too ([dev.muster.edge.view]), and who is
/// signed in to it.
///
/// A page is a [Page]: a title and parts, some of which are live. [Layout] makes a document of it, [Live] tells a browser what has
/// changed since. All text goes through [Html], which escapes it; there are no templates, and no script or style outside of
/// [Assets], so the strictest policy holds. May use `core`, `edge.node`'s values, `edge.view` and `edge.wire`; who is asked and answered
/// is [dev.muster.edge.http]'s business. Start reading at [OverviewPage], then [Layout].
package dev.muster.edge.web;
