/// Curves as drawings for a page.
///
/// [dev.muster.edge.plot.Plots] is where to start; it is the only one that others use. No other package sees XChart, Batik or AWT,
/// which take a second to load: only a command that draws may touch this package.
@NullMarked
package dev.muster.edge.plot;

import org.jspecify.annotations.NullMarked;
