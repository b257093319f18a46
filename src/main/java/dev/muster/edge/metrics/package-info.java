/// `GET /metrics`: Prometheus' text format. What is served is the list in [dev.muster.edge.metrics.Metric], and docs/METRICS.md is
/// its table. A node tells of itself; what is the cluster's, the leader alone tells, so that sums count it once.
package dev.muster.edge.metrics;
