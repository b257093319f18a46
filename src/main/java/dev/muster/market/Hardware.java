package dev.muster.market;

/// What a machine is; nothing of it changes.
///
/// @param gpus        all of the machine; an offer may be of a part
/// @param gpuRamMb    of one GPU
/// @param computeCap  750 is CUDA's 7.5
/// @param tflops      of one GPU
/// @param dlperf      of one GPU
/// @param inetUp      Mb/s
/// @param diskBw      MB/s
/// @param geolocation as `Texas, US`
/// @param external    from another market; hidden by default searches
/// @param reliability the share of time it is reachable; also how often this market lets it fail
public record Hardware(
        int machineId,
        int hostId,
        String gpuName,
        int computeCap,
        int gpus,
        int gpuRamMb,
        double gpuMemBw,
        double tflops,
        double dlperf,
        int gpuWatts,
        double cudaMax,
        String driver,
        String cpuName,
        int cpuCores,
        double cpuGhz,
        int cpuRamMb,
        String diskName,
        int diskGb,
        double diskBw,
        double inetUp,
        double inetDown,
        double pcieBw,
        double pciGen,
        double nvlinkBw,
        String mobo,
        double osVersion,
        int directPorts,
        boolean staticIp,
        String publicIp,
        String geolocation,
        boolean datacenter,
        boolean verified,
        boolean external,
        double reliability) {}
