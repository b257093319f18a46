package dev.muster.edge.dataset;

/// Told now and then that so many more bytes were looked at.
public interface Progress {
    Progress SILENT = bytes -> {};

    void on(long bytes);
}
