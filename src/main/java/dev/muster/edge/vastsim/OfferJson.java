package dev.muster.edge.vastsim;

import dev.muster.market.Hardware;
import dev.muster.market.Offer;
import java.time.Instant;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// An offer's row.
final class OfferJson {
    /// As the service writes it.
    private static final double GB_PER_TB = 1024;
    private static final double DISCOUNT_MAX = 0.4;

    private OfferJson() {}

    /// @param bid     the price is the least that wins, not that on demand
    /// @param storage GB whose price is in the total
    static ObjectNode row(Offer offer, boolean bid, double storage, Instant now) {
        double base = Json.hourly(bid ? offer.minBid() : offer.perHour());
        double disk = Json.hourly(offer.storagePerHour(storage));
        double total = base + disk;
        Hardware machine = offer.machine();
        ObjectNode row = hardware(machine, offer.gpus());
        row.put("id", offer.ask()).put("ask_contract_id", offer.ask());
        row.put("bundle_id", machine.machineId() * 100L + offer.gpus()).putNull("bundled_results");
        row.put("credit_discount_max", DISCOUNT_MAX);
        row.put("disk_space", Math.round(machine.diskGb() * offer.share() * 10) / 10.0);
        row.put("dph_base", base).put("dph_total", total).put("dph_total_adj", total);
        row.put("dlperf_per_dphtotal", row.get("dlperf").doubleValue() / total);
        row.put("flops_per_dphtotal", row.get("total_flops").doubleValue() / total);
        row.put("duration", Math.max(0, Json.seconds(offer.until()) - Json.seconds(now)));
        row.put("start_date", Json.seconds(offer.listedAt())).put("end_date", Json.seconds(offer.until()));
        row.put("is_bid", bid).put("min_bid", Json.hourly(offer.minBid()));
        row.put("rentable", offer.rentable()).put("rented", offer.rented());
        row.put("score", row.get("dlperf_per_dphtotal").doubleValue() * machine.reliability() * machine.reliability());
        money(row, offer, storage, total);
        row.put("rn", 1).put("resource_type", "gpu").putNull("cluster_id").put("time_remaining", "");
        row.put("time_remaining_isbid", "");
        row.put("reliability_mult", machine.reliability()).put("expected_reliability", machine.reliability());
        row.put("is_vm_deverified", false).put("vms_enabled", false);
        row.put("avail_vol_ask_id", OfferRoutes.volumeId(machine)).put("avail_vol_dph", disk);
        row.put("avail_vol_size", machine.diskGb() / 2);
        row.putNull("nw_disk_min_bw").putNull("nw_disk_max_bw").putNull("nw_disk_avg_bw");
        row.set("search", prices(base, disk));
        row.set("instance", prices(base, disk));
        return row;
    }

    private static void money(ObjectNode row, Offer offer, double storage, double total) {
        row.put("storage_cost", offer.prices().storageDollars());
        row.put("storage_total_cost", Json.hourly(offer.storagePerHour(storage)));
        row.put("inet_up_cost", offer.prices().upDollars())
                .put("inet_down_cost", offer.prices().downDollars());
        row.put("internet_up_cost_per_tb", offer.prices().upDollars() * GB_PER_TB);
        row.put("internet_down_cost_per_tb", offer.prices().downDollars() * GB_PER_TB);
        row.put("vram_costperhour", total / offer.machine().gpuRamMb());
        row.put("discount_rate", 0.0).put("discounted_hourly", 0.0).put("discounted_dph_total", total);
    }

    /// What offers and instances say alike of their machine.
    static ObjectNode hardware(Hardware machine, int gpus) {
        double share = (double) gpus / machine.gpus();
        ObjectNode row = Json.object();
        row.put("machine_id", machine.machineId()).put("host_id", machine.hostId());
        row.put("hosting_type", machine.datacenter() ? 1 : 0).putNull("hostname");
        row.put("gpu_name", machine.gpuName()).put("gpu_arch", "nvidia").put("num_gpus", gpus);
        row.put("compute_cap", machine.computeCap()).put("gpu_ram", machine.gpuRamMb());
        row.put("gpu_total_ram", machine.gpuRamMb() * gpus).put("gpu_mem_bw", machine.gpuMemBw());
        row.put("gpu_frac", share).put("gpu_lanes", 16).put("gpu_display_active", false);
        row.put("gpu_max_power", machine.gpuWatts()).put("gpu_max_temp", 90);
        ArrayNode ids = row.putArray("gpu_ids");
        for (int i = 0; i < gpus; i++) ids.add(machine.machineId() * 8L + i);
        row.put("total_flops", machine.tflops() * gpus).put("dlperf", machine.dlperf() * gpus);
        row.put("bw_nvlink", machine.nvlinkBw())
                .put("pcie_bw", machine.pcieBw())
                .put("pci_gen", machine.pciGen());
        row.put("cuda_max_good", machine.cudaMax()).put("driver_version", machine.driver());
        row.put("driver_vers", driver(machine.driver()));
        row.put("cpu_name", machine.cpuName()).put("cpu_arch", "amd64").put("cpu_ghz", machine.cpuGhz());
        row.put("cpu_cores", machine.cpuCores()).put("cpu_cores_effective", machine.cpuCores() * share);
        row.put("cpu_ram", machine.cpuRamMb()).put("has_avx", 1).put("mobo_name", machine.mobo());
        row.put("os_version", Double.toString(machine.osVersion()));
        row.put("disk_name", machine.diskName()).put("disk_bw", machine.diskBw());
        row.put("inet_up", machine.inetUp()).put("inet_down", machine.inetDown());
        row.put("direct_port_count", machine.directPorts()).put("static_ip", machine.staticIp());
        row.put("public_ipaddr", machine.publicIp()).put("geolocation", machine.geolocation());
        row.put("geolocode", machine.geolocation().hashCode() & 0x7fff_ffff);
        row.put("verification", machine.verified() ? "verified" : "unverified")
                .put("vericode", machine.verified() ? 1 : 0);
        if (machine.external()) row.put("external", true);
        else row.putNull("external");
        row.put("reliability", machine.reliability()).put("reliability2", machine.reliability());
        row.put("logo", "/static/logos/vastai_small2.png").putNull("webpage");
        return row;
    }

    static ObjectNode prices(double gpu, double disk) {
        return Json.object()
                .put("gpuCostPerHour", gpu)
                .put("diskHour", disk)
                .put("totalHour", gpu + disk)
                .put("discountTotalHour", 0)
                .put("discountedTotalPerHour", gpu + disk);
    }

    /// `535.86.05` is 535086005.
    private static int driver(String version) {
        String[] parts = version.split("\\.");
        int number = Integer.parseInt(parts[0]) * 1_000_000 + Integer.parseInt(parts[1]) * 1000;
        return parts.length > 2 ? number + Integer.parseInt(parts[2]) : number;
    }
}
